package otp

import (
	"natstron/bridge/wire"
)

// queryZones asks a parent for the objects in some of its zones.
func (t *Translator) queryZones(in *incoming, emit func(wire.Datagram) error) error {
	r := wire.NewReader(in.payload)
	handle, ctx, parent := r.Uint16(), r.Uint32(), r.DoID()
	list := r.Rest()
	if err := r.Err(); err != nil {
		return err
	}
	t.remember(ctx, &query{handle: handle})
	var w wire.Writer
	w.Header(in.sender, wire.StateServerObjectGetZonesObjects, parent.Channel()).Uint32(ctx).DoID(parent)
	d, err := w.Uint16(uint16(len(list) / size[zone])).Raw(list).Datagram()
	if err != nil {
		return err
	}
	return send(d, emit)
}

// queryChildren asks a parent for its children. It is said to the state server, and
// meant for the parent.
func (t *Translator) queryChildren(in *incoming, emit func(wire.Datagram) error) error {
	r := wire.NewReader(in.payload)
	parent, ctx := r.DoID(), r.Uint32()
	if err := r.Done(); err != nil {
		return err
	}
	t.remember(ctx, &query{children: true, parent: parent})
	var w wire.Writer
	d, err := w.Header(in.sender, wire.StateServerObjectGetChildren, parent.Channel()).Uint32(ctx).DoID(parent).Datagram()
	if err != nil {
		return err
	}
	return send(d, emit)
}

func (t *Translator) remember(ctx uint32, q *query) {
	if t.queries == nil {
		t.queries = map[uint32]*query{}
	}
	if len(t.queries) < maxQuery && !t.later {
		t.queries[ctx] = q
	}
}

// counted is the number of objects that a query asked for. answered is false if
// nothing of the kind was asked.
func (t *Translator) counted(in *incoming, children bool, emit func(wire.Datagram) error) (answered bool, err error) {
	r := wire.NewReader(in.payload)
	ctx, count := r.Uint32(), r.Uint32()
	q := t.queries[ctx]
	if q == nil || q.children != children || r.Err() != nil {
		return false, nil
	}
	q.told, q.missing = true, q.missing+int64(count)
	return true, t.endQuery(ctx, q, in, emit)
}

// entered is an object that a query asked for.
func (t *Translator) entered(in *incoming, plain bool, emit func(wire.Datagram) error) (answered bool, err error) {
	var v values
	rest, err := v.read([]part{context, doID, location, class}, in.payload)
	ctx := uint32(v[context])
	q := t.queries[ctx]
	if q == nil || err != nil {
		return false, nil //nolint:nilerr // what is truncated was not asked for
	}
	q.missing--
	number, front := enterZone, []part{location, class, doID}
	if q.children {
		number, front = queryChildren, []part{context, location, class, doID}
	}
	b := append(v.append(in.header(t.down[:0], uint16(number), fromClient), front), rest...)
	if plain {
		b = append(b, 0, 0)
	}
	t.down = b
	if err := send(b, emit); err != nil {
		return true, err
	}
	return true, t.endQuery(ctx, q, in, emit)
}

// endQuery says that all objects of a query have come, if they have.
func (t *Translator) endQuery(ctx uint32, q *query, in *incoming, emit func(wire.Datagram) error) error {
	if !q.complete() {
		return nil
	}
	delete(t.queries, ctx)
	var w wire.Writer
	if q.children {
		w.Header(in.sender, wire.MsgType(childrenDone), in.recipient).Uint16(uint16(q.parent)).Uint32(ctx)
	} else {
		w.Header(in.sender, wire.MsgType(zonesDone), in.recipient).Uint16(q.handle).Uint32(ctx)
	}
	d, err := w.Datagram()
	if err != nil {
		return err
	}
	return send(d, emit)
}
