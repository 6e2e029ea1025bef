package storagetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
	"natstron/storage/document"
)

// Open opens the same data, which are empty at first, as often as it is called; not
// before the Store of the last call is closed.
type Open func(r storage.Range) (storage.Store, error)

// Run runs the suite. It calls fresh once for each test, with the DC file that all
// objects are of.
func Run(t *testing.T, fresh func(t testing.TB, file *dc.File) Open) {
	file := File(t)
	for _, one := range tests {
		t.Run(one.name, func(t *testing.T) {
			one.run(&suite{T: t, file: file, open: fresh(t, file)})
		})
	}
}

var tests = []struct {
	name string
	run  func(s *suite)
}{
	{"create and get", (*suite).createAndGet},
	{"nothing there", (*suite).nothingThere},
	{"set and delete fields", (*suite).setAndDelete},
	{"class", (*suite).class},
	{"compare and set several", (*suite).compareAndSet},
	{"set if empty", (*suite).setIfEmpty},
	{"delete", (*suite).delete},
	{"put", (*suite).put},
	{"all", (*suite).all},
	{"names and values refused", (*suite).refused},
	{"range of 11", (*suite).rangeOf11},
	{"end of all ids", (*suite).endOfIDs},
	{"set ids", (*suite).setIDs},
	{"ids after put", (*suite).idsAfterPut},
	{"restart", (*suite).restart},
	{"another range", (*suite).anotherRange},
	{"contexts", (*suite).contexts},
	{"close", (*suite).closed},
	{"32 writers, compare and set", (*suite).writersComparing},
	{"32 writers, nothing torn", (*suite).writersTearing},
	{"32 writers, set if empty", (*suite).writersEmpty},
	{"32 creators", (*suite).creators},
	{"32 creators and deleters", (*suite).creatorsDeleters},
	{"every type", (*suite).everyType},
	{"objects", (*suite).objects},
}

// wait is how long a call may take before the test is given up.
const wait = time.Minute

type suite struct {
	*testing.T
	file *dc.File
	open Open
}

// store opens the data until the end of the test.
func (s *suite) store(low, high wire.DoID) storage.Store {
	s.Helper()
	st, err := s.open(storage.Range{Min: low, Max: high})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		if err := st.Close(); err != nil {
			s.Error(err)
		}
	})
	return st
}

func (s *suite) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	s.Cleanup(cancel)
	return ctx
}

// value is what is stored for a field of Toon that is set to a JSON value.
func (s *suite) value(field, json string) document.Value {
	s.Helper()
	f := Field(Class(s.file, "Toon"), field)
	packed, err := f.PackJSON([]byte(json), dc.Raw)
	if err != nil {
		s.Fatal(err)
	}
	v, err := storage.Encode(f, packed)
	if err != nil {
		s.Fatal(err)
	}
	return v
}

// fields makes a document of names and JSON values in turn.
func (s *suite) fields(pairs ...string) document.Document {
	s.Helper()
	d := document.Document{}
	for i := 0; i < len(pairs); i += 2 {
		d = append(d, document.Element{Name: pairs[i], Value: s.value(pairs[i], pairs[i+1])})
	}
	return d
}

// is fails the test unless err is of that kind, and an *Error.
func (s *suite) is(err, kind error) {
	s.Helper()
	var e *storage.Error
	if !errors.Is(err, kind) || kind != nil && !errors.As(err, &e) {
		s.Errorf("got the error %v, want %v", err, kind)
	}
}

func (s *suite) create(st storage.Store, want wire.DoID, pairs ...string) wire.DoID {
	s.Helper()
	id, err := st.Create(s.ctx(), "Toon", s.fields(pairs...))
	if err != nil {
		s.Fatal(err)
	}
	if id != want {
		s.Errorf("created %d, want %d", id, want)
	}
	return id
}

// holds compares an object with names and JSON values in turn, in any order.
func (s *suite) holds(st storage.Store, id wire.DoID, pairs ...string) {
	s.Helper()
	o, err := st.Get(s.ctx(), id)
	if err != nil {
		s.Fatal(err)
	}
	want := storage.Object{ID: id, Class: "Toon", Fields: s.fields(pairs...)}
	if diff := cmp.Diff(sorted(want), sorted(o), sameNumbers); diff != "" {
		s.Errorf("object %d (-want +got):\n%s", id, diff)
	}
}

// sameNumbers sees numbers as Equal does: a database may write another width.
var sameNumbers = cmp.Comparer(func(a, b document.Document) bool { return document.Equal(a, b) })

func sorted(o storage.Object) storage.Object {
	o.Fields = slices.Clone(o.Fields)
	slices.SortFunc(o.Fields, func(a, b document.Element) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return o
}
