//go:build !unix

package e2e

import "syscall"

// Systems that cannot stop a process.

// Signals that would stop a process, and let it go on. This system has none.
const freezeSignal, thawSignal = syscall.Signal(0x13), syscall.Signal(0x12)

func (d *daemon) freeze() { d.t.Skip("NOT TESTED: this system cannot stop a process") }
