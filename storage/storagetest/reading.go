package storagetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
)

// Reading tests what is opened for reading alone: while st is open, and when it is
// closed. st is empty, and of the range from 1000 to 1009.
func Reading(t *testing.T, st storage.Store, open func(ids storage.Range) (storage.Reader, error)) {
	t.Helper()
	ids := storage.Range{Min: 1000, Max: 1009}
	fields := document.Document{{Name: "setHat", Value: document.Document{{Name: "hat", Value: "bowler"}}}}
	for n := range wire.DoID(4) {
		Creates(t, st, 1000+n, fields)
	}
	for _, id := range []wire.DoID{1002, 1000} {
		Must(t, st.Delete(t.Context(), id))
	}
	r, err := open(ids)
	Must(t, err)
	look := func() {
		t.Helper()
		got, err := r.IDs(t.Context())
		if want := (storage.IDs{Next: 1004, Free: []wire.DoID{1002, 1000}}); err != nil || !cmp.Equal(got, want) {
			t.Errorf("ids %v, %v", got, err)
		}
		var all []wire.DoID
		for o, err := range r.All(t.Context(), 0) {
			if err != nil || o.Class != "Toon" || !document.Equal(o.Fields, fields) {
				t.Errorf("%v, %v", o, err)
			}
			all = append(all, o.ID)
		}
		if !slices.Equal(all, []wire.DoID{1001, 1003}) {
			t.Errorf("objects %v", all)
		}
		if _, err := r.Get(t.Context(), 1000); !errors.Is(err, storage.ErrNotFound) {
			t.Error(err)
		}
		if o, err := r.Get(t.Context(), 1003); err != nil || o.Class != "Toon" {
			t.Error(o, err)
		}
	}
	look()
	Must(t, st.Close())
	look()
	Must(t, r.Close())
	if _, err := r.Get(t.Context(), 1003); !errors.Is(err, storage.ErrClosed) {
		t.Error(err)
	}
	if _, err := r.IDs(t.Context()); !errors.Is(err, storage.ErrClosed) {
		t.Error(err)
	}
	// Of a range that nobody has used, nothing was given.
	r, err = open(storage.Range{Min: 5000, Max: 6000})
	Must(t, err)
	if got, err := r.IDs(t.Context()); err != nil || got.Next != 5000 || len(got.Free) > 0 {
		t.Errorf("ids of another range %v, %v", got, err)
	}
	Must(t, r.Close())
}
