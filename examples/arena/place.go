package main

import "natstron/bridge/wire"

// Everything is in one zone of the meadow, and every client sees that zone.
const zone wire.Zone = 1

// Width and Height of the meadow, as arena.dc has them.
const (
	width  = 1600
	height = 1000
)

// place is where something is in the meadow.
type place struct{ x, y float64 }

// arguments are those of setXY.
func (p place) arguments() []any { return []any{uint16(p.x), uint16(p.y)} }
