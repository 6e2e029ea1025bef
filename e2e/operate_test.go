package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge/wire"
)

// astrond client, object, send and eject.

// tool runs a command of the tools on a town, with the DC files of a gate.
func (w *town) tool(name string, args ...string) (out, errOut string, code int) {
	w.t.Helper()
	return astrond(w.t, append([]string{name, "--nats", w.bridge.nats(), "--config", filepath.Join(w.north.dir, "astrond.yml")}, args...)...)
}

// wants wants a tool's output to match lines, each a regular expression.
func (w *town) wants(code int, lines []string, name string, args ...string) {
	w.t.Helper()
	out, errOut, got := w.tool(name, args...)
	if got != code {
		w.t.Errorf("%s %v: exit code %d, want %d", name, args, got, code)
	}
	for _, line := range lines {
		if !regexp.MustCompile("(?m)" + line).MatchString(out + errOut) {
			w.t.Errorf("%s %v lacks %s:\n%s%s", name, args, line, out, errOut)
		}
	}
}

// What an operator asks on the command line: clients, who sees what, and why.
func TestOperatorLooks(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	_, flippyChannel, flippyToon := w.enter(w.north)
	_, other, otherToon := w.enter(w.south)
	account := fmt.Sprint(firstAccount)

	w.wants(0, []string{`^CHANNEL +STATE`, fmt.Sprintf(`^%d +established +%s +%d .* Gate North$`, flippyChannel, account, flippyToon), fmt.Sprintf(`^%d .* Gate South$`, other)}, "client")
	w.wants(0, []string{fmt.Sprintf(`^%d `, other)}, "client", "--find", fmt.Sprint(otherToon))
	w.wants(0, []string{`There are no such clients`}, "client", "--find", "nobody")
	w.wants(0, []string{
		fmt.Sprintf(`^client %d of Gate North, clientagent\[127\.0\.0\.1:0\]: established`, flippyChannel),
		fmt.Sprintf(`^  account +%s, avatar %d`, account, flippyToon), fmt.Sprintf(`^  owns +%d$`, flippyToon),
		`^  to it +0/s, `, `^1 +4618 +2000 +open$`, fmt.Sprintf(`^%d +Toon +4618:2000 +owns it, session object`, flippyToon),
	}, "client", "--for", "100ms", fmt.Sprint(flippyChannel))
	w.wants(1, []string{`no client agent has a client with the channel 7`}, "client", "7")

	// By the channel that the cluster gave it, as JSON.
	out, _, code := w.tool("client", "--json", "--for", "50ms", fmt.Sprint(uint64(firstAccount)<<32|uint64(flippyToon)))
	var clients []struct {
		Channel string
		Open    []struct{ Parent uint32 }
		Known   []struct {
			DoID uint32 `json:"do_id"`
			Owns bool
		}
	}
	if err := json.Unmarshal([]byte(out), &clients); err != nil || code != 0 || len(clients) != 1 || clients[0].Channel != fmt.Sprint(flippyChannel) ||
		len(clients[0].Open) != 1 || len(clients[0].Known) != 1 || !clients[0].Known[0].Owns {
		t.Errorf("--json: %d, %v: %s", code, err, out)
	}

	// Why it sees an object, or does not.
	w.wants(0, []string{`owns the object`}, "client", "--sees", fmt.Sprint(flippyToon), fmt.Sprint(flippyChannel))
	for _, command := range [][]string{
		{"client", "--sees", fmt.Sprint(otherToon), fmt.Sprint(flippyChannel)},
		{"object", "--client", fmt.Sprint(flippyChannel), fmt.Sprint(otherToon)},
	} {
		w.wants(1, []string{`does not see object`, `no interest in 4618:2001, where the object is`, `interest 1 is in the same parent, in zone 2000`}, command[0], command[1:]...)
	}
	w.wants(1, []string{`No state server and no database-state server has object 999`}, "client", "--sees", "999", fmt.Sprint(flippyChannel))
	w.wants(1, []string{`The object is not active: dbss\[100000000\]`}, "client", "--sees", "100000005", fmt.Sprint(flippyChannel))
	w.wants(1, []string{`The object is nowhere`}, "client", "--sees", fmt.Sprint(townDistrict), fmt.Sprint(flippyChannel))
	w.wants(1, []string{`No client agent has a client with the channel 7`}, "client", "--sees", fmt.Sprint(flippyToon), "7")
	// An interest in a parent that is not there is never answered.
	w.create(301, wire.Location{Parent: 300, Zone: 5}, 1, func(d *wire.Writer) { d.Text("lost") })
	w.send(flippyChannel, wire.ClientAgentAddInterest, func(d *wire.Writer) { d.Uint16(2).Location(wire.Location{Parent: 300, Zone: 5}) })
	until(t, "the parent that does not answer", func() bool {
		out, _, _ := w.tool("client", "--sees", "301", fmt.Sprint(flippyChannel))
		return strings.Contains(out, "still being opened: parent 300 has not answered") && strings.Contains(out, "Nobody has object 300")
	})

	// Who sees it.
	w.wants(0, []string{
		fmt.Sprintf(`^Toon %d of World, stateserver\[402000\], at 4618:2000`, flippyToon),
		fmt.Sprintf(`^%d +owns it, session object +1 +Gate North$`, flippyChannel), `^Login AI +127.* its location, AI +Bridge$`,
	}, "object", "--who-sees", fmt.Sprint(flippyToon))
	out, _, code = w.tool("object", "--who-sees", "--json", fmt.Sprint(flippyToon))
	if code != 0 || !strings.Contains(out, `"viewers": [`) || !strings.Contains(out, `"owns": true`) {
		t.Errorf("--who-sees --json: %d: %s", code, out)
	}
	w.wants(0, []string{`no state server and no database-state server has object 999`, `No client knows it`}, "object", "--who-sees", "999")
}

// What an operator does: sends a field, and ejects a client.
func TestOperatorActs(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	player, channel, toon := w.enter(w.north)
	w.wants(0, []string{`^sent setChat\("hello, world"\) to Toon`}, "send", fmt.Sprint(toon), "setChat", "hello, world")
	r := player.Until(wire.ClientObjectSetField)
	if do, field, text := r.DoID(), r.FieldID(), r.Text(); do != toon || text != "hello, world" {
		t.Errorf("the player is told %d.%d %q", do, field, text)
	}
	w.wants(0, []string{`"setXY"`, `"x": 1.5`}, "send", "--json", fmt.Sprint(toon), "setXY", "1.5", "2")
	for _, test := range []struct{ want, args string }{
		{`Toon has no field "setHat"; it has setName`, fmt.Sprint(toon, " setHat 1")},
		{`takes 2 values, not 1`, fmt.Sprint(toon, " setXY 1")},
		{`outside its range`, fmt.Sprint(toon, " setXY 1 99999")},
		{`no state server has object 999.*--class`, "999 setChat x"},
		{`no class "Hat"`, "--class Hat 999 setChat x"},
	} {
		w.wants(1, []string{test.want}, "send", strings.Fields(test.args)...)
	}
	// An UberDOG is in no state server.
	w.wants(0, []string{`^sent enter\("me"\) to Gate 5000`}, "send", "--class", "Gate", "--as", "77", "5000", "enter", "me")
	for {
		d, err := w.ai.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if m, err := d.Message(); err == nil && m.Sender == 77 {
			break
		}
	}

	w.wants(1, []string{`no client agent has a client with the channel 7`}, "eject", "7")
	w.wants(0, []string{fmt.Sprintf(`^ejected client %d of Gate North`, channel)}, "eject", "--reason", "Bye.", fmt.Sprint(channel))
	e := player.Until(wire.ClientEject)
	if code, reason := e.Uint16(), e.Text(); code != uint16(wire.EjectByAdmin) || reason != "Bye." {
		t.Errorf("ejected with %d %q", code, reason)
	}
	w.wants(1, []string{`no client agent has`}, "client", fmt.Sprint(channel))
}

// A NATS user that may only watch can neither ask nor act, and is told so.
func TestOperatorMayOnlyWatch(t *testing.T) {
	t.Parallel()
	srv := startNATS(t, &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		Users: []*server.User{
			{Username: "astrond", Password: "x"},
			{Username: "observer", Password: "x", Permissions: &server.Permissions{
				Subscribe: &server.SubjectPermission{Allow: []string{"astron.>", "astronctl.>"}},
				Publish:   &server.SubjectPermission{Deny: []string{">"}},
			}},
		},
	})
	run(t, "backbone: {urls: ['"+srv.ClientURL()+"'], user: astrond, password: x}\n"+port)
	file := filepath.Join(t.TempDir(), "game.dc")
	write(t, file, townDC)
	observer := strings.Replace(srv.ClientURL(), "nats://", "nats://observer:x@", 1)
	for _, args := range []string{"client", "client 1000001", "client --sees 5 1000001", "object --who-sees 5", "eject 1000001", "send --class Gate --dc " + file + " 5000 enter me"} {
		_, errOut, code := astrond(t, append(strings.Fields(args), "--nats", observer)...)
		if code != 1 || !strings.Contains(errOut, "This command must publish") {
			t.Errorf("%s: %d: %s", args, code, errOut)
		}
	}
}
