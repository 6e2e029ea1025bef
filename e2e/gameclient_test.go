package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"natstron/dc"
)

// gameHash is the hash of the game.dc in a folder.
func gameHash(t testing.TB, dir string) uint32 {
	t.Helper()
	file, err := dc.ParseFiles(filepath.Join(dir, "game.dc"))
	must(t, err)
	return file.Hash()
}

func write(t testing.TB, name, text string) {
	t.Helper()
	must(t, os.WriteFile(name, []byte(text), 0o600))
}
