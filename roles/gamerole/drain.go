package gamerole

import (
	"context"
	"time"
)

// A Drainer is a role that begins things which take their time, such as matches or trades, and
// should not be ended in the middle of them. When the process is told to end, and when an operator
// calls astrond drain, the role begins nothing new, and the process waits for what goes on. All
// methods are called in a turn.
type Drainer interface {
	// Drain is called when the role shall begin nothing new; Undrain takes it back.
	Drain()
	Undrain()
	// Busy is how many things go on. It is called often.
	Busy() int
	// DrainTimeout is how long they may go on when the process is told to end; with 0 it does
	// not wait.
	DrainTimeout() time.Duration
}

// drain is the state of draining.
type drain struct {
	until time.Time // zero: the role does not drain
	done  chan struct{}
	timer *time.Timer
}

func newDrain() drain { return drain{done: make(chan struct{})} }

// Drains reports whether the role is a [Drainer].
func (r *Role) Drains() bool { _, ok := r.game.(Drainer); return ok }

func (r *Role) draining() bool { return !r.drain.until.IsZero() }

func (r *Role) busy() int {
	if game, ok := r.game.(Drainer); ok {
		return game.Busy()
	}
	return 0
}

// Drain implements roles.Drainer.
func (r *Role) Drain(within time.Duration) {
	r.Turn(func() {
		game, ok := r.game.(Drainer)
		if !ok || r.ended {
			return
		}
		first := !r.draining()
		if r.drain.timer != nil {
			r.drain.timer.Stop()
		}
		r.drain.until = time.Now().Add(within)
		r.drain.timer = time.AfterFunc(within, func() { r.Turn(r.drain.expire) })
		if first {
			game.Drain()
		}
		r.log.Info("draining: the role begins nothing new", "busy", game.Busy(), "until", r.drain.until)
	})
}

// Undrain implements roles.Drainer.
func (r *Role) Undrain(context.Context) error {
	r.Turn(func() {
		game, ok := r.game.(Drainer)
		if !ok || r.ended || !r.draining() {
			return
		}
		r.drain.timer.Stop()
		r.drain = newDrain()
		game.Undrain()
		r.log.Info("not draining any more")
	})
	return nil
}

// DrainTimeout implements roles.Drainer.
func (r *Role) DrainTimeout() (within time.Duration) {
	r.Turn(func() {
		if game, ok := r.game.(Drainer); ok {
			within = game.DrainTimeout()
		}
	})
	return within
}

// Drained implements roles.Drainer.
func (r *Role) Drained() (done <-chan struct{}) {
	r.Turn(func() { done = r.drain.done })
	return done
}

// Draining implements roles.Drainer.
func (r *Role) Draining() (busy int, until time.Time) {
	r.Turn(func() { busy, until = r.busy(), r.drain.until })
	return busy, until
}

// checkDrained is called at the end of each function.
func (r *Role) checkDrained() {
	if r.draining() && r.busy() == 0 {
		r.drain.close()
	}
}

// expire ends the wait, unless it has been made longer meanwhile.
func (d *drain) expire() {
	if !d.until.IsZero() && !time.Now().Before(d.until) {
		d.close()
	}
}

func (d *drain) close() {
	select {
	case <-d.done:
	default:
		close(d.done)
	}
}

// end is called when the role ends.
func (d *drain) end() {
	if d.timer != nil {
		d.timer.Stop()
	}
	d.close()
}
