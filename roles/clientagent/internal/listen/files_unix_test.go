//go:build unix

package listen

import (
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
)

// What is no regular file is none to be had: reading a pipe would wait for ever.
func TestFilesPipe(t *testing.T) {
	folder := t.TempDir()
	must(t, syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o600))
	p := open(t, Config{WebSocket: true, Static: folder}, Limits{})
	if answer, body := get(t, p, "/pipe"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a pipe: %d, %q", answer.StatusCode, body)
	}
}
