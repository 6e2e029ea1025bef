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
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
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

	// A packet that is not an event is reported and changes nothing.
	for _, wrong := range []string{"", "\x93", "no map", "\x80\x80", "\x81\xa4type"} {
		udp(t, first.where("receiving events"), []byte(wrong))
	}
	must(t, nc.Publish("astronctl.events.script", []byte(`{"type": "from a script"}`)))
	see(`"type": "from a script"}`)
	first.waitFor("received something that is not an event")

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
}

// An event logger that is not there costs nothing but its events: the process
// serves its participants as before, and says what is lost.
func TestMissingEventLogger(t *testing.T) {
	t.Parallel()
	// A socket that hears only one other address keeps the port from everybody.
	nobody := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9}
	held, err := net.DialUDP("udp", &net.UDPAddr{IP: nobody.IP}, nobody)
	must(t, err)
	defer held.Close()
	address := held.LocalAddr().String()
	d := run(t, fmt.Sprintf("general: {eventlogger: '%s'}\n", address)+alone+port)
	sender, receiver := d.dial(), d.dial()
	receiver.Subscribe(5000)
	receiver.Settle(d.port(), 9000)
	flood := mdtest.Datagram(t, func(w *wire.Writer) {
		w.AppendControl(wire.Control{Type: wire.ControlLogMessage, Data: event("type", strings.Repeat("x", 1000))})
	})
	const rounds = 100
	for i := range rounds {
		for range 300 {
			sender.Send(flood)
		}
		sender.Send(mdtest.Text(t, 1, fmt.Sprint("round ", i), 5000))
	}
	for i := range rounds {
		receiver.Want(mdtest.Text(t, 1, fmt.Sprint("round ", i), 5000))
	}
	line := d.waitFor("events were lost")
	if !strings.Contains(line, "event_logger="+address) {
		t.Errorf("the log says %s", line)
	}
}

// A second event logger finds the port taken, and says where that stands.
func TestEventLoggerPortInUse(t *testing.T) {
	t.Parallel()
	address := run(t, alone+"roles:\n"+fmt.Sprintf(logger, "")).where("receiving events")
	second := start(t, alone+"roles:\n    - type: eventlogger\n      bind: "+address+"\n")
	if code := second.wait(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	second.waitFor("astrond.yml:4:13: roles[0].bind: " + address + " is in use")
}

// A disk without room keeps nothing from running, and what came meanwhile is
// written when there is room.
func TestEventLoggerOnAFullDisk(t *testing.T) {
	t.Parallel()
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skipf("this system has no %s", full)
	}
	var file string
	d := run(t, alone+port+"roles:\n"+fmt.Sprintf(logger, ", rotate_interval: 1s"), func(dir string) {
		file = filepath.Join(dir, "events.log")
		if err := os.Symlink(full, file); err != nil {
			t.Error(err)
		}
	})
	d.waitFor("cannot write to the file")
	udp(t, d.where("receiving events"), event("type", "while there was no room"))
	d.dial().Settle(d.port(), 9000)
	must(t, os.Remove(file))
	d.waitFor("events are written again")
	poll(t, func() bool {
		return strings.Contains(strings.Join(readLines(t, file), "\n"), `"type": "while there was no room"}`)
	}, func() string { return "the event" })
}
