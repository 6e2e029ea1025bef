package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"natstron/dc"
)

// Files are read and written.

// gameHash is the hash of the game.dc in a folder.
func gameHash(t testing.TB, dir string) uint32 {
	t.Helper()
	file, err := dc.ParseFiles(filepath.Join(dir, "game.dc"))
	must(t, err)
	return file.Hash()
}

// read is the text of a file.
func read(t testing.TB, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	must(t, err)
	return string(text)
}

func write(t testing.TB, name, text string) {
	t.Helper()
	must(t, os.WriteFile(name, []byte(text), 0o600))
}
