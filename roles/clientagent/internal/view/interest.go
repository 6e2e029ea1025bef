package view

import (
	"cmp"
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

// zone is a location that at least one interest shows. The session subscribes to
// it.
type zone struct {
	interests int
	since     uint64     // the number of the last datagram before it was opened
	op        *operation // that has asked for its objects; nil when all have answered
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
func (v *View) Add(i *Interest, context uint32) error { return v.add(i, context, 0) }

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
	return v.add(i, context, caller)
}

// add asks the zones that are new for their objects, and closes those that no
// interest shows any more.
func (v *View) add(i *Interest, context uint32, caller wire.Channel) error {
	if v.closed {
		return nil
	}
	v.views.Stats.Interests++
	if v.zones == nil {
		v.interests, v.zones = map[uint16]*Interest{}, map[wire.Location]*zone{}
	}
	var fresh []wire.Zone
	for _, z := range i.Zones {
		at := i.at(z)
		if v.zones[at] == nil {
			v.zones[at] = &zone{since: v.views.number}
			fresh = append(fresh, z)
		}
		v.zones[at].interests++
	}
	old := v.interests[i.ID]
	v.interests[i.ID] = i
	v.named += i.size() - old.size()
	if old != nil {
		v.release(old)
	}
	if v.closed {
		v.tellDone(i.ID, caller)
		return nil
	}
	return v.open(i, fresh, context, caller)
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
	v.release(i)
	v.tellDone(id, caller)
	v.sendDone(id, context)
}

// release takes an interest off its zones, and closes those that no other one
// shows: their objects leave.
func (v *View) release(i *Interest) {
	closing := false
	for _, z := range i.Zones {
		z := v.zones[i.at(z)]
		z.interests--
		closing = closing || z.interests == 0
	}
	if closing {
		v.hideClosing()
	}
	if v.closed || !closing {
		return
	}
	var idle []*operation
	for _, z := range i.Zones {
		at := i.at(z)
		z := v.zones[at]
		if z.interests > 0 {
			continue
		}
		if z.op != nil {
			if z.op.open--; z.op.open == 0 {
				idle = append(idle, z.op)
			}
		}
		delete(v.zones, at)
		if !v.session.Opened(at.Channel()) {
			v.session.Unsubscribe(at.Channel())
		}
	}
	for _, op := range idle { // there is nothing left to wait for
		v.finish(op)
		v.forgetRequest(op)
	}
}

// hideClosing hides the objects in zones that no interest shows any more.
func (v *View) hideClosing() {
	var leaving []wire.DoID
	for do, o := range v.objects {
		if z := v.zones[o.location]; z == nil || z.interests > 0 || o.known&visible == 0 {
			continue
		}
		if _, moving := v.moving[do]; moving && o.known&owned != 0 {
			continue // the client has asked it to move, and it has not answered yet
		}
		leaving = append(leaving, do)
	}
	slices.Sort(leaving)
	for _, do := range leaving {
		if v.isSessionObject(do) {
			v.session.Lost(do, OutOfSight)
		} else {
			v.hide(do)
		}
		if v.closed {
			return
		}
	}
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
