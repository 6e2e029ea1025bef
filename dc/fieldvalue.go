package dc

import (
	"cmp"
	"slices"
)

// FieldValue is a packed value of a field. Nil is no value at all; a value without
// bytes, as that of a method without arguments, is empty but not nil.
type FieldValue struct {
	Field  *Field
	Packed []byte
}

// Parts are the fields whose values the value of the field consists of: its methods
// if it is molecular, else the field itself.
func (f *Field) Parts() []*Field {
	if f.IsMolecular() {
		return f.atomics
	}
	return []*Field{f}
}

// SortFields sorts fields by ID, in place, and keeps each once.
func SortFields(fields []*Field) []*Field {
	slices.SortFunc(fields, byID)
	return slices.Compact(fields)
}

// SortValues sorts values by the ID of their field, in place. Of several values of a
// field it keeps the last one.
func SortValues(values []FieldValue) []FieldValue {
	slices.Reverse(values)
	slices.SortStableFunc(values, func(a, b FieldValue) int { return byID(a.Field, b.Field) })
	return slices.CompactFunc(values, func(a, b FieldValue) bool { return a.Field == b.Field })
}

func byID(a, b *Field) int { return cmp.Compare(a.id, b.id) }
