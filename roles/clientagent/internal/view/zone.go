package view

import (
	"iter"
	"slices"

	"natstron/bridge/wire"
)

// zone is a location that at least one interest, or a rule, shows. The session subscribes
// to it.
type zone struct {
	interests int        // and rules
	since     uint64     // the number of the last datagram before it was opened
	op        *operation // that has asked for its objects; nil when all have answered
	request   uint32     // the context of the question; 0: none
	// objects are the visible objects in the zone, and perhaps some that have left: so
	// closing a zone takes as long as it has objects, however many the client sees. One
	// that came back may be there twice.
	objects []wire.DoID
	visible int // of objects
}

// spare is how many objects that have left a zone may be listed beside those that have not.
const spare = 16

// entersZone notes that an object is visible in a location from now on.
func (v *View) entersZone(do wire.DoID, at wire.Location) {
	z := v.zones[at]
	if z == nil {
		if v.strays == nil {
			v.strays = map[wire.DoID]struct{}{}
		}
		v.strays[do] = struct{}{}
		return
	}
	if len(z.objects) > 2*z.visible+spare {
		z.objects = v.present(z, at)
	}
	z.objects = append(z.objects, do)
	z.visible++
}

// leavesZone notes that an object is not visible in a location any more.
func (v *View) leavesZone(do wire.DoID, at wire.Location) {
	if z := v.zones[at]; z != nil {
		z.visible--
	} else {
		delete(v.strays, do)
	}
}

// present are the visible objects in a zone, in ascending order, in the zone's own slice.
func (v *View) present(z *zone, at wire.Location) []wire.DoID {
	slices.Sort(z.objects)
	return slices.DeleteFunc(slices.Compact(z.objects), func(do wire.DoID) bool {
		o := v.objects[do]
		return o.known&visible == 0 || o.location != at
	})
}

// hold opens zones for one more interest or rule, and returns those that were not open.
func (v *View) hold(all iter.Seq[wire.Location]) (fresh []wire.Zone) {
	for at := range all {
		z := v.zones[at]
		if z == nil {
			if v.zones == nil {
				v.zones = map[wire.Location]*zone{}
			}
			z = &zone{since: v.views.number}
			v.zones[at] = z
			fresh = append(fresh, at.Zone)
		}
		z.interests++
	}
	if len(fresh) > 0 {
		for do := range v.strays { // hardly ever any
			if at := v.objects[do].location; v.zones[at] != nil {
				delete(v.strays, do)
				v.entersZone(do, at)
			}
		}
	}
	return fresh
}

// release takes an interest or a rule off zones, and closes those that no other one
// shows: their objects leave. A session object that the client owns ends the session then,
// unless a rule closes the zone: nobody has asked for that.
func (v *View) release(all iter.Seq[wire.Location], byRule bool) {
	var closing []wire.Location
	for at := range all {
		if z := v.zones[at]; z.interests == 1 {
			closing = append(closing, at)
		}
		v.zones[at].interests--
	}
	if len(closing) == 0 {
		return
	}
	v.hideClosing(closing, byRule)
	if v.closed {
		return
	}
	var idle, fewer []*operation
	for _, at := range closing {
		z := v.zones[at]
		if z.op != nil {
			if z.op.open--; z.op.open == 0 {
				idle = append(idle, z.op)
			} else if !slices.Contains(fewer, z.op) {
				fewer = append(fewer, z.op)
			}
		}
		delete(v.zones, at)
		if z.visible > 0 {
			for _, do := range v.present(z, at) { // they stay nevertheless
				v.entersZone(do, at)
			}
		}
		if !v.session.Opened(at.Channel()) {
			v.session.Unsubscribe(at.Channel())
		}
	}
	for _, op := range idle { // there is nothing left to wait for
		v.finish(op)
		v.forgetRequest(op)
	}
	for _, op := range fewer {
		if v.requests[op.request] == op {
			v.askFewer(op)
		}
	}
}

// hideClosing hides the objects in zones that no interest and no rule shows any more.
func (v *View) hideClosing(closing []wire.Location, byRule bool) {
	var leaving []wire.DoID
	for _, at := range closing {
		z := v.zones[at]
		z.objects = v.present(z, at)
		for _, do := range z.objects {
			if to, ok := v.moving[do]; ok && (v.Owns(do) || v.zones[to] != nil && v.zones[to].interests > 0) {
				continue // the client has asked it to move, and it has not answered yet
			}
			stays := byRule && v.Owns(do) && v.isSessionObject(do)
			if !stays && !v.shownByRule(do) {
				leaving = append(leaving, do)
			}
		}
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
