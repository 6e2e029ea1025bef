package link

import (
	"errors"
	"strings"
	"testing"
)

// Events come out in their order, and leave no bytes behind.
func TestEvents(t *testing.T) {
	e := NewEvents()
	event := []byte(strings.Repeat("x", 1000))
	fit := maxPendingEvents / (len(event) + eventSize)
	for i := range fit {
		event[0] = byte(i)
		if err := e.Publish(nil, event); err != nil {
			t.Fatalf("event %d of %d: %v", i, fit, err)
		}
	}
	if err := e.Publish(nil, event); !errors.Is(err, ErrEventsFull) {
		t.Errorf("one too many: %v", err)
	}
	got := 0
	for batch, _ := e.next(); len(batch) > 0; batch, _ = e.next() {
		for _, event := range batch {
			if event[0] != byte(got) {
				t.Fatalf("event %d comes at %d", event[0], got)
			}
			got++
		}
	}
	if got != fit || e.bytes != 0 {
		t.Errorf("%d of %d events; %d bytes in an empty queue", got, fit, e.bytes)
	}
}
