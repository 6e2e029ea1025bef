package view

import (
	"maps"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Have is what a client says that it has, when its session goes on at another agent because
// its own was killed.
type Have struct {
	Visible, Owned []wire.DoID
	Waiting        []Answer // that it has not been given
}

// An Answer is what a CLIENT_DONE_INTEREST_RESP says.
type Answer struct {
	Context  uint32
	Interest uint16
}

// recovery is a view that is brought up to date: the objects of all interests are asked for,
// and what the client has is compared with what they answer.
type recovery struct {
	have    map[wire.DoID]struct{} // visible objects that the client has, of which nothing was heard yet
	owned   map[wire.DoID]*ownedObject
	asking  int         // interests whose zones are not asked yet
	begun   bool        // all interests are counted
	ask     func()      // for what is below; nil: it was called
	again   func() bool // asks objects that have not answered once more; nil: it was called
	opening int         // interests of which not all objects have answered
	opened  int         // of which all have
	heard   bool        // all that could answer at once has, as far as the other processes can say so
	late    bool        // it has taken too long
	away    func() bool // a state server is away: its objects cannot answer, and may be there all the same
	missed  bool        // one was
	answers []Answer
}

// ownedObject is an object that the client owned.
type ownedObject struct {
	context uint32
	has     bool      // the client knows that it owns it
	entry   *Datagram // what it is like, when it has answered
	ours    bool      // it has answered that the client owns it
}

// KeepChanged reports whether what objects have told may have changed what [View.Keep] returns,
// since the last call.
func (v *View) KeepChanged() bool {
	changed := v.changed
	v.changed = false
	return changed
}

// Keep is what another agent needs to bring a client up to date: a part of [View.Move].
func (v *View) Keep() Moved {
	m := Moved{SessionObjects: v.SessionObjects(), Context: v.context, Avatar: v.avatar.do, AvatarAt: v.avatar.at}
	for _, do := range slices.Sorted(maps.Keys(v.objects)) {
		if o := v.objects[do]; o.known&(owned|declared) != 0 {
			moved := MovedObject{DoID: do, Known: uint8(o.known &^ visible), At: o.location, Class: classID(o.class)}
			if o.declared != nil {
				moved.Declared = classID(o.declared)
			}
			m.Objects = append(m.Objects, moved)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(v.interests)) {
		i := v.interests[id]
		kept := Interest{ID: i.ID, Parent: i.Parent, Zones: i.Zones}
		if i.watched {
			kept.Zones = i.named
		}
		m.Interests = append(m.Interests, MovedInterest{Interest: kept, Watched: i.watched})
	}
	return m
}

// Recover makes the view, which must be new, one that was kept, and brings the client up to
// date. It hears places besides its interests, which are asked for their objects, too; whether
// they are places at all is not known. answered calls a function when all that the session has asked so far has been
// answered, if it will be at once; later calls one when that has taken too long.
func (v *View) Recover(m Moved, have Have, places []wire.Location, away func() bool, answered, later func(then func())) error {
	r := &recovery{have: map[wire.DoID]struct{}{}, owned: map[wire.DoID]*ownedObject{}, answers: have.Waiting, away: away}
	r.missed = away()
	for _, do := range have.Visible {
		r.have[do] = struct{}{}
	}
	has := map[wire.DoID]bool{}
	for _, do := range have.Owned {
		has[do] = true
	}
	v.recovery = r
	v.context = m.Context
	for _, do := range m.SessionObjects {
		v.AddSessionObject(do)
	}
	for _, o := range m.Objects {
		if err := v.restoreObject(o); err != nil {
			return err
		}
		if o.Owned() {
			v.request++
			r.owned[o.DoID] = &ownedObject{context: v.request, has: has[o.DoID]}
			delete(has, o.DoID)
			v.askOwned(o.DoID, v.request)
		}
	}
	for _, do := range slices.Sorted(maps.Keys(has)) {
		v.send(v.begin(wire.ClientObjectLeavingOwner).DoID(do))
	}
	for _, kept := range m.Interests {
		i := NewInterest(kept.ID, kept.Parent, slices.Clone(kept.Zones)...)
		if kept.Watched {
			v.merge(i, true)
		}
		r.opening++
		fresh := v.replace(i, false)
		op := &operation{view: v, silent: true, recovers: true, began: v.views.Now()}
		for _, z := range i.Zones {
			if other := v.zones[i.at(z)].op; other != nil {
				op.follow(other)
			}
		}
		if err := v.begins(op, i.Parent, fresh); err != nil {
			return err
		}
	}
	v.askPlaces(places)
	if o, ok := v.objects[m.Avatar]; ok && o.known&owned != 0 {
		v.ownsAvatar(m.Avatar, o.location)
	}
	heard := func() {
		answered(func() {
			if v.recovery == r {
				r.heard = true
				v.checkRecovery()
			}
		})
	}
	r.ask = heard
	r.again = func() (asked bool) { // their state server may have been away, and is there now
		for do, o := range r.owned {
			if o.entry == nil {
				asked = true
				v.askOwned(do, o.context)
			}
		}
		if asked {
			r.heard = false
			heard()
		}
		return asked
	}
	r.begun = true
	r.checkAsked()
	later(func() {
		if v.recovery == r {
			r.late = true
			v.checkRecovery()
		}
	})
	v.checkRecovery()
	return nil
}

// askPlaces asks for the objects of places that the client hears without an interest.
func (v *View) askPlaces(places []wire.Location) {
	zones := map[wire.DoID][]wire.Zone{}
	for _, at := range places {
		if v.zones[at] == nil {
			zones[at.Parent] = append(zones[at.Parent], at.Zone)
		}
	}
	if len(zones) == 0 {
		return
	}
	v.request++
	v.places = v.request
	for _, parent := range slices.Sorted(maps.Keys(zones)) {
		w := v.tell(wire.StateServerObjectGetZonesObjects, parent.Channel()).Uint32(v.places).DoID(parent).Uint16(uint16(len(zones[parent])))
		for _, z := range zones[parent] {
			w.Zone(z)
		}
		v.session.Tell(w)
	}
}

// asked notes that the zones of an interest have been asked, or need not be any more.
func (v *View) asked(op *operation) {
	if r := v.recovery; r != nil && op.recovers {
		r.asking--
		r.checkAsked()
	}
}

// checkAsked waits for the answers when everything has been asked.
func (r *recovery) checkAsked() {
	if r.begun && r.asking == 0 && r.ask != nil {
		ask := r.ask
		r.ask = nil
		ask()
	}
}

// askOwned asks an object whose it is, and what it is like.
func (v *View) askOwned(do wire.DoID, context uint32) {
	v.session.Tell(v.tell(wire.StateServerObjectGetOwner, do.Channel()).Uint32(context))
	v.session.Tell(v.tell(wire.StateServerObjectGetAll, do.Channel()).Uint32(context).DoID(do))
}

// ownerIs: an object that the client owned says whose it is now.
func (v *View) ownerIs(d *Datagram) error {
	r := wire.NewReader(d.Payload)
	context, do, owner := r.Uint32(), r.DoID(), r.Channel()
	if r.Err() != nil || v.recovery == nil {
		return r.Err()
	}
	if o := v.recovery.owned[do]; o != nil && o.context == context {
		o.ours = owner == v.session.Channel()
	}
	return nil
}

// wholeObject: an object that the client owned says what it is like.
func (v *View) wholeObject(d *Datagram) error {
	r := wire.NewReader(d.Payload)
	context, do := r.Uint32(), r.DoID()
	if r.Err() != nil || v.recovery == nil {
		return r.Err()
	}
	if o := v.recovery.owned[do]; o != nil && o.context == context {
		o.entry = d.keep()
		v.checkRecovery()
	}
	return nil
}

// recoveredOne notes that all objects of an interest have answered.
func (v *View) recoveredOne() {
	if r := v.recovery; r != nil {
		r.opening--
		r.opened++
	}
}

// complete reports whether everything has answered that will. What an object that is gone does
// not say must not be taken from a process that is only late: that another object has answered
// what was asked later says that it is not.
func (r *recovery) complete() bool {
	if r.late {
		return true
	}
	if r.opening > 0 || !r.begun {
		return false
	}
	for _, o := range r.owned {
		if o.entry == nil && !(r.heard && r.opened > 0) {
			return false
		}
	}
	return true
}

// checkRecovery ends the comparison when everything has answered that will.
func (v *View) checkRecovery() {
	r := v.recovery
	if r == nil || !r.complete() {
		return
	}
	if again := r.again; again != nil && !r.late {
		r.again = nil
		if again() {
			return
		}
	}
	if r.missed = r.missed || r.away(); !r.late && len(r.have) > 0 && (r.missed || !r.heard) {
		return // objects of a server that was away come when it is back
	}
	v.recovery = nil
	for _, do := range slices.Sorted(maps.Keys(r.owned)) {
		if v.closed {
			return
		}
		v.recoverOwned(do, r.owned[do])
	}
	for _, do := range slices.Sorted(maps.Keys(r.have)) {
		if v.closed {
			return
		}
		if o := v.objects[do]; o.known&owned != 0 { // the client had taken it to where it does not look
			v.learn(do, visible, o.class, o.location)
			continue
		}
		if v.isSessionObject(do) {
			v.session.Lost(do, OutOfSight)
			return
		}
		v.past.add(do)
		v.send(v.begin(wire.ClientObjectLeaving).DoID(do))
	}
	for _, a := range r.answers {
		v.sendDone(a.Interest, a.Context)
	}
}

// recoverOwned tells the client what has become of an object that it owned.
func (v *View) recoverOwned(do wire.DoID, o *ownedObject) {
	switch {
	case !v.Owns(do):
	case !o.ours || o.entry == nil:
		how := GivenAway
		if o.entry == nil {
			how = Deleted
		}
		switch {
		case v.isSessionObject(do):
			v.session.Lost(do, how)
		case o.has:
			v.disown(do)
		default:
			v.forget(do, owned)
			v.losesAvatar(do)
		}
	default:
		e, err := v.read(o.entry, contextSize, nil)
		if err != nil {
			v.session.Refuse(o.entry, err)
			return
		}
		v.learn(do, owned, e.class, e.at)
		v.ownsAvatar(do, e.at)
		if !o.has {
			v.sendEntry(wire.ClientEnterObjectRequiredOtherOwner, do, e, dc.Broadcast|dc.Clrecv|dc.Ownrecv)
			return
		}
		v.send(v.begin(wire.ClientObjectLocation).DoID(do).Location(e.at))
		v.sendValues(do, e.visible(dc.Broadcast|dc.Clrecv|dc.Ownrecv))
	}
}

// refresh tells the client, which has an object, what it is like now.
func (v *View) refresh(do wire.DoID, d *Datagram) error {
	e, err := v.read(d, d.kind.skip, func(f *dc.Field) bool { return f.HasAny(dc.Broadcast | dc.Clrecv) })
	if err != nil {
		return err
	}
	v.learn(do, visible, e.class, e.at)
	v.send(v.begin(wire.ClientObjectLocation).DoID(do).Location(e.at))
	v.sendValues(do, e.visible(dc.Broadcast|dc.Clrecv))
	return nil
}

// whole is an object with the values that it has told.
type whole struct {
	class    *dc.Class
	at       wire.Location
	required int // of the values, the first ones
	values   []fieldValue
}

type fieldValue struct {
	field *dc.Field
	value []byte
}

// read reads an object that enters or answers. has says which required fields are there;
// nil: all.
func (v *View) read(d *Datagram, skip int, has func(*dc.Field) bool) (e whole, err error) {
	r := wire.NewReader(d.Payload)
	r.Bytes(skip)
	_, at, id := r.DoID(), r.Location(), r.DClassID()
	class, ok := v.views.File.ClassByID(uint16(id))
	if r.Err() != nil || !ok {
		return whole{}, ErrNoClass
	}
	e.class, e.at = class, at
	take := func(f *dc.Field) error {
		rest := r
		b := rest.Rest()
		n, err := f.Skip(b)
		if err != nil {
			return err
		}
		e.values = append(e.values, fieldValue{f, r.Bytes(n)})
		return r.Err()
	}
	for _, f := range class.RequiredFields() {
		if has == nil || has(f) {
			if err := take(f); err != nil {
				return whole{}, err
			}
		}
	}
	e.required = len(e.values)
	if r.Len() == 0 {
		return e, nil
	}
	for n := r.Uint16(); n > 0; n-- {
		f, ok := class.Field(uint16(r.FieldID()))
		if !ok {
			return whole{}, ErrNoClass
		}
		if err := take(f); err != nil {
			return whole{}, err
		}
	}
	return e, r.Done()
}

// visible are the values of fields with any of the keywords.
func (e whole) visible(to dc.Keyword) (all []fieldValue) {
	for _, value := range e.values {
		if value.field.HasAny(to) {
			all = append(all, value)
		}
	}
	return all
}

// sendValues tells the client values of an object, each by itself: clients of Panda3D know
// CLIENT_OBJECT_SET_FIELD only.
func (v *View) sendValues(do wire.DoID, all []fieldValue) {
	for _, value := range all {
		v.send(v.begin(wire.ClientObjectSetField).DoID(do).FieldID(wire.FieldID(value.field.ID())).Raw(value.value))
	}
}

// sendEntry tells the client of an object.
func (v *View) sendEntry(t wire.ClientMsgType, do wire.DoID, e whole, to dc.Keyword) {
	w := v.begin(t).DoID(do).Location(e.at).DClassID(classID(e.class))
	for _, value := range e.values[:e.required] {
		if value.field.HasAny(to) {
			w.Raw(value.value)
		}
	}
	others := whole{values: e.values[e.required:]}.visible(to)
	w.Uint16(uint16(len(others)))
	for _, value := range others {
		w.FieldID(wire.FieldID(value.field.ID())).Raw(value.value)
	}
	v.send(w)
}
