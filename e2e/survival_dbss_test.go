package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"natstron/dc"
	"natstron/internal/msgtext"
)

const storedDC = `
dclass Street { setTitle(string title) required broadcast ram; };
dclass Toon { setCoins(uint32 n) required broadcast db; setHat(uint32 n) ram broadcast; };
`

// A database-state server and a state server in one process are killed, and told to end,
// while an AI sends: an active object stays active, with its values, what is sent meanwhile
// waits, and when the process is told to end nothing of it is lost. In the end the database has
// what was sent last.
func TestDBSSComesBack(t *testing.T) {
	t.Parallel()
	town := filepath.Join(t.TempDir(), "town.dc")
	must(t, os.WriteFile(town, []byte(storedDC), 0o600))
	h := newKeptHost(t, jetStream(t), town, "roles: [{type: database, control: 4003, generate: {min: 100000000, max: 100000999}, backend: {type: yaml, directory: db}}]\n")
	others, ai, watch := h.others, h.ai, h.watch
	const states = "roles: [{type: stateserver, control: 402000, survive: announced}, {type: dbss, database: 4003, ranges: [{min: 100000000, max: 100000999}], survive: announced}]\n"
	serves := run(t, h.config("first", states))
	ai.say(`402000 CREATE_OBJECT_WITH_REQUIRED do_id=5000 location=0:0 dclass=Street setTitle("Elm")`, "4003 DBSERVER_CREATE_OBJECT 1 dclass=Toon setCoins(0)")
	if got := ai.hear(); !strings.Contains(got, "100000000") {
		t.Fatalf("received %s", got)
	}
	ai.say("100000000 ACTIVATE_WITH_DEFAULTS 100000000 5000:1", "100000000 SET_FIELD 100000000 setHat(1)")
	watch.heard("8000: SET_FIELD do_id=100000000 setHat(1)")
	heard := counting{speaker: watch, update: "8000: SET_FIELD do_id=100000000 setCoins(%d)"}
	for i, signal := range []os.Signal{os.Kill, os.Kill, syscall.SIGTERM, syscall.SIGTERM} {
		waits := h.standby(i, states)
		before := heard.highest
		heard.missing = 0
		stop := ai.countUp("setCoins", 100000000, before+1)
		heard.until(before + 100)
		serves.signal(signal)
		began := time.Now()
		waits.waitFor("ready took")
		t.Logf("%v: the standby serves after %v", signal, time.Since(began).Round(time.Millisecond))
		until(t, "the others to know it", func() bool { // what is sent before may be lost
			return strings.Count(others.text(), "a state server is back") == 2*(i+1)
		})
		heard.until(stop())
		if signal == syscall.SIGTERM && heard.missing > 0 {
			t.Errorf("%v: %d updates were lost", signal, heard.missing)
		}
		t.Logf("%v: %d updates, %d missing", signal, heard.highest-before, heard.missing)
		ai.say("100000000 GET_FIELD 2 100000000 setHat", "100000000 GET_ACTIVATED 3 100000000")
		ai.heard("100000000: GET_FIELD_RESP context=2 success=true setHat(1)", "100000000: GET_ACTIVATED_RESP context=3 do_id=100000000 is_activated=true")
		serves.wait()
		serves = waits
	}
	ai.say("4003 DBSERVER_OBJECT_GET_FIELD 4 100000000 setCoins")
	ai.heard(fmt.Sprintf("4003: DBSERVER_OBJECT_GET_FIELD_RESP context=4 success=true setCoins(%d)", heard.highest))
	if s := others.text(); strings.Contains(s, "objects are gone") {
		t.Error("objects are gone")
	}
}

// Two roles of a process that was alone each get the post-removes that are for them, though
// one begins to serve before the other.
func TestPostRemovesOfEveryRole(t *testing.T) {
	t.Parallel()
	d := run(t, `backbone: {embedded: {listen: none, store_dir: kept}}
general: {dc_files: [town.dc]}
`+port+`roles:
  - {type: database, control: 4003, generate: {min: 100000000, max: 100000999}, backend: {type: yaml, directory: .}}
  - {type: stateserver, control: 402000, survive: announced}
  - {type: dbss, database: 4003, ranges: [{min: 100000000, max: 100000999}], survive: announced}
`, with(t, "town.dc", storedDC))
	file, err := dc.ParseFiles(filepath.Join(d.dir, "town.dc"))
	must(t, err)
	ai := speaker{d.dial(), t, file, 8000}
	ai.Subscribe(8000)
	ai.Settle(d.port(), 9100)
	for _, line := range []string{"402000 DELETE_AI_OBJECTS 8000", "100000000 DELETE_RAM 100000000"} {
		remove, err := msgtext.Parse(file, 8000, line)
		must(t, err)
		ai.PostRemove(8000, remove)
	}
	ai.say(`402000 CREATE_OBJECT_WITH_REQUIRED do_id=5000 location=0:0 dclass=Street setTitle("Elm")`,
		`402000 CREATE_OBJECT_WITH_REQUIRED do_id=5001 location=0:0 dclass=Street setTitle("Oak")`, "5000 SET_AI 8000",
		"4003 DBSERVER_CREATE_OBJECT 1 dclass=Toon setCoins(0)", "4003 DBSERVER_CREATE_OBJECT 2 dclass=Toon setCoins(0)")
	ai.heard("4003: DBSERVER_CREATE_OBJECT_RESP context=1 do_id=100000000", "4003: DBSERVER_CREATE_OBJECT_RESP context=2 do_id=100000001")
	ai.say("100000000 ACTIVATE_WITH_DEFAULTS 100000000 5000:1", "100000001 ACTIVATE_WITH_DEFAULTS 100000001 5000:1",
		"100000001 GET_ACTIVATED 3 100000001")
	ai.heard("100000001: GET_ACTIVATED_RESP context=3 do_id=100000001 is_activated=true")
	d = d.killed()
	again := speaker{d.dial(), t, file, 8001}
	again.Subscribe(8001)
	again.Settle(d.port(), 9100)
	again.say("100000000 GET_ACTIVATED 4 100000000", "100000001 GET_ACTIVATED 5 100000001", "5000 GET_LOCATION 6", "5001 GET_LOCATION 7")
	again.wantLines("100000000: GET_ACTIVATED_RESP context=4 do_id=100000000 is_activated=false",
		"100000001: GET_ACTIVATED_RESP context=5 do_id=100000001 is_activated=true",
		"5001: GET_LOCATION_RESP context=7 do_id=5001 location=0:0")
}
