//go:build unix

package md

import "syscall"

// readSocket reads what has arrived.
func readSocket(fd uintptr, b []byte) (int, error) { return syscall.Read(int(fd), b) }
