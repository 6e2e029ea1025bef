package md

import (
	"log/slog"
	"strings"
	"testing"

	"natstron/bridge"
	"natstron/bridge/md/mdtest"
	"natstron/bridge/otp"
	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// twoPorts is a server with a port of each dialect, and a participant at each: one of
// Astron's on channel 5000, one of OTP's on 6000.
func twoPorts(t *testing.T, o Options) (s *Server, astron, disney *mdtest.Client) {
	t.Helper()
	s = serve(t, listen(t, startNode(t, bridge.Options{}), o, Astron, OTP))
	astron, disney = mdtest.Dial(t, s.Addrs()[0].String()), mdtest.Dial(t, s.Addrs()[1].String())
	astron.Subscribe(5000)
	settle(astron, s)
	subscribe(t, disney, 6000)
	return s, astron, disney
}

// subscribe has a participant of the dialect subscribe, and waits until it has.
func subscribe(t *testing.T, c *mdtest.Client, channel wire.Channel) {
	t.Helper()
	control(t, c, 2001, func(w *wire.Writer) { w.Channel(channel) })
	other := mdtest.Dial(t, c.Conn.RemoteAddr().String())
	d := update(t, 2004, channel)
	other.Send(d)
	c.Want(d)
}

func control(t *testing.T, c *mdtest.Client, number wire.MsgType, fill func(*wire.Writer)) {
	t.Helper()
	c.Send(mdtest.Datagram(t, func(w *wire.Writer) { fill(w.Uint8(1).Channel(otp.Control).MsgType(number)) }))
}

// update is a field update in one of the dialects.
func update(t *testing.T, number wire.MsgType, to ...wire.Channel) wire.Datagram {
	return mdtest.Datagram(t, func(w *wire.Writer) { w.Header(77, number, to...).DoID(100).FieldID(3).Text("value") })
}

// Participants of both dialects hear each other, each in its own words.
func TestBothDialects(t *testing.T) {
	s, astron, disney := twoPorts(t, Options{})
	disney.Send(update(t, 2004, 5000))
	astron.Want(update(t, wire.StateServerObjectSetField, 5000))
	astron.Send(update(t, wire.StateServerObjectSetField, 6000))
	disney.Want(update(t, 2004, 6000))

	// A bundle comes as its datagrams, and what cannot be translated is left out.
	disney.Send(mdtest.Datagram(t, func(w *wire.Writer) {
		w.Header(77, 2086, 9).Blob(update(t, 2004, 5000)).Blob(update(t, 2005, 5000))
	}))
	astron.Want(update(t, wire.StateServerObjectSetField, 5000))
	astron.Want(update(t, wire.StateServerObjectSetFields, 5000))
	disney.Send(mdtest.Datagram(t, func(w *wire.Writer) { w.Header(77, 2001, 5000).Uint8(1) }))
	astron.Send(mdtest.Datagram(t, func(w *wire.Writer) { w.Header(77, 2052, 6000).Uint8(1) }))
	astron.Send(update(t, wire.StateServerObjectSetField, 6000))
	disney.Want(update(t, 2004, 6000))

	got := s.Stats()
	if got.OTP < 1 || got.Connections < 2 || got.Refused != 2 || got.FromOTP < 4 || got.ToOTP < 3 || got.WrongDialect != 0 {
		t.Errorf("the counters are %+v", got)
	}
	// Two connections to two ports may have the same address at their other end.
	listed := map[[2]string]bool{}
	for p := range s.node.Participants() {
		listed[[2]string{p.Address, p.Dialect}] = true
	}
	for dialect, c := range map[string]*mdtest.Client{"otp": disney, "": astron} {
		if at := c.Conn.LocalAddr().String(); !listed[[2]string{at, dialect}] {
			t.Errorf("%s is not listed with the dialect %q: %v", at, dialect, listed)
		}
	}
}

// What a participant of the dialect leaves behind arrives in Astron's words.
func TestPostRemovesOfTheDialect(t *testing.T) {
	_, astron, disney := twoPorts(t, Options{})
	leave := func(number wire.MsgType) wire.Datagram {
		return mdtest.Datagram(t, func(w *wire.Writer) { w.Header(6000, number, 5000).Channel(6000) })
	}
	control(t, disney, 2010, func(w *wire.Writer) { w.Blob(update(t, 2004, 5000)) })
	control(t, disney, 2011, func(*wire.Writer) {})
	control(t, disney, 2010, func(w *wire.Writer) { w.Blob(leave(2061)) })
	must(t, disney.Conn.Close())
	astron.Want(leave(wire.StateServerDeleteAIObjects))
}

// Who speaks another dialect than its port is not answered. An operator is told why,
// once.
func TestWrongDialect(t *testing.T) {
	log := new(msgtext.Log)
	s, astron, disney := twoPorts(t, Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	for range 3 {
		control(t, astron, 2001, func(w *wire.Writer) { w.Channel(7000) })
		disney.Control(wire.Control{Type: wire.ControlAddChannel, Channel: 7000})
	}
	for range 2 { // a line is written when its turn has ended: before the next
		astron.Send(update(t, wire.StateServerObjectSetField, 6000, 7000))
		disney.Want(update(t, 2004, 6000, 7000))
		disney.Send(update(t, 2004, 5000, 7000))
		astron.Want(update(t, wire.StateServerObjectSetField, 5000, 7000))
	}
	if n := s.Stats().WrongDialect; n != 2 {
		t.Errorf("%d participants spoke another dialect, not 2", n)
	}
	for _, fix := range []string{"with dialect: otp", "with dialect: astron"} {
		if n := strings.Count(log.String(), fix); n != 1 {
			t.Errorf("%q is logged %d times:\n%s", fix, n, log)
		}
	}
}
