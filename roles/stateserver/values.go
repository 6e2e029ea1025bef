package stateserver

import (
	"encoding/binary"
	"fmt"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Values are the values that an object keeps: those of its fields with the
// keyword required or ram, packed as messages carry them. The zero Values is
// empty and ready for use.
//
// All lie in one slice, in ascending order of field id, each behind its id, its
// length and what of its keywords counts when the object shows itself:
//
//	uint16 field id, uint16 length, uint8 flags, value
//
// So an object costs one allocation for its fields, and to show it is one walk
// along the slice that needs no look at the DC file.
type Values struct{ b []byte }

const valueHead = 5

// flags say in which part of an entry message a value stands, and for whom.
type flags uint8

const (
	isRequired flags = 1 << iota
	forClients       // broadcast or clrecv
	forOwner         // these, or ownrecv
)

// A Mark says how a value relates to what a database has of its field. It holds until the
// value is set again.
type Mark uint8

// The marks.
const (
	// Apart: it is not meant to be the same.
	Apart = Mark(forOwner << (iota + 1))
	// Unwritten: the database has not said yet that it has what it was sent.
	Unwritten

	marks = Apart | Unwritten
)

func flagsOf(f *dc.Field) flags {
	var is flags
	if f.Has(dc.Required) {
		is |= isRequired
	}
	if f.HasAny(dc.Broadcast | dc.Clrecv) {
		is |= forClients | forOwner
	}
	if f.Has(dc.Ownrecv) {
		is |= forOwner
	}
	return is
}

// mask is the flag that a value must have for the audience to see it; none for
// the servers, which see all.
func mask(audience wire.Audience) flags {
	switch audience {
	case wire.AudienceClients:
		return forClients
	case wire.AudienceOwner:
		return forOwner
	}
	return 0
}

// Kept reports whether objects keep the field's value. A molecular field has none:
// its atomic fields do.
func Kept(f *dc.Field) bool { return f.HasAny(dc.Required|dc.RAM) && !f.IsMolecular() }

// value is one record of Values.
type value struct {
	id    wire.FieldID
	flags flags
	data  []byte
	end   int // where the next one begins
}

// at is the record that begins at off.
func (v *Values) at(off int) value {
	b := v.b[off:]
	end := valueHead + int(binary.LittleEndian.Uint16(b[2:]))
	return value{
		id:    wire.FieldID(binary.LittleEndian.Uint16(b)),
		flags: flags(b[4]),
		data:  b[valueHead:end:end],
		end:   off + end,
	}
}

// find is where the record of a field begins, or where it would.
func (v *Values) find(id wire.FieldID) (off int, ok bool) {
	for off < len(v.b) {
		have := v.at(off)
		if have.id >= id {
			return off, have.id == id
		}
		off = have.end
	}
	return off, false
}

// Get is the value of a field, a part of v; ok is false if it has none.
func (v *Values) Get(f *dc.Field) (packed []byte, ok bool) {
	off, ok := v.find(wire.FieldID(f.ID()))
	if !ok {
		return nil, false
	}
	return v.at(off).data, true
}

// Set checks a packed value and keeps it. A molecular field sets its atomic
// fields. The error says what is wrong with the value; then, or if objects do
// not keep the field at all, nothing changes.
func (v *Values) Set(f *dc.Field, packed []byte) error {
	if err := checkValue(f, packed); err != nil {
		return err
	}
	v.store(f, packed)
	return nil
}

// checkValue checks that packed is one value of the field, and that updates of
// it fit into a datagram.
func checkValue(f *dc.Field, packed []byte) error {
	if err := checkSize(f, packed); err != nil {
		return err
	}
	return f.Validate(packed)
}

func checkSize(f *dc.Field, packed []byte) error {
	if len(packed) > maxValue {
		return refuse(TooLarge, "%s: a value of %d bytes does not fit into a datagram", f.Name(), len(packed))
	}
	return nil
}

// maxValue is the longest value that SET_FIELD can tell a location, an AI and
// an owner in one datagram.
const maxValue = wire.MaxLength - (1 + 3*8 + 8 + 2) - (4 + 2)

// store keeps a value that has been checked.
func (v *Values) store(f *dc.Field, packed []byte) {
	if f.IsMolecular() {
		_ = f.Split(packed, func(atomic *dc.Field, part []byte) error {
			v.store(atomic, part)
			return nil
		})
		return
	}
	if !Kept(f) {
		return
	}
	id := wire.FieldID(f.ID())
	off, ok := v.find(id)
	if ok {
		have := v.at(off)
		v.b[off+4] &^= byte(marks)
		if len(have.data) == len(packed) {
			copy(have.data, packed)
			return
		}
		binary.LittleEndian.PutUint16(v.b[off+2:], uint16(len(packed)))
		v.b = slices.Replace(v.b, off+valueHead, have.end, packed...)
		return
	}
	n := valueHead + len(packed)
	v.b = slices.Grow(v.b, n)[:len(v.b)+n]
	copy(v.b[off+n:], v.b[off:])
	record := binary.LittleEndian.AppendUint16(v.b[:off], uint16(id))
	record = binary.LittleEndian.AppendUint16(record, uint16(len(packed)))
	copy(v.b[off+valueHead:], packed)
	_ = append(record, byte(flagsOf(f)))
}

// append keeps a value behind all others: its field's id must be the highest.
func (v *Values) append(f *dc.Field, packed []byte) {
	v.b = binary.LittleEndian.AppendUint16(v.b, f.ID())
	v.b = binary.LittleEndian.AppendUint16(v.b, uint16(len(packed)))
	v.b = append(v.b, byte(flagsOf(f)))
	v.b = append(v.b, packed...)
}

// Marks are the marks of a field's value.
func (v *Values) Marks(f *dc.Field) Mark {
	if off, ok := v.find(wire.FieldID(f.ID())); ok {
		return Mark(v.b[off+4]) & marks
	}
	return 0
}

// SetMarks sets the marks of a value, and reports whether they were others.
func (v *Values) SetMarks(f *dc.Field, m Mark) bool {
	off, ok := v.find(wire.FieldID(f.ID()))
	if !ok || Mark(v.b[off+4])&marks == m&marks {
		return false
	}
	v.b[off+4] = v.b[off+4]&^byte(marks) | byte(m&marks)
	return true
}

// Delete forgets the value of a field, if there is one.
func (v *Values) Delete(f *dc.Field) {
	if off, ok := v.find(wire.FieldID(f.ID())); ok {
		v.b = slices.Delete(v.b, off, v.at(off).end)
	}
}

// SetDefaults gives every required field of the class that has no value its
// default. It is an error if that is no value of the field: a DC file may say so,
// and nothing checks it (see [dc.File.Warnings]).
func (v *Values) SetDefaults(class *dc.Class) error {
	for _, f := range v.Missing(class) {
		if err := v.Set(f, f.DefaultPacked()); err != nil {
			return fmt.Errorf("the default of %s: %w", f.Name(), err)
		}
	}
	return nil
}

// Missing are the required fields of the class that have no value.
func (v *Values) Missing(class *dc.Class) []*dc.Field {
	var missing []*dc.Field
	if !class.Ordered() {
		for _, f := range class.RequiredFields() {
			if _, ok := v.Get(f); !ok {
				missing = append(missing, f)
			}
		}
		return missing
	}
	off := 0
	for _, f := range class.RequiredFields() {
		id := wire.FieldID(f.ID())
		for off < len(v.b) && v.at(off).id < id {
			off = v.at(off).end
		}
		if off == len(v.b) || v.at(off).id != id {
			missing = append(missing, f)
		}
	}
	return missing
}

// Reset forgets all values, and keeps the memory for others.
func (v *Values) Reset() { v.b = v.b[:0] }

// clone is a copy that shares nothing with v, and is no larger than it must be.
func (v *Values) clone() Values { return Values{slices.Clone(v.b)} }

// All visits all values in ascending order of field id, until visit returns
// false.
func (v *Values) All(visit func(id wire.FieldID, packed []byte) bool) {
	for off := 0; off < len(v.b); {
		have := v.at(off)
		if !visit(have.id, have.data) {
			return
		}
		off = have.end
	}
}

// others is how many values are of fields that are not required, and all such
// values together with them that the audience sees.
func (v *Values) others(audience wire.Audience) (all, seen int) {
	m := mask(audience)
	for off := 0; off < len(v.b); {
		have := v.at(off)
		if have.flags&isRequired == 0 {
			all++
			if have.flags&m == m {
				seen++
			}
		}
		off = have.end
	}
	return all, seen
}

// appendRequired appends the values of required fields that the audience sees, in the
// order that the class has them in.
func (v *Values) appendRequired(w *wire.Writer, class *dc.Class, audience wire.Audience) {
	m := mask(audience) | isRequired
	if !class.Ordered() {
		for _, f := range class.RequiredFields() {
			if packed, ok := v.Get(f); ok && flagsOf(f)&m == m {
				w.Raw(packed)
			}
		}
		return
	}
	for off := 0; off < len(v.b); {
		have := v.at(off)
		if have.flags&m == m {
			w.Raw(have.data)
		}
		off = have.end
	}
}

// appendOther appends the count, ids and values of those fields that are not
// required, as far as the audience sees them.
func (v *Values) appendOther(w *wire.Writer, audience wire.Audience) {
	_, seen := v.others(audience)
	w.Uint16(uint16(seen))
	m := mask(audience)
	for off := 0; off < len(v.b); {
		have := v.at(off)
		if have.flags&isRequired == 0 && have.flags&m == m {
			w.FieldID(have.id).Raw(have.data)
		}
		off = have.end
	}
}

// AppendAll appends all values of an object of the class, as an answer to GET_ALL has
// them: those of required fields in the order that the class has them in, then the
// count, ids and values of the others.
func (v *Values) AppendAll(w *wire.Writer, class *dc.Class) {
	v.appendRequired(w, class, wire.AudienceServers)
	v.appendOther(w, wire.AudienceServers)
}

// maxEntry is how long required and other fields of an object may be together,
// so that any message that shows all of it fits into a datagram.
const maxEntry = wire.MaxLength - (1 + 8 + 8 + 2) - (4 + 4 + 8 + 2) - 2

// fits reports whether an entry message with these values fits into a datagram.
func (v *Values) fits() bool {
	if len(v.b) <= maxEntry {
		return true
	}
	n := 0
	for off := 0; off < len(v.b); {
		have := v.at(off)
		n += len(have.data)
		if have.flags&isRequired == 0 {
			n += 2
		}
		off = have.end
	}
	return n <= maxEntry
}
