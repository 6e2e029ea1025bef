//go:build race

package e2e

// raceEnabled says that the daemons are also built with the race detector.
const raceEnabled = true

// quick lets tests of dead nodes not take long, and still bear a busy machine;
// patient is for those in which nobody is to die.
const (
	quick   = ", heartbeat: 100ms, dead_after: 5s"
	patient = ", dead_after: 30s"
)
