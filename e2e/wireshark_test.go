package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/internal/pcaptest"
	"natstron/roles/clientagent/clienttest"
)

// Wireshark shows what really goes over the wires of a cluster: to a client, to an AI, and to NATS.
func TestWiresharkOfTraffic(t *testing.T) {
	t.Parallel()
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("NOT TESTED: no tshark here")
	}
	path, file := townFile(t)
	nats, _ := natsServer(t)
	recorded := pcaptest.New()
	relayed := recorded.Relay(t, strings.TrimPrefix(nats, "nats://"), 4222)
	d := run(t, fmt.Sprintf("general: {dc_files: ['%s']}\nbackbone: {urls: ['nats://%s']}\n%sroles:\n"+
		"  - {type: stateserver, control: 402000}\n"+
		"  - {type: clientagent, bind: '127.0.0.1:0', version: town-1, channels: {min: 1000000000, max: 1009999999}}\n", path, relayed, port))

	ai := speaker{mdtest.Dial(t, recorded.Relay(t, d.port(), 7199)), t, file, 8000}
	ai.Subscribe(8000, wire.Location{Parent: 5000, Zone: 1}.Channel())
	ai.say("402000 CREATE_OBJECT_WITH_REQUIRED do_id=6000 location=5000:1 dclass=Pebble setA(7) setB(2) setC(3)")
	ai.wantLines("6000: ENTER_LOCATION_WITH_REQUIRED do_id=6000 location=5000:1 dclass=Pebble setA(7) setB(2)")
	c := clienttest.Dial(t, recorded.Relay(t, d.where("listening for clients"), 7198))
	c.Hello(file.Hash(), "town-1")
	c.Send(wire.ClientAddInterest, func(w *wire.Writer) { w.Uint32(1).Uint16(2).Location(wire.Location{Parent: 5000, Zone: 1}) })
	c.UntilEject(wire.EjectInvalidMsgType)
	d.signal(os.Interrupt) // so that all is on the wires
	d.ends(0)

	dir := t.TempDir()
	lua, pcap := filepath.Join(dir, "astron.lua"), filepath.Join(dir, "recorded.pcap")
	generator := command(t, "dc", "wireshark", "-o", lua, path)
	generator.launch()
	generator.ends(0)
	must(t, os.WriteFile(pcap, recorded.Bytes(), 0o600))
	show := func(filter string) string {
		t.Helper()
		c := exec.Command(tshark, "-X", "lua_script:"+lua, "-r", pcap, "-Y", filter, "-T", "fields", "-e", "_ws.col.Protocol", "-e", "_ws.col.Info")
		c.Env = append(os.Environ(), "HOME="+dir, "LC_ALL=C.UTF-8")
		var stderr strings.Builder
		c.Stderr = &stderr
		out, err := c.Output()
		if err != nil || strings.Contains(stderr.String(), "Lua") {
			t.Fatalf("tshark: %v\n%s", err, &stderr)
		}
		return string(out)
	}
	for filter, want := range map[string][]string{
		"astron && tcp.port == 7199": {"CONTROL_ADD_CHANNEL", "STATESERVER_CREATE_OBJECT_WITH_REQUIRED 6000 Pebble setA(7) setB(2) setC(3)", "STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED 6000 Pebble setA(7) setB(2)"},
		"astron_client":              {fmt.Sprintf("CLIENT_HELLO %q", "town-1"), "CLIENT_HELLO_RESP", "CLIENT_ADD_INTEREST", "CLIENT_EJECT"},
		`astron.do_id == 6000 && astron_nats.subject == "astron.5000.1"`: {"PUB STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED 6000 Pebble setA(7) setB(2)"},
		"astron_nats": {"CONNECT", "SUB", "PING", "PUB STATESERVER_CREATE_OBJECT_WITH_REQUIRED 6000"},
	} {
		shown := show(filter)
		for _, one := range want {
			if !strings.Contains(shown, one) {
				t.Errorf("%s is not among what %s shows:\n%s", one, filter, shown)
			}
		}
	}
	if wrong := show("_ws.malformed || _ws.expert.severity >= 8388608 && (astron || astron_client || astron_nats)"); wrong != "" {
		t.Errorf("malformed, says Wireshark:\n%s", wrong)
	}
}
