package view

import (
	"testing"
	"unsafe"
)

// What each update needs of a view is in one cache line.
func TestViewFirst(t *testing.T) {
	var v View
	if end := unsafe.Offsetof(v.closed) + unsafe.Sizeof(v.closed); end > 64 {
		t.Errorf("the last such field ends after %d bytes", end)
	}
}
