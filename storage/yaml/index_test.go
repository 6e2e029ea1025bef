package yaml

import (
	"errors"
	"testing"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/storagetest"
)

// While an object changes, neither its old value nor its new one can be another's: the change
// may fail. Then the new value is free, and otherwise the old one.
func TestChangeHasBothValues(t *testing.T) {
	named := func(id wire.DoID, name string) storage.Object {
		return storage.Object{ID: id, Class: "Toon", Fields: document.Document{{Name: "setName", Value: name}}}
	}
	for name, c := range map[string]struct {
		result      error
		taken, free string
	}{
		"done":     {nil, "Bob", "Alice"},
		"perhaps":  {storage.ErrUnknown, "Bob", "Alice"},
		"not done": {storage.ErrUnavailable, "Alice", "Bob"},
	} {
		var s indexes
		s.list = []*index{newIndex(storage.Index{Class: "Toon", Field: "setName", Unique: true})}
		alice, bob := named(1000, "Alice"), named(1000, "Bob")
		s.put(alice)
		wants := func(name string, want error) {
			t.Helper()
			err := s.change(storage.Object{ID: 1001}, named(1001, name), func() error { return storage.ErrUnavailable })
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
		}
		err := s.change(alice, bob, func() error {
			wants("Alice", storage.ErrTaken)
			wants("Bob", storage.ErrTaken)
			return c.result
		})
		if !errors.Is(err, c.result) {
			t.Errorf("%s: %v", name, err)
		}
		wants(c.taken, storage.ErrTaken)
		wants(c.free, storage.ErrUnavailable)
		storagetest.Same(t, 1, len(s.list[0].ids))
		storagetest.Same(t, 1, len(s.list[0].values))
	}
}
