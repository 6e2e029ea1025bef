package bridge

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"

	"natstron/internal/tlstest"
)

// What the files hold is used, and a server's certificate is always verified.
func TestEncryption(t *testing.T) {
	dir := t.TempDir()
	tlstest.Write(t, dir)
	files := &TLSFiles{CA: filepath.Join(dir, "cert.pem"), Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem"), ServerName: "hub"}
	writeFile(t, dir, "password", "hunter2\n")
	e, err := External{URLs: []string{"nats://a"}, TLS: files, Login: Login{User: "me", PasswordFile: filepath.Join(dir, "password")}}.reach(0)
	must(t, err)
	if e.Password != "hunter2" {
		t.Errorf("the password is %q", e.Password)
	}
	hub, err := Remote{URLs: []string{"nats://a"}, TLS: files}.encryption()
	must(t, err)
	for _, c := range []*tls.Config{e.TLS, hub} {
		if c == nil || c.RootCAs == nil || len(c.Certificates) != 1 || c.ServerName != "hub" ||
			c.MinVersion != tls.VersionTLS12 || c.InsecureSkipVerify {
			t.Errorf("TLS %+v", c)
		}
	}
	for url, want := range map[string]bool{"tls://a": true, "nats://a": false} {
		if c, err := (Remote{URLs: []string{url}}).encryption(); err != nil || (c != nil) != want {
			t.Errorf("%s is encrypted: %v, %v", url, c != nil, err)
		}
	}
}

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}
