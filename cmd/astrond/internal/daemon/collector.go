package daemon

import (
	"os"
	"runtime/debug"
)

// gcPercent is by how much the heap may grow beyond what is alive before the
// collector runs. At Go's own 100 a state server that creates 100,000 objects
// spends a third of its time on it, and the process is no smaller in the end.
const gcPercent = 200

// tuneCollector sets that, unless the operator has with GOGC.
func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
