package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"natstron/dc"
)

// The two daemons that are compared.

// rivalConfiguration is what both daemons read, behind the backbone of ours.
const rivalConfiguration = `daemon: {name: compared}
general:
  dc_files: [compare.dc]
uberdogs:
  - {id: 4665, class: Gate, anonymous: true}
messagedirector:
  bind: %[1]s:7199
  threaded: false
roles:
  - type: stateserver
    control: 402000
  - type: database
    control: 403000
    generate: {min: 70001, max: 78999}
    backend: {type: yaml, directory: db}
  - type: dbss
    database: 403000
    ranges: [{min: 70001, max: 79999}]
  - type: clientagent
    bind: %[1]s:7198
    version: compared
    manual_dc_hash: 1
    channels: {min: 1000000000, max: 1009999999}
    client: {relocate: true, add_interest: enabled}
    tuning: {interest_timeout: 3600000}
  - type: clientagent
    bind: %[1]s:7197
    version: compared
    manual_dc_hash: 1
    channels: {min: 1010000000, max: 1019999999}
    client: {relocate: false, add_interest: visible}
    tuning: {interest_timeout: 3600000}
`

// rival is one of the two daemons that are compared.
type rival struct {
	t       testing.TB
	ip      string
	file    *dc.File
	classes string // the text of the file
	program string // empty: ours
	daemon  *daemon
}

// start starts the daemon, the first time or again.
func (r *rival) start() {
	r.t.Helper()
	configuration := fmt.Sprintf(rivalConfiguration, r.ip)
	if r.program == "" {
		r.daemon = prepare(r.t, alone+configuration, "--loglevel", "warning")
	} else {
		dir := r.t.TempDir()
		r.daemon = program(r.t, exec.Command(r.program, "--loglevel", "error", "astrond.yml"))
		r.daemon.dir, r.daemon.cmd.Dir = dir, dir
		r.daemon.cmd.Stdout, r.daemon.cmd.Stderr = nil, nil // it logs every connection
		with(r.t, "astrond.yml", configuration)(dir)
	}
	with(r.t, "compare.dc", r.classes)(r.daemon.dir)
	must(r.t, os.Mkdir(filepath.Join(r.daemon.dir, "db"), 0o755))
	r.daemon.launch()
	for _, port := range []string{":7199", ":7198", ":7197"} {
		poll(r.t, func() bool {
			conn, err := net.Dial("tcp", r.ip+port)
			if err == nil {
				conn.Close()
			}
			return err == nil
		}, func() string { return "the port " + port })
	}
}

// stop ends the daemon.
func (r *rival) stop() {
	_ = r.daemon.cmd.Process.Kill()
	<-r.daemon.ended
}
