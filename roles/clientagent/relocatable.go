package clientagent

import (
	"fmt"
	"slices"

	"natstron/bridge/wire"
)

// A relocation is to where a client may move an object.
type relocation struct {
	anywhere bool
	places   []place
}

// place is some zones of a parent.
type place struct {
	parent wire.DoID
	zones  wire.ZoneRange
}

func (r relocation) allows(to wire.Location) bool {
	return r.anywhere || slices.ContainsFunc(r.places, func(p place) bool { return p.parent == to.Parent && p.zones.Contains(to.Zone) })
}

// orderRelocatable lets the client move an object, whether it owns it or not.
func orderRelocatable(s *session, _ wire.Channel, do wire.DoID) error {
	s.setRelocatable(do, relocation{anywhere: true})
	return nil
}

func (s *session) setRelocatable(do wire.DoID, r relocation) {
	if s.relocatable == nil {
		s.relocatable = map[wire.DoID]relocation{}
	}
	s.relocatable[do] = r
}

type objectPlaces struct {
	do     wire.DoID
	places []place
}

func readPlaces(r *wire.Reader) objectPlaces {
	o := objectPlaces{do: r.DoID()}
	for n := r.Uint16(); n > 0 && r.Err() == nil; n-- {
		o.places = append(o.places, place{r.DoID(), wire.ZoneRange{Min: r.Zone(), Max: r.Zone()}})
	}
	return o
}

// orderRelocatableTo lets the client move an object to some places, and to no others, though
// it owns it. They replace those of the order before; none takes that back.
func orderRelocatableTo(s *session, _ wire.Channel, o objectPlaces) error {
	for _, p := range o.places {
		if p.zones.Min > p.zones.Max {
			return fmt.Errorf("its zones are reversed: %d to %d", p.zones.Min, p.zones.Max)
		}
	}
	if len(o.places) == 0 {
		delete(s.relocatable, o.do)
		return nil
	}
	s.setRelocatable(o.do, relocation{places: o.places})
	return nil
}
