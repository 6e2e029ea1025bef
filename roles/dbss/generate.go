package dbss

import (
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/stateserver"
)

// generate is GENERATE_OBJECT, and the form with other fields, for an object that the
// database has already: it is activated with these values, gets its owner, and who asked
// is answered at once. OtpGo's activation is this message.
func (r *Role) generate(id wire.DoID, m wire.Message, other bool) error {
	p := &m.Payload
	asked, location, owner, number := p.Uint32(), p.Location(), p.Channel(), p.DClassID()
	if err := p.Err(); err != nil {
		return err
	}
	class, ok := r.options.File.ClassByID(uint16(number))
	if !ok || class.Undeclared() {
		return stateserver.Refuse(stateserver.UnknownClass, "generate: there is no dclass %d", number)
	}
	values, err := asOther(class, p, other)
	if err != nil {
		return err
	}
	var w wire.Writer
	activation, err := w.DoID(id).Location(location).DClassID(number).Raw(values).Datagram()
	if err != nil {
		return err
	}
	activate := wire.Message{Sender: m.Sender, Type: wire.DBSSObjectActivateWithDefaultsOther, Payload: wire.NewReader(activation)}
	if err := r.activate(id, activate, true); err != nil {
		return err
	}
	if owner != wire.InvalidChannel {
		if err := r.own(id, m.Sender, owner); err != nil {
			return err
		}
	}
	r.message(id, wire.DBServerGenerateObjectResp, m.Sender).Uint32(asked).DoID(id)
	return r.send()
}

// asOther turns the required fields of a message, and the others if it has them, into one
// list of fields.
func asOther(class *dc.Class, p *wire.Reader, other bool) ([]byte, error) {
	var w wire.Writer
	required := class.RequiredFields()
	for _, f := range required {
		rest := *p
		n, err := f.Check(rest.Rest())
		if err != nil {
			return nil, err
		}
		w.FieldID(wire.FieldID(f.ID())).Raw(p.Bytes(n))
	}
	count := len(required)
	if other {
		count += int(p.Uint16())
		w.Raw(p.Rest())
	}
	if err := p.Done(); err != nil {
		return nil, err
	}
	fields, err := w.Datagram()
	if err != nil {
		return nil, err
	}
	return append([]byte{byte(count), byte(count >> 8)}, fields...), nil
}

// own has an object that is loading get an owner as soon as it is there.
func (r *Role) own(id wire.DoID, sender, owner wire.Channel) error {
	var w wire.Writer
	d, err := w.Header(sender, wire.StateServerObjectSetOwner, id.Channel()).Channel(owner).Datagram()
	if err != nil {
		return err
	}
	m, err := d.Message()
	if err != nil {
		return err
	}
	return r.wait(r.loading[id], d, m)
}
