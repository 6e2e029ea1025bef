package link

import (
	"sync"
	"testing"
)

// Each batch is the writer's until it takes the next one.
func TestOutboxBatchesTakeTurns(t *testing.T) {
	o := NewOutbox(new(sync.Mutex), 1<<20)
	o.Open()
	o.Note("a", "", []byte("one"))
	first := o.take()
	o.Note("b", "", []byte("two"))
	if got := string(first.bytes[first.ops[0].start:first.ops[0].end]); got != "one" {
		t.Errorf("the batch that is being written now holds %q", got)
	}
	second := o.take()
	if len(second.ops) != 1 || second.ops[0].subject != "b" {
		t.Errorf("the second batch holds %+v", second.ops)
	}
	if third := o.take(); len(third.ops) != 0 || len(third.bytes) != 0 {
		t.Errorf("nothing came since, and the third batch holds %d ops", len(third.ops))
	}
}

func TestOutboxSignal(t *testing.T) {
	o := NewOutbox(new(sync.Mutex), 1<<20)
	o.Open()
	o.Signal()
	if len(o.ready) != 0 {
		t.Error("the writer is woken for nothing")
	}
	o.Note("a", "", nil)
	o.Signal()
	o.Signal() // must not block
	if len(o.ready) != 1 {
		t.Error("the writer is not woken")
	}
}

// When much waits, a sender that paces itself waits until it has been written, or will
// never be.
func TestPace(t *testing.T) {
	for _, end := range []string{"written", "lost"} {
		t.Run(end, func(t *testing.T) {
			var lock sync.Mutex
			o := NewOutbox(&lock, 80_000)
			o.Open()
			o.Pace() // nothing waits
			o.Note("a", "", make([]byte, 20_000))
			paced := make(chan struct{})
			go func() {
				o.Pace()
				close(paced)
			}()
			o.take() // much is being written now
			select {
			case <-paced:
				t.Fatal("went on while much waits")
			default:
			}
			if end == "written" {
				o.take()
			} else {
				lock.Lock()
				o.Shut()
				lock.Unlock()
			}
			<-paced
			o.Pace()
		})
	}
}
