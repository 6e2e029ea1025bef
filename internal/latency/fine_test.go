package latency

import (
	"testing"
	"time"
)

// Percentiles are those of what was counted, within 1/32.
func TestFine(t *testing.T) {
	var f Fine
	if p := f.Percentiles(); p != (Percentiles{}) {
		t.Errorf("of nothing: %+v", p)
	}
	const n = 100_000
	for i := range n {
		f.Observe(time.Duration(i+1) * time.Microsecond)
	}
	p := f.Percentiles()
	if p.Count != n || p.Most != n*time.Microsecond || p.Mean != (n+1)*time.Microsecond/2 {
		t.Errorf("%+v", p)
	}
	for _, one := range []struct {
		got  time.Duration
		part float64
	}{{p.P50, 0.5}, {p.P90, 0.9}, {p.P95, 0.95}, {p.P99, 0.99}, {p.P999, 0.999}} {
		want := time.Duration(one.part * n * 1000)
		if off := float64(one.got-want) / float64(want); off > 1.0/32 || off < -1.0/32 {
			t.Errorf("%v %% is %v, want %v", one.part*100, one.got, want)
		}
	}
}

// Every duration has a bucket, whose middle is in it.
func TestFineBuckets(t *testing.T) {
	last := -1
	for _, n := range []uint64{0, 1, 31, 32, 33, 63, 64, 65, 1000, 1 << 20, 1<<40 + 12345, 1<<63 - 1} {
		i := fineBucket(n)
		if i < last || i >= fineBuckets || fineBucket(uint64(fineMiddle(i))) != i {
			t.Errorf("%d is in bucket %d, whose middle %d is in %d", n, i, fineMiddle(i), fineBucket(uint64(fineMiddle(i))))
		}
		last = i
	}
	var f Fine
	f.Observe(-time.Second)
	if p := f.Percentiles(); p.Count != 1 || p.P50 != 0 {
		t.Errorf("a negative one: %+v", p)
	}
}
