package folder

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestMake(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b", "c")
	for range 2 { // the second time it is there
		if err := Make(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		t.Fatalf("%v, %v", info, err)
	}
	if err := Sync(dir); err != nil {
		t.Error(err)
	}
}

func TestFailures(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Make(filepath.Join(file, "below"), 0o700); err == nil {
		t.Error("made a folder in a file")
	}
	if err := Sync(file + " that is not there"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("sync: %v", err)
	}
}
