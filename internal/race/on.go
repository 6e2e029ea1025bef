//go:build race

// Package race says whether a program is built with the race detector, which makes it slower.
package race

const Enabled = true
