package yaml

import (
	"os"
	"path/filepath"
	"testing"

	"natstron/storage"
	"natstron/storage/storagetest"
)

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
	if err != nil {
		t.Fatal(err)
	}
	storagetest.Reading(t, st, func(ids storage.Range) (storage.Reader, error) { return OpenForReading(dir, ids, file) })
}
