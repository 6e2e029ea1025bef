package sizes

import "testing"

// Each bucket has what is larger than the bucket before it lets in, and at most as
// large as its own end.
func TestBucket(t *testing.T) {
	for n := range 70_000 {
		want := 0
		for want < Buckets-1 && n > UpTo(want) {
			want++
		}
		if got := Bucket(n); got != want {
			t.Fatalf("%d bytes are in bucket %d, want %d", n, got, want)
		}
	}
	if got := Bucket(1 << 40); got != Buckets-1 {
		t.Errorf("a terabyte is in bucket %d", got)
	}
}

func TestCounts(t *testing.T) {
	var c Counts
	for _, n := range []int{0, 1, 2, 100, 100_000} {
		c.Add(n)
	}
	if want := (Counts{In: [Buckets]uint64{2, 1, 0, 0, 1, 0, 0, 0, 0, 1}, Sum: 100_103}); c != want {
		t.Errorf("got %v, want %v", c, want)
	}
}
