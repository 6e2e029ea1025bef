package storage

import (
	"fmt"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage/document"
)

// Snapshot is an object as a DC file reads it.
type Snapshot struct {
	ID     wire.DoID
	Class  *dc.Class
	Values []dc.FieldValue // in order of field id, each once
	// Unreadable are the values that the DC file cannot read, in the order stored:
	// of fields that were removed, or have another type or range now. They stay stored
	// until their field is set or deleted.
	Unreadable []Unreadable
}

// Unreadable is a stored value that the DC file cannot read.
type Unreadable struct {
	Name   string
	Stored document.Value
	Err    error // why; ErrUnreadable
}

// Read reads a stored object with a DC file. The error is ErrUnreadable if the file lacks
// the class.
func Read(file *dc.File, o Object) (Snapshot, error) {
	class, ok := file.DClassByName(o.Class)
	if !ok {
		return Snapshot{}, fmt.Errorf("%w: the DC file has no dclass %s", ErrUnreadable, o.Class)
	}
	s := Snapshot{ID: o.ID, Class: class}
	for _, e := range o.Fields {
		f, ok := class.FieldByName(e.Name)
		if !ok {
			err := fmt.Errorf("%w: %s has no field %s", ErrUnreadable, o.Class, e.Name)
			s.Unreadable = append(s.Unreadable, Unreadable{e.Name, e.Value, err})
			continue
		}
		packed, err := Decode(f, e.Value)
		if err != nil {
			s.Unreadable = append(s.Unreadable, Unreadable{e.Name, e.Value, err})
			continue
		}
		s.Values = append(s.Values, dc.FieldValue{Field: f, Packed: packed})
	}
	slices.SortStableFunc(s.Values, func(a, b dc.FieldValue) int { return int(a.Field.ID()) - int(b.Field.ID()) })
	s.Values = slices.CompactFunc(s.Values, func(a, b dc.FieldValue) bool { return a.Field == b.Field })
	return s, nil
}

// Get returns the packed value of a field. A molecular field has a value if all its
// methods have one.
func (s Snapshot) Get(f *dc.Field) ([]byte, bool) {
	if f.IsMolecular() {
		all := []byte{}
		for _, a := range f.Atomics() {
			one, ok := s.Get(a)
			if !ok {
				return nil, false
			}
			all = append(all, one...)
		}
		return all, true
	}
	for _, v := range s.Values {
		if v.Field == f {
			return v.Packed, true
		}
	}
	return nil, false
}

func (s Snapshot) unreadable(f *dc.Field) bool {
	return slices.ContainsFunc(s.Unreadable, func(u Unreadable) bool { return u.Name == f.Name() })
}
