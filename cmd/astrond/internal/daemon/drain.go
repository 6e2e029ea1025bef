package daemon

import (
	"context"
	"slices"
	"time"

	"natstron/roles"
)

// Draining a process: its client agents, and roles of the game's own that can, let nobody in any
// more, and those that are there may go on for a while. A signal to end does that first, and
// astrond drain does it without an end; see operations.md.

// DrainQuestion is what astrond drain asks on the backbone.
const DrainQuestion = "drain"

// DrainRequest is what it says.
type DrainRequest struct {
	// Names say who is meant, by daemon.name or by host:pid.
	Names []string `json:"names,omitempty"`
	All   bool     `json:"all,omitempty"`
	// Undo accepts new clients again.
	Undo bool `json:"undo,omitempty"`
	// Look only asks how far it is.
	Look bool `json:"look,omitempty"`
	// Within is for how many seconds clients may go on; nil: as configured.
	Within *float64 `json:"within,omitempty"`
}

// DrainAnswer is how far a process is.
type DrainAnswer struct {
	Answerer
	Agents []AgentState `json:"agents"`
	// Refused says why it does not drain.
	Refused string `json:"refused,omitempty"`
}

type AgentState struct {
	Label    string `json:"label"`
	Clients  int    `json:"clients"`
	Draining bool   `json:"draining"`
	// Left is after how many seconds those clients are ejected.
	Left float64 `json:"left,omitempty"`
}

// answerDrain is the answer of this process.
func (d *daemon) answerDrain(asked DrainRequest) *DrainAnswer {
	answer := &DrainAnswer{Answerer: d.answerer()}
	if !asked.Look && answer.Meant(asked) {
		if asked.Undo {
			answer.Refused = d.undrain()
		} else {
			answer.Refused = d.drain(asked.Within)
		}
	}
	for _, a := range d.drainers {
		clients, until := a.Draining()
		state := AgentState{Label: a.Name(), Clients: clients, Draining: !until.IsZero()}
		if state.Draining && clients > 0 {
			state.Left = max(time.Until(until).Seconds(), 0)
		}
		answer.Agents = append(answer.Agents, state)
	}
	return answer
}

// Meant says whether a request is for the process that answers.
func (a DrainAnswer) Meant(r DrainRequest) bool { return r.All || a.Named(r.Names) }

// Clients is how many all agents have.
func (a DrainAnswer) Clients() (n int) {
	for _, agent := range a.Agents {
		n += agent.Clients
	}
	return n
}

// drain starts to drain, or says why not.
func (d *daemon) drain(within *float64) (refused string) {
	if within != nil {
		for _, a := range d.drainers {
			a.Drain(time.Duration(*within * float64(time.Second)))
		}
		return ""
	}
	for _, a := range d.drainers {
		if a.DrainTimeout() == 0 {
			return "drain_timeout of " + a.Name() + " is 0: give the time that its clients have with --within"
		}
	}
	for _, a := range d.drainers {
		a.Drain(a.DrainTimeout())
	}
	return ""
}

// undrain accepts new clients again, or says why not.
func (d *daemon) undrain() (refused string) {
	d.drainMu.Lock()
	defer d.drainMu.Unlock()
	if d.ending {
		return "it is stopping"
	}
	ctx, cancel := context.WithTimeout(context.Background(), resolveTimeout)
	defer cancel()
	for _, a := range d.drainers {
		if err := a.Undrain(ctx); err != nil {
			return err.Error()
		}
	}
	return ""
}

// drainLast has roles drain, which nobody undoes.
func (d *daemon) drainLast(patient []roles.Drainer) {
	d.drainMu.Lock()
	defer d.drainMu.Unlock()
	d.ending = true
	for _, a := range patient {
		a.Drain(a.DrainTimeout())
	}
}

// drainFirst lets clients finish before the process ends, as long as the
// configuration and the signals allow. It returns early with what the process
// cannot go on without.
func (d *daemon) drainFirst(e *Ending) error {
	patient := slices.DeleteFunc(slices.Clone(d.drainers), func(a roles.Drainer) bool { return a.DrainTimeout() == 0 })
	e.waits.Store(len(patient) > 0)
	defer e.waits.Store(false)
	d.drainLast(patient)
	for _, a := range patient {
		select {
		case <-a.Drained():
		case <-e.hurry.Done():
			return nil
		case err := <-d.failed:
			return err
		case <-d.node.Ended():
			return d.node.Err()
		}
	}
	return nil
}
