package bridge

import (
	"encoding/json"
	"log/slog"
	"time"
)

// When a connection between two NATS servers breaks and is made again, what was to
// pass it meanwhile is lost, and NATS tells nobody. The nodes find out by themselves:
// each counts what it says to all others, its heartbeats and, while datagrams flow,
// ticks between them; these take the ways that its datagrams take. Who misses a number
// has missed whatever was sent with it.
//
// A tick comes right behind a datagram, as far as there are not too many. Where all nodes
// have a server in common there are none: a node that loses its own connection knows.

// counted is what was heard of a peer's count.
type counted struct {
	met  string // the origin of this node that heard the last one
	last uint64
	at   time.Time
	odd  uint64 // one that cannot be true, unless the next one follows it
}

type tickNote struct {
	Beat uint64 `json:"beat"`
}

const (
	// tickEach is the least time from one tick to the next, for each node elsewhere: so
	// each hears no more than 1,000 in a second. Between two servers that found each other
	// by themselves, NATS was seen to make a broken route again within 3 ms; a tick that
	// is not late comes right behind a datagram and is lost with it.
	tickEach = time.Millisecond
	// mostBeats is how many numbers can be missed at once, and beatsPerSecond in time.
	mostBeats      = 1000
	beatsPerSecond = 1000
)

// ticks is when they are said.
type ticks struct {
	every   time.Duration // the least time between two; 0: there are none
	last    time.Time
	due     bool          // one is to be said, for a datagram that was sent
	traffic chan struct{} // has a value when one became due
}

// sent has a tick follow a datagram.
func (t *ticks) sent() {
	if t.every == 0 || t.due {
		return
	}
	t.due = true
	select {
	case t.traffic <- struct{}{}:
	default:
	}
}

// nextBeat is the number of the heartbeat or tick that is said now. It is counted also
// when nobody seems to be there: whoever hears the next one may have missed it.
func (n *Node) nextBeat() uint64 {
	n.beat++
	n.ticked = n.published
	return n.beat
}

// tick says a tick if a datagram has been sent since the last one, unless it is too soon:
// then it says how long to wait.
func (n *Node) tick(now time.Time) (wait time.Duration) {
	t := &n.ticks
	if wait = t.every - now.Sub(t.last); wait > 0 {
		return wait
	}
	t.due = false
	if n.published != n.ticked {
		t.last = now
		n.tell(kindTick, tickNote{n.nextBeat()})
	}
	return 0
}

// tickEvery is the least time between two ticks; 0 where there are none.
func (n *Node) tickEvery() time.Duration {
	elsewhere := 0
	for _, p := range n.peers.known {
		if n.link != nil && p.Server != "" && !n.link.place.meets(p.place) {
			elsewhere++
		}
	}
	return time.Duration(elsewhere) * tickEach
}

func (n *Node) hearTick(origin string, payload []byte, now time.Time) error {
	var note tickNote
	if err := json.Unmarshal(payload, &note); err != nil {
		return err
	}
	if p := n.peers.known[origin]; p != nil && p.met == n.origin {
		p.heard = now
		n.hearBeat(p, note.Beat, now)
	}
	return nil
}

// hearBeat sees whether numbers are missing before this one.
func (n *Node) hearBeat(p *peer, beat uint64, now time.Time) {
	b := &p.counted
	if b.met != n.origin { // the first on the present link
		*b = counted{met: n.origin, last: beat, at: now}
		return
	}
	if beat <= b.last {
		return
	}
	missed := beat - b.last - 1
	if missed > mostBeats+uint64(max(0, now.Sub(b.at))*beatsPerSecond/time.Second) && (b.odd == 0 || beat != b.odd+1) {
		b.odd = beat // somebody else said it, or the next one follows
		return
	}
	*b = counted{met: n.origin, last: beat, at: now}
	if missed > 0 {
		n.hole(p, missed)
	}
}

// hole does what is to be done when something of another node was lost. The others are
// told a last number: some may have missed something of this node by the same cause.
func (n *Node) hole(p *peer, missed uint64) {
	n.stats.Holes++
	n.logLater(slog.LevelError, "what another node sent was lost between NATS servers", "node", p.name, "origin", p.origin, "notes_missed", missed)
	l := n.link
	if n.options.KeepOnGap || l == nil || l.holed {
		return
	}
	l.holed = true
	n.heartbeat()
	l.done.Go(func() {
		l.drain(n.options.ConnectTimeout)
		l.lose(errHole)
	})
}
