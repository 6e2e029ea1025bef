package dcgen

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/doctest"
	"natstron/internal/pcaptest"
)

// recording is a capture file of a client's connections.
type recording struct{ *pcaptest.Recording }

// client is the port of the client.
const client = 50000

// segment adds data that the client sends to a port of a server.
func (r recording) segment(port uint16, data []byte) { r.Between(client, port, data) }

// bytesOf appends numbers, little-endian, and text with its length.
func bytesOf(t *testing.T, parts ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			must(t, binary.Write(&b, binary.LittleEndian, uint16(len(p))))
			b.WriteString(p)
		case []byte:
			b.Write(p)
		default:
			must(t, binary.Write(&b, binary.LittleEndian, p))
		}
	}
	return b.Bytes()
}

func framed(t *testing.T, parts ...any) []byte { return bytesOf(t, string(bytesOf(t, parts...))) }

// Wireshark shows messages of clients and of the cluster, whole, cut and broken.
func TestWireshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("NOT TESTED: no tshark here")
	}
	s := source(t, "testdata/game/game.dc")
	pack := func(class, field, json string) []byte {
		t.Helper()
		c, _ := s.File.ClassByName(class)
		f, ok := c.FieldByName(field)
		if !ok {
			t.Fatalf("no field %s.%s", class, field)
		}
		packed, err := f.PackJSON([]byte(json), dc.Scaled)
		must(t, err)
		return bytesOf(t, f.ID(), packed)
	}
	required := func(class, field, json string) []byte { return pack(class, field, json)[2:] }
	avatar, _ := s.File.DClassByName("Avatar")
	id, _ := avatar.ID()

	r := recording{pcaptest.New()}
	const clients, cluster = 7198, 7199
	r.segment(clients, framed(t, wire.ClientHello, uint32(s.File.Hash()), "game-1"))
	r.segment(clients, framed(t, wire.ClientEject, uint16(wire.EjectBadDCHash), "The client's \"hash\"\n"))
	r.segment(clients, framed(t, wire.ClientEnterObjectRequiredOtherOwner, uint32(1001), uint32(10000), uint32(7), id,
		required("Node", "setX", `[0.5]`), required("Avatar", "setY", `[-2]`), required("Avatar", "name", `"Ada"`), uint16(2),
		pack("Avatar", "setXY", `[[1.5],[2]]`),
		pack("Avatar", "setItems", `[[{"id":7,"name":"hat","colours":[{"red":1,"green":2}],"count":3}],[[1,2],[3,4]]]`)))
	set := framed(t, wire.ClientObjectSetField, uint32(1001), pack("Avatar", "choose", `[{"kind":2,"n":300}]`))
	r.segment(clients, set[:5]) // in two segments, the second with another message
	r.segment(clients, append(set[5:], framed(t, wire.ClientHeartbeat)...))
	r.segment(clients, framed(t, wire.ClientObjectSetField, uint32(1001), pack("Avatar", "setWords", `[["a"],"ff00","x",-9000000000000000000,[1,2]]`)))
	r.segment(clients, framed(t, wire.ClientAddInterestMultiple, uint32(5), uint16(1), uint32(10000), uint16(2), uint32(7), uint32(8)))
	r.segment(clients, framed(t, wire.ClientObjectSetField, uint32(1001), uint16(9999), uint8(1)))
	r.segment(clients, framed(t, wire.ClientObjectLeaving, uint16(1)))
	r.segment(clients, framed(t, wire.ClientObjectLeaving, uint32(1), uint8(1)))
	r.segment(clients, framed(t, uint16(999), uint32(1)))
	r.segment(clients, framed(t, uint8(1)))

	const web = 7196 // a client in a browser
	r.Between(client, web, []byte("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"))
	r.Between(web, client, []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"))
	chat := bytesOf(t, wire.ClientObjectSetField, uint32(1001), pack("Named", "name", `"Eve"`))
	r.Between(web, client, append([]byte{0x82, byte(len(chat))}, chat...))

	change := bytesOf(t, uint8(1), uint64(1001), uint64(401000), wire.StateServerObjectSetField, uint32(1001), pack("Named", "name", `"Bob"`))
	r.segment(cluster, framed(t, uint8(1), uint64(1), wire.ControlAddChannel, uint64(401000)))
	r.segment(cluster, framed(t, uint8(1), uint64(1), wire.ControlAddPostRemove, uint64(401000), string(change)))
	r.segment(cluster, framed(t, uint8(2), uint64(1001), uint64(10000)<<32|7, uint64(401000), wire.StateServerObjectSetField, uint32(1001), pack("Node", "setH", `[90.5]`)))
	r.segment(cluster, framed(t, uint8(1), uint64(402000), uint64(401000), wire.StateServerCreateObjectWithRequired, uint32(1001), uint32(10000), uint32(7), id,
		required("Node", "setX", `[0.5]`), required("Avatar", "setY", `[-2]`), required("Avatar", "name", `"Ada"`)))

	// The backbone: what NATS clients and servers send. One of the messages is cut in two.
	const nats = 4222
	moved := bytesOf(t, uint8(2), uint64(1001), uint64(10000)<<32|7, uint64(401000), wire.StateServerObjectSetField, uint32(1001), pack("Node", "setH", `[45]`))
	publish := func(verb, subject, between string, payload []byte) []byte {
		return fmt.Appendf(nil, "%s %s %s%d\r\n%s\r\n", verb, subject, between, len(payload), payload)
	}
	r.Between(nats, client, []byte("INFO {\"server_id\":\"x\"}\r\n"))
	published := publish("PUB", "astron.0.0.0.1001", "_A.x.1.2 ", moved)
	r.segment(nats, append([]byte("CONNECT {}\r\nPING\r\n"), published[:30]...))
	r.segment(nats, append(published[30:], publish("PUB", "astronctl.hb.x", "", []byte("beat"))...))
	r.segment(nats, []byte("SUB astron.0."))
	r.segment(nats, []byte("0.> 9\r\n"))
	headers := "NATS/1.0\r\nA: b\r\n\r\n"
	r.Between(nats, client, append([]byte("PONG\r\n"), publish("HMSG", "astron.10000.7", fmt.Sprintf("9 _A.x.1.2 %d ", len(headers)), append([]byte(headers), moved...))...))
	r.Between(nats, client, publish("MSG", "astron.0.0.0.1001", "9 ", moved[:20]))
	r.Between(nats, client, publish("LMSG", "astron.0.0.0.1001", "_A.x.1.3 ", moved))
	r.segment(nats, publish("PUB", "astron.0.0.0.5", "astronctl.pong.x ", []byte{0}))

	r.Between(nats, client, []byte("MSG astron.0.0.0.1 9 -5\r\nMSG astron.0.0.0.1 9 99999999999999999999\r\n\r\n+OK\r\n"))

	dir := t.TempDir()
	lua, pcap := filepath.Join(dir, "astron.lua"), filepath.Join(dir, "recorded.pcap")
	must(t, os.WriteFile(lua, Wireshark(s), 0o600))
	must(t, os.WriteFile(pcap, r.Bytes(), 0o600))
	show := func(args ...string) string {
		t.Helper()
		c := exec.Command(tshark, append([]string{"-X", "lua_script:" + lua, "-r", pcap}, args...)...)
		c.Env = append(os.Environ(), "HOME="+dir, "LC_ALL=C.UTF-8")
		var stdout, stderr bytes.Buffer
		c.Stdout, c.Stderr = &stdout, &stderr
		if err := c.Run(); err != nil || strings.Contains(stderr.String(), "Lua") {
			t.Fatalf("tshark: %v\n%s\n%s", err, &stderr, &stdout)
		}
		return stdout.String()
	}
	list := show("-T", "fields", "-e", "_ws.col.Protocol", "-e", "_ws.col.Info")
	tree := show("-O", "astron,astron_client,astron_nats", "-V")
	var shown strings.Builder
	for line := range strings.Lines(list + "\n" + tree) {
		line = strings.TrimRight(line, " \n") + "\n"
		if strings.Contains(line, "\t") || line[0] == ' ' || strings.HasPrefix(line, "Astron") {
			shown.WriteString(line)
		}
	}
	doctest.Compare(t, "testdata/wireshark.txt", shown.String())
	if n := strings.Count(show("-Y", `astron_client.name == "CLIENT_OBJECT_SET_FIELD" && astron_client.do_id == 1001`), "\n"); n != 4 {
		t.Errorf("a filter finds %d messages, not 4", n)
	}
	if n := strings.Count(show("-Y", `astron.do_id == 1001 && astron_nats.subject contains "astron.0"`), "\n"); n != 2 {
		t.Errorf("a filter finds %d messages on NATS, not 2", n)
	}
}
