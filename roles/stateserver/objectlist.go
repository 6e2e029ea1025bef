package stateserver

import "slices"

// objectList is objects in no particular order. Removing one takes constant time, because
// each object knows its place.
type objectList []*Object

// slot says which of an object's places a list is.
type slot int

const (
	inZone slot = iota // of a family
	inAI               // of Space.byAI
	slotKinds
)

func (b objectList) add(o *Object, k slot) objectList {
	o.slots[k] = uint32(len(b))
	return append(b, o)
}

func (b objectList) remove(o *Object, k slot) objectList {
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
