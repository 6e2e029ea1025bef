package dc

import (
	"fmt"
	"reflect"
)

// Typed is a field with the Go type of its value: for numbers, text and lists as in
// [Value], or types made of those, with bytes for chars; for a struct or the arguments of
// a method a Go struct with a field for each member, in order; for a switch, [Record].
// "astrond dc gen go" writes such types.
type Typed[T any] struct{ *Field }

// Pack packs a value, and checks it: see [Field.Pack].
func (t Typed[T]) Pack(v T) ([]byte, error) { return t.Field.Pack(v) }

// AppendPack is Pack, but appends to dst. After an error it returns nil.
func (t Typed[T]) AppendPack(dst []byte, v T) ([]byte, error) { return t.Field.AppendPack(dst, v) }

// Unpack turns exactly one packed value into a Go value: see [Field.Unpack].
func (t Typed[T]) Unpack(b []byte) (T, error) {
	var to T
	v, err := t.Field.Unpack(b)
	if err != nil {
		return to, err
	}
	if e := assign(reflect.ValueOf(&to).Elem(), v); e != nil {
		return to, e.under(t.name)
	}
	return to, nil
}

// Binder finds the fields that a program was written for in the DC file that it got.
type Binder struct {
	file *File
	err  error
}

// NewBinder is for a program that was written for a file with that hash.
func NewBinder(f *File, hash uint32) *Binder {
	b := &Binder{file: f}
	if f.Hash() != hash {
		b.err = fmt.Errorf("the hash of the DC files is 0x%08x, and the program was written for 0x%08x: write its bindings again", f.Hash(), hash)
	}
	return b
}

// Err is why something was not found.
func (b *Binder) Err() error { return b.err }

// Class is the dclass of that id and name.
func (b *Binder) Class(id uint16, name string) *Class {
	c, ok := b.file.ClassByID(id)
	if !ok || c.name != name {
		b.missing("class", id, name)
	}
	return c
}

// BindField finds the field of that id and name.
func BindField[T any](b *Binder, id uint16, name string) Typed[T] {
	f, ok := b.file.FieldByID(id)
	if !ok || f.name != name {
		b.missing("field", id, name)
	}
	return Typed[T]{f}
}

func (b *Binder) missing(what string, id uint16, name string) {
	if b.err == nil {
		b.err = fmt.Errorf("the DC files have no %s %d called %s: write the program's bindings again", what, id, name)
	}
}

// assign sets a Go value to one that Unpack made.
func assign(to reflect.Value, v Value) *ValueError {
	from := reflect.ValueOf(v)
	if !to.CanSet() {
		return fault(ErrType, 0, "a field that is not exported cannot be set")
	}
	switch v := v.(type) {
	case Record:
		if to.Kind() == reflect.Struct {
			return assignMembers(to, v)
		}
	case []any:
		if to.Kind() == reflect.Slice {
			return assignList(to, v)
		}
	case string:
		if to.Kind() == reflect.Uint8 && len(v) == 1 { // a char
			to.SetUint(uint64(v[0]))
			return nil
		}
	}
	if !from.CanConvert(to.Type()) || from.Kind() != to.Kind() {
		return fault(ErrType, 0, "%s does not go into a %v", describeValue(v), to.Type())
	}
	to.Set(from.Convert(to.Type()))
	return nil
}

func assignMembers(to reflect.Value, r Record) *ValueError {
	if to.NumField() != len(r) {
		return fault(ErrType, 0, "%s do not go into a %v", count(len(r), "member"), to.Type())
	}
	for i, m := range r {
		if e := assign(to.Field(i), m.Value); e != nil {
			return e.under(m.Name)
		}
	}
	return nil
}

func assignList(to reflect.Value, list []any) *ValueError {
	to.Set(reflect.MakeSlice(to.Type(), len(list), len(list)))
	for i, one := range list {
		if e := assign(to.Index(i), one); e != nil {
			return e.under(index(i))
		}
	}
	return nil
}

// structValues are the fields of a Go struct, in order.
func structValues(v Value) ([]any, bool) {
	r := reflect.ValueOf(v)
	if r.Kind() != reflect.Struct {
		return nil, false
	}
	list := make([]any, r.NumField())
	for i := range list {
		if !r.Type().Field(i).IsExported() {
			return nil, false
		}
		list[i] = r.Field(i).Interface()
	}
	return list, true
}
