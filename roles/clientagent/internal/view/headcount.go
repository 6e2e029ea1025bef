package view

import "natstron/bridge/wire"

// headcount is who is in the zones that an operation asks for, and how many of those that the
// parent counted have not been heard of.
//
// Objects move meanwhile, and an object on another state server than its parent moves
// before the parent learns of it. So one that was counted may have left before the
// question reaches it, and never answers; and one that answers may not have been counted.
// But the session hears of every object that comes or leaves from before it asks, and an
// object's own messages in order. What it heard before it asked, the parent knew when it
// counted; what it hears after the count, the parent did not know, as it would have come
// first. So after the count an object that leaves without having answered is one less to
// wait for, and one that has come was not counted. Only what comes or leaves between
// question and count leaves the count unsure. Then missing is the most that can be, and
// the parent is asked once more.
type headcount struct {
	asked   bool // and the count has not come
	counted bool // at least once
	unsure  bool // an object came or left since it was asked, or a zone was closed
	total   int  // the last count
	missing int  // once counted: how many have still to answer, or to leave
	present map[wire.DoID]presence
}

// presence is where an object is that has answered, or has come.
type presence struct {
	at   wire.Location
	sure bool // the parent knew of it, when it counted
}

// ask notes that the parent is asked.
func (h *headcount) ask() {
	h.asked, h.unsure = true, false
	for do, p := range h.present {
		p.sure = true
		h.present[do] = p
	}
}

// count notes the parent's count. It reports whether the parent is to be asked again. open
// reports whether a zone is still asked for.
func (h *headcount) count(n int, open func(wire.Location) bool) (again bool) {
	missing := n
	for _, p := range h.present {
		if p.sure && open(p.at) {
			missing--
		}
	}
	if h.unsure && h.counted {
		missing = min(missing, h.missing)
	}
	h.asked, h.counted, h.total, h.missing = false, true, n, missing
	return h.unsure && h.lacks()
}

// lacks reports whether somebody has still to be heard of.
func (h *headcount) lacks() bool { return !h.counted || h.missing > 0 }

// answered is how many of the total have been heard of.
func (h *headcount) answered() int {
	if !h.counted {
		return len(h.present)
	}
	return h.total - h.missing
}

// answers: an object answers. An object that has come answers, too, but was not counted.
func (h *headcount) answers(do wire.DoID, at wire.Location) {
	if _, ok := h.present[do]; !ok {
		h.put(do, presence{at, true})
		h.missing--
	}
}

// comes: an object comes to one of the zones.
func (h *headcount) comes(do wire.DoID, at wire.Location) {
	if _, ok := h.present[do]; !ok {
		h.put(do, presence{at, !h.asked})
		h.unsure = h.unsure || h.asked
	}
}

// leaves: an object leaves one of the zones.
func (h *headcount) leaves(do wire.DoID) {
	h.unsure = h.unsure || h.asked
	if _, ok := h.present[do]; ok {
		delete(h.present, do)
	} else {
		h.missing--
	}
}

func (h *headcount) put(do wire.DoID, p presence) {
	if h.present == nil {
		h.present = map[wire.DoID]presence{}
	}
	h.present[do] = p
}

// hears notes who comes to zones that are being opened, and who leaves them. Only what has
// just come is news, not what has waited.
func (v *View) hears(d *Datagram) {
	if len(v.requests) == 0 {
		return // nothing is being opened
	}
	r := wire.NewReader(d.Payload)
	switch d.Type {
	case wire.StateServerObjectEnterLocationWithRequired, wire.StateServerObjectEnterLocationWithRequiredOther:
		do, at, _, err := d.entry()
		if op := v.opens(at); err == nil && op != nil && d.isFor(at.Channel()) {
			op.headcount.comes(do, at)
		}
	case wire.StateServerObjectChangingLocation:
		do, _, from := r.DoID(), r.Location(), r.Location()
		if r.Err() == nil {
			v.left(do, from)
		}
	case wire.StateServerObjectDeleteRAM:
		do := r.DoID()
		for i := 0; r.Err() == nil && i < d.to.RecipientCount(); i++ {
			v.left(do, d.to.Recipient(i).Location())
		}
	}
}

// opens is the operation that waits for the objects of a zone, or nil.
func (v *View) opens(at wire.Location) *operation {
	if z := v.zones[at]; z != nil {
		return z.op
	}
	return nil
}

// left: an object is not in a zone any more.
func (v *View) left(do wire.DoID, from wire.Location) {
	if op := v.opens(from); op != nil {
		op.headcount.leaves(do)
		v.advance(op)
	}
}

// advance ends what an operation waits for, if it has come.
func (v *View) advance(op *operation) {
	if op.done {
		v.settle(op)
		v.checkRecovery()
	} else if op.ready() {
		v.finish(op)
	}
}
