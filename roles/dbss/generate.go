package dbss

import (
	"natstron/bridge/wire"
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
	l := &loading{id: id, location: location, class: class, since: r.now()}
	if err := l.overrides.ReadRequired(class, p); err != nil {
		return err
	}
	if other {
		if err := r.readOverrides(l, m, p); err != nil {
			return err
		}
	}
	if err := p.Done(); err != nil {
		return err
	}
	if err := r.load(l); err != nil {
		return err
	}
	if owner != wire.InvalidChannel {
		if err := r.own(l, m.Sender, owner); err != nil {
			return err
		}
	}
	r.message(id, wire.DBServerGenerateObjectResp, m.Sender).Uint32(asked).DoID(id)
	return r.send()
}

// own has an object that is loading get an owner as soon as it is there.
func (r *Role) own(l *loading, sender, owner wire.Channel) error {
	var w wire.Writer
	d, err := w.Header(sender, wire.StateServerObjectSetOwner, l.id.Channel()).Channel(owner).Datagram()
	if err != nil {
		return err
	}
	m, err := d.Message()
	if err != nil {
		return err
	}
	return r.wait(l, d, m)
}
