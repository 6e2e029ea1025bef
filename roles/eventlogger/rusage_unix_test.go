//go:build unix

package eventlogger

import (
	"syscall"
	"time"
)

// ownProcessorTime is how long this process has kept processors busy.
func ownProcessorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
