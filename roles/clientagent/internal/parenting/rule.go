package parenting

import (
	"slices"

	"natstron/bridge/wire"
)

// Kind is a type of rule.
type Kind uint8

const (
	Stated    Kind = iota // nothing is shown by itself
	Follow                // the avatar's zone is
	Cartesian             // the cells around the avatar are
	Auto                  // an interest in one zone shows others, too
)

// String is the type as a parent writes it.
func (k Kind) String() string { return [...]string{"Stated", "Follow", "Cartesian", "Auto"}[k] }

// Rule is what a parent says of its zones. The zero value is Stated.
type Rule struct {
	Kind Kind
	// Of a Cartesian rule: the zone that is the first cell, the number of cells in a row
	// and of rows, and how many cells the client sees in each direction.
	Start        wire.Zone
	Size, Radius uint32
	// Of an Auto rule: the zone, and those that are shown with it, each once, in ascending
	// order.
	Origin wire.Zone
	Extra  []wire.Zone
}

// Equal reports whether two rules say the same.
func (r Rule) Equal(o Rule) bool {
	return r.Kind == o.Kind && r.Start == o.Start && r.Size == o.Size && r.Radius == o.Radius &&
		r.Origin == o.Origin && slices.Equal(r.Extra, o.Extra)
}

// Around is what the rule of the parent shows to a client whose avatar is there.
func (r Rule) Around(at wire.Location) Area {
	if at.Parent <= wire.LastReservedDoID {
		return Area{} // the channels of such a location are somebody else's
	}
	switch r.Kind {
	case Follow:
		return Area{parent: at.Parent, start: at.Zone, size: 1, bottom: 1, right: 1}
	case Cartesian:
		cell := uint64(at.Zone) - uint64(r.Start)
		if at.Zone < r.Start || cell >= uint64(r.Size)*uint64(r.Size) {
			return Area{}
		}
		a := Area{parent: at.Parent, start: r.Start, size: uint64(r.Size)}
		a.top, a.bottom = window(cell/a.size, uint64(r.Radius), a.size)
		a.left, a.right = window(cell%a.size, uint64(r.Radius), a.size)
		return a
	}
	return Area{}
}

// window is the rows, or the columns, from one to before another one, around one.
func window(at, radius, size uint64) (from, to uint64) {
	return at - min(at, radius), min(at+radius+1, size)
}

// Merge is the zones of an interest, ascending and each once, with those that the rule
// shows with one of them: the same slice if there are none.
func (r Rule) Merge(zones []wire.Zone) []wire.Zone {
	if r.Kind != Auto {
		return zones
	}
	if _, ok := slices.BinarySearch(zones, r.Origin); !ok {
		return zones
	}
	all := slices.Concat(zones, r.Extra)
	slices.Sort(all)
	return slices.Compact(all)
}
