package bridge

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// Who misses a number of another node has missed what was sent with it.
func TestHoles(t *testing.T) {
	for _, test := range []struct {
		name  string
		keep  bool
		beats []uint64
		holes uint64
	}{
		{"none", false, []uint64{7, 8, 9}, 0},
		{"one number", false, []uint64{7, 9}, 1},
		{"many numbers", false, []uint64{1, 500}, 1},
		{"copies, and older ones", false, []uint64{7, 8, 8, 3, 9}, 0},
		{"one that cannot be", false, []uint64{7, 8, 1 << 40, 9, 10}, 0},
		{"one that cannot be, and goes on", false, []uint64{7, 8, 1 << 40, 1<<40 + 1}, 1},
		{"kept over gaps", true, []uint64{7, 9, 11}, 2},
	} {
		n := online(t, Options{KeepOnGap: test.keep})
		now := time.Now()
		for i, beat := range test.beats {
			kind, note := kindHeartbeat, any(heartbeatNote{Beat: beat})
			if i%2 == 1 {
				kind, note = kindTick, tickNote{beat}
			}
			hear(n, kind, "other", note, now)
		}
		if s := n.Stats(); s.Holes != test.holes {
			t.Errorf("%s: %d holes, want %d", test.name, s.Holes, test.holes)
		}
		if test.holes == 0 || test.keep {
			select {
			case <-n.link.lost:
				t.Errorf("%s: the link has ended", test.name)
			default:
			}
			continue
		}
		turn := n.Begin()
		last := strings.Join(queued(n), "\n")
		turn.End()
		if !strings.Contains(last, "note astronctl.hb.self") {
			t.Errorf("%s: the others are told no last number, but %q", test.name, last)
		}
		n.link.lose(errHole) // it waits for the writer of a link that has none
		if <-n.link.lost; !errors.Is(n.link.cause, errHole) {
			t.Errorf("%s: %v", test.name, n.link.cause)
		}
		n.link.done.Wait()
	}
}

// A number on a new connection says nothing of what was missed on the one before.
func TestNewLinkCountsAnew(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	hear(n, kindHeartbeat, "other", heartbeatNote{Beat: 7}, now)
	loseLink(n)
	n.attach(newLink(n, "next"))
	hear(n, kindTick, "other", tickNote{90}, now) // not before a heartbeat
	hear(n, kindHeartbeat, "other", heartbeatNote{Beat: 100}, now)
	hear(n, kindTick, "other", tickNote{101}, now)
	if s := n.Stats(); s.Holes != 0 {
		t.Errorf("%d holes", s.Holes)
	}
}

// While datagrams flow there are ticks, if anybody is elsewhere: at most some thousand a
// second reach each node. Numbers are counted also when nobody seems to be there.
func TestTicks(t *testing.T) {
	n := online(t, Options{})
	n.link.place.Server = "here"
	now := time.Now()
	hear(n, kindHeartbeat, "neighbour", heartbeatNote{place: place{Server: "here"}}, now)
	every := func() time.Duration {
		turn := n.Begin()
		defer turn.End()
		return n.tickEvery()
	}
	if got := every(); got != 0 {
		t.Errorf("ticks every %v on one server", got)
	}
	for i, want := range []time.Duration{1, 2, 3} {
		hear(n, kindHeartbeat, strings.Repeat("x", i+1), heartbeatNote{place: place{Server: "there"}}, now)
		if got := every(); got != want*time.Millisecond {
			t.Errorf("with %d elsewhere: every %v, want %v ms", i+1, got, int(want))
		}
	}
	turn := n.Begin()
	n.probe(now)
	turn.End()
	p := join(t, n, blackHole{})
	ticks := func(after time.Duration) (found []string) {
		queued(n)
		turn := n.Begin()
		n.tick(now)
		turn.End()
		now = now.Add(after)
		for _, line := range queued(n) {
			if strings.Contains(line, "ctl.tick.") {
				found = append(found, line)
			}
		}
		return found
	}
	turn = n.Begin()
	n.heartbeat()
	turn.End()
	if got := ticks(time.Second); len(got) != 0 {
		t.Errorf("nothing was sent, and told is %q", got)
	}
	send(t, p, "x", 5)
	send(t, p, "x", 5)
	if got := len(n.ticks.traffic); got != 1 {
		t.Errorf("a tick is due %d times", got)
	}
	if got := ticks(time.Millisecond); len(got) != 1 {
		t.Errorf("after a datagram told is %q", got)
	}
	send(t, p, "x", 5)
	for _, want := range []int{0, 0, 1, 0} { // not before three milliseconds, once
		if got := ticks(time.Millisecond); len(got) != want {
			t.Errorf("told is %q, want %d", got, want)
		}
	}
	now = now.Add(time.Second)
	before := n.beat
	n.interest = &interest{anybody: func() bool { return false }}
	send(t, p, "x", 5)
	if got := ticks(time.Second); len(got) != 0 || n.beat != before+1 {
		t.Errorf("alone, told %q, and %d numbers counted, want none and one", got, n.beat-before)
	}
}
