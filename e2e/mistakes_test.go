package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Mistakes of operators, in configurations and on the command line, and what they are told.

// soon is how long an answer to a mistake may take: a database that does not answer is
// waited for during ten seconds.
const soon = 15 * time.Second

// mistakes are configurations with one mistake each, and what is said about it: the
// place, and what would be right. PORT stands for a port that is taken.
var mistakes = []struct {
	what, configuration string
	says                []string
}{
	{"an empty file", ``, []string{"the file is empty", "write at least messagedirector:"}},
	{"a tab", "messagedirector:\n\tbind: 127.0.0.1:0", []string{"astrond.yml:2:1", "indent with spaces"}},
	{"a misspelled section", `messagedirectr: {bind: "127.0.0.1:0"}`, []string{"astrond.yml:1:1", "did you mean messagedirector?"}},
	{"a misspelled key", `roles: [{type: stateserver, contrl: 402000}]`, []string{"did you mean control?", "control: is missing"}},
	{"an unknown role", `roles: [{type: statserver}]`, []string{"did you mean stateserver?"}},
	{"a role without its channel", `roles: [{type: stateserver}]`, []string{"add control"}},
	{"a DC file that is not there", `general: {dc_files: [nope.dc]}`, []string{`"nope.dc" does not exist`, "relative to the folder of this file"}},
	{"a DC file with a fault", `general: {dc_files: [bad.dc]}`, []string{"bad.dc:1:"}},
	{"a class that no DC file has", "general: {dc_files: [good.dc]}\nuberdogs: [{id: 4660, class: Loginn}]", []string{"uberdogs[0].class", "no dclass Loginn"}},
	{"a port that is taken", `messagedirector: {bind: "PORT"}`, []string{"messagedirector.bind", "is in use", "choose another port"}},
	{"a host that does not resolve", `messagedirector: {bind: "no.such.invalid:7199"}`, []string{"does not resolve"}},
	{"a NATS server that is not there", `backbone: {urls: ["nats://127.0.0.1:1"]}`, []string{"astrond.yml:1:1: backbone: connect to the backbone at nats://127.0.0.1:1", "check that the NATS servers run"}},
	{"a range the wrong way round", `roles: [{type: clientagent, bind: "127.0.0.1:0", version: v, channels: {min: 2000, max: 1000}}]`, []string{"channels"}},
	{"two agents of one process with the same channels", `roles: [{type: clientagent, bind: "127.0.0.1:0", version: v, channels: {min: 1000, max: 2000}}, {type: clientagent, bind: "127.0.0.1:0", version: v, channels: {min: 1500, max: 3000}}]`, []string{"roles[1].channels", "roles[0]"}},
	{"two state servers of one process on one channel", `roles: [{type: stateserver, control: 402000}, {type: stateserver, control: 402000}]`, []string{"roles[1].control", "402000"}},
	{"a certificate that is not there", `roles: [{type: clientagent, bind: "127.0.0.1:0", version: v, channels: {min: 1000, max: 2000}, tls: {certificate: no.pem, key_file: no.key}}]`, []string{`"no.pem" does not exist`}},
	{"a MongoDB that is not there", `roles: [{type: database, control: 4003, generate: {min: 1000, max: 2000}, backend: {type: mongodb, server: "mongodb://127.0.0.1:1/game"}}]`, []string{"127.0.0.1:1"}},
	{"an old name of a key", `roles: [{type: database, control: 4003, generate: {min: 1000, max: 2000}, backend: {type: yaml, foldername: objects}}]`, []string{"directory"}},
	{"a database of an old kind", `roles: [{type: database, control: 4003, generate: {min: 1000, max: 2000}, backend: {type: bdb, filename: main.db}}]`, []string{"embedded"}},
	{"no default of an enumeration", `roles: [{type: clientagent, bind: "127.0.0.1:0", version: v, channels: {min: 1000, max: 2000}, client: {add_interest: maybe}}]`, []string{"add_interest", "visible"}},
	{"a number that is none", `roles: [{type: stateserver, control: many}]`, []string{"control", "many"}},
}

// Each mistake in a configuration is answered at once, with its place and what would be
// right, and astrond ends.
func TestMistakes(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	for _, m := range mistakes {
		t.Run(m.what, func(t *testing.T) {
			t.Parallel()
			d := prepare(t, strings.ReplaceAll(m.configuration, "PORT", taken.Addr().String()))
			must(t, os.WriteFile(filepath.Join(d.dir, "good.dc"), []byte("dclass Login { login(string) clsend; };"), 0o600))
			must(t, os.WriteFile(filepath.Join(d.dir, "bad.dc"), []byte("dclass Login { login(string clsend; };"), 0o600))
			began := time.Now()
			d.launch()
			if code := d.wait(); code == 0 {
				t.Error("it ended with success")
			}
			answered(t, d.text(), began, m.says)
		})
	}
}

// answered wants a text to say all of this, and soon.
func answered(t *testing.T, text string, began time.Time, says []string) {
	t.Helper()
	took := time.Since(began).Round(time.Millisecond)
	t.Logf("after %v: %s", took, text)
	if took > soon {
		t.Errorf("it took %v", took)
	}
	for _, s := range says {
		if !strings.Contains(text, s) {
			t.Errorf("it does not say %q", s)
		}
	}
}

// Mistakes on the command line are answered, too.
func TestMistakesOfCommands(t *testing.T) {
	built(t, astrondPackage) // no part of the time that an answer takes
	for command, says := range map[string]string{
		"nosuch.yml":                  "astrond init writes one",
		"chek":                        "did you mean check?",
		"--loglevel loud":             "unknown log level",
		"a.yml b.yml":                 "one configuration file",
		"--lgolevel debug":            "flag provided but not defined: -lgolevel",
		"top 127.0.0.1:1":             "127.0.0.1:1",
		"object 5 --nats 127.0.0.1:1": "Check that astrond is running",
		"tap --nats 127.0.0.1:1":      "Check that astrond is running",
		"drain --nats 127.0.0.1:1":    "Check that astrond is running",
		"object five":                 "five",
		"channel x":                   "x",
		"dc show nope.dc":             "nope.dc",
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			stdout, stderr, code := astrond(t, strings.Fields(command)...)
			if code == 0 {
				t.Error("it ended with success")
			}
			answered(t, fmt.Sprint(stdout, stderr), began, []string{says})
		})
	}
}
