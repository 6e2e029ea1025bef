//go:build race

package bridgetest

// raceEnabled says that the tests run under the race detector.
const raceEnabled = true
