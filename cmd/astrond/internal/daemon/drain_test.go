package daemon

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/roles"
)

// emptyDrainer is a role that nobody uses. To undo its draining takes until it is told to go on.
type emptyDrainer struct {
	roles.Drainer
	draining      atomic.Bool
	begun, told   chan struct{} // closed when it is told not to drain, or has a value when to drain
	goOn, drained chan struct{}
}

func (r *emptyDrainer) DrainTimeout() time.Duration { return time.Minute }
func (r *emptyDrainer) Drained() <-chan struct{}    { return r.drained }

func (r *emptyDrainer) Drain(time.Duration) {
	r.draining.Store(true)
	r.told <- struct{}{}
}

func (r *emptyDrainer) Undrain(context.Context) error {
	close(r.begun)
	<-r.goOn
	r.draining.Store(false)
	return nil
}

// A process that is told to end while an operator undoes its draining drains when that is done:
// otherwise it would take new clients, and wait for them.
func TestEndWhileUndraining(t *testing.T) {
	r := &emptyDrainer{begun: make(chan struct{}), told: make(chan struct{}, 1), goOn: make(chan struct{}), drained: make(chan struct{})}
	close(r.drained)
	d := &daemon{drainers: []roles.Drainer{r}, node: new(bridge.Node)}
	undone, ended := make(chan string), make(chan error)
	go func() { undone <- d.undrain() }()
	<-r.begun
	go func() { ended <- d.drainFirst(&Ending{ctx: t.Context(), hurry: t.Context()}) }()
	select {
	case <-r.told:
	case <-time.After(20 * time.Millisecond): // it waits
	}
	close(r.goOn)
	if refused, err := <-undone, <-ended; refused != "" || err != nil {
		t.Errorf("%q, %v", refused, err)
	}
	if !r.draining.Load() {
		t.Error("it takes clients, and is to end")
	}
	if refused := d.undrain(); refused == "" {
		t.Error("that can be undone")
	}
}
