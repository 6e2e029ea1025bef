//go:build !unix

package nonblock

import "net"

// Writer is not there.
type Writer struct{}

// NewWriter is nil.
func NewWriter(net.Conn) *Writer { return nil }

// WriteNow is not to be called.
func (*Writer) WriteNow([]byte) (int, error) { return 0, nil }

// Waiter is nil.
func Waiter(net.Conn) func() error { return nil }
