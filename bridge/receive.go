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

// run receives until the link ends.
func (r receiver) run() {
	n := r.node
	beat, probe := time.NewTicker(n.options.Heartbeat), time.NewTicker(n.members.ProbeEvery())
	tick := time.NewTimer(time.Hour) // reset when one becomes due
	defer beat.Stop()
	defer probe.Stop()
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-r.link.Lost():
			return
		case m := <-r.link.Messages():
			r.batch(m, time.Now())
		case <-n.traffic:
			r.tick(tick)
		case <-tick.C:
			r.tick(tick)
		case <-probe.C:
			t := n.Begin()
			n.perform(n.members.Probe(time.Now()))
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

// batch handles m and some of what waits behind it, in one turn.
func (r receiver) batch(m *link.Message, now time.Time) (taken int) {
	messages := r.link.Messages()
	t := r.node.Begin()
	r.node.message(m, now)
	for taken = 1; taken < batchMessages && len(messages) > 0; taken++ {
		r.node.message(<-messages, now)
	}
	t.End()
	r.link.Drained()
	return taken
}

// beat is called once for each heartbeat; since is the time from the last one. Other nodes
// are judged by what they said, so first all that waits is heard.
func (r receiver) beat(now time.Time, since time.Duration) {
	n := r.node
	quiet, err := n.transport.Healthy(now)
	if err != nil {
		r.link.Lose(err)
		return
	}
	limit := n.options.DeadAfter / 2
	fair := since <= limit && quiet <= limit && r.link.Current(now, limit)
	messages := r.link.Messages()
	for waiting := len(messages); waiting > 0 && len(messages) > 0; {
		waiting -= r.batch(<-messages, now)
	}
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
