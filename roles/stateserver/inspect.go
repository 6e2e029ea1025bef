package stateserver

import (
	"maps"
	"slices"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/inspect"
)

// How an operator looks at the objects. Each of these functions may be called by any
// goroutine at any time, but not in a turn.

// inspectAtOnce is how many objects a turn looks at.
const inspectAtOnce = 256

// Space is where the objects of the state server are.
func (r *Role) Space() *Space { return r.space }

// Inspect is all that there is to know of an object, if it is here.
func (s *Space) Inspect(id wire.DoID) (held inspect.Held, ok bool) {
	_ = s.Enter(func() error { // which cannot fail
		var o *Object
		if o, ok = s.objects[id]; ok {
			held = inspect.Held{Thing: ThingOf(o), Active: true, Role: s.options.Label, Children: o.children(), Bytes: len(o.values.b)}
			if o.offspring != nil {
				held.Zones = firstZones(o.offspring.counts)
			}
			held.Fields, held.Unlisted = s.fieldsOf(o)
		}
		return nil
	})
	return held, ok
}

func firstZones(counts map[wire.Zone]int) (all []inspect.Count) {
	c := inspect.Collector[inspect.Count]{Rows: inspect.MaxZones}
	for z, n := range counts {
		c.Add(inspect.Count{ID: uint32(z), Objects: n})
	}
	return c.Page().Rows
}

// ThingOf is an object in a list, for a function that has the turn.
func ThingOf(o *Object) inspect.Thing {
	return inspect.Thing{DoID: o.doID, Class: o.class.Name(), Parent: o.location.Parent, Zone: o.location.Zone, Owner: o.owner, AI: o.ai}
}

// Bounds of what is shown of the fields of one object: an answer is one datagram.
const (
	maxShownField  = 4 << 10
	maxShownFields = 32 << 10
)

// fieldsOf are the values that an object keeps. One that cannot be read, or is long, is
// shown by its bytes, or their number.
func (s *Space) fieldsOf(o *Object) (all []inspect.Field, unlisted int) {
	left := maxShownFields
	for id, packed := range o.values.All {
		f, ok := s.options.File.FieldByID(uint16(id))
		if !ok || left <= 0 {
			unlisted++
			continue
		}
		one := inspect.Field{
			Name: f.Name(), Keywords: f.Keywords(), Value: shown(f, packed),
			Hidden: !f.HasAny(dc.Broadcast | dc.Clrecv | dc.Ownrecv),
			Owner:  f.Has(dc.Ownrecv) && !f.HasAny(dc.Broadcast|dc.Clrecv),
		}
		left -= len(one.Value) + len(one.Name) + 100
		all = append(all, one)
	}
	return all, unlisted
}

func shown(f *dc.Field, packed []byte) []byte {
	if len(packed) <= maxShownField {
		if text, err := f.JSON(packed, dc.Scaled); err == nil && len(text) <= 4*maxShownField {
			return text
		}
	}
	return inspect.Bytes(packed, maxShownField/8)
}

// Zones are a page of the zones of a parent that have objects here.
func (s *Space) Zones(q inspect.Question) *inspect.Page[inspect.Count] {
	c := inspect.Collector[inspect.Count]{From: q.From, Rows: q.Rows()}
	var zones []wire.Zone
	_ = s.Enter(func() error { // which cannot fail
		if f := s.families[q.Parent]; f != nil {
			zones = slices.Collect(maps.Keys(f.zones))
		}
		return nil
	})
	for some := range slices.Chunk(zones, inspectAtOnce) {
		_ = s.Enter(func() error { // which cannot fail
			for _, z := range some {
				if f := s.families[q.Parent]; f != nil && len(f.zones[z]) > 0 {
					c.Add(inspect.Count{ID: uint32(z), Objects: len(f.zones[z])})
				}
			}
			return nil
		})
	}
	return c.Page()
}

// At hands the objects at a location to add. One that moves meanwhile may be missed.
func (s *Space) At(at wire.Location, add func(inspect.Thing)) {
	for next, more := 0, true; more; next += inspectAtOnce {
		_ = s.Enter(func() error { // which cannot fail
			var list objectList
			if f := s.families[at.Parent]; f != nil {
				list = f.zones[at.Zone]
			}
			for _, o := range list[min(next, len(list)):min(next+inspectAtOnce, len(list))] {
				add(ThingOf(o))
			}
			more = next+inspectAtOnce < len(list)
			return nil
		})
	}
}

// Visited is what a participant of a space is; at most one of its fields is set.
type Visited struct {
	Object *Object
	// Parent is one whose children are here, so many of them.
	Parent   wire.DoID
	Children int
}

// Visit says what a participant is to its space, for a function that has the turn.
func Visit(p *bridge.Participant) Visited {
	switch v := p.Value.(type) {
	case *Object:
		if !v.gone {
			return Visited{Object: v}
		}
	case *family:
		return Visited{Parent: v.parent, Children: v.count}
	}
	return Visited{}
}
