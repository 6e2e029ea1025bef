package embedded

import (
	"os"
	"path/filepath"
	"testing"

	"natstron/storage"
	"natstron/storage/storagetest"
)

func TestOpenForReading(t *testing.T) {
	path := filepath.Join(t.TempDir(), "objects.db")
	ids := storage.Range{Min: 1000, Max: 1009}
	if _, err := OpenForReading(path, ids); err == nil {
		t.Error("there is nothing to open")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("it made a file")
	}
	st, err := Open(path, ids)
	if err != nil {
		t.Fatal(err)
	}
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
