//go:build !unix

package eventlogger

import "time"

// ownProcessorTime is not known here.
func ownProcessorTime() time.Duration { return 0 }
