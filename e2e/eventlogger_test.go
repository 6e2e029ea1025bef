package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/tinylib/msgp/msgp"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// The event logger, and what other processes tell it.

// event packs keys and values, which take turns.
func event(keysAndValues ...string) []byte {
	b := msgp.AppendMapHeader(nil, uint32(len(keysAndValues)/2))
	for _, v := range keysAndValues {
		b = msgp.AppendString(b, v)
	}
	return b
}

// with puts a file into a daemon's folder.
func with(t testing.TB, name, text string) func(dir string) {
	return func(dir string) {
		t.Helper()
		write(t, filepath.Join(dir, name), text)
	}
}

// udp sends a packet.
func udp(t testing.TB, address string, packet []byte) {
	t.Helper()
	conn, err := net.Dial("udp", address)
	must(t, err)
	defer conn.Close()
	if _, err := conn.Write(packet); err != nil {
		t.Fatal(err)
	}
}

// where is the address in a line of the log.
func (d *daemon) where(line string) string {
	d.t.Helper()
	said := d.waitFor(line)
	_, rest, found := strings.Cut(said, "address=")
	if !found {
		d.t.Fatalf("no address in %q", said)
	}
	address, _, _ := strings.Cut(rest, " ")
	return strings.Trim(address, `"`)
}

// events waits until the daemon's events.log has these events, in this order and
// nothing besides but for the first line of the file. What changes from run to
// run is left out of want: each is a part of the line.
func (d *daemon) events(want ...string) {
	d.t.Helper()
	file := filepath.Join(d.dir, "events.log")
	var got []string
	poll(d.t, func() bool {
		got = readLines(d.t, file)
		return len(got) > len(want)
	}, func() string { return fmt.Sprintf("%d events; has\n%s", len(want), strings.Join(got, "\n")) })
	if len(got) != len(want)+1 || !strings.Contains(got[0], `"type": "log-opened"`) {
		d.t.Fatalf("want %d events, got\n%s", len(want), strings.Join(got, "\n"))
	}
	for i, w := range want {
		if !json.Valid([]byte(got[i+1])) || !strings.Contains(got[i+1], w) {
			d.t.Errorf("event %d is\n%s\nwant in it\n%s", i, got[i+1], w)
		}
	}
}

// readLines is the whole lines of a file, none if it is not there.
func readLines(t testing.TB, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	return lines[:len(lines)-1]
}

// poll asks again and again until done, for what tells nobody when it changes.
func poll(t testing.TB, done func() bool, waitingFor func() string) {
	t.Helper()
	deadline := time.After(mdtest.Patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain for %s", waitingFor())
		}
	}
}

const logger = "    - {type: eventlogger, bind: '127.0.0.1:0', output: events.log%s}\n"

// Three processes on one NATS server. Each event is written by both event
// loggers, and an operator sees it, wherever it comes from: UDP, a message
// director's CONTROL_LOG_MESSAGE, a client agent, NATS itself.
func TestEventsOfACluster(t *testing.T) {
	t.Parallel()
	url, _ := natsServer(t)
	backbone := fmt.Sprintf("backbone: {urls: ['%s']}\n", url)
	roles := "roles:\n" + fmt.Sprintf(logger, ", nats: true")
	first, second := run(t, backbone+roles), run(t, backbone+roles)
	game := run(t, backbone+fmt.Sprintf("general: {eventlogger: '%s', dc_files: [game.dc]}\n", first.where("receiving events"))+port+
		"roles:\n    - {type: clientagent, bind: '127.0.0.1:0', version: v1, channels: {min: 5000, max: 5999}}\n", with(t, "game.dc", "dclass A {};\n"))

	nc, err := nats.Connect(url)
	must(t, err)
	defer nc.Close()
	operator, err := nc.SubscribeSync("astronctl.events.>")
	if err == nil {
		err = nc.Flush()
	}
	must(t, err)

	var seen []string
	see := func(want string) {
		t.Helper()
		seen = append(seen, want)
		first.events(seen...)
		second.events(seen...)
	}
	udp(t, first.where("receiving events"), event("type", "trade", "sender", "AI: 4002", "jellybeans", "50"))
	see(`"type": "trade", "sender": "AI: 4002", "jellybeans": "50"}`)
	udp(t, second.where("receiving events"), event("type", "of the second host"))
	see(`"type": "of the second host"}`)

	game.dial().Control(wire.Control{Type: wire.ControlLogMessage, Data: event("type", "by message director")})
	see(`"type": "by message director"}`)

	client := mdtest.Dial(t, game.where("listening for clients"))
	see(`"type": "client-connected", "sender": "Client:5000", "remote_address": "` + client.Conn.LocalAddr().String() + `"`)
	client.Send(wire.Datagram{0xff, 0xff}) // a message that there is not
	see(`"type": "client-ejected`)
	eject, err := client.Receive()
	if err != nil || len(eject) < 4 || eject[0] != byte(wire.ClientEject) {
		t.Fatalf("the client got %x, %v", []byte(eject), err)
	}
	if reason := fmt.Sprintf(`"reason_code": "%d"`, int(eject[2])|int(eject[3])<<8); !strings.Contains(readLines(t, filepath.Join(first.dir, "events.log"))[5], reason) {
		t.Errorf("the event lacks %s", reason)
	}

	must(t, nc.Publish("astronctl.events.script", []byte(`{"type": "from a script"}`)))
	see(`"type": "from a script"}`)

	for _, want := range seen {
		m, err := operator.NextMsg(mdtest.Patience)
		if err != nil {
			t.Fatalf("the operator waits for %s: %v", want, err)
		}
		// A script's event has no time of a file in it.
		if !strings.Contains(string(m.Data), want) {
			t.Errorf("the operator sees %s, want in it %s", m.Data, want)
		}
	}
	if m, err := operator.NextMsg(100 * time.Millisecond); err == nil {
		t.Errorf("the operator sees once more: %s", m.Data)
	}
}
