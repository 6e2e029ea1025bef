package e2e

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// astrond object: where an object is, or why it is nowhere.

// object asks a daemon's cluster for an object, with the daemon's configuration.
func (d *daemon) object(args ...string) (out, errOut string, code int) {
	d.t.Helper()
	return astrond(d.t, append([]string{"object", "--nats", d.nats(), "--config", filepath.Join(d.dir, "astrond.yml")}, args...)...)
}

func TestObjectIsFound(t *testing.T) {
	t.Parallel()
	d := run(t, watchedCluster, withDC(t))
	c := d.dial()
	createToon(t, c, 101, wire.Location{Parent: 4618, Zone: 2000})
	for _, send := range []func(w *wire.Writer){
		func(w *wire.Writer) { w.Header(5000, wire.StateServerObjectSetAI, 101).Channel(5000) },
		func(w *wire.Writer) { w.Header(5000, wire.StateServerObjectSetOwner, 101).Channel(1000004) },
		func(w *wire.Writer) {
			w.Header(5000, wire.StateServerObjectSetField, 101).DoID(101).FieldID(1).Raw([]byte{15, 0, 0xf6, 0xff})
		},
	} {
		c.Send(mdtest.Datagram(t, send))
	}
	want := `Toon 101
  location  4618:2000 (parent:zone)
  owner     1000004
  AI        5000
  setName   {"name":"Flippy"}
  setXY     {"x":1.5,"y":-1}
`
	until(t, "the object as it is", func() bool {
		out, errOut, code := d.object("101")
		return code == 0 && out == want && errOut == ""
	})
	out, _, code := d.object("--json", "101")
	var found struct {
		DoID   uint32 `json:"do_id"`
		Found  bool
		Owner  string
		AI     string
		Active []struct {
			Class        string
			Parent, Zone uint32
			Fields       []struct {
				Name  string
				Value map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != 0 {
		t.Fatalf("%d, %v: %s", code, err, out)
	}
	if !found.Found || found.DoID != 101 || found.Owner != "1000004" || found.AI != "5000" || len(found.Active) != 1 ||
		found.Active[0].Class != "Toon" || found.Active[0].Zone != 2000 || found.Active[0].Fields[0].Value["name"] != "Flippy" {
		t.Errorf("found is %+v", found)
	}
	// Without the DC files there is what can be told.
	out, errOut, code := astrond(t, "object", "--nats", d.nats(), "101")
	if code != 0 || !strings.Contains(out, "dclass 0 101") || !strings.Contains(out, "4618:2000") || !strings.Contains(errOut, "--dc") {
		t.Errorf("without the DC files: %d\n%s%s", code, out, errOut)
	}
}

func TestObjectIsStored(t *testing.T) {
	t.Parallel()
	d := run(t, watchedCluster, withDC(t))
	storeFlippy(t, d.dial())
	out, errOut, code := d.object("--timeout", "500ms", "100000000")
	want := "Toon 100000000, stored by the database server 4003\n  setName  {\"name\":\"Flippy\"}\n"
	if code != 0 || out != want {
		t.Errorf("%d: got\n%s%s\nwant\n%s", code, out, errOut, want)
	}
}

func TestObjectIsNowhere(t *testing.T) {
	t.Parallel()
	d := run(t, watchedCluster, withDC(t))
	out, errOut, code := d.object("--timeout", "300ms", "999")
	if code != 1 || out != "" || !strings.Contains(errOut, "no answer for object 999 within 300ms") {
		t.Errorf("%d: %s%s", code, out, errOut)
	}
	out, _, code = d.object("--timeout", "300ms", "--json", "999")
	if code != 1 || !strings.Contains(out, `"found": false`) {
		t.Errorf("--json: %d: %s", code, out)
	}
}

// The command says so if two state servers have the same object.
func TestObjectIsThereTwice(t *testing.T) {
	t.Parallel()
	d := run(t, strings.Replace(watchedCluster, "roles:\n", "roles:\n  - {type: stateserver, control: 402001}\n", 1), withDC(t))
	c := d.dial()
	createToon(t, c, 101, wire.Location{Parent: 4618, Zone: 2000})
	c.Send(mdtest.Datagram(t, func(w *wire.Writer) {
		w.Header(5000, wire.StateServerCreateObjectWithRequired, 402001).DoID(101).DoID(4618).Zone(3000).DClassID(0).Text("Twin")
	}))
	until(t, "two answers", func() bool {
		out, _, code := d.object("101")
		return code == 0 && strings.Contains(out, "2 answers for object 101: more than one state server has it") &&
			strings.Contains(out, "4618:2000") && strings.Contains(out, "4618:3000") && strings.Contains(out, "Twin")
	})
}

// A database-state server answers for objects that are not active.
func TestObjectIsNotActive(t *testing.T) {
	t.Parallel()
	d := run(t, strings.Replace(watchedCluster, "roles:\n", "roles:\n  - {type: dbss, database: 4003, ranges: [{min: 100000000, max: 100000999}]}\n", 1), withDC(t))
	storeFlippy(t, d.dial())
	out, errOut, code := d.object("100000000")
	want := `Toon 100000000
  location  nowhere
  owner     not told
  AI        not told
  setName   {"name":"Flippy"}
Toon 100000000, stored by the database server 4003
  setName  {"name":"Flippy"}
`
	if code != 0 || out != want {
		t.Errorf("%d: got\n%s%s\nwant\n%s", code, out, errOut, want)
	}
}

// storeFlippy creates object 100000000 in the database.
func storeFlippy(t testing.TB, c *mdtest.Client) {
	t.Helper()
	c.Subscribe(5000)
	c.Send(mdtest.Datagram(t, func(w *wire.Writer) {
		w.Header(5000, wire.DBServerCreateObject, 4003).Uint32(7).DClassID(0).Uint16(1).FieldID(0).Text("Flippy")
	}))
	c.Want(mdtest.Datagram(t, func(w *wire.Writer) {
		w.Header(4003, wire.DBServerCreateObjectResp, 5000).Uint32(7).DoID(100000000)
	}))
}
