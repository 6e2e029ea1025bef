package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/internal/configfile"
)

const withFiles = `general:
  dc_files:
    - there.dc
    - missing.dc
    - sub
roles:
  - type: clientagent
    channels: {min: 10000, max: 19999}
    tls:
      certificate: there.dc
      key_file: secret.key
      cert_authority: sub
    listeners:
      - {bind: '127.0.0.1:0', websocket: true, static: there.dc}
      - {bind: '127.0.0.1:0', websocket: true, static: missing}
      - {bind: '127.0.0.1:0', websocket: true, static: sub}
backbone:
  embedded:
    store_dir: not-there-yet
    config: sub
    leaf:
      remotes:
        - urls: [nats://hub]
          credentials: sub/deeper/hub.creds
          tls: {ca: /does/not/exist}
web:
  authentication:
    username: foo
    password_file: there.dc/x
`

func TestCheckFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("there.dc", 0o600)
	write("secret.key", 0o600)
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := Parse(filepath.Join(dir, "astrond.yml"), []byte(withFiles))
	if err != nil {
		t.Fatal(err)
	}
	err = c.CheckFiles()
	var e *configfile.Error
	if !errors.As(err, &e) {
		t.Fatalf("CheckFiles returned %v, want *configfile.Error", err)
	}
	var got []string
	for _, f := range e.Faults {
		got = append(got, strings.ReplaceAll(f.Pos.String()+": "+f.Path+": "+f.Problem, dir+string(filepath.Separator), ""))
	}
	want := []string{
		`astrond.yml:4:7: general.dc_files[1]: "missing.dc" does not exist`,
		`astrond.yml:5:7: general.dc_files[2]: "sub" is a folder, not a file`,
		`astrond.yml:9:5: roles[0].tls: TLS: there.dc and secret.key: tls: failed to find any PEM data in certificate input`,
		`astrond.yml:14:56: roles[0].listeners[0].static: "there.dc" is not a folder`,
		`astrond.yml:15:56: roles[0].listeners[1].static: "missing" does not exist`,
		`astrond.yml:20:13: backbone.embedded.config: "sub" is a folder, not a file`,
		`astrond.yml:24:24: backbone.embedded.leaf.remotes[0].credentials: "sub/deeper/hub.creds" does not exist`,
		`astrond.yml:25:21: backbone.embedded.leaf.remotes[0].tls.ca: "/does/not/exist" does not exist`,
		`astrond.yml:29:20: web.authentication.password_file: "there.dc/x" cannot be looked at: not a directory`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCheckFilesThatCannotBeRead(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root can read everything")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.dc"), nil, 0); err != nil {
		t.Fatal(err)
	}
	c, err := Parse(filepath.Join(dir, "astrond.yml"), []byte("general:\n  dc_files: [a.dc]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckFiles(); err == nil || !strings.Contains(err.Error(), `"a.dc" cannot be read: permission denied`) {
		t.Errorf("got %v", err)
	}
}

func TestCheckFilesFindsNothing(t *testing.T) {
	c, err := Parse("astrond.yml", []byte("daemon: {}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckFiles(); err != nil {
		t.Error(err)
	}
	if err := new(Config).CheckFiles(); err != nil {
		t.Error(err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "my.yml")
	if err := os.WriteFile(name, []byte("daemon:\n  name: Core\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(name)
	if err != nil || c.Daemon.Name != "Core" {
		t.Fatalf("read %v, %v", c, err)
	}
	if got := c.Pos("daemon.name").String(); got != name+":2:9" {
		t.Errorf("places are called %s", got)
	}
	if _, err := Load(filepath.Join(dir, "missing.yml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
	if _, err := Load(dir); err == nil || !strings.HasPrefix(err.Error(), "load configuration: ") {
		t.Errorf("a folder gives %v", err)
	}
	if err := os.WriteFile(name, make([]byte, 256<<10+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(name); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a huge file gives %v", err)
	}
}
