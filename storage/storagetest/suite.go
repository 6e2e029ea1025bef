package storagetest

import (
	"context"
	"errors"
	"slices"
	"strings"
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
	{"find", (*suite).find},
	{"unique index", (*suite).unique},
	{"index that cannot be unique", (*suite).doubles},
	{"indexes stay", (*suite).indexesStay},
	{"index under writers", (*suite).indexUnderWriters},
	{"32 creators of the same names", (*suite).creatorsOfNames},
	{"32 writers of the same names", (*suite).writersOfNames},
	{"indexes against a model", (*suite).indexModel},
	{"index of every type", (*suite).everyIndex},
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
	Must(s, err)
	s.Cleanup(func() { Must(s, st.Close()) })
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
	Must(s, err)
	v, err := storage.Encode(f, packed)
	Must(s, err)
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

// Must ends the test if there is an error.
func Must(t interface {
	Helper()
	Fatal(args ...any)
}, err error) {
	if err != nil {
		t.Helper()
		t.Fatal(err)
	}
}

// Same reports how what a test got differs from what it wants.
func Same(t testing.TB, want, got any, o ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, o...); diff != "" {
		t.Errorf("got something else (-want +got):\n%s", diff)
	}
}

// Fails reports an error that is not of that kind.
func Fails(t testing.TB, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("got the error %v, want %v", err, kind)
	}
}

// Creates creates a Toon, which must get that id.
func Creates(t testing.TB, st storage.Store, want wire.DoID, fields document.Document) {
	t.Helper()
	if id, err := st.Create(t.Context(), "Toon", fields); err != nil || id != want {
		t.Fatalf("created %d, %v, want %d", id, err, want)
	}
}

// Exhausted creates a Toon, for which there must be no id.
func Exhausted(t testing.TB, st storage.Store) {
	t.Helper()
	_, err := st.Create(t.Context(), "Toon", nil)
	failsAsError(t, err, storage.ErrExhausted)
}

// failsAsError is Fails, and wants an *Error.
func failsAsError(t testing.TB, err, kind error) {
	t.Helper()
	Fails(t, err, kind)
	if e := (*storage.Error)(nil); !errors.As(err, &e) {
		t.Errorf("%v is no storage.Error", err)
	}
}

// is fails the test unless err is of that kind, and an *Error.
func (s *suite) is(err, kind error) {
	s.Helper()
	failsAsError(s, err, kind)
}

func (s *suite) create(st storage.Store, want wire.DoID, pairs ...string) wire.DoID {
	s.Helper()
	id, err := st.Create(s.ctx(), "Toon", s.fields(pairs...))
	Must(s, err)
	if id != want {
		s.Errorf("created %d, want %d", id, want)
	}
	return id
}

func (s *suite) creates(st storage.Store, want ...wire.DoID) {
	s.Helper()
	for _, id := range want {
		s.create(st, id)
	}
}

// holds compares an object with names and JSON values in turn, in any order.
func (s *suite) holds(st storage.Store, id wire.DoID, pairs ...string) {
	s.Helper()
	o, err := st.Get(s.ctx(), id)
	Must(s, err)
	want := storage.Object{ID: id, Class: "Toon", Fields: s.fields(pairs...)}
	Same(s, sorted(want), sorted(o), sameNumbers)
}

// sameNumbers sees numbers as Equal does: a database may write another width.
var sameNumbers = cmp.Comparer(func(a, b document.Document) bool { return document.Equal(a, b) })

func sorted(o storage.Object) storage.Object {
	o.Fields = slices.Clone(o.Fields)
	slices.SortFunc(o.Fields, func(a, b document.Element) int { return strings.Compare(a.Name, b.Name) })
	return o
}
