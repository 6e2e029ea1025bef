// Package sizes counts how large things are, for metrics.
package sizes

import "math/bits"

// Buckets is how many counts there are: up to 1 byte, up to 4, up to 16 and so on
// up to 65,536, and those above.
const Buckets = 10

// Counts are how many things there were of each size. The zero value is ready for
// use; it belongs to one goroutine, or to a lock of its owner.
type Counts struct {
	In  [Buckets]uint64 // of each bucket alone
	Sum uint64          // of all sizes
}

// Add counts one thing of n bytes.
func (c *Counts) Add(n int) {
	c.In[Bucket(n)]++
	c.Sum += uint64(n)
}

// Bucket is where something of n bytes is counted.
func Bucket(n int) int {
	if n <= 1 {
		return 0
	}
	return min((bits.Len(uint(n-1))+1)/2, Buckets-1)
}

// UpTo is the largest size in a bucket; the last one has none.
func UpTo(bucket int) int { return 1 << (2 * bucket) }
