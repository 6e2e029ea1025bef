package bots

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// server answers each hello, and then does something with the connection. It ends with the test.
func server(t *testing.T, do func(n int, c net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := wireFrame(c); err != nil {
					return
				}
				_, _ = c.Write([]byte{2, 0, byte(wire.ClientHelloResp), 0})
				do(n, c)
			}()
		}
	}()
	return l.Addr().String()
}

func wireFrame(c net.Conn) ([]byte, error) {
	f := wire.NewFrameReader(c, 0)
	for {
		if frame, ok := f.Next(); ok {
			return frame, nil
		}
		if err := f.Fill(); err != nil {
			return nil, err
		}
	}
}

func runAgainst(t *testing.T, clients int, script string, address string) *Report {
	t.Helper()
	file, err := dc.Parse([]dc.Source{{Name: "test.dc", Text: testDC}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseScript("bots.yml", []byte(script), file)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r := Run(ctx, Options{File: file, Script: s, Clients: clients, Addresses: []string{address}, Patience: 10 * time.Second})
	if ctx.Err() != nil {
		t.Error("it did not end by itself")
	}
	return r
}

// A server that sends garbage ends its bots, and nothing else.
func TestGarbage(t *testing.T) {
	random := func(c net.Conn, seed int) {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		for range 200 {
			b := make([]byte, r.IntN(300)+2)
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			kinds := wire.ClientMsgTypes()
			k := kinds[r.IntN(len(kinds))]
			frame := append([]byte{byte(len(b)), byte(len(b) >> 8), byte(k), byte(k >> 8)}, b[2:]...)
			if _, err := c.Write(frame); err != nil {
				return
			}
		}
	}
	r := runAgainst(t, 20, "{ramp: 1000, duration: 200ms, settle: 0s}", server(t, func(n int, c net.Conn) { random(c, n) }))
	gone := 0
	for _, f := range r.Failures {
		gone += f.Count
	}
	for _, e := range r.Ejects {
		gone += e.Count
	}
	if gone != 20 || r.LoggedIn != 20 || r.Err() == nil {
		t.Errorf("%d of 20 ended: %+v", gone, r)
	}
}

// A server that does not read cannot keep its bots.
func TestServerDoesNotRead(t *testing.T) {
	gone := make(chan struct{})
	address := server(t, func(int, net.Conn) { <-gone })
	r := runAgainst(t, 3, "{ramp: 1000, duration: 200ms, settle: 0s, play: [{type: update, object: 4665, class: Login, field: login, value: hello, every: 1ms}]}", address)
	close(gone)
	if r.LoggedIn != 3 || r.Updates == 0 {
		t.Errorf("%+v", r)
	}
}

// A login that waits in vain has failed, and the report says for what.
func TestWaitsInVain(t *testing.T) {
	address := server(t, func(_ int, c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	r := runAgainst(t, 2, "{ramp: 1000, duration: 500ms, settle: 0s, login: [{type: wait, for: owner, class: Avatar, within: 50ms}]}", address)
	if r.LoggedIn != 0 || len(r.Failures) != 1 || r.Failures[0].Count != 2 || !strings.Contains(r.Failures[0].Why, "waited 50ms in vain to own an object Avatar") {
		t.Errorf("%+v", r)
	}
}

// A bot can send what it was told: here the second value of an answer, which comes among others.
func TestAnswer(t *testing.T) {
	got := make(chan string, 1)
	address := server(t, func(_ int, c net.Conn) {
		defer io.Copy(io.Discard, c)
		var w wire.Writer
		w.BeginFrame().ClientMsgType(wire.ClientObjectSetFields).DoID(4665).Uint16(2)
		w.FieldID(2).Uint32(7).Text(`say "x"`)
		w.FieldID(1).Text("other")
		f, _ := w.Frame()
		_, _ = c.Write(f)
		for {
			frame, err := wireFrame(c)
			if err != nil {
				return
			}
			if r := wire.NewReader(frame[2:]); r.ClientMsgType() == wire.ClientObjectSetField {
				r.DoID()
				r.FieldID()
				got <- string(r.Rest())
				return
			}
		}
	})
	r := runAgainst(t, 1, "{ramp: 1000, duration: 100ms, settle: 0s, heartbeat: 0s, login: ["+
		"{type: wait, for: field, class: Login, field: ticket}, "+
		"{type: update, object: 4665, class: Login, field: login, value: '({{index .Answer 1}})'}]}", address)
	select {
	case text := <-got:
		if text != "\x07\x00"+`say "x"` {
			t.Errorf("the bot sent %q", text)
		}
	default:
		t.Errorf("the bot sent nothing: %+v", r)
	}
}

// A script that names an answer before it has waited for one is refused.
func TestNoAnswer(t *testing.T) {
	file, err := dc.Parse([]dc.Source{{Name: "test.dc", Text: testDC}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = ParseScript("bots.yml", []byte("login: [{type: update, object: 4665, class: Login, field: login, value: '{{index .Answer 0}}'}]"), file)
	if err == nil || !strings.Contains(err.Error(), "index") {
		t.Error(err)
	}
}

// What a server says in an eject is counted by its code, and cannot write to the terminal.
func TestEjectReason(t *testing.T) {
	address := server(t, func(n int, c net.Conn) {
		var w wire.Writer
		w.BeginFrame().ClientMsgType(wire.ClientEject).Uint16(122).Text(fmt.Sprintf("no\x1b[2J %d", n))
		f, _ := w.Frame()
		_, _ = c.Write(f)
	})
	r := runAgainst(t, 2, "{ramp: 1000, duration: 500ms, settle: 0s}", address)
	if len(r.Ejects) != 1 || r.Ejects[0].Code != 122 || r.Ejects[0].Count != 2 || strings.Contains(r.Ejects[0].Reason, "\x1b") {
		t.Errorf("%+v", r)
	}
	var b strings.Builder
	r.Print(&b)
	if !strings.Contains(b.String(), "ejected  2 with 122") {
		t.Error(b.String())
	}
}
