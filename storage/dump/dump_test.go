package dump

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/embedded"
	"natstron/storage/mongo"
	"natstron/storage/mongo/wiretest"
	"natstron/storage/storagetest"
	"natstron/storage/yaml"
)

var some = storage.Range{Min: 1000, Max: 1099}

// stores opens an empty store of each kind.
func stores(t *testing.T) map[string]storage.Store {
	e, err := embedded.Open(filepath.Join(t.TempDir(), "objects.db"), some)
	storagetest.Must(t, err)
	y, err := yaml.Open(t.TempDir(), some, storagetest.File(t))
	storagetest.Must(t, err)
	m, err := mongo.Open(t.Context(), wiretest.Start(t, false).URI("objects"), some, mongo.Options{})
	storagetest.Must(t, err)
	t.Cleanup(func() { storagetest.Must(t, errors.Join(e.Close(), y.Close(), m.Close())) })
	return map[string]storage.Store{"embedded": e, "yaml": y, "mongo": m}
}

func toon(hat string) document.Document {
	return document.Document{{Name: "setHat", Value: document.Document{{Name: "hat", Value: hat}}}}
}

// fill creates five objects, and deletes two.
func fill(t *testing.T, s storage.Store) {
	t.Helper()
	for i := range 5 {
		storagetest.Creates(t, s, wire.DoID(1000+i), toon(fmt.Sprint("hat ", i)))
	}
	for _, id := range []wire.DoID{1003, 1001} {
		storagetest.Must(t, s.Delete(t.Context(), id))
	}
}

const filled = `{"ids": {"next": 1005, "free": [1003, 1001]}}
{"do_id": 1000, "dclass": "Toon", "fields": {"setHat":{"hat":"hat 0"}}}
{"do_id": 1002, "dclass": "Toon", "fields": {"setHat":{"hat":"hat 2"}}}
{"do_id": 1004, "dclass": "Toon", "fields": {"setHat":{"hat":"hat 4"}}}
`

func text(t *testing.T, s storage.Reader) string {
	t.Helper()
	var b bytes.Buffer
	err := Write(t.Context(), &b, s, func(id wire.DoID, err error) { t.Error(id, err) }, func() {})
	storagetest.Must(t, err)
	return b.String()
}

// problems collects what could not be copied.
type problems map[wire.DoID]error

func (p problems) options() Options {
	return Options{Problem: func(id wire.DoID, err error) { p[id] = err }, Copied: func() {}}
}

// TestEveryWay copies from each kind of store into each, directly and as text. The
// text is the same everywhere, and ids go on where they were.
func TestEveryWay(t *testing.T) {
	names := slices.Sorted(maps.Keys(stores(t)))
	for _, from := range names {
		for _, to := range names {
			t.Run(from+" to "+to, func(t *testing.T) {
				source := stores(t)[from]
				fill(t, source)
				if got := text(t, source); got != filled {
					t.Errorf("as text:\n%s", got)
				}
				for way, s := range map[string]Source{"directly": From(source), "as text": ReadLines(strings.NewReader(filled))} {
					target := stores(t)[to]
					r, err := Copy(t.Context(), s, target, some, problems{}.options())
					if err != nil || r.New != 3 || r.Problems != 0 {
						t.Fatalf("%s: %+v, %v", way, r, err)
					}
					if got := text(t, target); got != filled {
						t.Errorf("%s:\n%s", way, got)
					}
					storagetest.Creates(t, target, 1005, nil)
				}
			})
		}
	}
}

// TestCopyAgain: what is there already and the same is left alone, what is different
// is told, or replaced.
func TestCopyAgain(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			fill(t, s)
			const changed = `
{"do_id": 1000, "dclass": "Toon", "fields": {"setHat":{"hat":"hat 0"}}}
{"do_id": 1002, "dclass": "Toon", "fields": {"setHat":{"hat":"another"}}}
{"do_id": 1004, "dclass": "Avatar", "fields": {}}
{"do_id": 5000, "dclass": "Toon", "fields": {}}`
			p := problems{}
			r, err := Copy(t.Context(), ReadLines(strings.NewReader(changed)), s, some, p.options())
			if diff := cmp.Diff(Result{New: 1, Same: 1, Problems: 2, Outside: 1}, r); diff != "" || err != nil {
				t.Error(diff, err)
			}
			if !errors.Is(p[1002], storage.ErrExists) || !errors.Is(p[1004], storage.ErrExists) || len(p) != 2 {
				t.Error(p)
			}
			o := problems{}.options()
			o.Replace = true
			r, err = Copy(t.Context(), ReadLines(strings.NewReader(changed)), s, some, o)
			if diff := cmp.Diff(Result{Same: 2, Replaced: 2, Outside: 1}, r); diff != "" || err != nil {
				t.Error(diff, err)
			}
			var lines []string
			for line := range strings.Lines(text(t, s)) {
				lines = append(lines, strings.TrimSpace(line))
			}
			if want := strings.Split(strings.TrimSpace(changed), "\n"); !slices.Equal(lines[1:], want) {
				t.Errorf("%q", lines)
			}
		})
	}
}

// An object that a store does not take does not cost the one that is there, also if that is of
// another class.
func TestReplaceRefused(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			storagetest.Must(t, s.SetIndexes(t.Context(), []storage.Index{{Class: "Toon", Field: "setHat", Unique: true}}, nil))
			storagetest.Creates(t, s, 1000, toon("mine"))
			storagetest.Must(t, s.Put(t.Context(), storage.Object{ID: 1001, Class: "Avatar", Fields: document.Document{}}))
			before := text(t, s)
			p := problems{}
			o := p.options()
			o.Replace = true
			r, err := Copy(t.Context(), ReadLines(strings.NewReader(`{"do_id": 1001, "dclass": "Toon", "fields": {"setHat":{"hat":"mine"}}}`)), s, some, o)
			if err != nil || r.Problems != 1 || !errors.Is(p[1001], storage.ErrTaken) {
				t.Errorf("%+v, %v, %v", r, err, p)
			}
			_, after, _ := strings.Cut(text(t, s), "\n") // the line with the ids
			if _, want, _ := strings.Cut(before, "\n"); after != want {
				t.Errorf("there is %q, and was %q", after, want)
			}
		})
	}
}

// TestMergedIDs: no id that either side has given is given again, unless it is free.
func TestMergedIDs(t *testing.T) {
	s := stores(t)["embedded"]
	fill(t, s) // next 1005, free 1003 and 1001
	const theirs = `{"ids": {"next": 1003, "free": [1001, 1000, 17]}}`
	r, err := Copy(t.Context(), ReadLines(strings.NewReader(theirs)), s, some, problems{}.options())
	storagetest.Must(t, err)
	if want := (&storage.IDs{Next: 1005, Free: []wire.DoID{1001, 1000, 1003}}); !cmp.Equal(r.IDs, want) {
		t.Errorf("%+v", r.IDs)
	}
	const far = `{"ids": {"next": 4294967296, "free": [1050, 2000]}}`
	r, err = Copy(t.Context(), ReadLines(strings.NewReader(far)), s, some, problems{}.options())
	storagetest.Must(t, err)
	if want := (&storage.IDs{Next: 1100, Free: []wire.DoID{1050, 1001, 1000, 1003}}); !cmp.Equal(r.IDs, want) {
		t.Errorf("%+v", r.IDs)
	}
	// 1000 is free in one of them, but has an object here.
	for _, want := range []wire.DoID{1050, 1001, 1003} {
		storagetest.Creates(t, s, want, nil)
	}
}

// TestBadLines: each is told with its number, and the others are read.
func TestBadLines(t *testing.T) {
	s := stores(t)["embedded"]
	var told []string
	o := Options{Copied: func() {}, Problem: func(_ wire.DoID, err error) { told = append(told, err.Error()) }}
	const bad = `{"do_id": 1000, "dclass": "Toon", "fields": {}}
{"do_id": 0, "dclass": "Toon", "fields": {}}
{"do_id": 4294967296, "dclass": "Toon", "fields": {}}
{"do_id": 1001, "fields": {}}
{"do_id": 1001, "dclass": "Toon", "fields": []}
{"do_id": 1001, "dclass": "Toon", "felds": {}}
{"do_id": 1001, "dclass": "Toon", "fields": {}
hello
{"ids": {"next": -1}}
{"ids": {"next": 1005, "free": ["x"]}}

{"do_id": 1002, "dclass": "Toon", "fields": {}}`
	r, err := Copy(t.Context(), ReadLines(strings.NewReader(bad)), s, some, o)
	if err != nil || r.New != 2 || r.Problems != 9 {
		t.Errorf("%+v, %v", r, err)
	}
	for i, problem := range told {
		if want := fmt.Sprintf("line %d: ", i+2); !strings.HasPrefix(problem, want) {
			t.Errorf("told %q, want %s", problem, want)
		}
	}
}

// TestValuesRefused: a store that cannot take a value says so, and goes on.
func TestValuesRefused(t *testing.T) {
	s := stores(t)["yaml"]
	p := problems{}
	const lines = `{"do_id": 1000, "dclass": "Toon", "fields": {"setGone": 5}}
{"do_id": 1001, "dclass": "Toon", "fields": {}}`
	r, err := Copy(t.Context(), ReadLines(strings.NewReader(lines)), s, some, p.options())
	if err != nil || r.New != 1 || !errors.Is(p[1000], storage.ErrValue) {
		t.Errorf("%+v, %v, %v", r, err, p)
	}
}

// TestCopyEnds: a source that fails, a store that does, and a context end it.
func TestCopyEnds(t *testing.T) {
	s := stores(t)["embedded"]
	fill(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Copy(ctx, From(s), stores(t)["embedded"], some, problems{}.options()); err == nil {
		t.Error("a cancelled copy is done")
	}
	full := stores(t)["embedded"]
	storagetest.Must(t, full.Close())
	_, err := Copy(t.Context(), From(s), full, some, problems{}.options())
	storagetest.Fails(t, err, storage.ErrClosed)
	_, err = Copy(t.Context(), From(full), s, some, problems{}.options())
	storagetest.Fails(t, err, storage.ErrClosed)
}

// TestLine: a line comes back as what it was written of.
func TestLine(t *testing.T) {
	value := rapid.OneOf(
		rapid.Just[document.Value](document.Text("(1, 2)")), rapid.Just[document.Value](document.Scaled(1.5)),
		rapid.Map(rapid.Int64(), func(n int64) document.Value { return n }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) document.Value { return b }),
		rapid.Map(rapid.String(), func(s string) document.Value { return s }),
		rapid.Map(rapid.Float64(), func(f float64) document.Value { return f }),
	)
	rapid.Check(t, func(t *rapid.T) {
		o := storage.Object{ID: wire.DoID(rapid.Uint32Min(1).Draw(t, "id")), Class: rapid.StringN(1, -1, -1).Draw(t, "class"), Fields: document.Document{}}
		for i := range rapid.IntRange(0, 4).Draw(t, "fields") {
			o.Fields = append(o.Fields, document.Element{Name: fmt.Sprint(i, rapid.String().Draw(t, "name")), Value: value.Draw(t, "value")})
		}
		line := AppendObject(nil, o)
		if bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("%q is not one line", line)
		}
		got, ids, err := parseLine(line)
		if err != nil || ids != nil || got.ID != o.ID || got.Class != o.Class || !document.Equal(got.Fields, o.Fields) {
			t.Fatalf("%s\ncomes back as %v, %v", line, got, err)
		}
	})
}

func FuzzLine(f *testing.F) {
	for line := range strings.Lines(filled) {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		o, ids, err := parseLine(line)
		if err != nil || ids != nil {
			return
		}
		again, _, err := parseLine(AppendObject(nil, o))
		if err != nil || again.ID != o.ID || !same(o, again) && len(o.Fields) == len(again.Fields) && !duplicate(o.Fields) {
			t.Fatalf("%s\ncomes back as %v, %v", line, again, err)
		}
	})
}

func duplicate(d document.Document) bool {
	seen := map[string]bool{}
	for _, e := range d {
		seen[e.Name] = true
	}
	return len(seen) < len(d)
}
