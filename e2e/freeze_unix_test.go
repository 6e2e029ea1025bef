//go:build unix

package e2e

import "syscall"

// Processes are stopped with a signal.

// Signals that stop a process, and that let it go on.
const freezeSignal, thawSignal = syscall.SIGSTOP, syscall.SIGCONT

// freeze stops the process, and returns when it has stopped.
func (d *daemon) freeze() {
	d.t.Helper()
	d.signal(freezeSignal)
	for status := syscall.WaitStatus(0); !status.Stopped(); {
		if _, err := syscall.Wait4(d.cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil && err != syscall.EINTR {
			d.t.Fatal(err)
		}
	}
}
