package view

import (
	"errors"

	"natstron/bridge/wire"
)

// kind is what a view does with one type of messages.
type kind struct {
	handle func(*View, *Datagram) error
	// The client gets it as this message, with the payload from skip on.
	client wire.ClientMsgType
	skip   int
	places bool // it says that an object came to a place, or left it
}

// contextSize is the size of the context before an object that answers.
const contextSize = 4

// kinds are the messages about objects (document 12).
var kinds = map[wire.MsgType]*kind{
	wire.StateServerObjectSetField:                       {(*View).update, wire.ClientObjectSetField, 0, false},
	wire.StateServerObjectSetFields:                      {(*View).update, wire.ClientObjectSetFields, 0, false},
	wire.StateServerObjectEnterLocationWithRequired:      {(*View).entersLocation, wire.ClientEnterObjectRequired, 0, true},
	wire.StateServerObjectEnterLocationWithRequiredOther: {(*View).entersLocation, wire.ClientEnterObjectRequiredOther, 0, true},
	wire.StateServerObjectEnterInterestWithRequired:      {(*View).entersInterest, wire.ClientEnterObjectRequired, contextSize, false},
	wire.StateServerObjectEnterInterestWithRequiredOther: {(*View).entersInterest, wire.ClientEnterObjectRequiredOther, contextSize, false},
	wire.StateServerObjectEnterOwnerWithRequired:         {(*View).entersOwner, wire.ClientEnterObjectRequiredOwner, 0, false},
	wire.StateServerObjectEnterOwnerWithRequiredOther:    {(*View).entersOwner, wire.ClientEnterObjectRequiredOtherOwner, 0, false},
	wire.StateServerObjectChangingLocation:               {handle: (*View).changesLocation, places: true},
	wire.StateServerObjectChangingOwner:                  {handle: (*View).changesOwner},
	wire.StateServerObjectDeleteRAM:                      {handle: (*View).deleted, places: true},
	wire.StateServerObjectGetOwnerResp:                   {handle: (*View).ownerIs},
	wire.StateServerObjectGetAllResp:                     {handle: (*View).wholeObject},
	wire.StateServerObjectGetZonesCountResp:              {handle: (*View).counted},
	wire.StateServerObjectGetZoneCountResp:               {handle: (*View).counted},
}

// ErrNoClass says that a class is not in the DC files.
var ErrNoClass = errors.New("its class is not in the DC files")

// Handle handles a datagram that is for this client. An error says that it makes no
// sense, and was ignored.
func (v *View) Handle(d *Datagram) error {
	if v.closed {
		return nil
	}
	if !d.kind.places {
		return d.kind.handle(v, d)
	}
	moves := d.Type == wire.StateServerObjectChangingLocation && v.movesAvatar(d)
	err := d.kind.handle(v, d)
	v.hears(d)
	if moves {
		v.follow()
	}
	return err
}

// update passes a field update on to the client.
func (v *View) update(d *Datagram) error {
	if d.do == wire.InvalidDoID {
		r := wire.NewReader(d.Payload)
		r.DoID()
		return r.Err()
	}
	if !v.wait(d.do, d) && v.knows(d.do) {
		v.session.Send(d.forClient())
	}
	return nil
}

// wait queues a datagram about an object whose entrance waits, and reports whether it
// does.
func (v *View) wait(do wire.DoID, d *Datagram) bool {
	if v.pending == nil {
		return false
	}
	op, ok := v.pending[do]
	if ok {
		op.queue = append(op.queue, queued{Datagram: d.keep()})
	}
	return ok
}

// entersOwner: the client owns an object from now on.
func (v *View) entersOwner(d *Datagram) error {
	if err := v.introduce(d, owned); err != nil {
		return err
	}
	do, at, _, err := d.entry()
	v.ownsAvatar(do, at)
	return err
}

// introduce tells the client of an object that enters, which it knows for one more
// reason from now on.
func (v *View) introduce(d *Datagram, why known) error {
	do, at, id, err := d.entry()
	if err != nil {
		return err
	}
	class, ok := v.views.File.ClassByID(uint16(id))
	if !ok {
		return ErrNoClass
	}
	v.learn(do, why, class, at)
	v.session.Send(d.forClient())
	return nil
}

// entersLocation: an object came to a place that the client may see.
func (v *View) entersLocation(d *Datagram) error {
	do, at, _, err := d.entry()
	switch {
	case err != nil:
		return err
	case v.wait(do, d):
		return nil
	case !v.session.Opened(at.Channel()) && !v.saw(at, d):
		return nil // perhaps an answer to a question about a zone that is closed
	}
	if z := v.zones[at]; z != nil && z.op != nil && !z.op.done && !v.Sees(do) {
		z.op.queue = append(z.op.queue, queued{Datagram: d.keep()})
		v.expect(do, z.op)
		return nil
	}
	return v.show(do, d)
}

// saw reports whether the client looks at a place, and has done so since before a
// datagram came, which may have waited since. If it came to look at the place only
// later, whatever was there then answers by itself.
func (v *View) saw(at wire.Location, d *Datagram) bool {
	z := v.zones[at]
	return z != nil && d.number > z.since
}

// show makes an object visible to the client, unless it is already.
func (v *View) show(do wire.DoID, d *Datagram) error {
	v.noLongerPending(do)
	o := v.objects[do]
	has := false
	if r := v.recovery; r != nil {
		_, has = r.have[do]
		delete(r.have, do)
	}
	switch {
	case o.known&visible != 0:
		return nil // the client has it already
	case has:
		err := v.refresh(do, d)
		v.checkRecovery()
		return err
	case o.known&owned != 0 && v.isSessionObject(do):
		return nil
	}
	return v.introduce(d, visible)
}

// hide makes an object invisible to the client.
func (v *View) hide(do wire.DoID) {
	v.forget(do, visible)
	v.send(v.begin(wire.ClientObjectLeaving).DoID(do))
}

// disown ends the client's ownership of an object.
func (v *View) disown(do wire.DoID) {
	v.forget(do, owned)
	v.send(v.begin(wire.ClientObjectLeavingOwner).DoID(do))
	v.losesAvatar(do)
}

// changesLocation: an object moves.
func (v *View) changesLocation(d *Datagram) error {
	r := wire.NewReader(d.Payload)
	do, to, _ := r.DoID(), r.Location(), r.Location()
	if r.Err() != nil || v.wait(do, d) {
		return r.Err()
	}
	if v.moving[do] == to {
		delete(v.moving, do)
	}
	o := v.objects[do]
	if o.known&(visible|owned) == 0 {
		return nil // where it goes, it enters
	}
	o.location = to
	v.put(do, o)
	byClient := d.Sender == v.session.Channel()
	if o.known&visible != 0 && !v.saw(to, d) && !v.shownByRule(do) {
		switch session := v.isSessionObject(do); {
		case byClient && o.known&owned != 0:
			return nil // it keeps what it owns, wherever it takes it
		case !session:
			v.hide(do)
			return nil
		case o.known&owned == 0:
			v.session.Lost(do, OutOfSight)
			return nil
		}
	}
	if !byClient { // the client knows where it moved an object itself
		v.send(v.begin(wire.ClientObjectLocation).DoID(do).Location(to))
	}
	return nil
}

// changesOwner: the client loses an object.
func (v *View) changesOwner(d *Datagram) error {
	r := wire.NewReader(d.Payload)
	do, to, _ := r.DoID(), r.Channel(), r.Channel()
	switch {
	case r.Err() != nil || to == v.session.Channel() || !v.Owns(do):
	case v.isSessionObject(do):
		v.session.Lost(do, GivenAway)
	default:
		v.disown(do)
		if at := v.objects[do].location; v.Sees(do) && v.zones[at] == nil && !v.session.Opened(at.Channel()) {
			v.hide(do) // the client had taken it to where it does not look
		}
	}
	return r.Err()
}

// deleted: an object does not exist any more.
func (v *View) deleted(d *Datagram) error {
	r := wire.NewReader(d.Payload)
	do := r.DoID()
	if r.Err() != nil || v.wait(do, d) || !v.knows(do) {
		return r.Err()
	}
	if v.isSessionObject(do) {
		v.session.Lost(do, Deleted)
		return nil
	}
	known := v.objects[do].known
	if known&visible != 0 {
		v.hide(do)
	}
	if known&owned != 0 {
		v.disown(do)
	}
	return nil
}
