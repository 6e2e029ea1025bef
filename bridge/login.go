package bridge

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"natstron/internal/secretfile"
)

// reach is the servers as they are connected to: with what the files hold.
func (e External) reach(timeout time.Duration) (*external, error) {
	if len(e.URLs) == 0 {
		return nil, errors.New("no URL of a NATS server")
	}
	var err error
	if e.Password, err = secretfile.Read(e.Password, e.PasswordFile); err != nil {
		return nil, err
	}
	if e.Token, err = secretfile.Read(e.Token, e.TokenFile); err != nil {
		return nil, err
	}
	x := &external{External: e, timeout: timeout}
	if e.TLS != nil {
		x.tls, err = e.TLS.load()
	}
	return x, err
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
