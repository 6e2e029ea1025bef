// Package latency counts how long things take, for metrics and for people.
//
// A [Histogram] is written by any number of goroutines without a lock, and read
// by another. Its zero value is ready for use. What is counted never
// waits, and allocates nothing. A [Fine] does so with many more buckets, for percentiles.
package latency

import (
	"sync/atomic"
	"time"
)

// bounds are the upper ends of the buckets, each about three times the one
// before: from a memory access across processes to a long timeout.
var bounds = [...]time.Duration{
	100 * time.Microsecond, 300 * time.Microsecond,
	time.Millisecond, 3 * time.Millisecond,
	10 * time.Millisecond, 30 * time.Millisecond,
	100 * time.Millisecond, 300 * time.Millisecond,
	time.Second, 3 * time.Second, 10 * time.Second, 30 * time.Second,
}

// Histogram counts durations.
type Histogram struct {
	buckets [len(bounds) + 1]atomic.Uint64
	sum     atomic.Int64
}

// Observe counts one duration.
func (h *Histogram) Observe(d time.Duration) {
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	h.buckets[i].Add(1)
	h.sum.Add(int64(d))
}

// Snapshot is the counts at a moment, nearly: what is counted meanwhile may be in
// one of them and not yet in another.
type Snapshot struct {
	// Buckets are the counts of those that took at most as long, and longer than
	// the bucket before.
	Buckets []Bucket
	// Count and Sum are of all, those too long for any bucket included.
	Count uint64
	Sum   time.Duration
}

// Bucket is how many took at most UpTo.
type Bucket struct {
	UpTo  time.Duration
	Count uint64
}

// Snapshot may be called by any goroutine at any time.
func (h *Histogram) Snapshot() Snapshot {
	s := Snapshot{Buckets: make([]Bucket, len(bounds)), Sum: time.Duration(h.sum.Load())}
	for i := range h.buckets {
		n := h.buckets[i].Load()
		s.Count += n
		if i < len(bounds) {
			s.Buckets[i] = Bucket{UpTo: bounds[i], Count: n}
		}
	}
	return s
}

// Mean is how long one took on average; 0 if there was none.
func (s Snapshot) Mean() time.Duration {
	if s.Count == 0 {
		return 0
	}
	return s.Sum / time.Duration(s.Count)
}
