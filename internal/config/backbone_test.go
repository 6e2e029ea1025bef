package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge"
	"natstron/internal/configfile"
	"natstron/internal/tlstest"
)

// Each key of the backbone fills the field that it is meant for.
func TestBackbone(t *testing.T) {
	dir := t.TempDir()
	defaults := bridge.Options{
		Subjects:           bridge.Subjects{Prefix: "astron"},
		MaxPending:         256 << 20,
		MaxPostRemoveBytes: 64 << 20,
		BucketThreshold:    256,
		ZoneThreshold:      4096,
		ParticipantLimits:  bridge.ParticipantLimits{MaxSubscriptions: 1_000_000, MaxPostRemoves: 10_000, MaxParticipantPostRemoveBytes: 4 << 20},

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
  ping_interval: 3s, connect_timeout: 2s, bucket_threshold: 9, zone_threshold: 10, max_post_remove_bytes: 5MiB}`,
			bridge.Options{
				Name: "us", Subjects: bridge.Subjects{Prefix: "game"}, KeepOnGap: true, MaxPending: 2 << 20,
				BucketThreshold: 9, ZoneThreshold: 10, MaxPostRemoveBytes: 5 << 20,
				ParticipantLimits: bridge.ParticipantLimits{MaxSubscriptions: 7, MaxPostRemoves: 8, MaxParticipantPostRemoveBytes: 128 << 10},
				Heartbeat:         time.Second, DeadAfter: 9 * time.Second, OrderTimeout: 4 * time.Second, PingInterval: 3 * time.Second, ConnectTimeout: 2 * time.Second,
			}},
		{"external, user", "backbone: {urls: ['nats://a:1', 'nats://b'], user: me, password_file: password}",
			with(func(o *bridge.Options) {
				o.External = &bridge.External{URLs: []string{"nats://a:1", "nats://b"}, Login: bridge.Login{User: "me", PasswordFile: filepath.Join(dir, "password")}}
			})},
		{"external, token", "backbone: {urls: [nats://a], token_file: token}", with(func(o *bridge.Options) {
			o.External = &bridge.External{URLs: []string{"nats://a"}, TokenFile: filepath.Join(dir, "token")}
		})},
		{"external, nkey", "backbone: {urls: [nats://a], nkey: seed}", with(func(o *bridge.Options) {
			o.External = &bridge.External{URLs: []string{"nats://a"}, NKey: filepath.Join(dir, "seed")}
		})},
		{"external, credentials", "backbone: {urls: [nats://a], credentials: /c}", with(func(o *bridge.Options) {
			o.External = &bridge.External{URLs: []string{"nats://a"}, Login: bridge.Login{Credentials: "/c"}}
		})},
		{"embedded", `
backbone:
  embedded: {listen: 0.0.0.0:4333, monitor: 127.0.0.1:1, store_dir: js, server_name: s, config: n.conf, user: me, password: x,
    cluster: {name: c, listen: 127.0.0.1:2, routes: ['nats://b:6222']},
    leaf: {listen: 127.0.0.1:3, remotes: [{urls: ['nats-leaf://hub:7422'], credentials: c}]}}`,
			with(func(o *bridge.Options) {
				o.Embedded = bridge.Embedded{
					Listen: "0.0.0.0:4333", Monitor: "127.0.0.1:1", StoreDir: filepath.Join(dir, "js"), ServerName: "s",
					Config: filepath.Join(dir, "n.conf"), Login: bridge.Login{User: "me", Password: "x"},
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
			c, err := Parse(filepath.Join(dir, "astrond.yml"), []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, c.Backbone); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is wrong with a file is told at its key.
func TestBackboneFiles(t *testing.T) {
	dir := t.TempDir()
	tlstest.Write(t, dir)
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
		c, err := Parse(filepath.Join(dir, "astrond.yml"), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		err = c.CheckFiles()
		var faults *configfile.Error
		if !errors.As(err, &faults) || len(faults.Faults) != 1 || faults.Faults[0].Path != path || faults.Faults[0].Line != 1 {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
