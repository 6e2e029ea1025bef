package gamerole

import (
	"fmt"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/ask"
)

// Object is a distributed object that the role serves as an UberDOG does, or that it is the AI or
// the owner of. The role gets the updates of its fields.
type Object struct {
	role     *Role
	doID     wire.DoID
	class    *dc.Class
	handlers map[*dc.Field]handler
	ended    func()
}

// Object is an object of that class, as the DC files have it. [Object.Handle] says what becomes of
// updates. Those that are sent to the role's channels arrive; an UberDOG's doId is one, either the
// role's own channel or one that it has subscribed to. Called again for the same object, it
// returns the same. It may be called by the function that is given to [TypeOf], too.
func (r *Role) Object(class string, do wire.DoID) (*Object, error) {
	c, ok := r.setup.File.DClassByName(class)
	if !ok {
		return nil, fmt.Errorf("the DC files have no dclass %s", class)
	}
	if o := r.objects[do]; o != nil {
		if o.class != c {
			return nil, fmt.Errorf("object %d is a %s already, and no %s", do, o.class.Name(), class)
		}
		return o, nil
	}
	o := &Object{role: r, doID: do, class: c, handlers: map[*dc.Field]handler{}}
	r.objects[do] = o
	return o, nil
}

// Create has the state server with that control channel create an object under a doId that the
// state server chooses, and makes the role its AI. When the role ends, so do all objects that it
// has created. then gets the object, which exists then, or why there is none. Required fields
// without a value get their default.
func (r *Role) Create(stateServer wire.Channel, class string, at wire.Location, values ask.Values, then func(*Object, error)) {
	if err := r.tidy(stateServer); err != nil {
		then(nil, err)
		return
	}
	r.Ask(ask.GenerateOf(r.channel, stateServer, class, at, values, func(do wire.DoID, err error) {
		var o *Object
		if err == nil {
			o, err = r.Object(class, do)
		}
		then(o, err)
	}))
}

// tidy has the objects that a state server creates for the role end with it.
func (r *Role) tidy(stateServer wire.Channel) error {
	if r.tidied[stateServer] {
		return nil
	}
	err := r.AddPostRemove(ask.RawMessage(stateServer, wire.StateServerDeleteAIObjects, func(w *wire.Writer) { w.Channel(r.channel) }))
	r.tidied[stateServer] = err == nil
	return err
}

// DoID is the object's doId.
func (o *Object) DoID() wire.DoID { return o.doID }

// Class is the object's class.
func (o *Object) Class() *dc.Class { return o.class }

// Set sets a field of the object, which is on a state server: for a method, arguments are its
// arguments.
func (o *Object) Set(field string, arguments ...any) error {
	return o.SendTo(o.doID.Channel(), field, arguments...)
}

// SendTo sends an update of a field to that channel alone: to a client, as an UberDOG answers, or
// to an AI.
func (o *Object) SendTo(to wire.Channel, field string, arguments ...any) error {
	var value any = arguments
	if len(arguments) == 1 {
		value = arguments[0]
	}
	return o.role.Tell(ask.UpdateTo(to, o.class.Name(), o.doID, field, value))
}

// Ended has do called when the object is deleted, while the role is its AI or its owner.
func (o *Object) Ended(do func()) { o.ended = do }

// Delete deletes the object on its state server. The role forgets it.
func (o *Object) Delete() error {
	o.Forget()
	return o.role.Tell(ask.Delete(o.doID))
}

// Forget ends the calls of the object's handlers.
func (o *Object) Forget() { delete(o.role.objects, o.doID) }

// update takes a message about an object of the role, if it is one.
func (r *Role) update(m wire.Message) (handled bool, err error) {
	p := &m.Payload
	switch m.Type {
	case wire.StateServerObjectSetField, wire.StateServerObjectSetFields, wire.StateServerObjectDeleteRAM:
	default:
		return false, nil
	}
	before := *p
	o := r.objects[p.DoID()]
	if o == nil {
		*p = before
		return false, nil
	}
	switch m.Type {
	case wire.StateServerObjectDeleteRAM:
		if err := p.Done(); err != nil {
			return true, err
		}
		o.Forget()
		if o.ended != nil {
			o.ended()
		}
		return true, nil
	case wire.StateServerObjectSetField:
		return true, o.receive(m.Sender, p, 1)
	}
	return true, o.receive(m.Sender, p, int(p.Uint16()))
}
