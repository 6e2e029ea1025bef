package latency

import (
	"sync"
	"testing"
	"time"
)

func TestHistogram(t *testing.T) {
	var h Histogram
	for _, d := range []time.Duration{0, 100 * time.Microsecond, 101 * time.Microsecond, 2 * time.Millisecond, time.Hour} {
		h.Observe(d)
	}
	s := h.Snapshot()
	if s.Count != 5 || s.Sum != time.Hour+2201*time.Microsecond || s.Mean() != s.Sum/5 {
		t.Errorf("%d, %v, %v", s.Count, s.Sum, s.Mean())
	}
	for _, b := range s.Buckets {
		want := uint64(0)
		switch b.UpTo {
		case 100 * time.Microsecond:
			want = 2
		case 300 * time.Microsecond, 3 * time.Millisecond:
			want = 1
		}
		if b.Count != want {
			t.Errorf("up to %v: %d, want %d", b.UpTo, b.Count, want)
		}
	}
	if mean := (Snapshot{}).Mean(); mean != 0 {
		t.Errorf("the mean of none is %v", mean)
	}
}

func TestHistogramIsSharedWithoutLoss(t *testing.T) {
	var h Histogram
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				h.Observe(time.Millisecond)
			}
		})
	}
	all.Wait()
	if s := h.Snapshot(); s.Count != 8000 || s.Sum != 8*time.Second {
		t.Errorf("%d, %v", s.Count, s.Sum)
	}
}

func BenchmarkObserve(b *testing.B) {
	b.ReportAllocs()
	var h Histogram
	for b.Loop() {
		h.Observe(5 * time.Millisecond)
	}
}
