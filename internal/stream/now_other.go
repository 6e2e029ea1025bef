//go:build !unix

package stream

import "net"

// newNowWriter is nil: streams are written by goroutines here.
func newNowWriter(net.Conn) nowWriter { return nil }
