package bridge

import (
	"errors"
	"time"

	"natstron/bridge/internal/link"
)

// Why the node gives a link up.
var (
	errOutboxFull = errors.New("the backbone does not take what this node sends")
	errStuck      = errors.New("the server does not read what this node sends")
)

// batchMessages is how many messages are routed in one turn at most.
const batchMessages = 256

// receiver routes what a link brings, and keeps the time.
type receiver struct {
	node *Node
	link *link.Link
}

// take routes what has come. Nobody else needs to wake up for it.
func (r receiver) take() {
	n := r.node
	for more := true; more; {
		t := n.Begin()
		now := time.Now()
		more = r.link.Take(batchMessages, func(m *link.Message) { n.message(m, now) })
		t.End()
	}
}

// retireEvery is how long a subscription lives on at least when it is not wanted any more. It
// is not felt.
const retireEvery = 100 * time.Millisecond

// keepTime does what is due from time to time, until the link ends.
func (r receiver) keepTime() {
	n := r.node
	beat, probe := time.NewTicker(n.options.Heartbeat), time.NewTicker(n.members.ProbeEvery())
	alive := time.NewTicker(n.options.pingEvery())
	tick := time.NewTimer(time.Hour) // reset when one becomes due
	for _, ticker := range []*time.Ticker{beat, probe, alive} {
		defer ticker.Stop()
	}
	defer tick.Stop()
	last := time.Now()
	retired := last
	for {
		select {
		case <-r.link.Lost():
			return
		case <-n.traffic:
			r.tick(tick)
		case <-tick.C:
			r.tick(tick)
		case <-probe.C:
			now := time.Now()
			t := n.Begin()
			n.perform(n.members.Probe(now))
			if now.Sub(retired) >= retireEvery { // no timer of its own: each wakes an idle process
				retired = now
				n.outbox.Retire()
			}
			t.End()
		case <-alive.C:
			t := n.Begin()
			r.link.KeepAlive()
			t.End()
		case <-beat.C:
			now := time.Now()
			r.beat(now, now.Sub(last))
			last = now
		}
	}
}

// tick says a tick, now or when it is time.
func (r receiver) tick(again *time.Timer) {
	n := r.node
	t := n.Begin()
	defer t.End()
	wait, effects := n.members.Tick(time.Now())
	if wait > 0 {
		again.Reset(wait)
		return
	}
	n.tickDue = false
	n.perform(effects)
}

// beat is called once for each heartbeat; since is the time from the last one. Other nodes
// are judged by what they said, so only if that has been heard.
func (r receiver) beat(now time.Time, since time.Duration) {
	n := r.node
	quiet, err := n.transport.Healthy(now)
	if err != nil {
		r.link.Lose(err)
		return
	}
	limit := n.options.DeadAfter / 2
	fair := since <= limit && quiet <= limit && r.link.Current(now, limit)
	if r.link.Stuck(now, (pingsOutstanding+1)*n.options.PingInterval) {
		r.link.Lose(errStuck)
		return
	}
	t := n.Begin()
	defer t.End()
	n.watchPayload(r.link.Payload())
	n.unheard.Tell(now)
	n.checkPackets()
	n.perform(n.members.Heartbeat(now, since, fair))
}
