package storagetest

import (
	"bytes"
	"context"
	"errors"

	"pgregory.net/rapid"

	"natstron/dc"
	"natstron/storage"
	"natstron/storage/document"
)

// everyType stores values of every type, reads them, and compares and sets them.
func (s *suite) everyType() {
	st := s.store(1000, 2000)
	class := Class(s.file, "Everything")
	ctx := s.ctx()
	id, err := st.Create(ctx, "Everything", nil)
	if err != nil {
		s.Fatal(err)
	}
	rapid.Check(s.T, func(t *rapid.T) {
		// A few fields at a time, so that each is often drawn.
		want := map[string][]byte{}
		var set document.Document
		var when []storage.Condition
		for _, f := range rapid.SliceOfNDistinct(rapid.SampledFrom(class.Fields()), 3, 6, (*dc.Field).Name).Draw(t, "fields") {
			packed := DrawValue(t, f)
			v, err := storage.Encode(f, packed)
			if err != nil {
				t.Fatalf("%v: %v", f, err)
			}
			want[f.Name()] = packed
			set = append(set, document.Element{Name: f.Name(), Value: v})
			when = append(when, storage.Condition{Name: f.Name(), Want: v})
		}
		if err := st.Update(ctx, id, storage.Update{Set: set}); err != nil {
			t.Fatal(err)
		}
		o, err := st.Get(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		for name, packed := range want {
			v, _ := o.Fields.Get(name)
			got, err := storage.Decode(Field(class, name), v)
			if err != nil || !bytes.Equal(got, packed) {
				t.Fatalf("%s: %x came back as %x, %v (stored %v)", name, packed, got, err, v)
			}
		}
		marker := Field(class, "setOne")
		one, err := storage.Encode(marker, []byte{1})
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Update(ctx, id, storage.Update{If: when, Set: document.Document{{Name: "setOne", Value: one}}}); err != nil {
			t.Fatalf("what was just set is not equal to itself: %v", err)
		}
	})
}

// objects goes through the DC view.
func (s *suite) objects() {
	st := s.store(1000, 2000)
	view := storage.NewObjects(st, s.file)
	toon := Class(s.file, "Toon")
	hp, name := Field(toon, "hp"), Field(toon, "setName")
	ctx := context.Background()
	id, err := view.Create(ctx, toon, []dc.FieldValue{{Field: hp, Packed: []byte{15, 0, 0, 0}}, {Field: name, Packed: []byte("\x05\x00Alice")}})
	if err != nil {
		s.Fatal(err)
	}
	err = view.Update(ctx, id, storage.Change{
		If:  []dc.FieldValue{{Field: hp, Packed: []byte{14, 0, 0, 0}}},
		Set: []dc.FieldValue{{Field: hp, Packed: []byte{16, 0, 0, 0}}},
	})
	var mismatch *storage.Mismatch
	if !errors.As(err, &mismatch) {
		s.Fatal(err)
	}
	if got, _ := mismatch.Snapshot.Get(hp); !bytes.Equal(got, []byte{15, 0, 0, 0}) {
		s.Errorf("got %v", mismatch.Snapshot)
	}
	err = view.Update(ctx, id, storage.Change{
		If:    []dc.FieldValue{{Field: hp, Packed: []byte{15, 0, 0, 0}}},
		Set:   []dc.FieldValue{{Field: hp, Packed: []byte{16, 0, 0, 0}}},
		Clear: []*dc.Field{name},
	})
	if err != nil {
		s.Fatal(err)
	}
	snap, err := view.Get(ctx, id)
	if err != nil || snap.Class != toon || len(snap.Values) != 1 || len(snap.Unreadable) != 0 {
		s.Errorf("got %v, %v", snap, err)
	}
}
