package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// What an operator types, and sees.

func TestInvalidConfigurationEnds(t *testing.T) {
	t.Parallel()
	d := start(t, "messagedirector:\n    bimd: 127.0.0.1:0\nroles:\n    - type: foo\n")
	if code := d.wait(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	for _, want := range []string{"astrond.yml:2:5", "bimd", "astrond.yml:4:", "foo"} {
		if !strings.Contains(d.text(), want) {
			t.Errorf("the output lacks %q:\n%s", want, d.text())
		}
	}
}

func TestTapShowsTraffic(t *testing.T) {
	t.Parallel()
	d := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\n"+port)
	c := d.dial()
	type result struct {
		out, err string
		code     int
	}
	tapped := make(chan result, 1)
	go func() {
		out, errOut, code := astrond(t, "tap", "--nats", d.nats(), "--limit", "1", "4618:2000")
		tapped <- result{out, errOut, code}
	}()
	// Until the tap listens, what is sent is not seen.
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case r := <-tapped:
			if r.code != 0 {
				t.Fatalf("exit code %d: %s", r.code, r.err)
			}
			for _, want := range []string{"STATESERVER_OBJECT_SET_FIELD", "402000001"} {
				if !strings.Contains(r.out, want) {
					t.Errorf("the tap shows no %q:\n%s", want, r.out)
				}
			}
			return
		case <-tick.C:
			c.Send(mdtest.Text(t, 1, "to somebody else", 4618))
			c.Send(mdtest.Datagram(t, func(w *wire.Writer) {
				location := wire.Location{Parent: 4618, Zone: 2000}
				w.Header(402000001, wire.StateServerObjectSetField, location.Channel()).DoID(402000001).Uint16(7).Uint8(1)
			}))
		}
	}
}

func TestSlowParticipant(t *testing.T) {
	t.Parallel()
	d := run(t, "backbone: {embedded: {listen: none}}\nmessagedirector: {bind: '127.0.0.1:0', max_queue: 2MiB}\n")
	slow, sender := d.dial(), d.dial()
	slow.Subscribe(5000)
	slow.PostRemove(1, mdtest.Text(t, 9, "gone", 6000))
	slow.Settle(d.port(), 9000)
	neighbour := d.dial()
	neighbour.Subscribe(6000)
	neighbour.Settle(d.port(), 9001)
	big := mdtest.Text(t, 1, strings.Repeat("x", 60_000), 5000)
	for range 400 { // 24 MB: more than the sockets and the queue hold
		sender.Send(big)
	}
	neighbour.Want(mdtest.Text(t, 9, "gone", 6000))
	d.waitFor("more is queued for it than its limit allows")
}

// A tap with filters and DC files: each datagram once, however many of its
// channels are watched, with names; an interrupt ends it in order.
func TestTapDecodes(t *testing.T) {
	t.Parallel()
	d := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\n"+port)
	game := filepath.Join(t.TempDir(), "game.dc")
	must(t, os.WriteFile(game, []byte("dclass Avatar { setXY(int16/10 x, int16/10 y) ram; };\n"), 0o600))
	tap := command(t, "tap", "--nats", d.nats(), "--dc", game, "4618:2000", "5000-5009")
	tap.launch()
	tap.waitFor("watching " + d.nats())
	c := d.dial()
	zone := wire.Location{Parent: 4618, Zone: 2000}.Channel()
	c.Send(mdtest.Text(t, 1, "to somebody else", 5010, 4618))
	c.Send(mdtest.Datagram(t, func(w *wire.Writer) {
		w.Header(402000001, wire.StateServerObjectSetField, zone, 5000, 5009, 4999).DoID(402000001).FieldID(0).Raw([]byte{15, 0, 0xf6, 0xff})
	}))
	c.Send(mdtest.Text(t, 2, "the last", 5001))
	tap.waitFor("2 → 5001")
	tap.signal(os.Interrupt)
	if code := tap.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
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
	if code := tap.wait(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	tap.waitFor("the connection ended")
}
