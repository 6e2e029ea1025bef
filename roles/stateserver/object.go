package stateserver

import (
	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
)

// An Object is one distributed object: its class, location, AI and owner, and the values
// of its fields. It belongs to the node's turn, as its
// [Space] does.
type Object struct {
	class       *dc.Class
	participant *bridge.Participant
	offspring   *offspring // what it knows of its children; nil if of none
	values      Values
	ai, owner   wire.Channel
	location    wire.Location
	doID        wire.DoID
	slots       [slotKinds]uint32 // its places in bags

	explicitAI bool // the AI was set by SET_AI, not taken from the parent
	synced     bool // the parent has acknowledged the location
	gone       bool // deleted
	changed    bool // it is to be written, see survival
	static     bool // the configuration has it
	far        bool // it has, or had, children in other processes; not known if nothing survives
}

// DoID is the object's identity.
func (o *Object) DoID() wire.DoID { return o.doID }

// Class is the object's dclass.
func (o *Object) Class() *dc.Class { return o.class }

// Location is where the object is; its parent is 0 if it is nowhere.
func (o *Object) Location() wire.Location { return o.location }

// AI is the channel of the AI in charge of the object, or 0.
func (o *Object) AI() wire.Channel { return o.ai }

// Owner is the channel of the object's owner, or 0.
func (o *Object) Owner() wire.Channel { return o.owner }

// Participant is the object's place on the backbone. It sends what the object
// sends.
func (o *Object) Participant() *bridge.Participant { return o.participant }

// Get is the packed value of a field; ok is false if the object has none. It is
// valid until the object changes, and must not be written to.
func (o *Object) Get(f *dc.Field) (packed []byte, ok bool) { return o.values.Get(f) }

// Marks are the marks of a field's value.
func (o *Object) Marks(f *dc.Field) Mark { return o.values.Marks(f) }

// SetMarks sets the marks of an object's value, if the objects survive. They are kept with it.
func (s *Space) SetMarks(o *Object, f *dc.Field, m Mark) {
	if s.Survives() && o.values.SetMarks(f, m) {
		s.wroteMarks(o, f)
	}
}

// A Spec says what object to create.
type Spec struct {
	DoID     wire.DoID
	Location wire.Location
	Class    *dc.Class
	// Values must hold all required fields of the class. They are copied.
	Values *Values
	// Sender is the sender of the messages about the creation.
	Sender wire.Channel
	// AI, if not 0, is an AI of the object's own, as SET_AI gives it one.
	AI wire.Channel
	// Certain, if set, is called when nothing stands against the creation any more, and
	// before anybody is told of the object.
	Certain func()
}

// Create creates an object: it announces itself to its parent and its location, and
// asks the children that it may have where they are (document 12, section 1).
// The error is a [*Refusal], or the node's.
func (s *Space) Create(spec Spec) (*Object, error) {
	if spec.DoID == wire.InvalidDoID {
		return nil, refuse(BadDoID, "create: no object can have the doId 0")
	}
	if _, ok := s.objects[spec.DoID]; ok {
		return nil, refuse(DoIDTaken, "create: object %d exists already", spec.DoID)
	}
	if len(s.objects) >= s.options.MaxObjects {
		return nil, refuse(Full, "create: the limit of %d objects is reached", len(s.objects))
	}
	if missing := spec.Values.Missing(spec.Class); len(missing) > 0 {
		return nil, refuse(Truncated, "create %s: no value for required field %s", spec.Class.Name(), missing[0].Name())
	}
	if !spec.Values.fits() {
		return nil, refuse(TooLarge, "create %s: its fields do not fit into a datagram", spec.Class.Name())
	}
	if err := s.checkParent(spec.DoID, spec.Location.Parent); err != nil {
		return nil, err
	}
	o := &Object{class: spec.Class, doID: spec.DoID, values: spec.Values.clone(), explicitAI: spec.AI != wire.InvalidChannel}
	var err error
	if o.participant, err = s.Join(s.className(spec.Class), o); err != nil {
		return nil, err
	}
	if err := s.turn.Subscribe(o.participant, o.doID.Channel()); err != nil {
		s.turn.Leave(o.participant)
		return nil, err
	}
	s.objects[o.doID] = o
	s.given.use(o.doID)
	s.count.object(o.class, 1, len(o.values.b))
	s.wrote(o)
	if spec.Certain != nil {
		spec.Certain()
	}

	if err := s.place(o, spec.Location, spec.Sender); err != nil {
		return nil, err
	}
	if o.explicitAI {
		s.changeAI(o, spec.AI, spec.Sender)
		s.byAI[o.ai] = s.byAI[o.ai].add(o, inAI)
	}
	s.message(o.doID.Channel(), wire.StateServerObjectGetLocation, o.doID.ChildrenChannel()).Uint32(contextWakeChildren)
	s.send(o.participant)
	return o, nil
}

// contextWakeChildren is the context with which a new object asks for its
// children (STATESERVER_CONTEXT_WAKE_CHILDREN).
const contextWakeChildren = 1001

// Delete ends an object (document 12, section 2.1, DELETE_RAM): its parent, its
// location, AI, owner and children are told.
func (s *Space) Delete(o *Object, sender wire.Channel) { s.delete(o, sender, true) }

// delete is Delete. A parent that has forgotten the object already need not be told.
func (s *Space) delete(o *Object, sender wire.Channel, tellParent bool) {
	if o.gone {
		return
	}
	if o.location.Parent != wire.InvalidDoID && tellParent {
		s.message(sender, wire.StateServerObjectChangingLocation, o.location.Parent.Channel()).
			DoID(o.doID).Location(wire.Location{}).Location(o.location)
		s.send(o.participant)
	}
	s.Tell(o, sender, wire.StateServerObjectDeleteRAM)
	if s.hasChildren(o) {
		s.message(sender, wire.StateServerObjectDeleteChildren, o.doID.ChildrenChannel()).DoID(o.doID)
		s.send(o.participant)
	}
	s.forget(o)
	if s.options.Deleted != nil {
		s.options.Deleted(o)
	}
}

// forget removes an object from all indexes.
func (s *Space) forget(o *Object) {
	o.gone = true
	s.leaveFamily(o)
	s.setExplicitAI(o, false)
	if o.offspring != nil {
		s.known -= len(o.offspring.zones)
		o.offspring = nil
	}
	delete(s.objects, o.doID)
	s.given.release(o.doID)
	s.count.object(o.class, -1, -len(o.values.b))
	s.wroteEnd(o)
	s.turn.Leave(o.participant)
}

// object handles a message to an object.
func (s *Space) object(o *Object, m wire.Message) error {
	r := &m.Payload
	switch m.Type {
	case wire.StateServerDeleteAIObjects:
		return s.deleteByAI(o, m.Sender, r)

	case wire.StateServerObjectGetField:
		return s.getField(o, m.Sender, r)
	case wire.StateServerObjectGetFields:
		return s.getFields(o, m.Sender, r)
	case wire.StateServerObjectGetAll:
		return s.getAll(o, m.Sender, r)
	case wire.StateServerObjectGetClass:
		return s.getClass(o, m.Sender, r)
	case wire.StateServerObjectSetField:
		return s.setField(o, m.Sender, r)
	case wire.StateServerObjectSetFields:
		return s.setFields(o, m.Sender, r)
	case wire.StateServerObjectDeleteFieldRAM:
		return s.deleteField(o, m.Sender, r)
	case wire.StateServerObjectDeleteFieldsRAM:
		return s.deleteFields(o, m.Sender, r)
	case wire.StateServerObjectDeleteRAM:
		return s.deleteRAM(o, m.Sender, r)

	case wire.StateServerObjectSetLocation:
		return s.setLocation(o, m.Sender, r)
	case wire.StateServerObjectChangingLocation:
		return s.changingLocation(o, r)
	case wire.StateServerObjectGetLocation:
		return s.getLocation(o, m.Sender, r)
	case wire.StateServerObjectGetLocationResp:
		return s.childIsAt(o, r)
	case wire.StateServerObjectLocationAck:
		return s.locationAck(o, r)

	case wire.StateServerObjectSetAI:
		return s.setAI(o, m.Sender, r)
	case wire.StateServerObjectChangingAI:
		return s.changingAI(o, m.Sender, r)
	case wire.StateServerObjectGetAI:
		return s.getAI(o, m.Sender, r)
	case wire.StateServerObjectGetAIResp:
		return s.parentsAI(o, m.Sender, r)

	case wire.StateServerObjectSetOwner:
		return s.setOwner(o, m.Sender, r)
	case wire.StateServerObjectGetOwner:
		return s.getOwner(o, m.Sender, r)

	case wire.StateServerObjectGetZoneObjects, wire.StateServerObjectGetZonesObjects,
		wire.StateServerObjectGetChildren:
		return s.getObjects(o, m)
	case wire.StateServerObjectGetZoneCount, wire.StateServerObjectGetZonesCount,
		wire.StateServerObjectGetChildCount:
		return s.getCount(o, m)
	case wire.StateServerObjectDeleteZone, wire.StateServerObjectDeleteZones,
		wire.StateServerObjectDeleteChildren:
		return s.deleteZones(o, m)
	case wire.StateServerGetActiveZones:
		return s.getActiveZones(o, m.Sender, r)
	}
	if s.options.Other != nil {
		if handled, err := s.options.Other(o, m); handled || err != nil {
			return err
		}
	}
	if ignored(m.Type) {
		return nil
	}
	return refuse(UnknownMessage, "it is not a message to an object")
}

// ignored reports whether an object ignores messages of a type. AI processes send with an object as the sender, and objects are AIs
// and owners of others, so an object gets answers and entries of all kinds.
func ignored(t wire.MsgType) bool {
	switch t {
	case wire.StateServerCreateObjectWithRequired, wire.StateServerCreateObjectWithRequiredOther,
		wire.StateServerGenerateObjectWithRequired, wire.StateServerGenerateObjectWithRequiredOther, wire.StateServerGenerateObjectOfAI:
		return false
	}
	return t.Known()
}

// Addressed reads the doId with which most messages to an object name it, and
// refuses the message if it is another's.
func Addressed(id wire.DoID, r *wire.Reader) error {
	if named := r.DoID(); r.Err() == nil && named != id {
		return refuse(WrongAddress, "it is about object %d", named)
	}
	return r.Err()
}

// deleteRAM is DELETE_RAM.
func (s *Space) deleteRAM(o *Object, sender wire.Channel, r *wire.Reader) error {
	if err := Addressed(o.doID, r); err != nil {
		return err
	}
	if err := r.Done(); err != nil {
		return err
	}
	s.delete(o, sender, true)
	return nil
}
