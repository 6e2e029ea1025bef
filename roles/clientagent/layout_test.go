package clientagent

import (
	"testing"
	"unsafe"
)

// What each datagram for a client needs of its session is in two cache lines.
func TestSessionFirst(t *testing.T) {
	var s session
	if end := unsafe.Offsetof(s.waiting) + unsafe.Sizeof(s.waiting); end > 128 {
		t.Errorf("the last such field ends after %d bytes", end)
	}
	if end := unsafe.Offsetof(s.role) + unsafe.Sizeof(s.role); end > 64 {
		t.Errorf("the pointers end after %d bytes", end)
	}
}
