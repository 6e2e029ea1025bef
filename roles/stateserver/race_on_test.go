//go:build race

package stateserver

// raceEnabled says whether the tests run under the race detector.
const raceEnabled = true
