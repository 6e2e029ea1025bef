package clientagent

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"natstron/bridge/wire"
)

// Drain lets no new clients in. Those that are connected may go on for that long,
// then they are ejected with EJECT_MAINTENANCE (154). Called again, it changes how
// long. It may be called by any goroutine between Start and Stop, and does not
// wait; see Drained.
func (r *Role) Drain(within time.Duration) {
	r.ports.close(false)
	r.enter()
	r.closed = true
	r.draining = time.Now().Add(within)
	clients := len(r.sessions)
	r.checkDrained()
	r.leave()
	r.sendElsewhere()
	r.log.Info("draining: the agent accepts no new clients", "clients", clients, "ejected_after", within)
	if within <= 0 {
		r.ejectAll()
	}
}

// Undrain opens the ports again and accepts new clients, if the agent drains and does not
// stop. It may be called by any goroutine between Start and Stop. An error is a
// [*ListenError], and the agent drains as before.
func (r *Role) Undrain(ctx context.Context) error {
	r.ports.mu.Lock()
	defer r.ports.mu.Unlock()
	r.enter()
	draining := !r.draining.IsZero()
	r.leave()
	if r.ports.ended || !draining {
		return nil
	}
	for _, p := range r.ports.all {
		p.Wait() // they are closed
	}
	if err := r.openPorts(ctx, r.ports.addrs()); err != nil {
		return err
	}
	r.enter()
	r.closed, r.draining, r.drained = false, time.Time{}, make(chan struct{})
	r.leave()
	r.log.Info("not draining any more: the agent accepts new clients")
	if r.ports.serving { // else Run does it
		r.servePorts()
	}
	return nil
}

// Drained is closed when the agent drains and has no clients left.
func (r *Role) Drained() <-chan struct{} {
	r.enter()
	defer r.leave()
	return r.drained
}

// Draining is how many clients there are, and when those that are left are ejected; zero if the
// agent does not drain.
func (r *Role) Draining() (clients int, until time.Time) {
	r.enter()
	defer r.leave()
	return len(r.sessions), r.draining
}

// DrainTimeout is how long clients may go on by the configuration.
func (r *Role) DrainTimeout() time.Duration { return r.o.DrainTimeout }

// checkDrained is called when a session has ended, and when another agent has one that was here.
// The turn must be taken.
func (r *Role) checkDrained() {
	if r.draining.IsZero() || len(r.sessions) > 0 || r.resumes.coming > 0 {
		return
	}
	for _, out := range r.resumes.out {
		if out.moved != nil {
			return // nobody else is known to have it
		}
	}
	select {
	case <-r.drained:
	default:
		close(r.drained)
	}
}

// Ready reports whether the agent takes new clients.
func (r *Role) Ready(context.Context) error {
	r.enter()
	defer r.leave()
	if !r.closed {
		return nil
	}
	return fmt.Errorf("it accepts no new clients, and %d are left", len(r.sessions))
}

// sendEvery is how much later each client is asked to connect again, on average: so others
// are not asked for more sessions than they can take over.
const sendEvery = 2 * time.Millisecond

// sendElsewhere asks the clients that can go on at another agent to connect again, each once, if
// the agent drains and there is another one. They are given up to half of the time that is left.
func (r *Role) sendElsewhere() {
	r.enter()
	elsewhere := !r.draining.IsZero() && r.turn.AgentsElsewhere()
	for _, other := range r.o.Handovers.others(r) {
		elsewhere = elsewhere || !r.draining.IsZero() && !other.closed
	}
	spread := max(0, min(time.Until(r.draining)/2, time.Duration(len(r.resumes.tickets))*sendEvery))
	r.leave()
	if !elsewhere {
		return
	}
	r.each(func(s *session) {
		if s.ticket == nil || s.class != nil || s.sentAway || !s.waiting.IsZero() {
			return
		}
		s.sentAway = true
		after := rand.N(spread + 1)
		if frame, err := r.client.BeginFrame().ClientMsgType(wire.ClientReconnect).Uint32(uint32(after.Milliseconds())).Frame(); err == nil {
			s.write(frame)
		}
	})
}
