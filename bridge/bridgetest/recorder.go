package bridgetest

import (
	"sync"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// patience bounds every wait; nothing waits that long unless it fails.
const patience = 30 * time.Second

// roomy is an inbox limit that no test reaches by accident.
const roomy = 256 << 20

// Recorder is a participant that keeps what it receives, in order.
type Recorder struct {
	*bridge.Participant
	Node *bridge.Node

	t     testing.TB
	inbox *bridge.Inbox
	done  chan struct{}

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when something comes
	got     []wire.Datagram
	cause   error // why it was dropped
}

// Join joins a recorder to a node. It leaves when the test ends.
func Join(t testing.TB, node *bridge.Node, name string) *Recorder {
	t.Helper()
	r := &Recorder{Node: node, t: t, inbox: bridge.NewInbox(roomy), done: make(chan struct{}), changed: make(chan struct{})}
	p, err := node.Join(name, r.inbox, r.dropped)
	must(t, err)
	r.Participant = p
	go r.record()
	t.Cleanup(func() {
		p.Leave()
		r.inbox.Close()
		<-r.done
	})
	return r
}

func (r *Recorder) record() {
	defer close(r.done)
	for range r.inbox.Ready {
		for _, d := range r.inbox.Take() {
			r.add(append(wire.Datagram(nil), d.Datagram...))
		}
	}
}

func (r *Recorder) add(d wire.Datagram) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, d)
	r.change()
}

func (r *Recorder) dropped(cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cause = cause
	r.change()
}

func (r *Recorder) change() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// Wait waits until enough says so of what has been received so far and of why
// the participant was dropped, if it was. Both belong to the recorder.
func (r *Recorder) Wait(what string, enough func(got []wire.Datagram, cause error) bool) {
	r.t.Helper()
	deadline := time.After(patience)
	for {
		r.mu.Lock()
		ok, changed, n, cause := enough(r.got, r.cause), r.changed, len(r.got), r.cause
		r.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			r.t.Fatalf("waiting for %s: %d datagrams received, dropped: %v", what, n, cause)
		}
	}
}

// WaitFor waits for a number of datagrams and returns them; none may follow.
func (r *Recorder) WaitFor(n int) []wire.Datagram {
	r.t.Helper()
	r.Wait("datagrams", func(got []wire.Datagram, _ error) bool { return len(got) >= n })
	return r.Got()
}

// Got is what has been received so far.
func (r *Recorder) Got() []wire.Datagram {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got[:len(r.got):len(r.got)]
}

// Forget empties the record.
func (r *Recorder) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = nil
}

// Say sends a datagram with a number in it.
func (r *Recorder) Say(number uint32, to ...wire.Channel) {
	r.t.Helper()
	if err := r.Send(Numbered(r.t, number, to...)); err != nil {
		r.t.Error(err)
	}
}

// Numbered is a datagram with a number in it.
func Numbered(t testing.TB, number uint32, to ...wire.Channel) wire.Datagram {
	t.Helper()
	var w wire.Writer
	d, err := w.Header(1, 1234, to...).Uint32(number).Datagram()
	must(t, err)
	return d
}

// NumberOf is the number in a datagram.
func NumberOf(d wire.Datagram) uint32 {
	m, err := d.Message()
	if err != nil {
		return 1<<32 - 1
	}
	return m.Payload.Uint32()
}

// NumbersOf are the numbers in datagrams.
func NumbersOf(ds []wire.Datagram) []uint32 {
	numbers := make([]uint32, 0, len(ds))
	for _, d := range ds {
		numbers = append(numbers, NumberOf(d))
	}
	return numbers
}
