package bridge

import "natstron/internal/wire"

// A claim is a participant among the subscribers of a channel that is not among
// the channels of the participant: it is made for a moment, and nearly always
// ends with TakeOver, which then costs no more than a subscription. There are as
// many as objects are created at once.

// claim lets p receive what is sent to c, until somebody takes it over.
func (r *router) claim(p *Participant, c wire.Channel) {
	if p.left || p.channels.has(c) || p.ranges.contains(c) {
		return
	}
	if have := r.channels.at(c); !have.has(p) {
		p.claims++
		r.join(p, c, have)
	}
}

// holds says whether p has claimed c.
func (r *router) holds(p *Participant, c wire.Channel) bool {
	return p.claims > 0 && !p.channels.has(c) && r.channels.at(c).has(p)
}

// TakeOver is [Turn.Subscribe] for a channel that claimant may have claimed
// ([Party]): p receives what is sent there in its place. claimant may
// be nil.
func (t Turn) TakeOver(claimant, p *Participant, c wire.Channel) error {
	r := &t.n.router
	if claimant == nil {
		return t.Subscribe(p, c)
	}
	have := r.channels.at(c)
	claimed := claimant.claims > 0 && !claimant.channels.has(c) && have.has(claimant)
	if !claimed || claimant == p || p.left || p.channels.has(c) || p.ranges.contains(c) ||
		p.subscriptions() >= t.n.options.MaxSubscriptions {
		err := t.Subscribe(p, c)
		t.GiveUp(claimant, c)
		return err
	}
	claimant.claims--
	p.channels.add(c)
	r.channels.set(c, have.replace(claimant, p))
	return nil
}

// GiveUp ends p's claim of a channel, if it has one.
func (t Turn) GiveUp(p *Participant, c wire.Channel) {
	r := &t.n.router
	if !r.holds(p, c) {
		return
	}
	p.claims--
	if r.leave(p, c) && r.up != nil {
		r.up.removeChannel(c, r.ranges)
	}
}

// Cover has the node take from the backbone what is sent to the channels from lo to
// hi, both included, though nobody here may have subscribed to them: so that a
// channel can be claimed because of one datagram, and the next one, from another
// process, is here as well. Uncover ends it, once for each time.
func (t Turn) Cover(lo, hi wire.Channel) {
	if lo <= hi {
		t.n.router.coverage.addRange(span{lo, hi})
	}
}

// Uncover takes back one Cover of the same channels.
func (t Turn) Uncover(lo, hi wire.Channel) {
	if lo <= hi {
		t.n.router.coverage.removeRange(span{lo, hi})
	}
}

// dropClaims ends all claims of p, which has no channels any more. They are not
// listed anywhere, so this looks at all channels there are.
func (t Turn) dropClaims(p *Participant) {
	if p.claims == 0 {
		return
	}
	for c, s := range t.n.router.channels.all() {
		if s.has(p) {
			t.GiveUp(p, c)
		}
	}
}
