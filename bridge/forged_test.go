package bridge

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// logged is a node whose log is in the string builder.
func logged(t *testing.T) (*Node, *strings.Builder) {
	var log strings.Builder
	return online(t, Options{Log: slog.New(slog.NewTextHandler(&log, nil))}), &log
}

// Whoever may publish can say anything under any node's name. It costs neither time nor
// memory nor log lines without end.
func TestForgedNotes(t *testing.T) {
	n, log := logged(t)
	now := time.Now()
	huge := `{"name":"` + strings.Repeat("A", 900_000) + `"}`
	began := time.Now()
	for i := range 200 {
		hear(n, kindHeartbeat, fmt.Sprint("huge", i), huge, now)
		hear(n, kindPostRemove, "huge", `{"clear":[`+strings.Repeat("1,", 400_000)+`1]}`, now)
		hear(n, kindHeartbeat, "garbled", "\x00\xff", now)
		hear(n, kindHeartbeat, strings.Repeat("x", 3000), heartbeatNote{}, now)
		hear(n, kindSettled, "self", settledNote{Origin: "a b"}, now)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("taking no notes takes %v", took)
	}
	if s := n.Stats(); s.BadNotes != 1000 || s.Peers != 1 {
		t.Errorf("%d bad notes, %d peers, want 1,000 and the garbled one", s.BadNotes, s.Peers)
	}
	if lines := strings.Count(log.String(), "\n"); lines > 10 || len(log.String()) > 10_000 {
		t.Errorf("%d lines, %d bytes logged", lines, log.Len())
	}
}

// Invented nodes are pinged, waited for, and told of, to a bounded number.
func TestInventedNodes(t *testing.T) {
	n, log := logged(t)
	now := time.Now()
	for i := range maxPeers + 100 {
		hear(n, kindHeartbeat, fmt.Sprint("node", i), heartbeatNote{Name: strings.Repeat("n", 250), place: place{Server: fmt.Sprint(i)}}, now)
	}
	if got := pings(n); len(got) > 300 {
		t.Errorf("%d pings at the first sight of %d nodes", len(got), maxPeers)
	}
	settled := asks(n)
	if got := pings(n); len(got) > strangersAtOnce {
		t.Errorf("%d pings for one who joins", len(got))
	}
	for range n.options.Heartbeat / n.options.probeEvery() * strangeAfter {
		now = now.Add(n.options.probeEvery())
		turn := n.Begin()
		n.probe(now)
		turn.End()
	}
	<-settled
	pings(n)
	now = beats(n, now, n.options.Heartbeat)
	if got := pings(n); len(got) > strangersAtOnce+1 {
		t.Errorf("%d pings in a heartbeat", len(got))
	}
	now = now.Add(n.options.Heartbeat)
	done := make(chan struct{})
	p := join(t, n, blackHole{})
	turn := n.Begin()
	noErr(t, turn.Subscribe(p, 1))
	if turn.Effective(func() { close(done) }, 1) {
		close(done)
	}
	turn.End()
	beats(n, now, n.options.Heartbeat) // nobody who never answered is waited for
	<-done
	told(n)
	beats(n, now, 2*n.options.DeadAfter)
	if s := n.Stats(); s.Peers != 0 || len(n.peers.dead) > 0 {
		t.Errorf("%d peers, %d dead ones remembered", s.Peers, len(n.peers.dead))
	}
	if got := told(n); len(got) > 100 {
		t.Errorf("%d notes about the end of inventions", len(got))
	}
	if lines := strings.Count(log.String(), "\n"); lines > 500 {
		t.Errorf("%d lines logged", lines)
	}
}

// A sequence of the future, under a node's name, silences nobody: it is dropped, or
// forgotten with the node's next heartbeat.
func TestForgedSequences(t *testing.T) {
	for _, forged := range []uint64{1<<64 - 1000, 1 << 33, 1000} {
		n, _ := logged(t)
		watch := &tape{}
		noErr(t, join(t, n, watch).Subscribe(5))
		now := time.Now()
		arrive := func(seq uint64, text string) {
			turn := n.Begin()
			n.arrive(fmt.Sprintf("_A.other.%d.3", seq), datagram(t, text, 5), now)
			turn.End()
		}
		hear(n, kindHeartbeat, "other", heartbeatNote{Beat: 1}, now)
		arrive(1, "first")
		hear(n, kindHeartbeat, "other", heartbeatNote{Beat: 2, Seq: 1}, now)
		arrive(forged, "forged")
		hear(n, kindHeartbeat, "other", heartbeatNote{Beat: 3, Seq: 1}, now)
		arrive(2, "second")
		arrive(2, "second")
		arrive(3, "third")
		var got []string
		for _, d := range watch.got {
			if text := text(d); text != "forged" {
				got = append(got, text)
			}
		}
		if strings.Join(got, " ") != "first second third" {
			t.Errorf("forged %d: received %q", forged, got)
		}
		if s := n.Stats(); s.Leaps != 1 || s.Duplicates != 1 {
			t.Errorf("forged %d: %d leaps, %d duplicates counted", forged, s.Leaps, s.Duplicates)
		}
	}
}

// What is remembered of origins that anybody can invent is bounded.
func TestInventedOrigins(t *testing.T) {
	ids := newIdentities()
	for i := range maxSequences + 1000 {
		ids.take(identity{origin: fmt.Sprint("o", i), seq: 1})
	}
	if len(ids.last) != maxSequences {
		t.Errorf("%d origins remembered", len(ids.last))
	}
}
