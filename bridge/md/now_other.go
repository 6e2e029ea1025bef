//go:build !unix

package md

import "net"

// newNowWriter is nil: streams are written by goroutines here.
func newNowWriter(net.Conn) nowWriter { return nil }

func readSocket(uintptr, []byte) (int, error) { return 0, errNothing }
