package bridge

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What the files hold is used, and a server's certificate is always verified.
func TestEncryption(t *testing.T) {
	dir := t.TempDir()
	certificate(t, dir)
	files := &TLSFiles{CA: filepath.Join(dir, "cert.pem"), Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem"), ServerName: "hub"}
	writeFile(t, dir, "password", "hunter2\n")
	e, err := External{URLs: []string{"nats://a"}, TLS: files, Login: Login{User: "me", PasswordFile: filepath.Join(dir, "password")}}.reach(0)
	if err != nil {
		t.Fatal(err)
	}
	if e.Password != "hunter2" {
		t.Errorf("the password is %q", e.Password)
	}
	hub, err := Remote{URLs: []string{"nats://a"}, TLS: files}.encryption()
	if err != nil {
		t.Fatal(err)
	}
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

// certificate writes cert.pem and key.pem.
func certificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	writeFile(t, dir, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
