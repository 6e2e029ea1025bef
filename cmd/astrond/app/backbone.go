package app

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"

	"natstron/bridge"
	"natstron/internal/config"
)

// nodeOptions turns the configuration into the node's options. Names of files
// are relative to dir.
func nodeOptions(cfg *config.Config, dir string) (bridge.Options, error) {
	b := &cfg.Backbone
	o := bridge.Options{
		Name:                          cfg.Daemon.Name,
		Subjects:                      bridge.Subjects{Prefix: b.Prefix},
		KeepOnGap:                     b.OnGap == config.OnGapContinue,
		MaxPending:                    int(b.MaxPending),
		MaxSubscriptions:              cfg.MessageDirector.MaxSubscriptions,
		MaxPostRemoves:                cfg.MessageDirector.MaxPostRemoves,
		MaxParticipantPostRemoveBytes: int(cfg.MessageDirector.MaxPostRemoveBytes),
		MaxPostRemoveBytes:            int(b.MaxPostRemoveBytes),
		BucketThreshold:               b.BucketThreshold,
		Heartbeat:                     b.Heartbeat.Std(),
		DeadAfter:                     b.DeadAfter.Std(),
		OrderTimeout:                  b.OrderTimeout.Std(),
		PingInterval:                  b.PingInterval.Std(),
		ConnectTimeout:                b.ConnectTimeout.Std(),
	}
	var err error
	if b.External() {
		o.External, err = externalServer(cfg, dir)
	} else {
		o.Embedded, err = embeddedServer(cfg, dir)
	}
	return o, err
}

// externalServer is how to reach the servers of backbone.urls.
func externalServer(cfg *config.Config, dir string) (*bridge.External, error) {
	b := &cfg.Backbone
	e := &bridge.External{URLs: reveal(b.URLs)}
	if err := logIn(e, cfg, dir, "backbone", &b.Auth); err != nil {
		return nil, err
	}
	var err error
	e.TLS, err = clientTLS(cfg, dir, "backbone.tls", b.TLS, nil)
	return e, err
}

// logIn fills in who we are.
func logIn(e *bridge.External, cfg *config.Config, dir, path string, a *config.Auth) error {
	e.Credentials = fileIn(dir, a.Credentials)
	e.NKey = fileIn(dir, a.NKey)
	e.User = a.User
	password, err := config.ReadSecret(dir, a.Password, a.PasswordFile)
	if err != nil {
		return fault(cfg, path+".password_file", err.Error(), "")
	}
	token, err := config.ReadSecret(dir, a.Token, a.TokenFile)
	if err != nil {
		return fault(cfg, path+".token_file", err.Error(), "")
	}
	e.Password, e.Token = password.Reveal(), token.Reveal()
	return nil
}

// embeddedServer is the options of the server in this process.
func embeddedServer(cfg *config.Config, dir string) (bridge.Embedded, error) {
	s := cfg.Backbone.Embedded
	e := bridge.Embedded{
		Monitor:    s.Monitor.String(),
		StoreDir:   fileIn(dir, s.StoreDir),
		ServerName: s.ServerName,
		Config:     fileIn(dir, s.Config),
	}
	if !s.Listen.Fallback {
		e.Listen = s.Listen.String()
	}
	var who bridge.External
	if err := logIn(&who, cfg, dir, "backbone.embedded", &s.Auth); err != nil {
		return e, err
	}
	e.User, e.Password, e.Credentials = who.User, who.Password, who.Credentials
	if c := s.Cluster; c != nil {
		e.Cluster = bridge.Cluster{Name: c.Name, Listen: c.Listen.String(), Routes: reveal(c.Routes)}
	}
	if s.Leaf == nil {
		return e, nil
	}
	e.Leaf.Listen = s.Leaf.Listen.String()
	for i, r := range s.Leaf.Remotes {
		path := fmt.Sprintf("backbone.embedded.leaf.remotes[%d].tls", i)
		encryption, err := clientTLS(cfg, dir, path, r.TLS, r.URLs)
		if err != nil {
			return e, err
		}
		e.Leaf.Remotes = append(e.Leaf.Remotes, bridge.Remote{
			URLs: reveal(r.URLs), Credentials: fileIn(dir, r.Credentials), TLS: encryption,
		})
	}
	return e, nil
}

// clientTLS loads what a section tls names. Without a section there is none,
// unless one of the URLs asks for it: for connections of clients NATS sees to
// that itself.
func clientTLS(cfg *config.Config, dir, path string, s *config.ClientTLS, urls []config.URL) (*tls.Config, error) {
	if s == nil {
		for _, u := range urls {
			if strings.HasPrefix(u.Reveal(), "tls://") {
				return &tls.Config{MinVersion: tls.VersionTLS12}, nil
			}
		}
		return nil, nil
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: s.ServerName}
	if s.CA != "" {
		pem, err := os.ReadFile(fileIn(dir, s.CA))
		if err != nil {
			return nil, fault(cfg, path+".ca", err.Error(), "")
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fault(cfg, path+".ca", fmt.Sprintf("%q has no certificate in PEM", s.CA), "write a file with one or more of them")
		}
	}
	if s.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(fileIn(dir, s.Certificate), fileIn(dir, s.Key))
		if err != nil {
			return nil, fault(cfg, path+".certificate", err.Error(), "")
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}

// fileIn is a file's name relative to dir; no name stays none.
func fileIn(dir, name string) string {
	if name == "" {
		return ""
	}
	return inDir(dir, []string{name})[0]
}

func reveal(urls []config.URL) []string {
	var texts []string
	for _, u := range urls {
		texts = append(texts, u.Reveal())
	}
	return texts
}

// backboneFix says what to do where the backbone cannot be joined.
func backboneFix(cfg *config.Config) string {
	b := &cfg.Backbone
	switch {
	case b.External():
		return "see whether the NATS servers run and let this process in"
	case b.Embedded.Leaf != nil && len(b.Embedded.Leaf.Remotes) > 0:
		return "see whether the hub runs and lets leaf nodes in, and whether " +
			cmp.Or(b.Embedded.Listen.String(), "the listening address") + " is free"
	}
	return "see whether the addresses in it are free"
}
