package secret

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ok", "s3cr3t\r\n")
	write("empty", "\n")
	write("large", strings.Repeat("x", maxSize+1))
	for _, tt := range []struct {
		name   string
		secret string
		file   string
		want   string
		fails  string
	}{
		{"neither", "", "", "", ""},
		{"in place", "direct", "", "direct", ""},
		{"file", "", filepath.Join(dir, "ok"), "s3cr3t", ""},
		{"empty file", "", filepath.Join(dir, "empty"), "", "is empty"},
		{"large file", "", filepath.Join(dir, "large"), "", "larger than"},
		{"missing file", "", "missing", "", "no such file"},
	} {
		got, err := Read(tt.secret, tt.file)
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.fails)
		}
	}
}

func TestMaskURL(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"", ""},
		{"nats://hub:4222", "nats://hub:4222"},
		{"nats://token@hub", "nats://***@hub"},
		{"mongodb://u:p@ss/w@a:1,b:2/db", "mongodb://***@a:1,b:2/db"},
		{"mongodb://a/db?password=x", "mongodb://a/db?***"},
		{"no url at all", "***"},
	} {
		if got := MaskURL(tt.url); got != tt.want {
			t.Errorf("%q prints as %q, want %q", tt.url, got, tt.want)
		}
	}
}
