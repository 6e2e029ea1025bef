package gamerole

import (
	"time"

	"natstron/bridge/wire"
)

// starting is a role that is not ready yet. What it sends to a state server or a database server
// waits until there is one, and all that it sends behind that, too: processes may start in any
// order.
type starting struct {
	done  func(error)     // says that the role is ready; nil: it is
	ready bool            // the game has said so, and what it has sent is on its way
	waits []wire.Datagram // in order
	timer *time.Timer
}

// lookAgain is how often a role that waits looks whether somebody is there.
const lookAgain = 50 * time.Millisecond

// start has the game start, and calls done, once or several times, when it is ready.
func (r *Role) start(done func(error)) {
	r.starting.done = done
	r.game.Start(func(err error) {
		r.starting.ready = true
		if err != nil {
			r.starting.waits = nil
		}
		r.started(err)
	})
}

// started ends the start if nothing waits.
func (r *Role) started(err error) {
	if s := &r.starting; s.done != nil && s.ready && len(s.waits) == 0 {
		s.done(err)
		s.done = nil
	}
}

// holds keeps a datagram that nobody would get yet, and reports whether it does.
func (r *Role) holds(d wire.Datagram) bool {
	s := &r.starting
	if s.done == nil {
		return false
	}
	if len(s.waits) == 0 {
		to, unserved := r.turn.Unserved(r.participant, d)
		if !unserved {
			return false
		}
		r.turn.Later(func() {
			r.log.Warn("waits for a state server or a database server: nobody serves the channel yet", "channel", uint64(to), "msgtype", d.Type().String())
		})
		s.timer = time.AfterFunc(lookAgain, func() { r.Turn(r.look) })
	}
	s.waits = append(s.waits, append(wire.Datagram(nil), d...))
	return true
}

// look sends what has somebody to take it.
func (r *Role) look() {
	s := &r.starting
	for ; len(s.waits) > 0 && !r.ended; s.waits = s.waits[1:] {
		if _, unserved := r.turn.Unserved(r.participant, s.waits[0]); unserved {
			s.timer.Reset(lookAgain)
			return
		}
		_ = r.sendNow(s.waits[0]) // it has been checked
	}
	r.started(nil)
}

// Waits implements ask.Patient: a role that starts waits for its answers while what it asks has
// not been sent, and asks a server again when it is not known that there is one. An object
// that does not answer is not there, which a game may want to know.
func (r *Role) Waits(kind wire.MsgType, to wire.Channel) (wait, again bool) {
	s := &r.starting
	switch {
	case s.done == nil:
		return false, false
	case len(s.waits) > 0:
		return true, false
	case r.turn.Serves(r.participant, kind, to):
		return false, false
	}
	r.turn.Later(func() {
		r.log.Warn("waits for an answer, and asks again: it is not known that anybody serves the channel", "channel", uint64(to))
	})
	return true, true
}
