package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"natstron/internal/tlstest"
)

// run runs a NATS server with options.
func run(t *testing.T, o server.Options) (host string) {
	t.Helper()
	o.Host, o.Port, o.NoSigs, o.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	s, err := server.NewServer(&o)
	must(t, err)
	go s.Start()
	t.Cleanup(s.Shutdown)
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("no server")
	}
	u, err := url.Parse(s.ClientURL())
	must(t, err)
	return u.Host
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// operated runs a NATS server that lets in the users of an operator's account, and makes such
// a user's credentials file.
func operated(t *testing.T, dir string) (host, credentials string) {
	t.Helper()
	pair := func(create func() (nkeys.KeyPair, error)) (kp nkeys.KeyPair, public string) {
		kp, err := create()
		must(t, err)
		public, err = kp.PublicKey()
		must(t, err)
		return kp, public
	}
	signer, issuer := pair(nkeys.CreateOperator)
	owner, account := pair(nkeys.CreateAccount)
	me, user := pair(nkeys.CreateUser)

	operator := jwt.NewOperatorClaims(issuer)
	_, err := operator.Encode(signer)
	must(t, err)
	accountText, err := jwt.NewAccountClaims(account).Encode(signer)
	must(t, err)
	userText, err := jwt.NewUserClaims(user).Encode(owner)
	must(t, err)
	seed, err := me.Seed()
	must(t, err)
	file, err := jwt.FormatUserConfig(userText, seed)
	must(t, err)
	credentials = filepath.Join(dir, "user.creds")
	must(t, os.WriteFile(credentials, file, 0o600))

	accounts := &server.MemAccResolver{}
	must(t, accounts.Store(account, accountText))
	return run(t, server.Options{TrustedOperators: []*jwt.OperatorClaims{operator}, AccountResolver: accounts}), credentials
}

// A node logs in in every way in which a program with the NATS library does, and is refused
// with the same errors.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	tlstest.Write(t, dir)
	certificate, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	must(t, err)
	pem, err := os.ReadFile(filepath.Join(dir, "cert.pem"))
	must(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	trusting := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, ServerName: "localhost"}

	pair, err := nkeys.CreateUser()
	must(t, err)
	seed, err := pair.Seed()
	must(t, err)
	public, err := pair.PublicKey()
	must(t, err)
	seedFile := filepath.Join(dir, "seed")
	must(t, os.WriteFile(seedFile, seed, 0o600))

	open := run(t, server.Options{})
	user := run(t, server.Options{Username: "me", Password: "x y"})
	token := run(t, server.Options{Authorization: "secret"})
	nkey := run(t, server.Options{Nkeys: []*server.NkeyUser{{Nkey: public}}})
	operated, credentials := operated(t, dir)
	encrypted := run(t, server.Options{TLS: true, TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}})
	for _, test := range []struct {
		what   string
		urls   []string
		access Access
		want   error
	}{
		{"no login", []string{"nats://" + open}, Access{}, nil},
		{"no scheme", []string{open}, Access{}, nil},
		{"the second server", []string{"nats://127.0.0.1:1", "nats://" + open}, Access{}, nil},
		{"a user", []string{"nats://" + user}, Access{User: "me", Password: "x y"}, nil},
		{"a user in the URL", []string{"nats://me:x%20y@" + user}, Access{User: "other"}, nil},
		{"a wrong password", []string{"nats://" + user}, Access{User: "me", Password: "y"}, nats.ErrAuthorization},
		{"a token", []string{"nats://" + token}, Access{Token: "secret"}, nil},
		{"a token in the URL", []string{"nats://secret@" + token}, Access{}, nil},
		{"an NKey", []string{"nats://" + nkey}, Access{NKey: seedFile}, nil},
		{"no NKey", []string{"nats://" + nkey}, Access{}, nats.ErrAuthorization},
		{"credentials", []string{"nats://" + operated}, Access{Credentials: credentials}, nil},
		{"no credentials", []string{"nats://" + operated}, Access{}, nats.ErrAuthorization},
		{"TLS", []string{"tls://" + encrypted}, Access{TLS: trusting}, nil},
		{"TLS that the server wants", []string{"nats://" + encrypted}, Access{TLS: trusting}, nil},
		{"a certificate that nobody trusts", []string{"tls://" + encrypted}, Access{}, nats.ErrTLS},
		{"no TLS there", []string{"tls://" + open}, Access{}, nats.ErrSecureConnWanted},
	} {
		e := &External{URLs: test.urls, Access: test.access, Timeout: 10 * time.Second}
		c, err := e.Open("test", 10*time.Second)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.what, err, test.want)
		}
		nc, err := e.Dial()
		if (err == nil) != (test.want == nil) {
			t.Errorf("%s: the NATS library: %v", test.what, err)
		}
		if c != nil {
			_ = c.Close()
		}
		if nc != nil {
			nc.Close()
		}
	}
	if _, err := (&External{URLs: []string{"ws://" + open}}).Open("test", time.Second); err == nil {
		t.Error("connected to a WebSocket")
	}
}
