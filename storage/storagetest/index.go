package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
	"natstron/storage/document"
)

// The indexes of the tests. Avatars have the same fields, and are not in them.
var (
	byName = storage.Index{Class: "Toon", Field: "setName", Unique: true}
	byHP   = storage.Index{Class: "Toon", Field: "hp"}
)

func (s *suite) setIndexes(st storage.Store, list ...storage.Index) {
	s.Helper()
	Must(s, st.SetIndexes(s.ctx(), list, nil))
}

// finds compares the ids that have a JSON value.
func (s *suite) finds(st storage.Store, class, field, json string, want ...wire.DoID) {
	s.Helper()
	got, err := st.Find(s.ctx(), storage.Query{Class: class, Field: field, Value: s.value(field, json), Limit: 100})
	if err != nil || !slices.Equal(got, want) {
		s.Errorf("%s.%s = %s: found %v, %v, want %v", class, field, json, got, err, want)
	}
}

// taken fails the test unless err says that the object has the value of the index.
func (s *suite) taken(err error, x storage.Index, owner wire.DoID) {
	s.Helper()
	s.is(err, storage.ErrTaken)
	if e := (*storage.TakenError)(nil); !errors.As(err, &e) || e.Index != x || e.ID != owner {
		s.Errorf("got %v, want that object %d has it", err, owner)
	}
}

func (s *suite) find() {
	st := s.store(1000, 2000)
	look := func() {
		s.Helper()
		s.finds(st, "Toon", "setName", `{"name":"Alice"}`, 1000, 1003)
		s.finds(st, "Toon", "setName", `{"name":"alice"}`)
		s.finds(st, "Toon", "setName", `{"name":"Alice "}`)
		s.finds(st, "Toon", "setName", `{"name":""}`, 1004)
		s.finds(st, "Toon", "hp", `5`, 1001, 1003)
		s.finds(st, "Toon", "hp", `0`)
		s.finds(st, "Avatar", "setName", `{"name":"Alice"}`, 1002)
		s.finds(st, "Nobody", "setName", `{"name":"Alice"}`)
		for _, q := range []struct {
			above wire.DoID
			limit int
			want  []wire.DoID
		}{{0, 1, []wire.DoID{1000}}, {1000, 1, []wire.DoID{1003}}, {1003, 1, nil}, {999, 2, []wire.DoID{1000, 1003}}} {
			got, err := st.Find(s.ctx(), storage.Query{Class: "Toon", Field: "setName", Value: s.value("setName", `{"name":"Alice"}`), Above: q.above, Limit: q.limit})
			if err != nil || !slices.Equal(got, q.want) {
				s.Errorf("above %d, limit %d: found %v, %v, want %v", q.above, q.limit, got, err, q.want)
			}
		}
	}
	s.create(st, 1000, "setName", `{"name":"Alice"}`)
	s.create(st, 1001, "hp", `5`)
	id, err := st.Create(s.ctx(), "Avatar", s.fields("setName", `{"name":"Alice"}`))
	Must(s, err)
	if id != 1002 {
		s.Fatalf("created %d", id)
	}
	s.create(st, 1003, "hp", `5`, "setName", `{"name":"Alice"}`)
	s.create(st, 1004, "hp", `6`, "setName", `{"name":""}`)
	look()
	s.setIndexes(st, storage.Index{Class: "Toon", Field: "setName"}, byHP)
	look()
	s.setIndexes(st, storage.Index{Class: "Toon", Field: "setName"}, byHP)
	look()
	// What has no value any more, another one, or is gone, is not found; what comes is.
	Must(s, st.Update(s.ctx(), 1000, storage.Update{Delete: []string{"setName"}}))
	Must(s, st.Update(s.ctx(), 1001, storage.Update{Set: s.fields("hp", `7`, "setName", `{"name":"Alice"}`)}))
	Must(s, st.Delete(s.ctx(), 1003))
	Must(s, st.Put(s.ctx(), storage.Object{ID: 5000, Class: "Toon", Fields: s.fields("hp", `5`)}))
	s.finds(st, "Toon", "setName", `{"name":"Alice"}`, 1001)
	s.finds(st, "Toon", "hp", `5`, 5000)
	s.finds(st, "Toon", "hp", `7`, 1001)
	for _, x := range []storage.Index{{Field: "hp"}, {Class: "Toon"}, {Class: "Toon", Field: "h.p"}, {Class: "To'on", Field: "hp"}, {Class: "Toon", Field: `h"p`}} {
		_, err := st.Find(s.ctx(), storage.Query{Class: x.Class, Field: x.Field, Value: int32(5), Limit: 1})
		Fails(s, err, storage.ErrValue)
		Fails(s, st.SetIndexes(s.ctx(), []storage.Index{x}, nil), storage.ErrValue)
	}
}

func (s *suite) unique() {
	st := s.store(1000, 2000)
	alice, bob := `{"name":"Alice"}`, `{"name":"Bob"}`
	s.setIndexes(st, byName, byHP)
	s.create(st, 1000, "setName", alice, "hp", `1`)
	_, err := st.Create(s.ctx(), "Toon", s.fields("hp", `1`, "setName", alice))
	s.taken(err, byName, 1000)
	s.create(st, 1001, "setName", bob) // the failure took no id
	s.creates(st, 1002, 1003)          // any number may have none
	_, err = st.Create(s.ctx(), "Avatar", s.fields("setName", alice))
	Must(s, err)
	set := func(id wire.DoID, name string) error {
		return st.Update(s.ctx(), id, storage.Update{Set: s.fields("mp", `9`, "setName", name)})
	}
	s.taken(set(1001, alice), byName, 1000)
	s.holds(st, 1001, "setName", bob)
	Must(s, set(1000, alice)) // its own
	Must(s, set(1001, `{"name":"bob"}`))
	Must(s, set(1002, bob)) // free since 1001 has another
	s.taken(st.Update(s.ctx(), 1003, storage.Update{If: []storage.Condition{{Name: "setName"}}, Set: s.fields("setName", bob)}), byName, 1002)
	Fails(s, st.Update(s.ctx(), 1000, storage.Update{If: []storage.Condition{{Name: "hp"}}, Set: s.fields("setName", bob)}), storage.ErrMismatch)
	s.taken(st.Put(s.ctx(), storage.Object{ID: 5000, Class: "Toon", Fields: s.fields("setName", alice)}), byName, 1000)
	s.is(st.Put(s.ctx(), storage.Object{ID: 1003, Class: "Toon", Fields: s.fields("setName", alice)}), storage.ErrExists)
	// A value is free once its object has no value, or is gone.
	Must(s, st.Update(s.ctx(), 1000, storage.Update{Delete: []string{"setName"}}))
	s.create(st, 1005, "setName", alice)
	Must(s, st.Delete(s.ctx(), 1005))
	Must(s, st.Put(s.ctx(), storage.Object{ID: 5000, Class: "Toon", Fields: s.fields("setName", alice)}))
	s.taken(set(1003, alice), byName, 5000)
	s.finds(st, "Toon", "setName", alice, 5000)
}

// doubles has an index that cannot be unique.
func (s *suite) doubles() {
	st := s.store(1000, 2000)
	alice, bob := `{"name":"Alice"}`, `{"name":"Bob"}`
	for i, name := range []string{alice, bob, bob, alice, `{"name":"Carl"}`, alice} {
		s.create(st, 1000+wire.DoID(i), "setName", name, "hp", `5`)
	}
	err := st.SetIndexes(s.ctx(), []storage.Index{byName, byHP}, nil)
	var doubles *storage.DoublesError
	if !errors.As(err, &doubles) {
		s.Fatalf("got %v", err)
	}
	Same(s, &storage.DoublesError{Index: byName, Doubles: []storage.Double{
		{Value: s.value("setName", alice), IDs: []wire.DoID{1000, 1003, 1005}},
		{Value: s.value("setName", bob), IDs: []wire.DoID{1001, 1002}},
	}}, doubles)
	if text := err.Error(); !strings.Contains(text, `Toon.setName cannot be unique`) || !strings.Contains(text, `{"name":"Alice"}: 1000, 1003, 1005; {"name":"Bob"}: 1001, 1002`) {
		s.Errorf("the error says %q", text)
	}
	// All goes on without the index.
	s.create(st, 1006, "setName", bob, "hp", `5`)
	s.finds(st, "Toon", "setName", bob, 1001, 1002, 1006)
	s.finds(st, "Toon", "hp", `5`, 1000, 1001, 1002, 1003, 1004, 1005, 1006)
	for _, id := range []wire.DoID{1000, 1003, 1001} {
		Must(s, st.Delete(s.ctx(), id))
	}
	Must(s, st.Update(s.ctx(), 1006, storage.Update{Delete: []string{"setName"}}))
	s.setIndexes(st, byName, byHP)
	_, err = st.Create(s.ctx(), "Toon", s.fields("setName", bob))
	s.taken(err, byName, 1002)
}

// indexesStay opens a database again.
func (s *suite) indexesStay() {
	alice := `{"name":"Alice"}`
	st, err := s.open(storage.Range{Min: 1000, Max: 2000})
	Must(s, err)
	s.create(st, 1000, "setName", alice)
	s.setIndexes(st, byName)
	Must(s, st.Close())
	st = s.store(1000, 2000)
	Must(s, st.SetIndexes(s.ctx(), []storage.Index{byName, byHP}, func(missing []storage.Index, _ iter.Seq2[storage.Object, error]) error {
		if slices.Contains(missing, byName) {
			s.Errorf("the index was not there any more: %v", missing)
		}
		return nil
	}))
	_, err = st.Create(s.ctx(), "Toon", s.fields("setName", alice))
	s.taken(err, byName, 1000)
	s.finds(st, "Toon", "setName", alice, 1000)
}

// indexUnderWriters makes indexes while others write.
func (s *suite) indexUnderWriters() {
	st := s.store(1000, 100000)
	ctx := s.ctx()
	var made sync.WaitGroup
	s.together(func(n int) {
		if n == 0 {
			made.Go(func() {
				if err := st.SetIndexes(ctx, []storage.Index{byName, byHP}, nil); err != nil {
					s.Error(err)
				}
			})
		}
		for i := range 20 {
			id, err := st.Create(ctx, "Toon", s.fields("setName", fmt.Sprintf(`{"name":"%d of %d"}`, i, n), "hp", fmt.Sprint(i)))
			if err == nil && i%3 == 0 {
				err = st.Update(ctx, id, storage.Update{Set: s.fields("hp", fmt.Sprint(i+1))})
			}
			if err == nil && i%7 == 0 {
				err = st.Delete(ctx, id)
			}
			if err != nil {
				s.Error(err)
			}
		}
	})
	made.Wait()
	s.agree(st, byName, byHP)
	_, err := st.Create(ctx, "Toon", s.fields("setName", `{"name":"1 of 1"}`))
	s.is(err, storage.ErrTaken)
}

// agree compares what indexes find with what there is.
func (s *suite) agree(st storage.Store, list ...storage.Index) {
	s.Helper()
	Must(s, Agree(s.ctx(), st, list...))
}

// Agree returns an error if indexes do not find exactly what there is, or if a unique
// one has a value twice.
func Agree(ctx context.Context, st storage.Reader, list ...storage.Index) error {
	type place struct {
		storage.Index
		value string
	}
	values, want := map[place]document.Value{}, map[place][]wire.DoID{}
	for o, err := range st.All(ctx, 0) {
		if err != nil {
			return err
		}
		for _, x := range list {
			if v, ok := x.Value(o); ok {
				at := place{x, string(document.AppendValue(nil, v))}
				values[at] = v
				want[at] = append(want[at], o.ID)
			}
		}
	}
	for at, v := range values {
		got, err := st.Find(ctx, storage.Query{Class: at.Class, Field: at.Field, Value: v, Limit: len(want[at]) + 1})
		switch {
		case err != nil:
			return err
		case !slices.Equal(got, want[at]):
			return fmt.Errorf("%v: %s finds %v, but %v have it", at.Index, at.value, got, want[at])
		case at.Unique && len(got) > 1:
			return fmt.Errorf("%v: %s belongs to %v", at.Index, at.value, got)
		}
	}
	return nil
}

// creatorsOfNames have all create objects of the same names: each name is owned once, and
// the others are told by which object.
func (s *suite) creatorsOfNames() {
	const names = 10
	st := s.store(1000, 2000)
	s.setIndexes(st, byName)
	ctx := s.ctx()
	var mu sync.Mutex
	owners := map[int]map[wire.DoID]bool{}
	created := 0
	s.together(func(n int) {
		for i := range names {
			i := (i + n) % names
			id, err := st.Create(ctx, "Toon", s.fields("setName", fmt.Sprintf(`{"name":"%d"}`, i)))
			mu.Lock()
			var taken *storage.TakenError
			switch {
			case err == nil:
				created++
			case errors.As(err, &taken):
				id = taken.ID
			default:
				s.Error(err)
			}
			if owners[i] == nil {
				owners[i] = map[wire.DoID]bool{}
			}
			owners[i][id] = true
			mu.Unlock()
		}
	})
	for i, ids := range owners {
		if len(ids) != 1 {
			s.Errorf("the name %d was owned by %v", i, slices.Collect(maps.Keys(ids)))
		}
	}
	if created != names {
		s.Errorf("%d were created, want %d", created, names)
	}
	s.agree(st, byName)
	// No id was lost, though a database may give those of failed creates in any order.
	for range 2 * writers {
		_, err := st.Create(ctx, "Toon", nil)
		Must(s, err)
	}
	want := wire.DoID(1000)
	for o, err := range st.All(ctx, 0) {
		if err != nil || o.ID != want {
			s.Errorf("object %d, %v, want %d", o.ID, err, want)
		}
		want++
	}
	if want != 1000+names+2*writers {
		s.Errorf("the last object is %d", want-1)
	}
}

// writersOfNames have all give their own object the same names, one after the other.
func (s *suite) writersOfNames() {
	st := s.store(1000, 2000)
	s.setIndexes(st, byName)
	ctx := s.ctx()
	for n := range writers {
		s.create(st, 1000+wire.DoID(n))
	}
	won := make([]int, 5)
	var mu sync.Mutex
	s.together(func(n int) {
		for i := range won {
			err := st.Update(ctx, 1000+wire.DoID(n), storage.Update{Set: s.fields("setName", fmt.Sprintf(`{"name":"%d"}`, i))})
			switch {
			case err == nil:
				mu.Lock()
				won[i]++
				mu.Unlock()
			case !errors.Is(err, storage.ErrTaken):
				s.Error(err)
			}
		}
	})
	s.agree(st, byName)
	// The last name stays with the writer that got it first.
	if won[len(won)-1] != 1 {
		s.Errorf("won %v", won)
	}
}

// indexModel compares random changes with a map.
func (s *suite) indexModel() {
	ids := storage.Range{Min: 1000, Max: 1 << 30}
	st, err := s.open(ids)
	Must(s, err)
	defer func() { Must(s, st.Close()) }()
	ctx := context.Background()
	names := []string{"", "a", "A", "é", "e\u0301", "\"", "a\x00b", `{"$binary":{"base64":"AAE=","subType":"00"}}`, "5", "null", "\xff\xfe", strings.Repeat("long", 100)}
	toon := Class(s.file, "Toon")
	nameOf := func(i int) document.Value {
		packed, err := Field(toon, "setName").Pack(dc.Record{{Name: "name", Value: names[i]}})
		Must(s, err)
		v, err := storage.Encode(Field(toon, "setName"), packed)
		Must(s, err)
		return v
	}
	type object struct {
		class    string
		name, hp int // -1: none
	}
	list := []storage.Index{byName, byHP}
	rapid.Check(s.T, func(t *rapid.T) {
		for o, err := range st.All(ctx, 0) {
			Must(t, err)
			Must(t, st.Delete(ctx, o.ID))
		}
		Must(t, st.SetIndexes(ctx, list, nil))
		model := map[wire.DoID]object{}
		owner := func(name int, but wire.DoID) wire.DoID {
			for id, o := range model {
				if o.class == "Toon" && o.name == name && name >= 0 && id != but {
					return id
				}
			}
			return 0
		}
		document := func(name, hp int) (d document.Document) {
			if name >= 0 {
				d = append(d, document.Element{Name: "setName", Value: nameOf(name)})
			}
			if hp >= 0 {
				d = append(d, document.Element{Name: "hp", Value: int64(hp)})
			}
			return d
		}
		some := func() wire.DoID {
			if len(model) == 0 {
				t.SkipNow()
			}
			return rapid.SampledFrom(slices.Sorted(maps.Keys(model))).Draw(t, "id")
		}
		name := func() int { return rapid.IntRange(-1, len(names)-1).Draw(t, "name") }
		hp := func() int { return rapid.IntRange(-1, 3).Draw(t, "hp") }
		expect := func(err error, owner wire.DoID) bool {
			t.Helper()
			var taken *storage.TakenError
			switch {
			case owner == 0 && err == nil:
				return true
			case owner != 0 && errors.As(err, &taken) && taken.ID == owner:
				return false
			}
			t.Fatalf("got %v, and %d has the name", err, owner)
			return false
		}
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				o := object{rapid.SampledFrom([]string{"Toon", "Toon", "Avatar"}).Draw(t, "class"), name(), hp()}
				var other wire.DoID
				if o.class == "Toon" {
					other = owner(o.name, 0)
				}
				id, err := st.Create(ctx, o.class, document(o.name, o.hp))
				if expect(err, other) {
					model[id] = o
				}
			},
			"set": func(t *rapid.T) {
				id := some()
				o := model[id]
				after := object{o.class, name(), hp()}
				var u storage.Update
				u.Set = document(after.name, after.hp)
				if after.name < 0 {
					u.Delete = append(u.Delete, "setName")
				}
				if after.hp < 0 {
					u.Delete = append(u.Delete, "hp")
				}
				var other wire.DoID
				if o.class == "Toon" {
					other = owner(after.name, id)
				}
				if expect(st.Update(ctx, id, u), other) {
					model[id] = after
				}
			},
			"delete": func(t *rapid.T) {
				id := some()
				Must(t, st.Delete(ctx, id))
				delete(model, id)
			},
			"reopen": func(t *rapid.T) {
				if rapid.IntRange(0, 5).Draw(t, "really") > 0 {
					t.SkipNow()
				}
				Must(t, st.Close())
				st, err = s.open(ids)
				Must(t, err)
				Must(t, st.SetIndexes(ctx, list, nil))
			},
			"find": func(t *rapid.T) {
				n, h := rapid.IntRange(0, len(names)-1).Draw(t, "name"), rapid.IntRange(0, 3).Draw(t, "hp")
				var byName, byHP []wire.DoID
				for _, id := range slices.Sorted(maps.Keys(model)) {
					if o := model[id]; o.class == "Toon" && o.name == n {
						byName = append(byName, id)
					}
					if o := model[id]; o.class == "Toon" && o.hp == h {
						byHP = append(byHP, id)
					}
				}
				got, err := st.Find(ctx, storage.Query{Class: "Toon", Field: "setName", Value: nameOf(n), Limit: 10})
				if err != nil || !slices.Equal(got, byName) {
					t.Fatalf("the name %q: found %v, %v, want %v", names[n], got, err, byName)
				}
				got, err = st.Find(ctx, storage.Query{Class: "Toon", Field: "hp", Value: int64(h), Limit: 1000})
				if err != nil || !slices.Equal(got, byHP) {
					t.Fatalf("hp %d: found %v, %v, want %v", h, got, err, byHP)
				}
			},
		})
	})
}

// everyIndex finds drawn values of all fields that can be indexed.
func (s *suite) everyIndex() {
	st := s.store(1000, 1<<30)
	class := Class(s.file, "Everything")
	view := storage.NewObjects(st, s.file)
	ctx := s.ctx()
	var list []storage.FieldIndex
	var names []string
	for _, f := range class.Fields() {
		if x := (storage.FieldIndex{Class: class, Field: f}); x.Check() == nil {
			list = append(list, x)
			names = append(names, f.Name())
		}
	}
	want := []string{"i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "c", "s", "s4", "s25", "b", "b3", "b32", "angle", "ranged", "setOne"}
	Same(s, want, names)
	Must(s, view.SetIndexes(ctx, list))
	rapid.Check(s.T, func(t *rapid.T) {
		x := rapid.SampledFrom(list).Draw(t, "index")
		one, two := DrawValue(t, x.Field), DrawValue(t, x.Field)
		a, err := view.Create(ctx, class, []dc.FieldValue{{Field: x.Field, Packed: one}})
		Must(t, err)
		b, err := view.Create(ctx, class, []dc.FieldValue{{Field: x.Field, Packed: two}})
		Must(t, err)
		found, err := view.Find(ctx, x, one, a-1, 2)
		Must(t, err)
		want := []wire.DoID{a}
		if bytes.Equal(one, two) {
			want = append(want, b)
		}
		if !slices.Equal(found, want) {
			t.Fatalf("%v = %x: found %v, want %v; the other is %x", x, one, found, want, two)
		}
	})
}
