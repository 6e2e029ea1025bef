package storagetest

import (
	"errors"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
)

func (s *suite) createAndGet() {
	st := s.store(1000, 2000)
	s.create(st, 1000, "setName", `["Alice"]`, "hp", "15")
	s.create(st, 1001)
	s.create(st, 1002, "setPos", "[-15,20]", "setFriends", "[[1,4000000000]]", "data", `"00ff0a"`)
	s.holds(st, 1000, "setName", `["Alice"]`, "hp", "15")
	s.holds(st, 1001)
	s.holds(st, 1002, "setPos", "[-15,20]", "setFriends", "[[1,4000000000]]", "data", `"00ff0a"`)
}

func (s *suite) nothingThere() {
	st := s.store(1000, 2000)
	for _, id := range []wire.DoID{0, 1, 1000, 1 << 31, 1<<32 - 1} {
		_, err := st.Get(s.ctx(), id)
		s.is(err, storage.ErrNotFound)
		s.is(st.Update(s.ctx(), id, storage.Update{Set: s.fields("hp", "1")}), storage.ErrNotFound)
		s.is(st.Update(s.ctx(), id, storage.Update{Delete: []string{"hp"}}), storage.ErrNotFound)
		s.is(st.Update(s.ctx(), id, storage.Update{If: []storage.Condition{{Name: "hp"}}, Set: s.fields("hp", "1")}), storage.ErrNotFound)
		s.is(st.Delete(s.ctx(), id), storage.ErrNotFound)
	}
	s.create(st, 1000)
}

func (s *suite) setAndDelete() {
	st := s.store(1000, 2000)
	id := s.create(st, 1000, "setName", `["Alice"]`, "hp", "15")
	other := s.create(st, 1001, "hp", "1")
	update := func(u storage.Update) {
		s.Helper()
		if err := st.Update(s.ctx(), id, u); err != nil {
			s.Error(err)
		}
	}
	update(storage.Update{Set: s.fields("hp", "16")})
	s.holds(st, id, "setName", `["Alice"]`, "hp", "16")
	update(storage.Update{Set: s.fields("mp", "1", "setName", `["Bob"]`)})
	s.holds(st, id, "setName", `["Bob"]`, "hp", "16", "mp", "1")
	update(storage.Update{Set: s.fields("hp", "17"), Delete: []string{"mp", "setPos"}})
	s.holds(st, id, "setName", `["Bob"]`, "hp", "17")
	update(storage.Update{Delete: []string{"setName", "hp"}})
	s.holds(st, id)
	update(storage.Update{Delete: []string{"hp"}})
	update(storage.Update{})
	s.holds(st, id)
	update(storage.Update{Set: s.fields("hp", "18")})
	s.holds(st, id, "hp", "18")
	s.holds(st, other, "hp", "1")
}

func (s *suite) class() {
	st := s.store(1000, 2000)
	id := s.create(st, 1000, "hp", "15")
	err := st.Update(s.ctx(), id, storage.Update{Classes: []string{"Avatar", "Everything"}, Set: s.fields("hp", "16"), Delete: []string{"mp"}})
	s.is(err, storage.ErrClass)
	var class *storage.ClassError
	if !errors.As(err, &class) || class.Class != "Toon" {
		s.Errorf("%v does not name the class", err)
	}
	s.holds(st, id, "hp", "15")
	if err := st.Update(s.ctx(), id, storage.Update{Classes: []string{"Avatar", "Toon"}, Set: s.fields("hp", "16")}); err != nil {
		s.Error(err)
	}
	s.is(st.Update(s.ctx(), id, storage.Update{Classes: []string{"Avatar"}}), storage.ErrClass)
	s.is(st.Update(s.ctx(), 5, storage.Update{Classes: []string{"Avatar"}}), storage.ErrNotFound)
	s.holds(st, id, "hp", "16")
}

// when makes conditions of names and JSON values in turn; "" is "no value".
func (s *suite) when(pairs ...string) []storage.Condition {
	s.Helper()
	var list []storage.Condition
	for i := 0; i < len(pairs); i += 2 {
		c := storage.Condition{Name: pairs[i]}
		if pairs[i+1] != "" {
			c.Want = s.value(pairs[i], pairs[i+1])
		}
		list = append(list, c)
	}
	return list
}

func (s *suite) compareAndSet() {
	st := s.store(1000, 2000)
	id := s.create(st, 1000, "hp", "15", "mp", "3", "setName", `["Alice"]`, "setFriends", "[[1,2]]", "data", `""`)
	for _, pairs := range [][]string{
		{"hp", "14", "mp", "3"},
		{"hp", "15", "mp", "4"},
		{"hp", "15", "setPos", "[0,0]"},
		{"hp", ""},
		{"setName", `["Alic"]`},
		{"setName", `["alice"]`},
		{"setFriends", "[[1]]"},
		{"setFriends", "[[2,1]]"},
		{"setFriends", "[[]]"},
		{"data", `"00"`},
	} {
		before, err := st.Get(s.ctx(), id)
		if err != nil {
			s.Fatal(err)
		}
		err = st.Update(s.ctx(), id, storage.Update{If: s.when(pairs...), Set: s.fields("hp", "99", "mp", "99"), Delete: []string{"setName"}})
		s.is(err, storage.ErrMismatch)
		var mismatch *storage.MismatchError
		if !errors.As(err, &mismatch) {
			continue
		}
		if diff := cmp.Diff(sorted(before), sorted(mismatch.Object), sameNumbers); diff != "" {
			s.Errorf("%v: the error's object (-want +got):\n%s", pairs, diff)
		}
	}
	s.holds(st, id, "hp", "15", "mp", "3", "setName", `["Alice"]`, "setFriends", "[[1,2]]", "data", `""`)

	err := st.Update(s.ctx(), id, storage.Update{
		If:     s.when("hp", "15", "mp", "3", "setName", `["Alice"]`, "setFriends", "[[1,2]]", "data", `""`, "setPos", ""),
		Set:    s.fields("hp", "16", "setPos", "[1,2]", "setFriends", "[[]]"),
		Delete: []string{"mp"},
	})
	if err != nil {
		s.Error(err)
	}
	s.holds(st, id, "hp", "16", "setName", `["Alice"]`, "setPos", "[1,2]", "setFriends", "[[]]", "data", `""`)
	if err := st.Update(s.ctx(), id, storage.Update{If: s.when("setFriends", "[[]]", "setPos", "[1,2]"), Set: s.fields("hp", "17")}); err != nil {
		s.Error(err)
	}
	if err := st.Update(s.ctx(), id, storage.Update{If: s.when("hp", "17")}); err != nil {
		s.Error("nothing to change:", err)
	}
	s.is(st.Update(s.ctx(), id, storage.Update{If: s.when("hp", "18")}), storage.ErrMismatch)
}

func (s *suite) setIfEmpty() {
	st := s.store(1000, 2000)
	id := s.create(st, 1000)
	set := storage.Update{If: s.when("hp", ""), Set: s.fields("hp", "0")}
	if err := st.Update(s.ctx(), id, set); err != nil {
		s.Error(err)
	}
	s.is(st.Update(s.ctx(), id, set), storage.ErrMismatch)
	s.holds(st, id, "hp", "0")
	if err := st.Update(s.ctx(), id, storage.Update{Delete: []string{"hp"}}); err != nil {
		s.Error(err)
	}
	if err := st.Update(s.ctx(), id, set); err != nil {
		s.Error(err)
	}
	// A value without a byte is a value.
	empty := storage.Update{If: s.when("data", ""), Set: s.fields("data", `""`)}
	if err := st.Update(s.ctx(), id, empty); err != nil {
		s.Error(err)
	}
	s.is(st.Update(s.ctx(), id, empty), storage.ErrMismatch)
}

func (s *suite) delete() {
	st := s.store(1000, 2000)
	id := s.create(st, 1000, "hp", "15")
	s.create(st, 1001, "hp", "16")
	if err := st.Delete(s.ctx(), id); err != nil {
		s.Fatal(err)
	}
	_, err := st.Get(s.ctx(), id)
	s.is(err, storage.ErrNotFound)
	s.is(st.Delete(s.ctx(), id), storage.ErrNotFound)
	s.is(st.Update(s.ctx(), id, storage.Update{Set: s.fields("hp", "1")}), storage.ErrNotFound)
	s.create(st, 1002)
	s.holds(st, 1001, "hp", "16")
}

func (s *suite) put() {
	st := s.store(1000, 2000)
	for _, id := range []wire.DoID{1, 1500, 1<<32 - 1} {
		o := storage.Object{ID: id, Class: "Toon", Fields: s.fields("hp", "15")}
		if err := st.Put(s.ctx(), o); err != nil {
			s.Fatal(err)
		}
		s.is(st.Put(s.ctx(), storage.Object{ID: id, Class: "Toon"}), storage.ErrExists)
		s.holds(st, id, "hp", "15")
		if err := st.Update(s.ctx(), id, storage.Update{Set: s.fields("mp", "1")}); err != nil {
			s.Error(err)
		}
		s.holds(st, id, "hp", "15", "mp", "1")
	}
	s.is(st.Put(s.ctx(), storage.Object{Class: "Toon"}), storage.ErrValue)
	if err := st.Delete(s.ctx(), 1); err != nil {
		s.Error(err)
	}
	s.create(st, 1000)
}

func (s *suite) all() {
	st := s.store(1000, 2000)
	want := []wire.DoID{7, 1000, 1001, 1002, 1<<32 - 1}
	s.create(st, 1000, "hp", "1")
	s.create(st, 1001, "hp", "2")
	s.create(st, 1002, "hp", "3")
	for _, id := range []wire.DoID{1<<32 - 1, 7} {
		if err := st.Put(s.ctx(), storage.Object{ID: id, Class: "Toon", Fields: s.fields("hp", "9")}); err != nil {
			s.Fatal(err)
		}
	}
	if counter, ok := st.(storage.Counter); ok {
		if n, highest, err := counter.Count(s.ctx()); n != 5 || highest != 1<<32-1 || err != nil {
			s.Errorf("counted %d objects, up to %d, %v", n, highest, err)
		}
	}
	list := func(above wire.DoID, most int) []wire.DoID {
		var ids []wire.DoID
		for o, err := range st.All(s.ctx(), above) {
			if err != nil {
				s.Fatal(err)
			}
			if o.Class != "Toon" || len(o.Fields) != 1 {
				s.Errorf("got %v", o)
			}
			if ids = append(ids, o.ID); len(ids) == most {
				break
			}
		}
		return ids
	}
	for _, c := range []struct {
		above wire.DoID
		most  int
		want  []wire.DoID
	}{{0, 0, want}, {7, 0, want[1:]}, {8, 0, want[1:]}, {1001, 0, want[3:]}, {1<<32 - 1, 0, nil}, {0, 2, want[:2]}} {
		if diff := cmp.Diff(c.want, list(c.above, c.most)); diff != "" {
			s.Errorf("above %d, at most %d: %s", c.above, c.most, diff)
		}
	}
}

func (s *suite) refused() {
	st := s.store(1000, 2000)
	id := s.create(st, 1000, "hp", "1")
	for _, name := range []string{"", "a.b", "$set", "a\x00b"} {
		bad := document.Document{{Name: name, Value: int32(1)}}
		s.is(st.Update(s.ctx(), id, storage.Update{Set: bad}), storage.ErrValue)
		s.is(st.Update(s.ctx(), id, storage.Update{Delete: []string{name}}), storage.ErrValue)
		s.is(st.Update(s.ctx(), id, storage.Update{If: []storage.Condition{{Name: name, Want: int32(1)}}}), storage.ErrValue)
		_, err := st.Create(s.ctx(), "Toon", bad)
		s.is(err, storage.ErrValue)
	}
	twice := storage.Update{Set: s.fields("hp", "2"), Delete: []string{"hp"}}
	s.is(st.Update(s.ctx(), id, twice), storage.ErrValue)
	_, err := st.Create(s.ctx(), "", nil)
	s.is(err, storage.ErrValue)
	s.holds(st, id, "hp", "1")
	s.create(st, 1001) // no id was used up
}
