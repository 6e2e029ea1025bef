package eventlogger

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDiskAppends(t *testing.T) {
	for _, test := range []struct{ name, before, want string }{
		{"new", "", "line\n"},
		{"whole lines", "old\n", "old\nline\n"},
		{"a torn line", "old\nto", "old\nto\nline\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "events.log")
			if test.before != "" {
				must(t, os.WriteFile(name, []byte(test.before), 0o600))
			}
			file, err := disk{}.open(name)
			must(t, err)
			if _, err := file.Write([]byte("line\n")); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(name) // while it is open
			must(t, err)
			same(t, test.want, string(got))
			if err := file.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDiskCreatesFolders(t *testing.T) {
	name := filepath.Join(t.TempDir(), "2013", "09", "events.log")
	file, err := disk{}.open(name)
	must(t, err)
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(name); err != nil {
		t.Error(err)
	}
}

func TestDiskRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for _, name := range []string{dir, filepath.Join(file, "events.log"), ""} {
		if f, err := (disk{}).open(name); err == nil {
			f.Close()
			t.Errorf("%q was opened", name)
		}
	}
}
