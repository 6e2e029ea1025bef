package stateserver

import "slices"

// bag is objects in no particular order, of which any can be taken out at once:
// each object knows its place.
type bag []*Object

// slot says which of an object's places a bag is.
type slot int

const (
	inZone slot = iota // of a family
	inAI               // of Space.byAI
	slotKinds
)

func (b bag) plus(o *Object, k slot) bag {
	o.slots[k] = uint32(len(b))
	return append(b, o)
}

func (b bag) minus(o *Object, k slot) bag {
	i, last := o.slots[k], len(b)-1
	b[i] = b[last]
	b[i].slots[k] = i
	b[last] = nil
	b = b[:last]
	if cap(b) > 64 && len(b) < cap(b)/4 {
		b = slices.Clone(b)
	}
	return b
}
