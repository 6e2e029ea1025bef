package view

import (
	"cmp"
	"iter"
	"slices"

	"natstron/bridge/wire"
)

// Interest is what a client, or the cluster for it, asks to see: some zones of a
// parent. See [NewInterest].
type Interest struct {
	ID     uint16
	Parent wire.DoID
	Zones  []wire.Zone // each once, in ascending order
	// Context is what the client is told, in an interest of the cluster's; 0: one of
	// the view's.
	Context uint32

	named   []wire.Zone // those that were asked for; Zones has also what a rule merges in
	watched bool        // the parent's rule
	early   bool        // the client opened it before the rule was known
}

// NewInterest returns an interest in zones that may be in any order, and named more
// than once. The slice belongs to the interest.
func NewInterest(id uint16, parent wire.DoID, zones ...wire.Zone) *Interest {
	slices.Sort(zones)
	return &Interest{ID: id, Parent: parent, Zones: slices.Compact(zones)}
}

// size is how much a view remembers of an interest, in zones.
func (i *Interest) size() int {
	if i == nil {
		return 0
	}
	return len(i.Zones) + 1
}

func (i *Interest) at(z wire.Zone) wire.Location { return wire.Location{Parent: i.Parent, Zone: z} }

// all are the locations of the zones.
func (i *Interest) all() iter.Seq[wire.Location] {
	return func(yield func(wire.Location) bool) {
		for _, z := range i.Zones {
			if !yield(i.at(z)) {
				return
			}
		}
	}
}

// ParentOf is the parent of an interest, if it is open.
func (v *View) ParentOf(id uint16) (parent wire.DoID, open bool) {
	i := v.interests[id]
	if i == nil {
		return 0, false
	}
	return i.Parent, true
}

// Pending is how many interests wait for their objects.
func (v *View) Pending() int { return len(v.requests) }

// Load is how much a client's interests ask for.
type Load struct {
	Zones int // different ones in all interests
	Named int // each as often as it is named, and one for each interest
	New   int // that are not open yet
}

// LoadWith is the load if an interest were opened or altered.
func (v *View) LoadWith(i *Interest) Load {
	old := v.interests[i.ID]
	l := Load{Zones: len(v.zones), Named: v.named - old.size() + i.size()}
	for _, z := range i.Zones {
		if v.zones[i.at(z)] == nil {
			l.New++
		}
	}
	l.Zones += l.New
	if old != nil {
		for _, z := range old.Zones {
			_, stays := slices.BinarySearch(i.Zones, z)
			if v.zones[old.at(z)].interests == 1 && !(stays && i.Parent == old.Parent) {
				l.Zones--
			}
		}
	}
	return l
}

// Add opens an interest that the client asks for, or alters the one with its number.
// The client is told with its context when it is open. An error says that there is no
// way to hear of the zones; the session has to end.
func (v *View) Add(i *Interest, context uint32) error {
	v.merge(i, false)
	return v.add(i, context, 0)
}

// AddFor is Add for the cluster: the client is told of the interest first. caller is
// told, too, when it is open, unless it is 0.
func (v *View) AddFor(caller wire.Channel, i *Interest) error {
	v.context++
	context := cmp.Or(i.Context, v.context)
	if len(i.Zones) == 1 {
		v.send(v.begin(wire.ClientAddInterest).Uint32(context).Uint16(i.ID).Location(i.at(i.Zones[0])))
	} else {
		w := v.begin(wire.ClientAddInterestMultiple).Uint32(context).Uint16(i.ID).DoID(i.Parent).Uint16(uint16(len(i.Zones)))
		for _, z := range i.Zones {
			w.Zone(z)
		}
		v.send(w)
	}
	v.merge(i, true)
	return v.add(i, context, caller)
}

// add asks the zones that are new for their objects, and closes those that no
// interest shows any more.
func (v *View) add(i *Interest, context uint32, caller wire.Channel) error {
	if v.closed {
		return nil
	}
	v.views.Stats.Interests++
	fresh := v.replace(i, false)
	if v.closed {
		v.tellDone(i.ID, caller)
		return nil
	}
	return v.open(i, fresh, context, caller)
}

// replace puts an interest in the place of the one with its number, if there is one, and
// returns its zones that were not open. byRule says that a rule does it.
func (v *View) replace(i *Interest, byRule bool) (fresh []wire.Zone) {
	if v.interests == nil {
		v.interests = map[uint16]*Interest{}
	}
	old := v.interests[i.ID]
	v.interests[i.ID] = i
	v.named += i.size() - old.size()
	fresh = v.hold(i.all())
	if old != nil {
		v.unwatch(old)
		v.release(old.all(), byRule)
	}
	return fresh
}

// Remove closes an interest that the client no longer wants, if it is open. The
// client is told with its context when that is done.
func (v *View) Remove(id uint16, context uint32) { v.remove(id, context, 0) }

// RemoveFor is Remove for the cluster: the client is told of it first. caller is
// told, too, when it is done, unless it is 0. It says whether the interest was open.
func (v *View) RemoveFor(caller wire.Channel, id uint16) bool {
	if v.interests[id] == nil {
		v.tellDone(id, caller)
		return false
	}
	v.context++
	context := v.context
	v.send(v.begin(wire.ClientRemoveInterest).Uint32(context).Uint16(id))
	v.remove(id, context, caller)
	return true
}

func (v *View) remove(id uint16, context uint32, caller wire.Channel) {
	i := v.interests[id]
	if i == nil {
		return
	}
	delete(v.interests, id)
	v.named -= i.size()
	v.unwatch(i)
	v.release(i.all(), false)
	v.tellDone(id, caller)
	v.sendDone(id, context)
}

// sendDone tells the client that an interest is open, or closed.
func (v *View) sendDone(id uint16, context uint32) {
	v.send(v.begin(wire.ClientDoneInterestResp).Uint32(context).Uint16(id))
}

// tellDone tells the same to the participant that ordered it.
func (v *View) tellDone(id uint16, caller wire.Channel) {
	if caller != 0 {
		v.session.Tell(v.tell(wire.ClientAgentDoneInterestResp, caller).Channel(v.session.Channel()).Uint16(id))
	}
}
