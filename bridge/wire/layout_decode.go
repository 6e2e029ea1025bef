package wire

import (
	"encoding/hex"
	"fmt"
	"strconv"
)

// ValueReader is what decoding a message needs to know of the DC files.
type ValueReader interface {
	// ValueSize is the number of bytes at the front of b that are the packed
	// value of the field. If b ends before the value does, the error wraps
	// [ErrTruncated]. The field's number comes from a message and may be wrong.
	ValueSize(field FieldID, b []byte) (int, error)
	// RequiredFields are the fields of the class with the keyword "required",
	// inherited ones included and molecular ones left out, in ascending order,
	// as far as the audience may see them. The caller does not change the
	// slice. The class's number may be wrong, too.
	RequiredFields(class DClassID, audience Audience) ([]FieldID, error)
}

// Audience says who receives a message that shows an object.
type Audience uint8

const (
	// AudienceServers sees all fields.
	AudienceServers Audience = iota
	// AudienceClients sees the fields with "broadcast" or "clrecv".
	AudienceClients
	// AudienceOwner sees those, and the fields with "ownrecv".
	AudienceOwner
)

// Arg is one argument of a message, as [Layout.Decode] found it.
type Arg struct {
	// Name is the name in the layout, or "rest" or "excess" for a KindRaw.
	Name string
	Kind Kind
	// Index counts within the innermost list, or among the required fields; it
	// is -1 outside both.
	Index int
	// Number is the value of a number, an identifier or a KindBool, the
	// channel of a KindLocation, the count of a KindList.
	Number uint64
	// Bytes is the content of all other kinds, without a length: a part of the
	// input.
	Bytes []byte
	// Field is the field of a KindValue.
	Field FieldID
}

// String is name=value; values that need the DC files, and blobs, are hexadecimal.
func (a Arg) String() string {
	switch a.Kind {
	case KindBool:
		return a.Name + "=" + strconv.FormatBool(a.Number != 0)
	case KindLocation:
		return a.Name + "=" + Channel(a.Number).Location().String()
	case KindString:
		return a.Name + "=" + strconv.Quote(string(a.Bytes))
	case KindValue:
		return a.Name + "[" + strconv.Itoa(int(a.Field)) + "]=" + hex.EncodeToString(a.Bytes)
	case KindBlob, KindDatagram, KindClientMessage, KindRaw:
		return a.Name + "=" + hex.EncodeToString(a.Bytes)
	case KindList:
		return a.Name + "×" + strconv.FormatUint(a.Number, 10)
	}
	return a.Name + "=" + strconv.FormatUint(a.Number, 10)
}

// Decode decodes the payload at the start of which r is, and calls visit for each
// argument in order: for a list first with its count, then with the parts of each
// element; for the required fields of a class with one KindValue each.
//
// Every byte is in some argument, even after an error: then the argument that
// could not be read and everything after it is one KindRaw named "rest", and the
// error wraps [ErrTruncated] or the error of dc. Bytes after the last argument are
// a KindRaw named "excess", and the error wraps [ErrExcess].
//
// dc may be nil. Then the first value that needs it and everything after it is
// "rest", without an error. In every case r is at its end afterwards.
func (l Layout) Decode(r *Reader, dc ValueReader, visit func(Arg)) error {
	d := decoder{r: r, dc: dc, visit: visit, index: -1}
	d.parts(l.parts)
	if !d.stopped && r.Len() > 0 {
		d.stop(Part{}, "excess", r.Offset(), r.Done())
	}
	if d.err != nil {
		return fmt.Errorf("%s: %w", l.Name, d.err)
	}
	return nil
}

// decoder is the state of one Decode.
type decoder struct {
	r     *Reader
	dc    ValueReader
	visit func(Arg)

	index int      // within a list, else -1
	flag  bool     // the last KindBool
	field FieldID  // the last KindField
	class DClassID // the last KindDClass

	stopped bool
	err     error
}

func (d *decoder) parts(parts []Part) {
	for _, p := range parts {
		d.part(p)
		if d.stopped {
			return
		}
	}
}

func (d *decoder) part(p Part) {
	switch p.Kind {
	case KindList:
		d.list(p)
	case KindIfTrue:
		if d.flag {
			d.parts(p.parts)
		}
	case KindIfMore:
		if d.r.Len() > 0 {
			d.parts(p.parts)
		}
	case KindRepeat:
		for d.index = 0; d.r.Len() > 0 && !d.stopped; d.index++ {
			d.parts(p.parts)
		}
		d.index = -1
	case KindValue:
		d.value(p, d.field, d.index)
	case KindRequired:
		d.required(p, AudienceServers)
	case KindRequiredBroadcast:
		d.required(p, AudienceClients)
	case KindRequiredOwner:
		d.required(p, AudienceOwner)
	case KindString, KindBlob, KindDatagram, KindClientMessage:
		start := d.r.Offset()
		d.found(p, start, Arg{Bytes: d.r.Blob()})
	default:
		start := d.r.Offset()
		d.found(p, start, Arg{Number: d.number(p.Kind)})
	}
}

// number reads an argument of fixed size, and keeps what later ones need.
func (d *decoder) number(k Kind) uint64 {
	switch k {
	case KindBool:
		v := d.r.Uint8()
		d.flag = v != 0
		return uint64(v)
	case KindUint16:
		return uint64(d.r.Uint16())
	case KindField:
		d.field = d.r.FieldID()
		return uint64(d.field)
	case KindDClass:
		d.class = d.r.DClassID()
		return uint64(d.class)
	case KindUint32, KindDoID, KindZone:
		return uint64(d.r.Uint32())
	case KindLocation:
		return uint64(d.r.Location().Channel())
	}
	return d.r.Uint64() // KindChannel
}

func (d *decoder) list(p Part) {
	start := d.r.Offset()
	count := int(d.r.Uint16())
	d.found(p, start, Arg{Number: uint64(count)})
	for d.index = 0; d.index < count && !d.stopped; d.index++ {
		d.parts(p.parts)
	}
	d.index = -1
}

func (d *decoder) required(p Part, audience Audience) {
	start := d.r.Offset()
	if d.dc == nil {
		d.stop(p, "rest", start, nil)
		return
	}
	fields, err := d.dc.RequiredFields(d.class, audience)
	if err != nil {
		d.stop(p, "rest", start, fmt.Errorf("dclass %d: %w", d.class, err))
		return
	}
	p.Kind = KindValue
	for i, f := range fields {
		d.value(p, f, i)
		if d.stopped {
			return
		}
	}
}

func (d *decoder) value(p Part, f FieldID, index int) {
	start := d.r.Offset()
	if d.dc == nil {
		d.stop(p, "rest", start, nil)
		return
	}
	n, err := d.dc.ValueSize(f, d.r.buf[start:])
	if err != nil {
		d.stop(p, "rest", start, fmt.Errorf("field %d: %w", f, err))
		return
	}
	outer := d.index
	d.index = index
	d.found(p, start, Arg{Bytes: d.r.Bytes(n), Field: f})
	d.index = outer
}

// found visits the argument read since start, or stops if it is incomplete.
func (d *decoder) found(p Part, start int, a Arg) {
	if err := d.r.Err(); err != nil {
		d.stop(p, "rest", start, err)
		return
	}
	a.Name, a.Kind, a.Index = p.Name, p.Kind, d.index
	d.visit(a)
}

// stop visits everything from start as raw bytes, and ends the decoding.
func (d *decoder) stop(p Part, name string, start int, err error) {
	d.stopped = true
	if err != nil && p.Name != "" {
		err = fmt.Errorf("%s: %w", p.Name, err)
	}
	d.err = err
	if rest := d.r.buf[start:]; len(rest) > 0 {
		d.visit(Arg{Name: name, Kind: KindRaw, Index: -1, Bytes: rest})
	}
	d.r.off = len(d.r.buf)
}
