//go:build !linux

package md

import "natstron/bridge"

// porter is not there: each connection has a goroutine that reads it.
type porter struct{}

func newPorter(*bridge.Node) (*porter, error) { return nil, nil }

func (*porter) run()                     {}
func (*porter) close()                   {}
func (*porter) watch(*participant) error { return nil }
