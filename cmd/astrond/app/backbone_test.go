package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"natstron/bridge"
	"natstron/internal/config"
)

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	cfg, err := config.Parse("astrond.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestNodeOptions(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "password", "hunter2\n")
	write(t, dir, "token", "t0ken")
	defaults := bridge.Options{
		Subjects:         bridge.Subjects{Prefix: "astron"},
		MaxPending:       256 << 20,
		MaxSubscriptions: 1_000_000,
		MaxPostRemoves:   10_000,
		BucketThreshold:  256,

		MaxParticipantPostRemoveBytes: 4 << 20,
		MaxPostRemoveBytes:            64 << 20,

		Heartbeat:      250 * time.Millisecond,
		DeadAfter:      3 * time.Second,
		OrderTimeout:   time.Second,
		PingInterval:   5 * time.Second,
		ConnectTimeout: 5 * time.Second,
	}
	with := func(change func(*bridge.Options)) bridge.Options {
		o := defaults
		change(&o)
		return o
	}
	tests := []struct {
		name, text string
		want       bridge.Options
	}{
		{"nothing", "daemon: {}", defaults},
		{"every key", `
daemon: {name: us}
messagedirector: {max_subscriptions: 7, max_post_removes: 8, max_post_remove_bytes: 128KiB}
backbone: {prefix: game, on_gap: continue, max_pending: 2MiB, heartbeat: 1s, dead_after: 9s, order_timeout: 4s,
  ping_interval: 3s, connect_timeout: 2s, bucket_threshold: 9, max_post_remove_bytes: 5MiB}`,
			bridge.Options{
				Name: "us", Subjects: bridge.Subjects{Prefix: "game"}, KeepOnGap: true, MaxPending: 2 << 20,
				MaxSubscriptions: 7, MaxPostRemoves: 8, BucketThreshold: 9,
				MaxParticipantPostRemoveBytes: 128 << 10, MaxPostRemoveBytes: 5 << 20,
				Heartbeat: time.Second, DeadAfter: 9 * time.Second, OrderTimeout: 4 * time.Second, PingInterval: 3 * time.Second, ConnectTimeout: 2 * time.Second,
			}},
		{"external, user", "backbone: {urls: ['nats://a:1', 'nats://b'], user: me, password_file: password}",
			with(func(o *bridge.Options) {
				o.External = &bridge.External{URLs: []string{"nats://a:1", "nats://b"}, User: "me", Password: "hunter2"}
			})},
		{"external, token", "backbone: {urls: [nats://a], token_file: token}", with(func(o *bridge.Options) {
			o.External = &bridge.External{URLs: []string{"nats://a"}, Token: "t0ken"}
		})},
		{"external, nkey", "backbone: {urls: [nats://a], nkey: seed}", with(func(o *bridge.Options) {
			o.External = &bridge.External{URLs: []string{"nats://a"}, NKey: filepath.Join(dir, "seed")}
		})},
		{"external, credentials", "backbone: {urls: [nats://a], credentials: /c}", with(func(o *bridge.Options) {
			o.External = &bridge.External{URLs: []string{"nats://a"}, Credentials: "/c"}
		})},
		{"embedded", `
backbone:
  embedded: {listen: 0.0.0.0:4333, monitor: 127.0.0.1:1, store_dir: js, server_name: s, config: n.conf, user: me, password: x,
    cluster: {name: c, listen: 127.0.0.1:2, routes: ['nats://b:6222']},
    leaf: {listen: 127.0.0.1:3, remotes: [{urls: ['nats-leaf://hub:7422'], credentials: c}]}}`,
			with(func(o *bridge.Options) {
				o.Embedded = bridge.Embedded{
					Listen: "0.0.0.0:4333", Monitor: "127.0.0.1:1", StoreDir: filepath.Join(dir, "js"), ServerName: "s",
					Config: filepath.Join(dir, "n.conf"), User: "me", Password: "x",
					Cluster: bridge.Cluster{Name: "c", Listen: "127.0.0.1:2", Routes: []string{"nats://b:6222"}},
					Leaf: bridge.Leaf{Listen: "127.0.0.1:3", Remotes: []bridge.Remote{
						{URLs: []string{"nats-leaf://hub:7422"}, Credentials: filepath.Join(dir, "c")},
					}},
				}
			})},
		{"listening nowhere", "backbone: {embedded: {listen: none}}", with(func(o *bridge.Options) { o.Embedded.Listen = "none" })},
		// Where the file does not say where, the bridge looks for a place.
		{"embedded, listening by default", "backbone: {embedded: {server_name: s}}", with(func(o *bridge.Options) { o.Embedded.ServerName = "s" })},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := nodeOptions(parse(t, test.text), dir)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNodeOptionsTLS(t *testing.T) {
	dir := t.TempDir()
	certificate(t, dir)
	sections := "tls: {ca: cert.pem, certificate: cert.pem, key: key.pem, server_name: hub}"
	o, err := nodeOptions(parse(t, "backbone: {urls: [nats://a], "+sections+"}"), dir)
	if err != nil {
		t.Fatal(err)
	}
	checkTLS(t, o.External.TLS)
	o, err = nodeOptions(parse(t, "backbone: {embedded: {leaf: {remotes: [{urls: [tls://a]}, {urls: [nats://b]}, {urls: [nats://c], "+sections+"}]}}}"), dir)
	if err != nil {
		t.Fatal(err)
	}
	remotes := o.Embedded.Leaf.Remotes
	if remotes[0].TLS == nil || remotes[1].TLS != nil {
		t.Error("a tls:// URL asks for encryption, a nats:// URL does not")
	}
	checkTLS(t, remotes[2].TLS)
}

func checkTLS(t *testing.T, c *tls.Config) {
	t.Helper()
	if c == nil || c.RootCAs == nil || len(c.Certificates) != 1 || c.ServerName != "hub" ||
		c.MinVersion != tls.VersionTLS12 || c.InsecureSkipVerify {
		t.Errorf("TLS %+v", c)
	}
}

// What is wrong with a file is told at its key.
func TestNodeOptionsFaults(t *testing.T) {
	dir := t.TempDir()
	certificate(t, dir)
	write(t, dir, "empty", "\n")
	write(t, dir, "no.pem", "no certificate")
	for path, text := range map[string]string{
		"backbone.password_file":                            "backbone: {urls: [nats://a], user: me, password_file: missing}",
		"backbone.token_file":                               "backbone: {urls: [nats://a], token_file: empty}",
		"backbone.embedded.password_file":                   "backbone: {embedded: {user: me, password_file: missing}}",
		"backbone.tls.ca":                                   "backbone: {urls: [nats://a], tls: {ca: no.pem}}",
		"backbone.tls.certificate":                          "backbone: {urls: [nats://a], tls: {certificate: no.pem, key: key.pem}}",
		"backbone.embedded.leaf.remotes[1].tls.ca":          "backbone: {embedded: {leaf: {remotes: [{urls: [nats://a]}, {urls: [nats://b], tls: {ca: missing}}]}}}",
		"backbone.embedded.leaf.remotes[0].tls.certificate": "backbone: {embedded: {leaf: {remotes: [{urls: [nats://a], tls: {certificate: cert.pem, key: no.pem}}]}}}",
	} {
		_, err := nodeOptions(parse(t, text), dir)
		var faults *config.Error
		if !errors.As(err, &faults) || len(faults.Faults) != 1 || faults.Faults[0].Path != path || faults.Faults[0].Line != 1 {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// The counters that are logged are the node's; those of troubles only when there
// were some.
func TestStatsAttrs(t *testing.T) {
	calm := statsAttrs(bridge.Stats{Sent: 5})
	if diff := cmp.Diff([]any{"sent", uint64(5)}, calm, cmpopts.IgnoreSliceElements(func(v any) bool { return v != "sent" && v != uint64(5) })); diff != "" {
		t.Error(diff)
	}
	if troubled := statsAttrs(bridge.Stats{Overflows: 2}); len(troubled) != len(calm)+2 {
		t.Errorf("%v has not one counter more than %v", troubled, calm)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
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
	write(t, dir, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	write(t, dir, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}
