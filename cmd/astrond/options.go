package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"natstron/bridge"
	"natstron/internal/config"
)

// nodeOptions turns the backbone section into the bridge's options. Files are
// relative to dir; those with secrets and certificates are read here.
func nodeOptions(cfg *config.Config, dir string) (bridge.Options, error) {
	b := &cfg.Backbone
	o := bridge.Options{
		Name:             cfg.Daemon.Name,
		Subjects:         bridge.Subjects{Prefix: b.Prefix},
		KeepOnGap:        b.OnGap == config.OnGapContinue,
		MaxPending:       int(b.MaxPending),
		MaxSubscriptions: cfg.MessageDirector.MaxSubscriptions,
		MaxPostRemoves:   cfg.MessageDirector.MaxPostRemoves,
		BucketThreshold:  b.BucketThreshold,
		Heartbeat:        b.Heartbeat.Std(),
		DeadAfter:        b.DeadAfter.Std(),
		PingInterval:     b.PingInterval.Std(),
		ConnectTimeout:   b.ConnectTimeout.Std(),
	}
	if b.External() {
		server, err := externalServer(cfg, dir)
		o.External = server
		return o, err
	}
	if b.Embedded == nil {
		return o, nil
	}
	var err error
	o.Embedded, err = embeddedServer(cfg, b.Embedded, dir)
	return o, err
}

// externalServer is how to reach servers that others run.
func externalServer(cfg *config.Config, dir string) (*bridge.External, error) {
	b := &cfg.Backbone
	password, err := config.ReadSecret(dir, b.Auth.Password, b.Auth.PasswordFile)
	if err != nil {
		return nil, fault(cfg, "backbone.password_file", err.Error(), "")
	}
	token, err := config.ReadSecret(dir, b.Auth.Token, b.Auth.TokenFile)
	if err != nil {
		return nil, fault(cfg, "backbone.token_file", err.Error(), "")
	}
	tlsConfig, err := clientTLS(cfg, "backbone.tls", b.TLS, dir)
	if err != nil {
		return nil, err
	}
	return &bridge.External{
		URLs:        reveal(b.URLs),
		Credentials: inFolder(dir, b.Auth.Credentials),
		NKey:        inFolder(dir, b.Auth.NKey),
		User:        b.Auth.User,
		Password:    password.Reveal(),
		Token:       token.Reveal(),
		TLS:         tlsConfig,
	}, nil
}

// embeddedServer is the server in this process.
func embeddedServer(cfg *config.Config, e *config.Embedded, dir string) (bridge.Embedded, error) {
	password, err := config.ReadSecret(dir, e.Auth.Password, e.Auth.PasswordFile)
	if err != nil {
		return bridge.Embedded{}, fault(cfg, "backbone.embedded.password_file", err.Error(), "")
	}
	server := bridge.Embedded{
		Monitor:     e.Monitor.String(),
		StoreDir:    inFolder(dir, e.StoreDir),
		ServerName:  e.ServerName,
		Config:      inFolder(dir, e.Config),
		User:        e.Auth.User,
		Password:    password.Reveal(),
		Credentials: inFolder(dir, e.Auth.Credentials),
	}
	if !e.Listen.Fallback { // else the bridge looks for a place
		server.Listen = e.Listen.String()
	}
	if c := e.Cluster; c != nil {
		server.Cluster = bridge.Cluster{Name: c.Name, Listen: c.Listen.String(), Routes: reveal(c.Routes)}
	}
	if e.Leaf == nil {
		return server, nil
	}
	server.Leaf.Listen = e.Leaf.Listen.String()
	for i, r := range e.Leaf.Remotes {
		tlsConfig, err := clientTLS(cfg, fmt.Sprintf("backbone.embedded.leaf.remotes[%d].tls", i), r.TLS, dir)
		if err != nil {
			return server, err
		}
		server.Leaf.Remotes = append(server.Leaf.Remotes, bridge.Remote{
			URLs: reveal(r.URLs), Credentials: inFolder(dir, r.Credentials), TLS: tlsConfig,
		})
	}
	return server, nil
}

// clientTLS reads the certificates of a tls section; nil without one.
func clientTLS(cfg *config.Config, path string, c *config.ClientTLS, dir string) (*tls.Config, error) {
	if c == nil {
		return nil, nil
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.ServerName}
	if c.CA != "" {
		pem, err := os.ReadFile(inFolder(dir, c.CA))
		if err != nil {
			return nil, fault(cfg, path+".ca", err.Error(), "")
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fault(cfg, path+".ca", "holds no certificate in PEM", "name a file with the authorities' certificates")
		}
	}
	if c.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(inFolder(dir, c.Certificate), inFolder(dir, c.Key))
		if err != nil {
			return nil, fault(cfg, path+".certificate", err.Error(), "")
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}

func reveal(urls []config.URL) []string {
	var all []string
	for _, u := range urls {
		all = append(all, u.Reveal())
	}
	return all
}

// inFolder is a file's name as seen from here; empty stays empty.
func inFolder(dir, name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// backboneFix is what to look at when the backbone does not start.
func backboneFix(cfg *config.Config) string {
	if cfg.Backbone.External() {
		return "see that the NATS server runs there, and takes this user"
	}
	if e := cfg.Backbone.Embedded; e != nil && e.Leaf != nil && len(e.Leaf.Remotes) > 0 {
		return "see that the hub runs there, and takes leaf nodes"
	}
	return "see that backbone.embedded.listen is an address of this machine that nobody else listens on"
}

// statsAttrs is a node's counters for the log, without those that are zero.
func statsAttrs(s bridge.Stats) []any {
	var attrs []any
	for _, c := range []struct {
		name  string
		count uint64
	}{
		{"sent", s.Sent}, {"sent_bytes", s.SentBytes}, {"delivered", s.Delivered}, {"from_upstream", s.Down},
		{"published", s.Published}, {"copies", s.Copies}, {"received", s.Received}, {"duplicates", s.Duplicates},
		{"post_removes", s.PostRemoves}, {"overflows", s.Overflows}, {"malformed", s.Malformed},
		{"bad_notes", s.BadNotes}, {"zombies", s.Zombies}, {"gaps", s.Gaps}, {"unpublished", s.Unpublished},
		{"dead_nodes", s.DeadNodes}, {"backbone_errors", s.BackboneErrors},
		{"participants", uint64(s.Participants)}, {"channels", uint64(s.Channels)}, {"ranges", uint64(s.Ranges)},
		{"subscriptions", uint64(s.Subscriptions)}, {"nodes", uint64(s.Peers)}, {"pending", uint64(s.Pending)},
	} {
		if c.count > 0 {
			attrs = append(attrs, slog.Uint64(c.name, c.count))
		}
	}
	return attrs
}
