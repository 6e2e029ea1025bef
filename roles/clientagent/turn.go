package clientagent

import (
	"maps"
	"slices"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// enter takes a turn of the node.
func (r *Role) enter() { r.turn = r.node.Begin() }

// leave completes what has been begun, and gives the turn back.
func (r *Role) leave() {
	r.runDeferred()
	r.turn.End()
}

// leavePaced is leave for the reader of a connection, see [bridge.Turn.EndPaced].
func (r *Role) leavePaced() (relief <-chan struct{}) {
	r.runDeferred()
	return r.turn.EndPaced()
}

// settle routes what has been sent, so that its effects are in place.
func (r *Role) settle() {
	r.runDeferred()
	r.turn.Settle()
}

// eachAtOnce is how many sessions a turn looks at.
const eachAtOnce = 256

// each does something with every session, in several turns if there are many, so
// that others get theirs in between.
func (r *Role) each(do func(s *session)) {
	r.enter()
	all := slices.Collect(maps.Keys(r.sessions))
	r.leave()
	for some := range slices.Chunk(all, eachAtOnce) {
		r.enter()
		for _, s := range some {
			if !s.ended {
				do(s)
				r.settle()
			}
		}
		r.leave()
	}
}

// expireInterests ends the wait of the interests whose time is up.
func (r *Role) expireInterests() {
	r.enter()
	defer r.leave()
	for r.views.Expire() {
		r.settle()
	}
}

// Handle hands a datagram to the sessions that it is for. The node calls it.
func (r *Role) Handle(t bridge.Turn, d wire.Datagram, to []*bridge.Participant) {
	if len(to) == 1 && to[0] == r.hub {
		return // to a channel that no client has
	}
	r.turn = t
	r.stats.Received++
	in, err := r.views.Read(d)
	if err != nil {
		r.stats.Malformed++
		t.Later(func() { r.log.Warn("ignored a datagram", "error", err) })
		return
	}
	for _, p := range to {
		switch v := p.Value.(type) {
		case *session:
			if !v.ended {
				v.fromCluster(in)
			}
		case *incoming:
			if v.session == nil {
				v.keep(t, d)
			} else if !v.session.ended && (v.handled == nil || v.fresh(t.Arrival())) {
				v.session.fromCluster(in)
			}
		case *rules:
			v.handle(in.Type, in.Payload)
		}
	}
	r.runDeferred()
}
