package bridge

import (
	"os"
	"path/filepath"
	"testing"
)

func TestListensAt(t *testing.T) {
	for text, want := range map[string]string{
		"port: 4229":                "127.0.0.1:4229",
		"listen: 0.0.0.0:4229":      "127.0.0.1:4229",
		"listen: 192.0.2.7:4229":    "192.0.2.7:4229",
		"listen: 127.0.0.1:-1":      "127.0.0.1:0",
		"server_name: says-no-port": "",
	} {
		name := filepath.Join(t.TempDir(), "nats.conf")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ListensAt(name); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", text, got, err, want)
		}
	}
	if _, err := ListensAt(filepath.Join(t.TempDir(), "none.conf")); err == nil {
		t.Error("no error without a file")
	}
}
