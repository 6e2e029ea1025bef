package gamerole

import (
	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/roles/ask"
)

// Ask asks a question as the role, or has work done, or sets a timer: see package ask. The
// question's function is called in a turn. cancel ends it without an answer.
func (r *Role) Ask(q ask.Question) (cancel func()) {
	if r.asker == nil {
		return func() {}
	}
	return r.asker.Ask(q, nil)
}

// Tell sends a message as the role. An error says that nothing was sent; it is logged, so it
// may be ignored.
func (r *Role) Tell(m ask.Message) error {
	if r.asker == nil {
		return bridge.ErrCutOff // it has not started, so there is no turn yet, either
	}
	err := r.asker.Tell(m)
	if err != nil {
		r.count.Unsent++
		r.turn.Later(func() { r.log.Error("a game's own role cannot send a message", "error", err) })
	}
	return err
}

// Send sends any datagram, see [bridge.Turn.Send].
func (r *Role) Send(d wire.Datagram) error {
	if r.participant == nil {
		return bridge.ErrCutOff
	}
	if r.holds(d) {
		return nil
	}
	return r.sendNow(d)
}

func (r *Role) sendNow(d wire.Datagram) error {
	err := r.turn.Send(r.participant, d)
	if err == nil {
		r.count.Sent++
	}
	return err
}

// Subscribe lets the role receive what is sent to more channels: those of other objects that it
// serves, or of places.
func (r *Role) Subscribe(channels ...wire.Channel) error {
	for _, c := range channels {
		if err := r.SubscribeRange(c, c); err != nil {
			return err
		}
	}
	return nil
}

// SubscribeRange does so for the channels from lo to hi, both included.
func (r *Role) SubscribeRange(lo, hi wire.Channel) error {
	switch {
	case r.participant == nil:
		return bridge.ErrCutOff
	case lo == hi:
		return r.turn.Subscribe(r.participant, lo)
	}
	return r.turn.SubscribeRange(r.participant, lo, hi)
}

// Unsubscribe takes back Subscribe.
func (r *Role) Unsubscribe(channels ...wire.Channel) {
	for _, c := range channels {
		if r.participant != nil {
			r.turn.Unsubscribe(r.participant, c)
		}
	}
}

// UnsubscribeRange takes back SubscribeRange, or a part of it.
func (r *Role) UnsubscribeRange(lo, hi wire.Channel) error {
	if r.participant == nil {
		return bridge.ErrCutOff
	}
	return r.turn.UnsubscribeRange(r.participant, lo, hi)
}

// AddPostRemove leaves a message that is sent when the role ends, in whatever way.
func (r *Role) AddPostRemove(m ask.Message) error {
	if r.participant == nil {
		return bridge.ErrCutOff
	}
	d, err := m.Datagram(r.setup.File, r.channel)
	if err != nil {
		return err
	}
	return r.turn.AddPostRemove(r.participant, r.channel, d)
}

// ClearPostRemoves takes back all post-removes.
func (r *Role) ClearPostRemoves() {
	if r.participant != nil {
		r.turn.ClearPostRemoves(r.participant, r.channel)
		clear(r.tidied)
	}
}
