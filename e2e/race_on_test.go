//go:build race

package e2e

// raceEnabled says that the daemons are to be built with the race detector, too.
const raceEnabled = true
