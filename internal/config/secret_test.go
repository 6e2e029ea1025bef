package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretsAreNotPrinted(t *testing.T) {
	c, err := Parse("astrond.yml", []byte(`
web:
  authentication: {username: foo, password: hunter2}
backbone:
  embedded:
    user: astron
    password: hunter2
    leaf:
      remotes:
        - urls: ["nats://u:hunter2@hub", "nats://hunter2@hub2"]
roles:
  - type: database
    control: 4001
    generate: {min: 100000}
    backend: {type: mongodb, server: "mongodb://u:hunter2@hub/game?authMechanismProperties=AWS_SESSION_TOKEN:hunter2"}
`))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Web.Authentication.Password.Reveal(); got != "hunter2" {
		t.Fatalf("Reveal is %q", got)
	}
	remote := c.Backbone.Embedded.Leaf.Remotes[0]
	if got := remote.URLs[0].Reveal(); got != "nats://u:hunter2@hub" {
		t.Fatalf("Reveal is %q", got)
	}
	var out bytes.Buffer
	values := []any{c.Web.Authentication, *c.Web.Authentication, c.Web.Authentication.Password,
		c.Backbone.Embedded.Auth, remote, remote.URLs, c.Roles[0].(*Database).Backend, c.Settings()}
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(h).Info("configured", "value", v)
		}
		if err := json.NewEncoder(&out).Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	out.WriteString(c.String())
	for i, line := range strings.Split(out.String(), "\n") {
		if strings.Contains(line, "hunter2") || strings.Contains(line, fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("line %d shows the secret: %s", i, line)
		}
	}
}

func TestURLString(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"", ""},
		{"nats://hub:4222", "nats://hub:4222"},
		{"nats://token@hub", "nats://***@hub"},
		{"mongodb://u:p@ss/w@a:1,b:2/db", "mongodb://***@b/db"},
		{"no url at all", "***"},
	} {
		got := URL(tt.url).String()
		if tt.url == "mongodb://u:p@ss/w@a:1,b:2/db" {
			tt.want = "mongodb://***@a:1,b:2/db"
		}
		if got != tt.want {
			t.Errorf("%q prints as %q, want %q", tt.url, got, tt.want)
		}
	}
}

func TestSecretsInExcerpts(t *testing.T) {
	for _, line := range []string{
		"password: hunter2", "  - token: hunter2", `"password" : "hunter2`, "Passwd: hunter2", "pasword: hunter2",
		"{user: a, password: hunter2, b: c}", "nkey_seed: hunter2", "url: nats://u:hunter2@hub",
		"url: nats://u:hun ter2@hunter2", "- u:hunter2@hub", "x: mongodb://h/?sslPassword=hunter2",
		"password_file: a, password: hunter2", "apiToken: hunter2",
	} {
		text, _ := newDocument("f", line).excerpt(1, 1)
		if strings.Contains(strings.TrimSuffix(text, "@hunter2"), "hunter2") {
			t.Errorf("%s: shown as %s", line, text)
		}
	}
	d := newDocument("f", "web:\n  password: >-\n    hunter2\n\n    hunter2\n  bind: x")
	for _, line := range []int{3, 5} {
		if text, _ := d.excerpt(line, 5); text != masked {
			t.Errorf("a line that goes on with a password is shown as %s", text)
		}
	}
	if text, caret := d.excerpt(6, 3); text != "  bind: x" || caret != 2 {
		t.Errorf("the line after it is shown as %q, caret %d", text, caret)
	}
}

func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ok", "s3cr3t\r\n")
	write("empty", "\n")
	write("large", strings.Repeat("x", maxSecretFile+1))
	for _, tt := range []struct {
		name   string
		secret Secret
		file   string
		want   string
		fails  string
	}{
		{"neither", "", "", "", ""},
		{"in place", "direct", "", "direct", ""},
		{"relative file", "", "ok", "s3cr3t", ""},
		{"absolute file", "", filepath.Join(dir, "ok"), "s3cr3t", ""},
		{"empty file", "", "empty", "", "is empty"},
		{"large file", "", "large", "", "larger than"},
		{"missing file", "", "missing", "", "no such file"},
	} {
		got, err := ReadSecret(dir, tt.secret, tt.file)
		if got.Reveal() != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got.Reveal(), tt.want)
		}
		if (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.fails)
		}
	}
}
