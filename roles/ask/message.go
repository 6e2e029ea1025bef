package ask

import (
	"fmt"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Message is one that has no answer, see [Asker.Tell]. The zero Message is none.
type Message struct {
	to    wire.Channel
	kind  wire.MsgType
	write func(b *body)
}

// Datagram is the message as it is sent by a sender; file is the DC files.
func (m Message) Datagram(file *dc.File, sender wire.Channel) (wire.Datagram, error) {
	return m.datagram(file, sender, 0)
}

func (m Message) datagram(file *dc.File, sender wire.Channel, context uint32) (wire.Datagram, error) {
	b := body{file: file, context: context}
	b.Header(sender, m.kind, m.to)
	m.write(&b)
	d, err := b.Datagram()
	if b.err != nil {
		err = b.err
	}
	if err != nil {
		return nil, fmt.Errorf("ask: %v: %w", m.kind, err)
	}
	return d, nil
}

// RawMessage is any message of the protocol. write appends its payload, and may be nil.
func RawMessage(to wire.Channel, kind wire.MsgType, write func(w *wire.Writer)) Message {
	return Message{to: to, kind: kind, write: func(b *body) {
		if write != nil {
			write(&b.Writer)
		}
	}}
}

// body is a message that is being written, with names of the DC files. Its first error stays.
type body struct {
	wire.Writer
	file    *dc.File
	context uint32
	err     error
}

func (b *body) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// class finds a class; nil if there is none.
func (b *body) class(name string) *dc.Class {
	c, ok := b.file.DClassByName(name)
	if !ok {
		b.fail(fmt.Errorf("the DC files have no dclass %s", name))
		return nil
	}
	return c
}

// dclass writes the number of a class, and returns the class.
func (b *body) dclass(name string) *dc.Class {
	c := b.class(name)
	if c != nil {
		id, _ := c.ID() // a dclass has one
		b.DClassID(wire.DClassID(id))
	}
	return c
}

// field finds a field of a class; nil if there is none.
func (b *body) field(c *dc.Class, name string) *dc.Field {
	if c == nil {
		return nil
	}
	f, ok := c.FieldByName(name)
	if !ok {
		b.fail(fmt.Errorf("the dclass %s has no field %s", c.Name(), name))
		return nil
	}
	return f
}

// fieldIDs writes fields by their names, with their count.
func (b *body) fieldIDs(class string, names []string) {
	c := b.class(class)
	b.Uint16(uint16(len(names)))
	for _, name := range names {
		if f := b.field(c, name); f != nil {
			b.FieldID(wire.FieldID(f.ID()))
		}
	}
}

// pack packs a value of a field.
func (b *body) pack(f *dc.Field, v any) []byte {
	if f == nil {
		return nil
	}
	packed, err := Pack(f, v)
	if err != nil {
		b.fail(err)
	}
	return packed
}

// value writes one field with its value.
func (b *body) value(class, field string, v any) {
	if f := b.field(b.class(class), field); f != nil {
		b.FieldID(wire.FieldID(f.ID())).Raw(b.pack(f, v))
	}
}

// values packs values, in the order of their fields' numbers.
func (b *body) values(c *dc.Class, values Values) []dc.FieldValue {
	all := make([]dc.FieldValue, 0, len(values))
	for name, v := range values {
		if f := b.field(c, name); f != nil {
			all = append(all, dc.FieldValue{Field: f, Packed: b.pack(f, v)})
		}
	}
	return dc.SortValues(all)
}
