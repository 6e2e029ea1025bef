package membership

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"natstron/bridge/internal/routing"
)

// many is nodes on one NATS server that hear each other, in a time of their own.
type many struct {
	t      *testing.T
	now    time.Time
	nodes  []*Members
	frozen int                    // a node that does nothing any more; -1: none
	said   map[string][]time.Time // the heartbeats of each
	buried map[string]time.Time   // by origin: when the first of the others declared it dead
	asked  int                    // pings that want an answer
}

func startMany(t *testing.T, count int) *many {
	c := &many{t: t, now: time.Unix(1_000_000, 0), frozen: -1, said: map[string][]time.Time{}, buried: map[string]time.Time{}}
	for i := range count {
		c.nodes = append(c.nodes, New(Config{
			Name: fmt.Sprint("node ", i), Heartbeat: 250 * time.Millisecond, DeadAfter: 3 * time.Second, OrderTimeout: time.Second,
			MaxPostRemoveBytes: 1 << 20, Coverage: &routing.Coverage{}, Facts: func() Facts { return Facts{Serving: true} },
		}))
	}
	for i, m := range c.nodes {
		c.perform(i, m.Attach(fmt.Sprintf("node%03d", i), Place{Server: "here"}, false, c.now))
	}
	c.pass(time.Second)
	c.said, c.asked = map[string][]time.Time{}, 0
	return c
}

// pass lets time pass. The nodes' heartbeats come at different times.
func (c *many) pass(d time.Duration) {
	const step = 50 * time.Millisecond
	for range d / step {
		c.now = c.now.Add(step)
		for i, m := range c.nodes {
			if i == c.frozen {
				continue
			}
			c.perform(i, m.Probe(c.now))
			if (c.now.UnixMilli()/step.Milliseconds()+int64(i))%5 == 0 {
				c.perform(i, m.Heartbeat(c.now, 250*time.Millisecond, true))
			}
		}
	}
}

func (c *many) perform(from int, effects []Effect) {
	m := c.nodes[from]
	for _, e := range effects {
		switch e := e.(type) {
		case Send:
			note, err := json.Marshal(e.Note)
			if err != nil {
				c.t.Fatal(err)
			}
			if e.Kind == KindHeartbeat {
				c.said[m.origin] = append(c.said[m.origin], c.now)
			}
			for i, to := range c.nodes {
				if i != from && i != c.frozen && to.online && (slices.Contains(ToAll, e.Kind) || e.To == to.origin) {
					c.perform(i, to.Step(e.Kind, e.To, note, c.now))
				}
			}
		case Ping:
			if e.Wanted {
				c.asked++
			}
			for i, to := range c.nodes {
				if to.origin == e.To && i != c.frozen && e.Wanted {
					c.perform(from, m.Pong("me."+e.Answer, false, c.now))
				}
			}
		case SendPostRemoves:
			if _, ok := c.buried[e.Origin]; !ok {
				c.buried[e.Origin] = c.now
			}
			c.perform(from, m.PostRemovesSent(e.Origin, c.now))
		}
	}
}

// With many nodes each says its heartbeats less often, but at least four times within DeadAfter. Nobody
// is taken for silent because of that, and one that is silent is found in the same time as before.
func TestHeartbeatsOfMany(t *testing.T) {
	for _, test := range []struct {
		nodes int
		every time.Duration
	}{
		{2, 250 * time.Millisecond}, {17, 250 * time.Millisecond}, {33, 500 * time.Millisecond}, {64, 750 * time.Millisecond},
	} {
		t.Run(fmt.Sprint(test.nodes), func(t *testing.T) {
			c := startMany(t, test.nodes)
			c.pass(3 * time.Second)
			for origin, said := range c.said {
				for i := range said[1:] {
					if gap := said[i+1].Sub(said[i]); gap != test.every {
						t.Fatalf("%s says heartbeats with %v in between, want %v", origin, gap, test.every)
					}
				}
			}
			if len(c.said) != test.nodes || len(c.buried) > 0 || c.asked > 0 {
				t.Errorf("%d of %d say heartbeats, %d are dead, %d pings of those that missed one", len(c.said), test.nodes, len(c.buried), c.asked)
			}
			c.frozen = test.nodes / 2
			froze := c.now
			c.pass(3500 * time.Millisecond)
			origin := c.nodes[c.frozen].origin
			if took := c.buried[origin].Sub(froze); len(c.buried) != 1 || took > 3250*time.Millisecond || took < 2*time.Second {
				t.Errorf("%s was found dead after %v, of %v", origin, took, c.buried)
			}
		})
	}
}

// What a node tells the others is followed by a heartbeat in time, however many there are: who has missed
// it finds out as soon as with few.
func TestHeartbeatBehindWhatIsTold(t *testing.T) {
	c := startMany(t, 64)
	m := c.nodes[3]
	c.pass(250 * time.Millisecond)
	for len(c.said[m.origin]) == 0 {
		c.pass(50 * time.Millisecond)
	}
	told := c.now
	c.said = map[string][]time.Time{}
	m.tell(KindTick, tickNote{m.number(1)})
	c.perform(3, m.take())
	c.pass(250 * time.Millisecond)
	if said := c.said[m.origin]; len(said) != 1 || said[0].Sub(told) > 250*time.Millisecond {
		t.Errorf("heartbeats %v after something was told at %v", said, told)
	}
}
