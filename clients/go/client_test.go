package client

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"natstron/bridge/wire"
)

// agent is the other end: what a client agent says in each connection, one function for each.
func agent(t *testing.T, connections ...func(a *end)) Options {
	t.Helper()
	next := 0
	return Options{
		Addresses: []string{"nowhere"}, Version: "game 1", Patience: 10 * time.Second,
		Dialer: func(context.Context, string) (net.Conn, error) {
			if next == len(connections) {
				return nil, errors.New("nobody is there")
			}
			near, far := net.Pipe()
			do := connections[next]
			next++
			go func() {
				defer far.Close()
				do(&end{t, far, bufio.NewReader(far)})
			}()
			return near, nil
		},
	}
}

type end struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func (a *end) say(t wire.ClientMsgType, build func(w *wire.Writer)) {
	if _, err := a.conn.Write(frame(t, build)); err != nil {
		a.t.Errorf("cannot say %v: %v", t, err)
	}
}

func (a *end) expect(want wire.ClientMsgType) wire.Reader {
	var size [2]byte
	_, err := io.ReadFull(a.in, size[:])
	message := make([]byte, binary.LittleEndian.Uint16(size[:]))
	if err == nil {
		_, err = io.ReadFull(a.in, message)
	}
	r := wire.NewReader(message)
	if got := r.ClientMsgType(); err != nil || got != want {
		a.t.Errorf("%v came (%v), want %v", got, err, want)
	}
	return r
}

func (a *end) hello() {
	a.expect(wire.ClientHello)
	a.say(wire.ClientHelloResp, nil)
}

func token(text string) func(w *wire.Writer) {
	return func(w *wire.Writer) { w.Uint32(5000).Uint32(1 << 20).Blob([]byte(text)) }
}

// A connection that is refused says why.
func TestRefused(t *testing.T) {
	o := agent(t, func(a *end) {
		a.expect(wire.ClientHello)
		a.say(wire.ClientEject, func(w *wire.Writer) { w.Uint16(124).Text("another version") })
	})
	_, err := Dial(t.Context(), o)
	var ejected *Ejected
	if !errors.As(err, &ejected) || ejected.Code != wire.EjectBadVersion || ejected.Reason != "another version" {
		t.Errorf("refused with %v", err)
	}
}

// What had not arrived is sent again, and nothing else; what was received is said.
func TestComesBack(t *testing.T) {
	ended := make(chan struct{})
	o := agent(t,
		func(a *end) {
			a.hello()
			a.expect(wire.ClientGetResumeToken)
			a.say(wire.ClientResumeToken, token("first"))
			a.say(1001, nil)
			a.say(1002, nil)
			a.expect(2001)
			a.expect(2002)
		},
		func(a *end) { // this one is lost before it answers
			a.expect(wire.ClientResume)
		},
		func(a *end) {
			r := a.expect(wire.ClientResume)
			if hash, v, token, received := r.Uint32(), r.Text(), r.Blob(), r.Uint32(); hash != 0 || v != "game 1" || string(token) != "first" || received != 2 {
				t.Errorf("resumes with %q, %q, %d", v, token, received)
			}
			a.say(wire.ClientResumed, func(w *wire.Writer) { w.Uint32(1); token("second")(w) })
			if r := a.expect(wire.ClientAcknowledge); r.Uint32() != 2 {
				t.Error("acknowledges something else")
			}
			a.expect(2002)
			a.say(1003, nil)
			a.expect(wire.ClientDisconnect)
			close(ended)
		})
	c, err := Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.KeepSession(); err != nil {
		t.Fatal(err)
	}
	for want := wire.ClientMsgType(1001); want <= 1003; want++ {
		kind, _, err := c.Receive()
		if err != nil || kind != want {
			t.Fatalf("%v came (%v), want %v", kind, err, want)
		}
		if want == 1002 {
			for n := wire.ClientMsgType(2001); n <= 2002; n++ {
				if err := c.Send(n, nil); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	<-ended
	if err := c.Send(2003, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("sends after the end: %v", err)
	}
}

// A session that is over is not waited for, and neither is one without a token.
func TestOver(t *testing.T) {
	in := make(chan struct{})
	o := agent(t,
		func(a *end) {
			a.hello()
			a.expect(wire.ClientGetResumeToken)
			a.say(wire.ClientResumeToken, token("first"))
		},
		func(a *end) {
			a.expect(wire.ClientResume)
			a.say(wire.ClientEject, func(w *wire.Writer) { w.Uint16(361).Text("it is over") })
		},
		func(a *end) {
			a.hello()
			<-in
		})
	c, err := Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.KeepSession(); err != nil {
		t.Fatal(err)
	}
	var ejected *Ejected
	if _, _, err := c.Receive(); !errors.As(err, &ejected) || ejected.Code != wire.EjectSessionOver {
		t.Errorf("ended with %v", err)
	}
	c, err = Dial(t.Context(), o)
	close(in)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("ended with %v", err)
	}
}

// What waits for an agent is bounded.
func TestFull(t *testing.T) {
	o := agent(t, func(a *end) {
		a.hello()
		_, _ = io.Copy(io.Discard, a.in)
	})
	c, err := Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.KeepSession(); err != nil {
		t.Fatal(err)
	}
	big := make([]byte, 60_000)
	for err == nil {
		err = c.Send(2001, func(w *wire.Writer) { w.Raw(big) })
	}
	if !errors.Is(err, ErrFull) || len(c.unsent) > MaxUnsent {
		t.Errorf("ended with %v", err)
	}
	_ = c.Close()
}

// An agent that does not read cannot keep a client from its end.
func TestCloseWhileSending(t *testing.T) {
	hung := make(chan struct{})
	o := agent(t, func(a *end) {
		a.hello()
		<-hung
	})
	c, err := Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	sending := make(chan error)
	go func() { sending <- c.Send(2001, nil) }()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := <-sending; err == nil {
		t.Error("it was sent")
	}
	close(hung)
}

// A client that only sends acknowledges, too, so that the agent says what has arrived.
func TestAcknowledgesWhatItSends(t *testing.T) {
	done := make(chan struct{})
	o := agent(t, func(a *end) {
		a.hello()
		a.expect(wire.ClientGetResumeToken)
		a.say(wire.ClientResumeToken, func(w *wire.Writer) { w.Uint32(5000).Uint32(100).Blob([]byte("first")) })
		a.say(1001, nil)
		a.expect(2001)
		a.expect(2002)
		a.expect(wire.ClientAcknowledge)
		close(done)
	})
	c, err := Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.KeepSession(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Receive(); err != nil {
		t.Fatal(err)
	}
	for n := wire.ClientMsgType(2001); n <= 2002; n++ {
		if err := c.Send(n, func(w *wire.Writer) { w.Raw(make([]byte, 60)) }); err != nil {
			t.Fatal(err)
		}
	}
	<-done
}

// A session that is taken up after its agent was killed: of what the client has asked for each
// interest, the last is asked again, and it waits for the rest. A server's contexts are others.
func TestRecoveredInterests(t *testing.T) {
	done := make(chan struct{})
	interest := func(context uint32, id uint16) func(w *wire.Writer) {
		return func(w *wire.Writer) { w.Uint32(context).Uint16(id).DoID(1).Zone(2) }
	}
	o := agent(t,
		func(a *end) {
			a.hello()
			a.expect(wire.ClientGetResumeToken)
			a.say(wire.ClientResumeToken, token("first"))
			a.say(wire.ClientAddInterest, interest(1, 7))
			for range 3 {
				a.expect(wire.ClientAddInterest)
			}
			a.say(1001, nil)
		},
		func(a *end) {
			a.expect(wire.ClientResume)
			a.say(wire.ClientRecovered, token("second"))
			r := a.expect(wire.ClientHave)
			r.Bool()
			r.Uint32() // two empty lists
			if n := r.Uint16(); n != 2 || readAnswer(&r) != (answer{1, 7}) || readAnswer(&r) != (answer{1, 40}) {
				t.Errorf("the client waits for %d other interests", n)
			}
			a.expect(wire.ClientAcknowledge)
			for _, want := range []answer{{2, 40}, {3, 41}} {
				if r := a.expect(wire.ClientAddInterest); readAnswer(&r) != want {
					t.Errorf("the client does not ask for %v", want)
				}
			}
			close(done)
			_, _ = io.Copy(io.Discard, a.in)
		})
	c, err := Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.KeepSession(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			kind, _, err := c.Receive()
			if err != nil {
				return
			}
			if kind == wire.ClientAddInterest {
				for _, i := range []answer{{1, 40}, {2, 40}, {3, 41}} {
					_ = c.Send(wire.ClientAddInterest, interest(i.context, i.interest)) // the agent says if it does not come
				}
			}
		}
	}()
	<-done
	_ = c.Close()
}
