package parenting

import (
	"iter"

	"natstron/bridge/wire"
)

// Area is a rectangle of cells of a parent's grid. The zero value is none.
type Area struct {
	parent      wire.DoID
	start       wire.Zone
	size        uint64 // cells in a row
	top, bottom uint64 // rows, the last one not included
	left, right uint64 // columns, likewise
}

// Parent is the parent; 0 of no area.
func (a Area) Parent() wire.DoID { return a.parent }

// Len is how many zones it has.
func (a Area) Len() int { return int((a.bottom - a.top) * (a.right - a.left)) }

// Has reports whether a location is in the area.
func (a Area) Has(at wire.Location) bool {
	if a.Len() == 0 || at.Parent != a.parent || at.Zone < a.start {
		return false
	}
	cell := uint64(at.Zone - a.start)
	return a.has(cell/a.size, cell%a.size)
}

func (a Area) has(row, column uint64) bool {
	return a.top <= row && row < a.bottom && a.left <= column && column < a.right
}

// Minus are the locations of a that b does not have, in ascending order. In the same grid
// it takes as long as there are such, and as a has rows.
func (a Area) Minus(b Area) iter.Seq[wire.Location] {
	same := a.parent == b.parent && a.start == b.start && a.size == b.size
	return func(yield func(wire.Location) bool) {
		for row := a.top; row < a.bottom; row++ {
			for column := a.left; column < a.right; column++ {
				at := wire.Location{Parent: a.parent, Zone: a.start + wire.Zone(row*a.size+column)}
				switch {
				case same && b.has(row, column):
					column = b.right - 1 // none of these
				case !same && b.Has(at):
				case !yield(at):
					return
				}
			}
		}
	}
}
