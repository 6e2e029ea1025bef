package wire

import (
	"math/bits"
	"sync"
)

// bufferPools hold the buffers of connections that are quiet, by size: each pool
// those of up to twice the size of the one before.
var bufferPools [bufferClasses]sync.Pool

const bufferClasses = 10

func bufferClass(size int) int {
	return min(max(bits.Len(uint(size/smallBuffer))-1, 0), bufferClasses-1)
}

// takeBuffer returns a buffer of at least that size.
func takeBuffer(size int) *[]byte {
	if b, ok := bufferPools[bufferClass(size)].Get().(*[]byte); ok && len(*b) >= size {
		return b
	}
	b := make([]byte, size)
	return &b
}

func putBuffer(b *[]byte) {
	if b != nil {
		bufferPools[bufferClass(len(*b))].Put(b)
	}
}
