package eventsender

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func listen(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// logged is a logger, and what it wrote.
func logged() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewTextHandler(&b, nil)), &b
}

func TestEventsArriveInOrder(t *testing.T) {
	logger := listen(t)
	log, _ := logged()
	s, err := Dial(t.Context(), logger.LocalAddr().String(), log)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	b := make([]byte, maxEvent)
	for i := range 50 {
		event := strings.Repeat("x", i)
		want = append(want, event)
		s.Send([]byte(event))
		n, err := logger.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(b[:n]))
	}
	s.Close()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Stats{Sent: 50}, s.Stats()); diff != "" {
		t.Error(diff)
	}
}

func TestTheEventIsCopied(t *testing.T) {
	logger := listen(t)
	conn, err := net.Dial("udp", logger.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	log, _ := logged()
	s := start(conn, log)
	event := []byte("as it was")
	s.Send(event)
	copy(event, "as it became")
	s.done.Go(s.write)
	s.Close()
	b := make([]byte, 100)
	n, err := logger.Read(b)
	if err != nil || string(b[:n]) != "as it was" {
		t.Errorf("got %q, %v", b[:n], err)
	}
}

// stuck is a network that takes nothing until it is released.
type stuck struct {
	net.Conn
	release chan struct{}
	once    sync.Once
	entered chan struct{}
}

func (c *stuck) Write(b []byte) (int, error) {
	c.once.Do(func() { close(c.entered) })
	<-c.release
	return len(b), nil
}

func TestFullQueueDropsAndSaysSo(t *testing.T) {
	conn, err := net.Dial("udp", listen(t).LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := &stuck{Conn: conn, release: make(chan struct{}), entered: make(chan struct{})}
	log, text := logged()
	s := start(c, log)
	s.done.Go(s.write)
	s.Send([]byte("the one that is being written"))
	<-c.entered
	event := make([]byte, 1000)
	fit := maxQueue / (len(event) + eventSize)
	for range fit + 7 {
		s.Send(event)
	}
	s.Send(make([]byte, maxEvent+1))
	if got := s.Stats(); got.Dropped != 7 || got.TooLong != 1 {
		t.Errorf("stats %+v, want 7 dropped and 1 too long", got)
	}
	close(c.release)
	s.Close()
	s.Send(event)
	if diff := cmp.Diff(Stats{Sent: uint64(fit) + 1, Dropped: 8, TooLong: 1}, s.Stats()); diff != "" {
		t.Error(diff)
	}
	if want := "dropped=7 too_long=1 refused=0"; strings.Count(text.String(), "\n") != 1 || !strings.Contains(text.String(), want) {
		t.Errorf("the log says\n%s\nwant one line with %s", text, want)
	}
}

// Nobody listens: the system tells after the first datagram, and it is counted.
func TestRefusedIsCounted(t *testing.T) {
	logger := listen(t)
	address := logger.LocalAddr().String()
	logger.Close()
	log, text := logged()
	s, err := Dial(t.Context(), address, log)
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.After(10 * time.Second)
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for s.Stats().Refused == 0 {
		select {
		case <-again.C:
			s.Send([]byte("x"))
		case <-deadline:
			t.Skip("this system does not tell who refused a UDP datagram")
		}
	}
	s.Close()
	if !strings.Contains(text.String(), "events were lost") {
		t.Errorf("the log says\n%s", text)
	}
}

func TestLossesAreLoggedNowAndThen(t *testing.T) {
	conn, err := net.Dial("udp", listen(t).LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	log, text := logged()
	s := start(conn, log)
	now := time.Now()
	lines := func() int { return strings.Count(text.String(), "\n") }
	for i, step := range []struct {
		lost  uint64
		after time.Duration
		want  int
	}{
		{0, 0, 0}, {1, 0, 1}, {1, time.Second, 1}, {0, complainEvery, 2}, {0, complainEvery, 2}, {5, 0, 3},
	} {
		now = now.Add(step.after)
		s.stats.Dropped += step.lost
		s.complain(now)
		if lines() != step.want {
			t.Errorf("step %d: %d lines, want %d", i, lines(), step.want)
		}
	}
	s.Close()
}

// The name of an event logger leads elsewhere: events follow. While it leads
// nowhere, they go where they went.
func TestTheEventLoggerMoves(t *testing.T) {
	before, after := listen(t), listen(t)
	conn, err := net.Dial("udp", before.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	log, text := logged()
	s := start(conn, log)
	now := s.resolved
	looks := 0
	step := func(to *net.UDPConn, after time.Duration, wantLooks int, arrives *net.UDPConn) {
		t.Helper()
		s.dial = func(context.Context) (net.Conn, error) {
			looks++
			if to == nil {
				return nil, errors.New("no such host")
			}
			return net.Dial("udp", to.LocalAddr().String())
		}
		now = now.Add(after)
		s.follow(now)
		s.Send([]byte{byte(wantLooks)})
		s.flush()
		b := make([]byte, maxEvent)
		if n, err := arrives.Read(b); err != nil || n != 1 || b[0] != byte(wantLooks) || looks != wantLooks {
			t.Fatalf("%x arrived, %v, after %d looks; want %d", b[:n], err, looks, wantLooks)
		}
	}
	step(after, resolveEvery-1, 0, before)
	step(nil, 1, 1, before)
	step(before, resolveEvery, 2, before)
	step(after, resolveEvery, 3, after)
	s.Close()
	if n := strings.Count(text.String(), "another address"); n != 1 {
		t.Errorf("said %d times that it moved", n)
	}
}

func TestNoEventLogger(t *testing.T) {
	var s *Sender
	s.Send([]byte("nobody hears"))
	s.Close()
	if s.Stats() != (Stats{}) {
		t.Error("a sender that is none has counted something")
	}
}

func TestUnknownHost(t *testing.T) {
	log, _ := logged()
	if _, err := Dial(t.Context(), "no-such-host.invalid:7197", log); err == nil {
		t.Error("an unknown host was found")
	}
}
