package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/internal/backend"
	"natstron/storage/storagetest"
)

var wide = storage.Range{Min: 1000, Max: 1 << 30}

// opened opens a file until the end of the test.
func opened(tb testing.TB, path string, ids storage.Range) *Store {
	tb.Helper()
	s, err := Open(path, ids)
	storagetest.Must(tb, err)
	tb.Cleanup(func() { storagetest.Must(tb, s.Close()) })
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t testing.TB, _ *dc.File) storagetest.Open {
		path := filepath.Join(t.TempDir(), "folder", "with space", "what? #100%25.db")
		return func(r storage.Range) (storage.Store, error) { return Open(path, r) }
	})
}

func BenchmarkStore(b *testing.B) {
	storagetest.Bench(b, func(tb testing.TB, _ *dc.File) storagetest.Open {
		path := filepath.Join(tb.TempDir(), "objects.db")
		return func(r storage.Range) (storage.Store, error) { return Open(path, r) }
	})
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	ids := storage.Range{Min: 1, Max: 2}
	path := filepath.Join(dir, "objects.db")
	opened(t, path, wide)
	if _, err := Open(path, ids); !errors.Is(err, storage.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "x.db"), storage.Range{Min: 2, Max: 1}); err == nil {
		t.Error("an empty range is fine")
	}
	text := filepath.Join(dir, "text.db")
	storagetest.Must(t, os.WriteFile(text, []byte(strings.Repeat("this is no database\n", 200)), 0o600))
	if _, err := Open(text, ids); err == nil {
		t.Error("a text is a database")
	}
	for name, setup := range map[string]string{
		"another program": "CREATE TABLE t (a)",
		"a newer release": fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, layout+1),
	} {
		other := filepath.Join(dir, "other.db")
		edit(t, other, setup)
		if _, err := Open(other, ids); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		storagetest.Must(t, os.Remove(other))
	}
}

// edit does what a person does with sqlite3.
func edit(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(path))
	storagetest.Must(t, err)
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
	storagetest.Must(t, db.Close())
}

// TestWhatPeopleSee reads and edits the file beside the store that has it open.
func TestWhatPeopleSee(t *testing.T) {
	path := filepath.Join(t.TempDir(), "objects.db")
	s := opened(t, path, wide)
	ctx := t.Context()
	id, err := s.Create(ctx, "Toon", document.Document{{Name: "setName", Value: document.Document{{Name: "name", Value: "Alice"}}}, {Name: "hp", Value: int64(15)}})
	storagetest.Must(t, err)
	db, err := sql.Open("sqlite", dsn(path))
	storagetest.Must(t, err)
	var name, fields string
	storagetest.Must(t, db.QueryRow(`SELECT fields ->> '$.setName.name', fields FROM objects WHERE doid = ?`, id).Scan(&name, &fields))
	if name != "Alice" || fields != `{"setName":{"name":"Alice"},"hp":15}` {
		t.Errorf("sees %q, %s", name, fields)
	}
	storagetest.Must(t, db.Close())
	edit(t, path, `UPDATE objects SET fields = json_set(fields, '$.hp', 16)`)
	o, err := s.Get(ctx, id)
	if hp, _ := o.Fields.Get("hp"); err != nil || hp != document.Value(int32(16)) {
		t.Errorf("got %v, %v", o, err)
	}
}

// TestDamagedRow has one object that cannot be read among others.
func TestDamagedRow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "objects.db")
	s := opened(t, path, wide)
	ctx := t.Context()
	for n := range wire.DoID(3) {
		storagetest.Creates(t, s, 1000+n, document.Document{{Name: "hp", Value: int32(1)}})
	}
	edit(t, path, `UPDATE objects SET fields = '{"hp":' WHERE doid = 1001`)
	if _, err := s.Get(ctx, 1001); !errors.Is(err, storage.ErrUnreadable) {
		t.Error(err)
	}
	storagetest.Fails(t, s.Update(ctx, 1001, storage.Update{Set: document.Document{{Name: "hp", Value: int32(2)}}}), storage.ErrUnreadable)
	var seen []wire.DoID
	for o, err := range s.All(ctx, 0) {
		if (err != nil) != (o.ID == 1001) || err != nil && !errors.Is(err, storage.ErrUnreadable) {
			t.Errorf("%d: %v", o.ID, err)
		}
		seen = append(seen, o.ID)
	}
	if len(seen) != 3 {
		t.Errorf("saw %v", seen)
	}
	storagetest.Must(t, s.Delete(ctx, 1001))
}

// TestKeepsWhatItDoesNotKnow puts values of types that no DC field has.
func TestKeepsWhatItDoesNotKnow(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "objects.db"), wide)
	ctx := t.Context()
	want := document.Document{{Name: "a.b", Value: document.Other{Type: 7, Data: "123456789012"}}, {Name: "$x", Value: document.Text("(")}, {Name: "n", Value: document.Other{Type: 10}}}
	storagetest.Must(t, s.Put(ctx, storage.Object{ID: 5, Class: "Gone", Fields: want}))
	storagetest.Must(t, s.Update(ctx, 5, storage.Update{Set: document.Document{{Name: "hp", Value: int32(1)}}}))
	o, err := s.Get(ctx, 5)
	if err != nil || !document.Equal(o.Fields, append(want, document.Element{Name: "hp", Value: int32(1)})) {
		t.Errorf("got %v, %v", o, err)
	}
}

// TestFailureInABatch has a job that makes the database fail among others: they are
// done, and it is undone.
func TestFailureInABatch(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "objects.db"), wide)
	good := func(tx *transaction) error {
		_, err := tx.create("Toon", nil)
		return err
	}
	bad := func(tx *transaction) error {
		if _, err := tx.create("Bad", nil); err != nil {
			return err
		}
		return backend.Unavailable(errors.New("disk on fire"))
	}
	var batch []*job
	for i := range 5 {
		j := &job{run: good, answer: make(chan error, 1)}
		if i == 2 {
			j.run = bad
		}
		j.state.Store(begun)
		batch = append(batch, j)
	}
	hold := make(chan struct{}) // keeps the writer's goroutine off its connection
	release := make(chan struct{})
	go func() {
		_ = s.writer.do(context.Background(), func(*transaction) error { // answers nil
			close(hold)
			<-release
			return nil
		})
	}()
	<-hold
	close(release)
	storagetest.Must(t, s.write(t.Context(), "wait", 0, func(*transaction) error { return nil }))
	s.writer.all(batch) // the writer waits for jobs meanwhile
	for i, j := range batch {
		if err := <-j.answer; (err != nil) != (i == 2) {
			t.Errorf("job %d: %v", i, err)
		}
	}
	n := 0
	for o, err := range s.All(t.Context(), 0) {
		if err != nil || o.Class != "Toon" || o.ID != wire.DoID(1000+n) {
			t.Errorf("found %v, %v", o, err)
		}
		n++
	}
	if n != 4 {
		t.Errorf("%d objects, want 4", n)
	}
}

// TestContextEndsInTheQueue gives a call up while the writer is busy.
func TestContextEndsInTheQueue(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "objects.db"), wide)
	busy, release := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		first <- s.write(ctx, "first", 0, func(tx *transaction) error {
			close(busy)
			<-release
			_, err := tx.create("Toon", nil)
			return err
		})
	}()
	<-busy
	second := make(chan error, 1)
	go func() {
		_, err := s.Create(ctx, "Never", nil)
		second <- err
	}()
	cancel()
	if err := <-first; !errors.Is(err, storage.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("what had begun: %v", err)
	}
	if err := <-second; !errors.Is(err, context.Canceled) || errors.Is(err, storage.ErrUnknown) {
		t.Errorf("what had not begun: %v", err)
	}
	close(release)
	id, err := s.Create(t.Context(), "Toon", nil)
	if err != nil || id != 1001 {
		t.Errorf("got %d, %v: the one that had begun has 1000, the other none", id, err)
	}
}

func TestOpenForReading(t *testing.T) {
	path := filepath.Join(t.TempDir(), "objects.db")
	ids := storage.Range{Min: 1000, Max: 1009}
	if _, err := OpenForReading(path, ids); err == nil {
		t.Error("there is nothing to open")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("it made a file")
	}
	st := opened(t, path, ids)
	storagetest.Reading(t, st, func(ids storage.Range) (storage.Reader, error) { return OpenForReading(path, ids) })

	other := filepath.Join(t.TempDir(), "other.db")
	if err := os.WriteFile(other, []byte("this is no SQLite file, but a text of some length, "+
		"so that it cannot be taken for an empty one by a reader of its first page"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenForReading(other, ids); err == nil {
		t.Error("another program's file was opened")
	}
}
