package dc

import (
	"cmp"
	"slices"
)

// Field is a field of a class: a method (an "atomic field"), a molecular field,
// which stands for several methods at once, or a parameter.
type Field struct {
	Param
	class    *Class
	keywords keywordList
	atomics  []*Field // of a molecular field
	methods  *Type    // of a molecular field: a struct of its methods
	missing  bool     // a placeholder for a field of an undeclared base
}

// ID is the number of the field in messages, unique among all classes of the file.
// For a constructor, which has none, it is 65535.
func (f *Field) ID() uint16 { return uint16(f.id) }

// Class is the class that declares the field.
func (f *Field) Class() *Class { return f.class }

// Has reports whether the field has all of the given keywords.
func (f *Field) Has(k Keyword) bool { return f.keywords.bits&k == k }

// HasAny reports whether the field has any of the given keywords.
func (f *Field) HasAny(k Keyword) bool { return f.keywords.bits&k != 0 }

// HasNamed reports whether the field has the keyword of that name, built in or
// declared by a file.
func (f *Field) HasNamed(name string) bool { return f.keywords.has(name) }

// Keywords are the names of the field's keywords in the order written. A
// molecular field has those of its first method.
func (f *Field) Keywords() []string { return f.keywords.names }

// IsMolecular reports whether the field is molecular.
func (f *Field) IsMolecular() bool { return f.typ.kind == Molecular }

// IsMethod reports whether the field is a method, an atomic field.
func (f *Field) IsMethod() bool { return f.typ.kind == Method }

// Atomics are the methods that a molecular field stands for, in the order written;
// nil for all other fields. Its value is their values one after the other.
func (f *Field) Atomics() []*Field { return f.atomics }

// valueType is the type of the field's [Value]. The parts of a molecular field's are its
// methods, while its type has their arguments, as they are packed.
func (f *Field) valueType() *Type {
	if f.methods != nil {
		return f.methods
	}
	return f.typ
}

// HasExplicitDefault reports whether the file sets a default for the field or for
// anything in it.
func (f *Field) HasExplicitDefault() bool { return f.explicit }

// DefaultPacked is the packed default of the field: the one that the file sets, or
// else zeros, empty strings, the least values and sizes allowed. It is empty if
// Panda3D finds none (a range that excludes its own least value once the divisor is
// applied again, an undeclared type). A default that the file gives in hex is used
// unchecked. [File.Warnings] names both cases. The caller must not change it.
func (f *Field) DefaultPacked() []byte { return f.packed }

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

// Split calls each for every method that a molecular field stands for, in order, with
// its part of the field's value. A field that is not molecular is its own only part.
// Split calls each only if b is exactly one value, as [Field.Skip] sees it, and stops
// at the first error of each. The parts point into b.
func (f *Field) Split(b []byte, each func(atomic *Field, value []byte) error) error {
	n, err := f.Skip(b)
	if err != nil {
		return err
	}
	if n < len(b) {
		return excess(n, b).under(f.name)
	}
	if !f.IsMolecular() {
		return each(f, b)
	}
	for _, a := range f.atomics {
		n, err := a.Skip(b)
		if err != nil {
			return err
		}
		if err := each(a, b[:n:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
