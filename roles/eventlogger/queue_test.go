package eventlogger

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// However adding and taking interleave: what was added comes out, once and in
// order, and never more is held than the limit.
func TestQueueAgainstAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const limit = 200
		q := newQueue(limit)
		var taken batch
		var want []string
		held, inHand, dropped := 0, 0, uint64(0)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				event := rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, "event")
				if held+inHand+len(event)+eventCost <= limit {
					want = append(want, string(event))
					held += len(event) + eventCost
				} else {
					dropped++
				}
				q.add(event)
				clear(event) // it was lent
			},
			"take": func(t *rapid.T) {
				q.swap(&taken)
				inHand, held = held, 0
				var got []string
				start := 0
				for _, end := range taken.ends {
					got = append(got, string(taken.bytes[start:end]))
					start = end
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatal(diff)
				}
				want = nil
			},
			"": func(t *rapid.T) {
				if q.len() != len(want) || q.lost() != dropped {
					t.Fatalf("%d queued and %d lost, want %d and %d", q.len(), q.lost(), len(want), dropped)
				}
			},
		})
	})
}

func TestQueueGivesMemoryBack(t *testing.T) {
	q := newQueue(1 << 30)
	for range 100 {
		q.add(make([]byte, keepBytes/10))
	}
	var b batch
	q.swap(&b)
	q.swap(&b)
	q.swap(&b)
	if cap(b.bytes)+cap(q.filling.bytes) > 2*keepBytes {
		t.Errorf("an empty queue keeps %d bytes", cap(b.bytes)+cap(q.filling.bytes))
	}
}
