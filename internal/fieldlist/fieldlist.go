// Package fieldlist reads and writes the lists of fields, and of fields with their
// values, that many messages carry. Only a DC file says where a value ends.
package fieldlist

import (
	"iter"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Find finds a field by its number, which comes out of a message.
type Find func(wire.FieldID) (*dc.Field, error)

// IDs are the numbers of count fields, which are read as the sequence goes on. It ends
// early where the message does: then r has an error.
func IDs(r *wire.Reader, count uint16) iter.Seq[wire.FieldID] {
	return func(yield func(wire.FieldID) bool) {
		for range count {
			if id := r.FieldID(); r.Err() != nil || !yield(id) {
				return
			}
		}
	}
}

// Value reads a value that the field allows. It is a part of the message.
func Value(r *wire.Reader, f *dc.Field) ([]byte, error) {
	rest := *r
	n, err := f.Check(rest.Rest())
	if err != nil {
		return nil, err
	}
	return r.Bytes(n), r.Err()
}

// Next reads the number of a field, and a value of it.
func Next(r *wire.Reader, find Find) (v dc.FieldValue, err error) {
	id := r.FieldID()
	if err := r.Err(); err != nil {
		return v, err
	}
	if v.Field, err = find(id); err != nil {
		return v, err
	}
	v.Packed, err = Value(r, v.Field)
	return v, err
}

// Append reads count fields with their values, and appends them to a slice.
func Append(to []dc.FieldValue, r *wire.Reader, count uint16, find Find) ([]dc.FieldValue, error) {
	for range count {
		v, err := Next(r, find)
		if err != nil {
			return to, err
		}
		to = append(to, v)
	}
	return to, nil
}

// Write writes fields with their values; the count is the caller's business.
func Write(w *wire.Writer, values []dc.FieldValue) {
	for _, v := range values {
		w.FieldID(wire.FieldID(v.Field.ID())).Raw(v.Packed)
	}
}

// WriteIDs writes the numbers of fields.
func WriteIDs(w *wire.Writer, fields []*dc.Field) {
	for _, f := range fields {
		w.FieldID(wire.FieldID(f.ID()))
	}
}
