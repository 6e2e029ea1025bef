//go:build !race

package rolestest

// raceEnabled says that the tests run under the race detector.
const raceEnabled = false
