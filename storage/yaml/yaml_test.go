package yaml

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/storagetest"
)

func TestStore(t *testing.T) {
	storagetest.Run(t, func(t testing.TB, file *dc.File) storagetest.Open {
		dir := filepath.Join(t.TempDir(), "deep", "folder")
		return func(r storage.Range) (storage.Store, error) { return Open(dir, r, file) }
	})
}

func BenchmarkStore(b *testing.B) {
	storagetest.Bench(b, func(tb testing.TB, file *dc.File) storagetest.Open {
		dir := tb.TempDir()
		return func(r storage.Range) (storage.Store, error) { return Open(dir, r, file) }
	})
}

// folder opens a folder of these files.
func folderOf(t *testing.T, files map[string]string) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		storagetest.Must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	s, err := Open(dir, storage.Range{Min: 1000, Max: 1010}, storagetest.File(t))
	storagetest.Must(t, err)
	t.Cleanup(func() { storagetest.Must(t, s.Close()) })
	return s, dir
}

func has(t *testing.T, dir, name, want string) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Error(err)
	} else if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// The form in which the reference's YAML library writes.
const reference = `id: 1000
class: Toon
fields:
  setName: ("Alice")
  hp: 15
  setFriends: "([1, 2])"
  data: <020000ff>`

func TestReferenceFolder(t *testing.T) {
	s, dir := folderOf(t, map[string]string{
		"1000.yaml": reference,
		"1001.yaml": "id: 1001\nclass: Avatar\nfields:\n  {}",
		"info.yaml": "next: 1004\nfree:\n  - 1003\n  - 1002",
	})
	ctx := t.Context()
	view := storage.NewObjects(s, storagetest.File(t))
	snap, err := view.Get(ctx, 1000)
	if err != nil || len(snap.Unreadable) > 0 {
		t.Fatal(snap, err)
	}
	var got []string
	for _, v := range snap.Values {
		text, err := v.Field.Text(v.Packed, dc.TextStyle{Notation: dc.Raw})
		storagetest.Must(t, err)
		got = append(got, v.Field.Name()+" "+text)
	}
	storagetest.Same(t, []string{`setName ("Alice")`, `hp 15`, `setFriends ([1, 2])`, `data <020000ff>`}, got)
	if o, err := s.Get(ctx, 1001); err != nil || o.Class != "Avatar" || len(o.Fields) != 0 {
		t.Error(o, err)
	}
	storagetest.Creates(t, s, 1004, document.Document{{Name: "setPos", Value: document.Document{{Name: "x", Value: int32(-15)}, {Name: "y", Value: int32(2)}}}})
	has(t, dir, "1004.yaml", "id: 1004\nclass: Toon\nfields:\n  setPos: (-15, 2)\n")
	has(t, dir, "info.yaml", "next: 1005\nfree:\n  - 1003\n  - 1002\n")
	storagetest.Must(t, s.Delete(ctx, 1004))
	has(t, dir, "info.yaml", "next: 1005\nfree:\n  - 1003\n  - 1002\n  - 1004\n")
	has(t, dir, "1000.yaml", reference)
}

// TestEditedByHand changes one field of a file that a person wrote.
func TestEditedByHand(t *testing.T) {
	s, dir := folderOf(t, map[string]string{"1000.yaml": `
# my toon
class: "Toon"   # quoted
id: 77
note: {by: me, list: [1, 2]}
fields:
  hp: 0x10
  setName:   ( 'Al' )
  mp: ~
  setFriends: ([ 1,2 ])
  data: 'not hex'
  gone: |
    some
    text
  setHat: (5)
  "setPos": (high, 2)
`})
	ctx := t.Context()
	o, err := s.Get(ctx, 1000)
	storagetest.Must(t, err)
	want := document.Document{
		{Name: "hp", Value: int64(16)},
		{Name: "setName", Value: document.Document{{Name: "name", Value: "Al"}}},
		{Name: "setFriends", Value: document.Document{{Name: "ids", Value: document.Array{int64(1), int64(2)}}}},
		{Name: "data", Value: document.Text("not hex")},
		{Name: "gone", Value: document.Text("some\ntext\n")},
		{Name: "setHat", Value: document.Text("(5)")},
		{Name: "setPos", Value: document.Text("(high, 2)")},
	}
	storagetest.Same(t, want, o.Fields)
	storagetest.Must(t, s.Update(ctx, 1000, storage.Update{Set: document.Document{{Name: "hp", Value: int64(17)}, {Name: "mp", Value: int64(1)}}, Delete: []string{"setHat"}}))
	has(t, dir, "1000.yaml", `id: 1000
class: Toon
fields:
  hp: 17
  setName: '( ''Al'' )'
  setFriends: '([ 1,2 ])'
  data: 'not hex'
  gone: "some\ntext\n"
  setPos: (high, 2)
  mp: 1
note: {by: me, list: [1, 2]}
`)
}

func TestUnreadableFiles(t *testing.T) {
	files := map[string]string{
		"1000.yaml": "", "1001.yaml": "just text", "1002.yaml": "class: Toon\nfields: [1]", "1003.yaml": "fields: {}",
		"1004.yaml": "class: Toon\nclass: Toon\nfields: {}", "1005.yaml": "class: {\n", "1006.yaml": "class: Toon\nfields:\n",
		"note.yaml": "no object", "01.yaml": "no object", "1007.yml": "no object",
	}
	s, _ := folderOf(t, files)
	var ids []wire.DoID
	for o, err := range s.All(t.Context(), 0) {
		ids = append(ids, o.ID)
		if (err == nil) != (o.ID == 1006) || err != nil && !errors.Is(err, storage.ErrUnreadable) {
			t.Errorf("%d: %v", o.ID, err)
		}
		if err != nil && !strings.Contains(err.Error(), name(o.ID)) {
			t.Errorf("%v does not name the file", err)
		}
	}
	storagetest.Same(t, []wire.DoID{1000, 1001, 1002, 1003, 1004, 1005, 1006}, ids)
	storagetest.Fails(t, s.Update(t.Context(), 1002, storage.Update{Set: document.Document{{Name: "hp", Value: int32(1)}}}), storage.ErrUnreadable)
	storagetest.Creates(t, s, 1007, nil)
}

func TestWhatHasNoText(t *testing.T) {
	s, _ := folderOf(t, nil)
	for _, o := range []storage.Object{
		{ID: 5, Class: "Gone", Fields: document.Document{{Name: "hp", Value: int32(1)}}},
		{ID: 5, Class: "Toon", Fields: document.Document{{Name: "gone", Value: int32(1)}}},
		{ID: 5, Class: "Toon", Fields: document.Document{{Name: "hp", Value: "x"}}},
	} {
		if err := s.Put(t.Context(), o); !errors.Is(err, storage.ErrValue) {
			t.Errorf("%v: %v", o, err)
		}
	}
	text := storage.Object{ID: 5, Class: "Gone", Fields: document.Document{{Name: "no: name", Value: document.Text("a: 'b' # \"c\" \x00 ä")}}}
	storagetest.Must(t, s.Put(t.Context(), text))
	if got, err := s.Get(t.Context(), 5); err != nil || !cmp.Equal(text, got) {
		t.Error(got, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	_, dir := folderOf(t, nil)
	ids := storage.Range{Min: 1, Max: 2}
	file := storagetest.File(t)
	if _, err := Open(dir, ids, file); !errors.Is(err, storage.ErrLocked) {
		t.Error(err)
	}
	if _, err := Open(t.TempDir(), storage.Range{}, file); err == nil {
		t.Error("an empty range is fine")
	}
	for _, text := range []string{"next: -1", "next: x", "free: 5", "next: 5\nfree: [x]", "next: 5\nmore: 1", "- 5", "next: 99999999999", "free: [0]"} {
		dir := t.TempDir()
		storagetest.Must(t, os.WriteFile(filepath.Join(dir, infoName), []byte(text), 0o600))
		if _, err := Open(dir, ids, file); err == nil || !strings.Contains(err.Error(), infoName) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestDeadInBetween has folders as a process leaves them that dies between its
// two files, or within one.
func TestDeadInBetween(t *testing.T) {
	object := "class: Toon\nfields: {}\n"
	s, dir := folderOf(t, map[string]string{
		"info.yaml":           "next: 1001\nfree: [1000]\n", // deleting 1000, creating 1001
		"1000.yaml":           object,
		"1001.yaml":           object,
		".1002.yaml.new":      "class: To",
		".info.yaml.new":      "ne",
		"unrelated.yaml.new":  "",
		".unrelated.yaml.old": "",
	})
	for id := wire.DoID(1002); id <= 1010; id++ {
		storagetest.Creates(t, s, id, nil)
	}
	storagetest.Exhausted(t, s)
	left, err := filepath.Glob(filepath.Join(dir, ".*new"))
	if err != nil || len(left) != 0 {
		t.Error(left, err)
	}
}

func TestScalar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[\[\]{}()<>"' a-z0-9:#,.&*!|%@\x60~?-]*`), rapid.StringMatching(`\([A-Za-z0-9_"<>., -]*\)`), rapid.StringMatching(`-?[0-9._]+`)).Draw(t, "text")
		if rapid.Bool().Draw(t, "a key, too") {
			text = strings.TrimSpace(text) + "x"
		}
		data := "class: A\nfields:\n  key: " + scalar(text) + "\n  " + scalar(text+"k") + ": 1\n"
		o, err := readObject(&dc.File{}, 1, []byte(data))
		if err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		if v, _ := o.Fields.Get("key"); v != document.Value(document.Text(text)) {
			t.Fatalf("%q: got %q", data, v)
		}
		if _, ok := o.Fields.Get(text + "k"); !ok && text != "keyk" {
			t.Fatalf("%q: got %v", data, o.Fields)
		}
	})
}

// TestLostInfo has info.yaml removed: ids that were given are not given again.
func TestLostInfo(t *testing.T) {
	dir, ids := t.TempDir(), storage.Range{Min: 1000, Max: 1099}
	open := func() *Store {
		s, err := Open(dir, ids, storagetest.File(t))
		storagetest.Must(t, err)
		return s
	}
	s := open()
	for n := range wire.DoID(3) {
		storagetest.Creates(t, s, 1000+n, nil)
	}
	storagetest.Must(t, s.Put(t.Context(), storage.Object{ID: 5000, Class: "Toon"}))
	storagetest.Must(t, errors.Join(s.Delete(t.Context(), 1001), s.Close(), os.Remove(filepath.Join(dir, infoName))))
	s = open()
	storagetest.Creates(t, s, 1003, nil)
	if n, highest, err := s.Count(t.Context()); n != 4 || highest != 5000 || err != nil {
		t.Errorf("%d objects, up to %d, %v", n, highest, err)
	}
	storagetest.Must(t, s.Close())
}

// TestFolderRemoved takes the folder away from under a store.
func TestFolderRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "objects")
	s, err := Open(dir, storage.Range{Min: 1000, Max: 1099}, storagetest.File(t))
	storagetest.Must(t, err)
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Skip("this system does not let a folder in use be moved:", err)
	}
	if _, err := s.Get(t.Context(), 1000); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("get: %v", err)
	}
	if _, err := s.Create(t.Context(), "Toon", nil); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("create: %v", err)
	}
	storagetest.Must(t, s.Close())
}

func TestOpenForReading(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "objects")
	ids := storage.Range{Min: 1000, Max: 1009}
	file := storagetest.File(t)
	if _, err := OpenForReading(dir, ids, file); err == nil {
		t.Error("there is nothing to open")
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it made a folder")
	}
	st, err := Open(dir, ids, file)
	storagetest.Must(t, err)
	storagetest.Reading(t, st, func(ids storage.Range) (storage.Reader, error) { return OpenForReading(dir, ids, file) })
}

// TestChar: the C++ Astron wants a char in single quotation marks. Both are read.
func TestChar(t *testing.T) {
	class := storagetest.Class(storagetest.File(t), "Everything")
	for value, want := range map[string]string{"A": `'A'`, "'": `'\''`, `"`: `'"'`, "\n": `'\x0a'`} {
		text, err := writeValue(class, "c", value)
		if err != nil || text != want {
			t.Errorf("%q is written %s, %v; want %s", value, text, err, want)
		}
		if got := readValue(class, "c", text); got != value {
			t.Errorf("%s is read as %v", text, got)
		}
	}
	if got := readValue(class, "c", `"A"`); got != "A" {
		t.Errorf(`"A" is read as %v`, got)
	}
}
