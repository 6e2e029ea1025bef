//go:build !unix

package wire

import "io"

// socket is for systems where a buffer is not needed to wait.
type socket struct{}

func newSocket(*FrameReader, io.Reader) *socket { return nil }

func (*socket) fill() error { return nil }
