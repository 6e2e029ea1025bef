package dbss

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
)

// books are a database that works when it is told to: it is asked, changes, answers
// and announces as document 13 says, one request after the other.
type books struct {
	c       *cluster
	actor   *actor
	objects map[wire.DoID]*page
	asked   []wire.Datagram // and not done yet
	done    int
	w       wire.Writer
}

type page struct {
	class  *dc.Class
	values map[*dc.Field][]byte
}

func newBooks(c *cluster) *books {
	return &books{c: c, actor: c.Join("database", databaseChannel), objects: map[wire.DoID]*page{}}
}

// collect takes what has been asked.
func (b *books) collect() { b.asked = append(b.asked, b.actor.Take()...) }

// work does n requests, or all if there are fewer.
func (b *books) work(n int) {
	b.collect()
	for ; n > 0 && len(b.asked) > 0; n-- {
		b.do(b.asked[0])
		b.done++
		b.asked = b.asked[1:]
	}
}

// lose forgets a request.
func (b *books) lose() {
	b.collect()
	if len(b.asked) > 0 {
		b.asked = b.asked[1:]
	}
}

func (b *books) send(w *wire.Writer) {
	d, err := w.Datagram()
	if err != nil {
		b.c.T.Fatal(err)
	}
	if err := b.actor.Send(d); err != nil {
		b.c.T.Fatal(err)
	}
}

func (b *books) message(sender wire.Channel, t wire.MsgType, to wire.Channel) *wire.Writer {
	b.w.Reset()
	return b.w.Header(sender, t, to)
}

func (b *books) do(d wire.Datagram) {
	m, err := d.Message()
	if err != nil {
		b.c.T.Fatal(err)
	}
	p := &m.Payload
	switch m.Type {
	case wire.DBServerObjectGetAll, wire.DBServerObjectGetField, wire.DBServerObjectGetFields:
		b.get(m)
		return
	case wire.DBServerObjectSetField, wire.DBServerObjectSetFields:
	case wire.DBServerObjectDeleteField, wire.DBServerObjectDeleteFields, wire.DBServerObjectDelete:
	default:
		b.c.T.Fatalf("the database is sent %v", m.Type)
	}
	id := p.DoID()
	o := b.objects[id]
	if o == nil {
		return
	}
	rest := *p
	news := b.read(m.Type, p)
	for f, value := range news {
		if value == nil {
			delete(o.values, f)
		} else {
			o.values[f] = bytes.Clone(value)
		}
	}
	if m.Type == wire.DBServerObjectDelete {
		delete(b.objects, id)
	}
	b.send(b.message(m.Sender, m.Type, id.DatabaseChannel()).DoID(id).Raw(rest.Rest()))
}

// read reads fields with their values, nil where they are deleted.
func (b *books) read(t wire.MsgType, p *wire.Reader) map[*dc.Field][]byte {
	news := map[*dc.Field][]byte{}
	n := uint16(1)
	switch t {
	case wire.DBServerObjectSetFields, wire.DBServerObjectDeleteFields:
		n = p.Uint16()
	case wire.DBServerObjectDelete:
		return nil
	}
	for range n {
		f, ok := b.c.File.FieldByID(uint16(p.FieldID()))
		if !ok || !f.Has(dc.DB) || f.IsMolecular() {
			b.c.T.Fatalf("the database is sent a %v of no db field", t)
		}
		news[f] = nil
		if t == wire.DBServerObjectSetField || t == wire.DBServerObjectSetFields {
			rest := *p
			size, err := f.Check(rest.Rest())
			if err != nil {
				b.c.T.Fatalf("the database is sent a wrong value: %v", err)
			}
			news[f] = p.Bytes(size)
		}
	}
	if err := p.Done(); err != nil {
		b.c.T.Fatal(err)
	}
	return news
}

func (b *books) get(m wire.Message) {
	p := &m.Payload
	question, id := p.Uint32(), p.DoID()
	o := b.objects[id]
	w := b.message(databaseChannel, m.Type+1, m.Sender).Uint32(question).Bool(o != nil)
	if o == nil {
		b.send(w)
		return
	}
	if m.Type == wire.DBServerObjectGetAll {
		number, _ := o.class.ID()
		b.append(w.DClassID(wire.DClassID(number)), o.values)
		b.send(w)
		return
	}
	n := uint16(1)
	if m.Type == wire.DBServerObjectGetFields {
		n = p.Uint16()
	}
	found := map[*dc.Field][]byte{}
	var f *dc.Field
	for range n {
		f, _ = b.c.File.FieldByID(uint16(p.FieldID()))
		if value, ok := o.values[f]; ok {
			found[f] = value
		}
	}
	switch {
	case m.Type == wire.DBServerObjectGetFields:
		b.append(w, found)
	case len(found) == 1:
		w.FieldID(wire.FieldID(f.ID())).Raw(found[f])
	default:
		w = b.message(databaseChannel, m.Type+1, m.Sender).Uint32(question).Bool(false)
	}
	b.send(w)
}

// append writes a counted list of fields in the order of their ids.
func (b *books) append(w *wire.Writer, values map[*dc.Field][]byte) {
	w.Uint16(uint16(len(values)))
	for _, f := range slices.SortedFunc(maps.Keys(values), func(x, y *dc.Field) int { return cmp.Compare(x.ID(), y.ID()) }) {
		w.FieldID(wire.FieldID(f.ID())).Raw(values[f])
	}
}
