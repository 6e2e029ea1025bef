package e2e

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/dc"
)

// gameClient is a player, who speaks document 10 over any connection.
type gameClient struct {
	t    testing.TB
	conn net.Conn
}

// dialGame connects over TCP, and says nothing.
func dialGame(t testing.TB, address string) *gameClient {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return &gameClient{t, conn}
}

// hello says hello, and waits for the answer.
func (c *gameClient) hello(hash uint32, version string) {
	c.t.Helper()
	c.send(wire.ClientHello, func(w *wire.Writer) { w.Uint32(hash).Text(version) })
	c.expect(wire.ClientHelloResp)
}

func (c *gameClient) send(kind wire.ClientMsgType, build func(w *wire.Writer)) {
	c.t.Helper()
	if _, err := c.conn.Write(frame(c.t, kind, build)); err != nil {
		c.t.Fatal(err)
	}
}

// setField sends an update of one text.
func (c *gameClient) setField(do wire.DoID, field wire.FieldID, text string) {
	c.t.Helper()
	c.send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(do).FieldID(field).Text(text) })
}

// receive is the next message.
func (c *gameClient) receive() (kind wire.ClientMsgType, payload wire.Reader, err error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(mdtest.Patience)); err != nil {
		return 0, wire.Reader{}, err
	}
	var size [wire.FrameHeader]byte
	if _, err := io.ReadFull(c.conn, size[:]); err != nil {
		return 0, wire.Reader{}, err
	}
	message := make([]byte, binary.LittleEndian.Uint16(size[:]))
	if _, err := io.ReadFull(c.conn, message); err != nil {
		return 0, wire.Reader{}, err
	}
	r := wire.NewReader(message)
	return r.ClientMsgType(), r, r.Err()
}

// expect is the payload of the next message, which must be of that kind.
func (c *gameClient) expect(kind wire.ClientMsgType) wire.Reader {
	c.t.Helper()
	got, payload, err := c.receive()
	if err == nil && got != kind {
		err = errors.New(told(got, payload))
	}
	if err != nil {
		c.t.Fatalf("%v, want %v", err, kind)
	}
	return payload
}

// until is the payload of the next message of that kind; others are passed over.
func (c *gameClient) until(kind wire.ClientMsgType) wire.Reader {
	c.t.Helper()
	for {
		got, payload, err := c.receive()
		switch {
		case err != nil:
			c.t.Fatalf("%v, want %v", err, kind)
		case got == kind:
			return payload
		case got == wire.ClientEject:
			c.t.Fatalf("%s, want %v", told(got, payload), kind)
		}
	}
}

func told(kind wire.ClientMsgType, payload wire.Reader) string {
	if kind == wire.ClientEject {
		return fmt.Sprintf("ejected with %d %q", payload.Uint16(), payload.Text())
	}
	return kind.String() + " came"
}

// expectEject wants the client to be ejected, and hung up.
func (c *gameClient) expectEject(code wire.EjectCode) {
	c.t.Helper()
	r := c.until(wire.ClientEject)
	if got, reason := wire.EjectCode(r.Uint16()), r.Text(); got != code || reason == "" {
		c.t.Fatalf("ejected with %d %q, want %d", got, reason, code)
	}
	if _, _, err := c.receive(); !errors.Is(err, io.EOF) {
		c.t.Fatalf("after the eject: %v, want the end", err)
	}
}

// gameHash is the hash of the game.dc in a folder.
func gameHash(t testing.TB, dir string) uint32 {
	t.Helper()
	file, err := dc.ParseFiles(filepath.Join(dir, "game.dc"))
	must(t, err)
	return file.Hash()
}

// frame is a client's message with its length.
func frame(t testing.TB, kind wire.ClientMsgType, build func(w *wire.Writer)) []byte {
	t.Helper()
	var w wire.Writer
	w.Uint16(0).ClientMsgType(kind)
	if build != nil {
		build(&w)
	}
	message, err := w.Datagram()
	must(t, err)
	binary.LittleEndian.PutUint16(message, uint16(len(message)-wire.FrameHeader))
	return message
}

func write(t testing.TB, name, text string) {
	t.Helper()
	must(t, os.WriteFile(name, []byte(text), 0o600))
}
