package stateserver

import (
	"errors"
	"strconv"

	"natstron/bridge/wire"
	"natstron/dc"
)

// What a state server says of itself, as Disney's did: a participant asks for all of
// the object on the control channel, which has the hash of the DC files, before it
// creates anything. It is in no location, and takes no other messages.

// The dclass of the object, or the one that takes its place in older games' DC files,
// and its fields.
const (
	serverClass   = "ObjectServer"
	objectClass   = "DistributedObject"
	fieldOfName   = "setName"
	fieldOfDCHash = "setDcHash"
)

// self is the class of the object that the state server is, and its required fields.
func (r *Role) self() (*dc.Class, *Values, error) {
	class, ok := r.options.File.ClassByName(serverClass)
	if !ok || class.IsStruct() {
		if class, ok = r.options.File.ClassByName(objectClass); !ok || class.IsStruct() {
			return nil, nil, errors.New("the DC files have neither dclass " + serverClass + " nor " + objectClass)
		}
	}
	self := StaticObject{Class: class.Name(), Fields: map[string]string{}}
	for name, value := range map[string]string{
		fieldOfName:   strconv.Quote(class.Name()),
		fieldOfDCHash: strconv.FormatUint(uint64(r.options.File.Hash()), 10),
	} {
		if f, ok := class.FieldByName(name); ok && f.Has(dc.Required) {
			self.Fields[name] = value
		}
	}
	values, err := self.values(class)
	return class, values, err
}

// getSelf is GET_ALL for the state server itself.
func (r *Role) getSelf(m wire.Message) error {
	question, id := m.Payload.Uint32(), m.Payload.DoID()
	if err := m.Payload.Done(); err != nil {
		return err
	}
	if id.Channel() != r.options.Control {
		return refuse(WrongAddress, "it is about object %d", id)
	}
	class, values, err := r.self()
	if err != nil {
		return refuse(UnknownClass, "it is asked for the object that it is: %w", err)
	}
	number, _ := class.ID()
	w := r.space.message(r.options.Control, wire.StateServerObjectGetAllResp, m.Sender).
		Uint32(question).DoID(id).Location(wire.Location{}).DClassID(wire.DClassID(number))
	values.appendRequired(w, class, wire.AudienceServers)
	w.Uint16(0)
	r.space.send(r.participant)
	return nil
}

// deleteRAM is DELETE_RAM on the control channel: the object, if it lives here, ends,
// and who asked is told that it is not there, which others wait for.
func (r *Role) deleteRAM(m wire.Message) error {
	id := m.Payload.DoID()
	if err := m.Payload.Done(); err != nil {
		return err
	}
	if o, ok := r.space.objects[id]; ok {
		r.space.Delete(o, m.Sender)
	}
	r.space.message(r.options.Control, wire.StateServerObjectNotFound, m.Sender).DoID(id)
	r.space.send(r.participant)
	return nil
}
