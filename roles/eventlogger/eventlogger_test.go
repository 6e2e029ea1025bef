package eventlogger

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/internal/complaint"
	"natstron/roles"
	"natstron/roles/rolestest/script"
)

var _ roles.Role = (*EventLogger)(nil)

// running is an event logger at work.
type running struct {
	*EventLogger
	t    *testing.T
	file string
	log  *logBook
	conn net.Conn // to send packets to it
	end  func() error
}

func run(t *testing.T, node *bridge.Node) *running {
	t.Helper()
	r := &running{t: t, file: filepath.Join(t.TempDir(), "events.log"), log: new(logBook)}
	el, err := New(Options{
		Bind:   "127.0.0.1:0",
		Output: r.file,
		Node:   node, Backbone: node != nil,
		Log: slog.New(slog.NewTextHandler(r.log, nil)),
	})
	must(t, err)
	r.EventLogger = el
	must(t, el.Start(t.Context()))
	if r.conn, err = net.Dial("udp", el.Addr().String()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- el.Run(ctx) }()
	ended := false
	r.end = func() error {
		if ended {
			return nil
		}
		ended = true
		cancel()
		err := <-done
		el.Stop(context.Background(), nil)
		r.conn.Close()
		return err
	}
	t.Cleanup(func() {
		if err := r.end(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *running) send(packet string) {
	r.t.Helper()
	if _, err := r.conn.Write([]byte(packet)); err != nil {
		r.t.Fatal(err)
	}
}

// event is a packet with a number in it.
func event(n int) string { return "\x81\xa1n\xcd" + string([]byte{byte(n >> 8), byte(n)}) }

// when waits until something is so.
func (r *running) when(what string, so func(Stats) bool) {
	r.t.Helper()
	limit := time.After(10 * time.Second)
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for !so(r.Stats()) {
		select {
		case <-poll.C:
		case <-limit:
			r.t.Fatalf("not %s within 10 s: %+v\n%s", what, r.Stats(), r.log)
		}
	}
}

var anyTime = regexp.MustCompile(`"_time": "\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4}"`)

// lines are the lines of the file, without their times.
func (r *running) lines() []string {
	r.t.Helper()
	text, err := os.ReadFile(r.file)
	must(r.t, err)
	text = anyTime.ReplaceAll(text, []byte("T"))
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

const openedAtStart = `{T, "type": "log-opened", "sender": "EventLogger", "msg": "The event logger has started."}`

func TestEventsBecomeLines(t *testing.T) {
	r := run(t, nil)
	r.send("\x82\xa3bar\xa3baz\xa4type\xa3foo")
	r.when("written", func(s Stats) bool { return s.Written == 1 })
	same(t, []string{openedAtStart, `{T, "bar": "baz", "type": "foo"}`}, r.lines())
	for _, bad := range []string{"123", "{", "", "\x81\xa1a", "\x80\x80", "\x81\xa1a\xc1", "\x81\xa1a" + strings.Repeat("\x91", 65000)} {
		r.send(bad)
	}
	r.send(event(7))
	r.when("written", func(s Stats) bool { return s.Written == 2 })
	same(t, []string{openedAtStart, `{T, "bar": "baz", "type": "foo"}`, `{T, "n": 7}`}, r.lines())
	if err := r.end(); err != nil {
		t.Error(err)
	}
	same(t, Stats{Received: 9, Written: 2, NotMap: 2, Truncated: 2, Leftover: 1, Malformed: 2}, r.Stats())
	if got := r.log.String(); strings.Count(got, "received something that is not an event") != 1 || !strings.Contains(got, "not_map=2 truncated=2 leftover=1 malformed=2") ||
		!strings.Contains(got, "from="+r.conn.LocalAddr().String()) {
		t.Errorf("the log says %s", got)
	}
}

// What has arrived when the role is asked to end is still written.
func TestTheEndComesAfterWhatArrived(t *testing.T) {
	const events = 200 // they fit into any system's buffer
	file := filepath.Join(t.TempDir(), "events.log")
	el, err := New(Options{Bind: "127.0.0.1:0", Output: file, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	var conn net.Conn
	ctx, cancel := context.WithCancel(t.Context())
	ready := func() { // it has started, but does not run yet
		if conn, err = net.Dial("udp", el.Addr().String()); err != nil {
			t.Fatal(err)
		}
		for i := range events {
			if _, err := conn.Write([]byte(event(i))); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
	}
	must(t, (roles.Group{Roles: []roles.Role{el}, Ready: ready}).Run(ctx))
	conn.Close()
	text, err := os.ReadFile(file)
	must(t, err)
	if got := bytes.Count(text, []byte{'\n'}); got != events+1 || el.Stats().Written != events {
		t.Errorf("%d lines, %+v", got, el.Stats())
	}
}

// A role that has started may be stopped without having run.
func TestStopWithoutRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "events.log")
	el, err := New(Options{Bind: "127.0.0.1:0", Output: file, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	must(t, el.Start(t.Context()))
	el.Stop(t.Context(), nil)
	if text, err := os.ReadFile(file); err != nil || bytes.Count(text, []byte{'\n'}) != 1 {
		t.Errorf("%q, %v", text, err)
	}
	again, err := net.ListenPacket("udp", el.Addr().String())
	if err != nil {
		t.Fatalf("the socket is still there: %v", err)
	}
	again.Close()
}

func TestAddressInUse(t *testing.T) {
	r := run(t, nil)
	el, err := New(Options{Bind: r.Addr().String(), Output: r.file, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	if err := el.Start(t.Context()); err == nil {
		el.Stop(t.Context(), nil)
		t.Error("two event loggers at one address")
	}
}

// A file that cannot be opened is no reason to end; its events wait.
func TestNoFile(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.WriteFile(folder, nil, 0o600); err != nil { // where a folder should be
		t.Fatal(err)
	}
	file := filepath.Join(folder, "events.log")
	log := new(logBook)
	el, err := New(Options{Bind: "127.0.0.1:0", Output: file, Log: slog.New(slog.NewTextHandler(log, nil))})
	must(t, err)
	must(t, el.Start(t.Context()))
	if !strings.Contains(log.String(), "cannot open the file") {
		t.Errorf("the log says %s", log)
	}
	must(t, os.Remove(folder))
	el.Stop(t.Context(), nil)
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

// A process's own events, published by its node, reach its own event logger.
func TestEventsOfTheProcessItself(t *testing.T) {
	node := script.Start(t, bridge.Options{Embedded: bridge.Embedded{Listen: "none"}})
	r := run(t, node)
	must(t, node.PublishEvent([]byte("\x81\xa1a\x01")))
	r.when("written", func(s Stats) bool { return s.Written == 1 })
	same(t, []string{openedAtStart, `{T, "a": 1}`}, r.lines())
}

// What is wrong is told at once, then every ten seconds at most, and only if
// there is more of it.
func TestReportsAreRare(t *testing.T) {
	log := new(logBook)
	el, err := New(Options{Output: "a", Log: slog.New(slog.NewTextHandler(log, nil))})
	must(t, err)
	r := reporter{complaints: complaint.Limiter{Every: reportEvery}}
	now := noon
	for i, step := range []struct {
		refused, dropped int
		after            time.Duration
		lines            int
	}{
		{0, 0, 0, 0},
		{1, 0, 0, 1},
		{1, 0, time.Second, 1},
		{0, 1, time.Second, 2}, // of another kind
		{0, 0, 8 * time.Second, 3},
		{0, 0, time.Hour, 3},
		{1, 1, 0, 5},
	} {
		now = now.Add(step.after)
		for range step.refused {
			el.refuse(errNotMap, noAddress, []byte("123"))
		}
		for range step.dropped {
			el.lines.add(make([]byte, maxLines+1))
		}
		el.tell(&r, now)
		if got := strings.Count(log.String(), "\n"); got != step.lines {
			t.Errorf("step %d: %d lines, want %d", i, got, step.lines)
		}
	}
	if want := fmt.Sprintf("begins=%x", "123"); !strings.Contains(log.String(), want) {
		t.Errorf("the log does not have %s: %s", want, log)
	}
}
