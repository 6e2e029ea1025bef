package bridge

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/transport"
	"natstron/internal/secret"
)

// reach is the servers as they are connected to: with what the files hold.
func (e External) reach(timeout time.Duration) (*transport.External, error) {
	if len(e.URLs) == 0 {
		return nil, errors.New("no URL of a NATS server")
	}
	login, err := e.Login.access()
	if err != nil {
		return nil, err
	}
	x := &transport.External{URLs: e.URLs, Access: login, Timeout: timeout}
	x.NKey = e.NKey
	if x.Token, err = secret.Read(e.Token, e.TokenFile); err != nil {
		return nil, err
	}
	if e.TLS != nil {
		x.TLS, err = e.TLS.load()
	}
	return x, err
}

// access is the login with what the files hold.
func (l Login) access() (a transport.Access, err error) {
	a = transport.Access{Credentials: l.Credentials, User: l.User}
	a.Password, err = secret.Read(l.Password, l.PasswordFile)
	return a, err
}

// Connect connects a program that is not a node to the servers, within a time. Its errors
// show no password.
func (e External) Connect(timeout time.Duration, options ...nats.Option) (*nats.Conn, error) {
	x, err := e.reach(timeout)
	if err != nil {
		return nil, err
	}
	nc, err := x.Dial(append(options, nats.NoReconnect(), nats.Timeout(timeout))...)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", x, err)
	}
	return nc, nil
}

// encryption is how the connection to the hub is encrypted; nil: it is not.
func (r Remote) encryption() (*tls.Config, error) {
	if r.TLS != nil {
		return r.TLS.load()
	}
	for _, u := range r.URLs {
		if strings.HasPrefix(u, "tls://") {
			return &tls.Config{MinVersion: tls.VersionTLS12}, nil
		}
	}
	return nil, nil
}

func (f *TLSFiles) load() (*tls.Config, error) {
	ca, err := f.authorities()
	if err != nil {
		return nil, err
	}
	own, err := f.certificates()
	if err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, ServerName: f.ServerName, RootCAs: ca, Certificates: own}, nil
}

// authorities are those to trust; nil: the system's.
func (f *TLSFiles) authorities() (*x509.CertPool, error) {
	if f.CA == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(f.CA)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%q has no certificate in PEM", f.CA)
	}
	return pool, nil
}

// certificates are our own; nil: none.
func (f *TLSFiles) certificates() ([]tls.Certificate, error) {
	if f.Certificate == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(f.Certificate, f.Key)
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", f.Certificate, f.Key, err)
	}
	return []tls.Certificate{pair}, nil
}
