package mongo

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/mongo/wiretest"
	"natstron/storage/storagetest"
)

// texts are the fields of an object as DC text.
func texts(t *testing.T, st storage.Store, id wire.DoID) map[string]string {
	t.Helper()
	snap, err := storage.NewObjects(st, storagetest.File(t)).Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, v := range snap.Values {
		text, err := v.Field.Text(v.Packed, dc.TextStyle{Notation: dc.Raw})
		if err != nil {
			t.Fatal(err)
		}
		got[v.Field.Name()] = text
	}
	for _, u := range snap.Unreadable {
		got[u.Name] = "unreadable"
	}
	return got
}

// TestReferenceDatabase opens documents as the reference writes them.
func TestReferenceDatabase(t *testing.T) {
	s := wiretest.Start(t, false)
	s.Insert("astron", "astron.globals", bson.D{{Key: "_id", Value: "GLOBALS"}, {Key: "doid", Value: bson.D{
		{Key: "monotonic", Value: int64(1003)}, {Key: "free", Value: bson.A{int64(1002), int64(1001), int64(77)}}}}})
	s.Insert("astron", "astron.objects", bson.D{{Key: "_id", Value: int64(1000)}, {Key: "dclass", Value: "Toon"}, {Key: "fields", Value: bson.D{
		{Key: "setName", Value: bson.D{{Key: "name", Value: "Alice"}}},
		{Key: "hp", Value: int64(15)},
		{Key: "setPos", Value: bson.D{{Key: "_0", Value: int32(-15)}, {Key: "_1", Value: int32(20)}}},
		{Key: "data", Value: bson.Binary{Data: []byte{0, 255}}},
		{Key: "gone", Value: bson.NewObjectID()},
	}}})
	st, err := Open(t.Context(), s.URI("astron"), storage.Range{Min: 1000, Max: 1003}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"setName": `("Alice")`, "hp": "15", "setPos": "(-15, 20)", "data": "<020000ff>", "gone": "unreadable"}
	if diff := cmp.Diff(want, texts(t, st, 1000)); diff != "" {
		t.Error(diff)
	}
	gone := s.Documents("astron", "astron.objects")[0][2].Value.(bson.D)[4]
	if err := st.Update(t.Context(), 1000, storage.Update{Set: document.Document{{Name: "hp", Value: int64(16)}}}); err != nil {
		t.Error(err)
	}
	if now := s.Documents("astron", "astron.objects")[0][2].Value.(bson.D)[4]; now != gone {
		t.Errorf("%v became %v", gone, now)
	}
	for _, id := range []wire.DoID{1003, 1002, 1001} {
		got, err := st.Create(t.Context(), "Toon", nil)
		if err != nil || got != id {
			t.Errorf("created %d, %v, want %d", got, err, id)
		}
	}
	if id, err := st.Create(t.Context(), "Toon", nil); !errors.Is(err, storage.ErrExhausted) {
		t.Error(id, err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
	globals := s.Documents("astron", "astron.globals")
	want2 := bson.D{{Key: "monotonic", Value: int64(1004)}, {Key: "free", Value: bson.A{}}, {Key: "min", Value: int64(1000)}}
	if len(globals) != 1 || globals[0][0].Value != "GLOBALS" || !cmp.Equal(any(want2), globals[0][1].Value) {
		t.Error(globals)
	}
}

// TestWrittenLayout is what the reference finds of ours.
func TestWrittenLayout(t *testing.T) {
	s := wiretest.Start(t, false)
	st := openAt(t, s, time.Second)
	file := storagetest.File(t)
	toon := storagetest.Class(file, "Toon")
	var values []dc.FieldValue
	for name, text := range map[string]string{"setName": `("Alice")`, "hp": "4294967295", "setPos": "(-15, 20)", "setFriends": "([1, 2])", "data": "<0200ff00>"} {
		f := storagetest.Field(toon, name)
		packed, err := f.ParseText(text, dc.Raw)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, dc.FieldValue{Field: f, Packed: packed})
	}
	id, err := storage.NewObjects(st, file).Create(t.Context(), toon, values)
	if err != nil {
		t.Fatal(err)
	}
	got := s.Documents("astron", "astron.objects")[0]
	fields := map[string]any{}
	for _, e := range got[2].Value.(bson.D) {
		fields[e.Key] = e.Value
	}
	want := map[string]any{
		"setName":    bson.D{{Key: "name", Value: "Alice"}},
		"hp":         int64(4294967295),
		"setPos":     bson.D{{Key: "x", Value: int32(-15)}, {Key: "y", Value: int32(20)}},
		"setFriends": bson.D{{Key: "ids", Value: bson.A{int64(1), int64(2)}}},
		"data":       bson.Binary{Data: []byte{255, 0}},
	}
	if diff := cmp.Diff(want, fields); diff != "" || len(got) != 4 || got[3].Key != keyMade || got[0].Value != int64(id) || got[1].Value != "Toon" {
		t.Error(got, diff)
	}
}

// TestKindredDatabases opens what OtpGo and Ardos write: other names, arrays for
// methods, divided numbers.
func TestKindredDatabases(t *testing.T) {
	for name, doid := range map[string]bson.E{
		"OtpGo": {Key: "doid", Value: bson.D{{Key: "monotonic", Value: int64(1005)}, {Key: "free", Value: bson.A{int64(1002)}}}},
		"Ardos": {Key: "doId", Value: bson.D{{Key: "next", Value: int32(1005)}, {Key: "free", Value: bson.A{int32(1002)}}}},
	} {
		s := wiretest.Start(t, false)
		s.Insert("astron", "globals", bson.D{{Key: "_id", Value: "GLOBALS"}, doid})
		s.Insert("astron", "objects", bson.D{{Key: "_id", Value: int32(1000)}, {Key: "dclass", Value: "Toon"}, {Key: "fields", Value: bson.D{
			{Key: "setName", Value: bson.A{"Alice"}}, {Key: "hp", Value: int32(15)}, {Key: "setPos", Value: bson.A{-1.5, 2.0}},
		}}})
		st := openAt(t, s, time.Second)
		want := map[string]string{"setName": `("Alice")`, "hp": "15", "setPos": "(-15, 20)"}
		if diff := cmp.Diff(want, texts(t, st, 1000)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if id, err := st.Create(t.Context(), "Toon", nil); err != nil || id != 1005 {
			t.Errorf("%s: created %d, %v", name, id, err)
		}
		state, err := st.IDs(t.Context())
		if err != nil || len(state.Free) != 1 || state.Free[0] != 1002 {
			t.Errorf("%s: %v, %v", name, state, err)
		}
		compareKindred(t, st)
	}
}

// compareKindred compares and sets a value that has the others' form.
func compareKindred(t *testing.T, st *Store) {
	t.Helper()
	file := storagetest.File(t)
	view := storage.NewObjects(st, file)
	pos := storagetest.Field(storagetest.Class(file, "Toon"), "setPos")
	before, after := []byte{0xf1, 0xff, 20, 0}, []byte{7, 0, 20, 0}
	change := storage.Change{If: []dc.FieldValue{{Field: pos, Packed: before}}, Set: []dc.FieldValue{{Field: pos, Packed: after}}}
	if err := view.Update(t.Context(), 1000, change); err != nil {
		t.Error(err)
	}
	if err := view.Update(t.Context(), 1000, change); !errors.Is(err, storage.ErrMismatch) {
		t.Error(err)
	}
	if got := texts(t, st, 1000)["setPos"]; got != "(7, 20)" {
		t.Errorf("setPos is %s", got)
	}
}

// TestArraysAreNotTheirElements has stored arrays where a number is wanted: MongoDB's
// plain equality would find it in them.
func TestArraysAreNotTheirElements(t *testing.T) {
	s := wiretest.Start(t, false)
	s.Insert("astron", "astron.objects", bson.D{{Key: "_id", Value: int64(5)}, {Key: "dclass", Value: "Toon"}, {Key: "fields", Value: bson.D{
		{Key: "hp", Value: bson.A{int64(15)}}, {Key: "setFriends", Value: bson.A{bson.A{int64(1)}}}}}})
	st := openAt(t, s, time.Second)
	for _, c := range []storage.Condition{{Name: "hp", Want: int64(15)}, {Name: "setFriends", Want: document.Array{int64(1)}}} {
		if err := st.Update(t.Context(), 5, storage.Update{If: []storage.Condition{c}, Set: hp(1)}); !errors.Is(err, storage.ErrMismatch) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestUnreadableDocuments(t *testing.T) {
	s := wiretest.Start(t, false)
	s.Insert("astron", "astron.objects",
		bson.D{{Key: "_id", Value: int64(5)}, {Key: "fields", Value: bson.D{}}},
		bson.D{{Key: "_id", Value: int64(6)}, {Key: "dclass", Value: "Toon"}},
		bson.D{{Key: "_id", Value: int64(7)}, {Key: "dclass", Value: 5}, {Key: "fields", Value: bson.D{}}},
		bson.D{{Key: "_id", Value: "x"}, {Key: "dclass", Value: "Toon"}, {Key: "fields", Value: bson.D{}}},
		bson.D{{Key: "_id", Value: int64(8)}, {Key: "dclass", Value: "Toon"}, {Key: "fields", Value: bson.D{}}})
	st := openAt(t, s, time.Second)
	var seen []wire.DoID
	for o, err := range st.All(t.Context(), 0) {
		seen = append(seen, o.ID)
		if (err == nil) != (o.ID == 8) || err != nil && !errors.Is(err, storage.ErrUnreadable) {
			t.Errorf("%d: %v", o.ID, err)
		}
	}
	if diff := cmp.Diff([]wire.DoID{5, 6, 7, 8}, seen); diff != "" {
		t.Error(diff)
	}
	if err := st.Update(t.Context(), 6, storage.Update{If: []storage.Condition{{Name: "hp"}}, Set: hp(1)}); err != nil && !errors.Is(err, storage.ErrUnreadable) {
		t.Error(err)
	}
}

// TestSeveralProcesses has two stores of one range and one of another on a database.
func TestSeveralProcesses(t *testing.T) {
	s := wiretest.Start(t, false)
	var stores []*Store
	for _, r := range []storage.Range{{Min: 1000, Max: 1063}, {Min: 1000, Max: 1063}, {Min: 5000, Max: 5031}} {
		st, err := Open(t.Context(), s.URI("astron"), r, Options{Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		}()
		stores = append(stores, st)
	}
	var mu sync.Mutex
	given := map[wire.DoID]bool{}
	var done sync.WaitGroup
	for _, st := range stores {
		for range 8 {
			done.Go(func() {
				for range 4 {
					id, err := st.Create(t.Context(), "Toon", nil)
					if err != nil || !st.ids.Contains(id) {
						t.Error(id, err)
					}
					mu.Lock()
					if given[id] {
						t.Errorf("%d was given twice", id)
					}
					given[id] = true
					mu.Unlock()
				}
			})
		}
	}
	done.Wait()
	for _, st := range stores {
		if id, err := st.Create(t.Context(), "Toon", nil); !errors.Is(err, storage.ErrExhausted) {
			t.Error(id, err)
		}
	}
}

// TestRealServerIsAtomic shows that what the backend stands on holds there: 32
// callers on one $inc and one compare-and-set, by the driver alone.
func TestRealServerIsAtomic(t *testing.T) {
	uri := real(t)(t)
	named, err := connstring.ParseAndValidate(uri)
	if err != nil {
		t.Fatal(err)
	}
	client, err := driver.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := client.Database(named.Database).Collection("counters")
	if _, err := c.InsertOne(ctx, bson.D{{Key: "_id", Value: 1}, {Key: "given", Value: int64(0)}, {Key: "count", Value: int64(0)}}); err != nil {
		t.Fatal(err)
	}
	one := bson.D{{Key: "_id", Value: 1}}
	var mu sync.Mutex
	seen := map[int64]bool{}
	var done sync.WaitGroup
	for range 32 {
		done.Go(func() {
			for range 50 {
				raw, err := c.FindOneAndUpdate(ctx, one, bson.D{{Key: "$inc", Value: bson.D{{Key: "given", Value: int64(1)}}}}).Raw()
				if err != nil {
					t.Error(err)
					return
				}
				n, _ := number(raw, "given")
				mu.Lock()
				if seen[n] {
					t.Errorf("%d twice", n)
				}
				seen[n] = true
				mu.Unlock()
			}
			for counted := 0; counted < 10; {
				raw, err := c.FindOne(ctx, one).Raw()
				if err != nil {
					t.Error(err)
					return
				}
				n, _ := number(raw, "count")
				result, err := c.UpdateOne(ctx, bson.D{{Key: "_id", Value: 1}, {Key: "count", Value: n}}, bson.D{{Key: "$set", Value: bson.D{{Key: "count", Value: n + 1}}}})
				if err != nil {
					t.Error(err)
					return
				}
				counted += int(result.MatchedCount)
			}
		})
	}
	done.Wait()
	raw, err := c.FindOne(ctx, one).Raw()
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := number(raw, "count"); n != 320 || len(seen) != 32*50 {
		t.Errorf("counted to %d, want 320; %d numbers given, want %d", n, len(seen), 32*50)
	}
	if err := c.Database().Drop(ctx); err != nil {
		t.Error(err)
	}
	if err := client.Disconnect(ctx); err != nil {
		t.Error(err)
	}
}

// TestReferenceArrays has arrays of single bytes as the reference stores them, and as
// releases of ours did: each is read, compared and set, and what is written is as the
// reference's.
func TestReferenceArrays(t *testing.T) {
	file := storagetest.File(t)
	class := storagetest.Class(file, "Everything")
	theirs := bson.D{
		{Key: "raw", Value: bson.Binary{Data: []byte{1, 255}}}, {Key: "few", Value: bson.Binary{Data: []byte{7}}}, {Key: "ua8", Value: bson.Binary{Data: []byte{}}},
		{Key: "deep", Value: bson.A{bson.Binary{Data: []byte{1, 2}}, bson.Binary{Data: []byte{3, 4}}}}, {Key: "letters", Value: "Flo"}, {Key: "pair", Value: "ab"},
	}
	ours := bson.D{
		{Key: "raw", Value: bson.A{int32(1), int32(255)}}, {Key: "few", Value: bson.A{int32(7)}}, {Key: "ua8", Value: bson.A{}},
		{Key: "deep", Value: bson.A{bson.A{int32(1), int32(2)}, bson.A{int32(3), int32(4)}}}, {Key: "letters", Value: bson.A{"F", "l", "o"}}, {Key: "pair", Value: bson.A{"a", "b"}},
	}
	s := wiretest.Start(t, false)
	s.Insert("astron", "astron.objects",
		bson.D{{Key: "_id", Value: int64(5)}, {Key: "dclass", Value: "Everything"}, {Key: "fields", Value: theirs}},
		bson.D{{Key: "_id", Value: int64(6)}, {Key: "dclass", Value: "Everything"}, {Key: "fields", Value: ours}})
	st := openAt(t, s, time.Second)
	view := storage.NewObjects(st, file)
	want := map[string]string{"raw": "[1, 255]", "few": "[7]", "ua8": "[]", "deep": "[[1, 2], [3, 4]]", "letters": `"Flo"`, "pair": `"ab"`}
	for _, id := range []wire.DoID{5, 6} {
		if diff := cmp.Diff(want, texts(t, st, id)); diff != "" {
			t.Errorf("%d: %s", id, diff)
		}
		snap, err := view.Get(t.Context(), id)
		if err != nil || len(snap.Unreadable) > 0 {
			t.Fatalf("%v, %v", snap, err)
		}
		var change storage.Change
		for name := range want {
			f := storagetest.Field(class, name)
			packed, ok := snap.Get(f)
			if !ok {
				t.Fatalf("%d: no %s", id, name)
			}
			one := dc.FieldValue{Field: f, Packed: packed}
			change.If, change.Set = append(change.If, one), append(change.Set, one)
		}
		if err := view.Update(t.Context(), id, change); err != nil {
			t.Errorf("%d: %v", id, err)
		}
	}
	for _, o := range s.Documents("astron", "astron.objects") {
		if diff := cmp.Diff(theirs, o[2].Value.(bson.D)); diff != "" {
			t.Errorf("%v (-theirs +ours): %s", o[0].Value, diff)
		}
	}
}
