package storage_test

import (
	"context"
	"errors"
	"iter"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
	"natstron/storage/document"
)

// oneObject is a Store of a single object, in memory.
type oneObject struct {
	mu      sync.Mutex
	object  storage.Object
	updates int
	between func() // called after each failed Update
}

func (s *oneObject) Create(_ context.Context, class string, fields document.Document) (wire.DoID, error) {
	s.object = storage.Object{ID: 1, Class: class, Fields: fields}
	return 1, nil
}

func (s *oneObject) Get(context.Context, wire.DoID) (storage.Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.object, nil
}

func (s *oneObject) Update(_ context.Context, id wire.DoID, u storage.Update) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.updates++
	o, err := u.Apply(s.object)
	if err != nil {
		if s.between != nil {
			s.between()
		}
		return storage.Fail("update", id, err)
	}
	s.object = o
	return nil
}

func (s *oneObject) Delete(context.Context, wire.DoID) error   { return nil }
func (s *oneObject) Put(context.Context, storage.Object) error { return nil }
func (s *oneObject) IDs(context.Context) (storage.IDs, error)  { return storage.IDs{}, nil }
func (s *oneObject) SetIDs(context.Context, storage.IDs) error { return nil }
func (s *oneObject) Close() error                              { return nil }
func (s *oneObject) All(context.Context, wire.DoID) iter.Seq2[storage.Object, error] {
	return func(func(storage.Object, error) bool) {}
}

const classes = `
dclass Avatar { setName(string name) db; uint8 hp db; setX(int16 x) db; setY(int16 y) db; setXY : setX, setY; };
dclass Toon : Avatar { uint8 hat db; };
dclass Cog : Avatar { uint8 suit db; uint8 hp db; };`

func TestUpdateNamesTheClassesThatHaveAllFields(t *testing.T) {
	file := parse(t, classes)
	s := &oneObject{object: storage.Object{ID: 1, Class: "Toon"}}
	view := storage.NewObjects(s, file)
	set := func(fields ...*dc.Field) error {
		var c storage.Change
		for _, f := range fields {
			c.Set = append(c.Set, dc.FieldValue{Field: f, Packed: f.DefaultPacked()})
		}
		return view.Update(t.Context(), 1, c)
	}
	hat, suit := field(t, file, "Toon", "hat"), field(t, file, "Cog", "suit")
	hp, cogHP := field(t, file, "Avatar", "hp"), field(t, file, "Cog", "hp")
	if err := set(hat, hp); err != nil {
		t.Error(err)
	}
	for _, fields := range [][]*dc.Field{{suit}, {hat, suit}, {cogHP}, {hp, cogHP}} {
		if err := set(fields...); !errors.Is(err, storage.ErrClass) {
			t.Errorf("%v: %v", fields, err)
		}
	}
	s.object.Class = "Cog"
	if err := set(hp); !errors.Is(err, storage.ErrClass) {
		t.Errorf("a field that the class hides: %v", err)
	}
	if err := set(cogHP); err != nil {
		t.Error(err)
	}
	if _, err := view.Create(t.Context(), file.Classes()[0], []dc.FieldValue{{Field: hat, Packed: []byte{0}}}); !errors.Is(err, storage.ErrValue) {
		t.Errorf("created with a foreign field: %v", err)
	}
}

func TestMolecularIsStoredAsItsMethods(t *testing.T) {
	file := parse(t, classes)
	s := &oneObject{object: storage.Object{ID: 1, Class: "Toon"}}
	view := storage.NewObjects(s, file)
	both := field(t, file, "Toon", "setXY")
	xy := []byte{1, 0, 2, 0}
	if err := view.Update(t.Context(), 1, storage.Change{If: []dc.FieldValue{{Field: both}}, Set: []dc.FieldValue{{Field: both, Packed: xy}}}); err != nil {
		t.Fatal(err)
	}
	want := document.Document{{Name: "setX", Value: document.Document{{Name: "x", Value: int32(1)}}}, {Name: "setY", Value: document.Document{{Name: "y", Value: int32(2)}}}}
	if diff := cmp.Diff(want, s.object.Fields); diff != "" {
		t.Error(diff)
	}
	snap, err := view.Get(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := snap.Get(both); !ok || string(got) != string(xy) {
		t.Errorf("got %x, %v", got, ok)
	}
	if err := view.Update(t.Context(), 1, storage.Change{If: []dc.FieldValue{{Field: both, Packed: xy}}, Clear: []*dc.Field{both}}); err != nil {
		t.Error(err)
	}
	if len(s.object.Fields) != 0 {
		t.Errorf("left: %v", s.object.Fields)
	}
}

// TestCompareTakesOtherForms has values as kindred servers write them.
func TestCompareTakesOtherForms(t *testing.T) {
	file := parse(t, classes)
	name, hp := field(t, file, "Toon", "setName"), field(t, file, "Toon", "hp")
	s := &oneObject{object: storage.Object{ID: 1, Class: "Toon", Fields: document.Document{{Name: "setName", Value: document.Array{"Al"}}, {Name: "hp", Value: 5.0}}}}
	view := storage.NewObjects(s, file)
	change := storage.Change{
		If:  []dc.FieldValue{{Field: name, Packed: []byte("\x02\x00Al")}, {Field: hp, Packed: []byte{5}}},
		Set: []dc.FieldValue{{Field: name, Packed: []byte("\x01\x00B")}},
	}
	if err := view.Update(t.Context(), 1, change); err != nil || s.updates != 2 {
		t.Errorf("%v after %d updates", err, s.updates)
	}
	var mismatch *storage.Mismatch
	if err := view.Update(t.Context(), 1, change); !errors.As(err, &mismatch) || s.updates != 3 {
		t.Errorf("%v after %d updates", err, s.updates)
	}
	// Somebody changes the object just before the second try: then it is a mismatch.
	s.object.Fields = document.Document{{Name: "setName", Value: document.Array{"Al"}}, {Name: "hp", Value: 5.0}}
	s.between = func() { s.object.Fields = s.object.Fields.With("hp", int32(6)) }
	if err := view.Update(t.Context(), 1, change); !errors.As(err, &mismatch) {
		t.Error(err)
	} else if got, _ := mismatch.Snapshot.Get(hp); string(got) != "\x06" {
		t.Errorf("told of %v", mismatch.Snapshot)
	}
}

func TestChangedDCFile(t *testing.T) {
	before := parse(t, `dclass A { uint32 gone db; uint32 narrower db; uint32 fits db; string text db; };`)
	after := parse(t, `dclass A { uint8 narrower db; uint8 fits db; uint8 text db; uint8 added db; };`)
	s := &oneObject{}
	old := storage.NewObjects(s, before)
	var values []dc.FieldValue
	for name, packed := range map[string]string{"gone": "\x07\x00\x00\x00", "narrower": "\x00\x01\x00\x00", "fits": "\x05\x00\x00\x00", "text": "\x01\x00x"} {
		values = append(values, dc.FieldValue{Field: field(t, before, "A", name), Packed: []byte(packed)})
	}
	if _, err := old.Create(t.Context(), before.Classes()[0], values); err != nil {
		t.Fatal(err)
	}
	view := storage.NewObjects(s, after)
	snap, err := view.Get(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(snap.Values) != 1 || snap.Values[0].Field.Name() != "fits" {
		t.Errorf("read %v", snap.Values)
	}
	var names []string
	for _, u := range snap.Unreadable {
		names = append(names, u.Name)
		if !errors.Is(u.Err, storage.ErrUnreadable) || u.Stored == nil {
			t.Errorf("%+v", u)
		}
	}
	if len(names) != 3 {
		t.Errorf("reported %v", names)
	}
	text := field(t, after, "A", "text")
	for _, packed := range [][]byte{nil, {5}} {
		err := view.Update(t.Context(), 1, storage.Change{If: []dc.FieldValue{{Field: text, Packed: packed}}, Set: []dc.FieldValue{{Field: text, Packed: []byte{1}}}})
		if !errors.Is(err, storage.ErrMismatch) {
			t.Errorf("%v is equal to what cannot be read: %v", packed, err)
		}
	}
	if err := view.Update(t.Context(), 1, storage.Change{Set: []dc.FieldValue{{Field: field(t, after, "A", "fits"), Packed: []byte{6}}}}); err != nil {
		t.Error(err)
	}
	if snap, err := old.Get(t.Context(), 1); err != nil || len(snap.Values) != 4 {
		t.Errorf("something was lost: %v, %v", snap, err)
	}
	if err := view.Update(t.Context(), 1, storage.Change{Set: []dc.FieldValue{{Field: text, Packed: []byte{1}}}}); err != nil {
		t.Error(err)
	}
	s.object.Class = "B"
	if _, err := view.Get(t.Context(), 1); !errors.Is(err, storage.ErrUnreadable) {
		t.Error(err)
	}
}
