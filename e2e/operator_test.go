package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// astrond tap: what goes over the backbone.

// A tap with filters and DC files: each datagram once, however many of its
// channels are watched, with names; an interrupt ends it in order. Another one, without DC
// files, ends by itself after one datagram.
func TestTapDecodes(t *testing.T) {
	t.Parallel()
	d := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\n"+port)
	game := filepath.Join(t.TempDir(), "game.dc")
	must(t, os.WriteFile(game, []byte("dclass Avatar { setXY(int16/10 x, int16/10 y) ram; };\n"), 0o600))
	tap := command(t, "tap", "--nats", d.nats(), "--dc", game, "4618:2000", "5000-5009")
	tap.launch()
	tap.waitFor("watching " + d.nats())
	one := command(t, "tap", "--nats", d.nats(), "--limit", "1", "4618:2000")
	one.launch()
	one.waitFor("watching")
	c := d.dial()
	zone := wire.Location{Parent: 4618, Zone: 2000}.Channel()
	c.Send(mdtest.Text(t, 1, "to somebody else", 5010, 4618))
	c.Send(mdtest.Datagram(t, func(w *wire.Writer) {
		w.Header(402000001, wire.StateServerObjectSetField, zone, 5000, 5009, 4999).DoID(402000001).FieldID(0).Raw([]byte{15, 0, 0xf6, 0xff})
	}))
	c.Send(mdtest.Text(t, 2, "the last", 5001))
	tap.waitFor("2 → 5001")
	one.ends(0)
	contains(t, one.text(), "402000001 → 4618:2000", "STATESERVER_OBJECT_SET_FIELD", "do_id=402000001")
	tap.signal(os.Interrupt)
	tap.ends(0)
	lines := strings.Split(strings.TrimSpace(tap.text()), "\n")
	if len(lines) != 4 || lines[3] != "2 datagrams seen" {
		t.Fatalf("want a first line, two datagrams, and the sum; got\n%s", tap.text())
	}
	want := `402000001 → 4618:2000,5000,5009,4999  STATESERVER_OBJECT_SET_FIELD  53 B  do_id=402000001  field_id="setXY"  setXY={"x":1.5,"y":-1}`
	if !strings.HasSuffix(lines[1], want) {
		t.Errorf("got  %s\nwant %s", lines[1], want)
	}
}

// A tap that loses the backbone says so.
func TestTapLosesBackbone(t *testing.T) {
	t.Parallel()
	d := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\n")
	tap := command(t, "tap", "--nats", d.nats())
	tap.launch()
	tap.waitFor("watching")
	d.signal(os.Kill)
	tap.ends(1)
	tap.waitFor("the connection ended")
}
