package stateserver

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
)

// town is the DC file of all tests.
var town = sync.OnceValues(func() (*dc.File, error) { return dc.ParseFiles("testdata/town.dc") })

func townFile(t testing.TB) *dc.File {
	t.Helper()
	f, err := town()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// cluster is one node, or two that share its NATS server, with state servers
// and participants on them.
type cluster struct {
	t       testing.TB
	file    *dc.File
	nodes   map[string]*bridge.Node
	servers []*Role
	actors  []*actor
	markers map[string]*actor // by node
	round   uint16
	log     msgtext.Log
}

// actor is a participant that records what it gets.
type actor struct {
	name     string
	channel  wire.Channel
	node     string
	inbox    *bridge.Inbox
	p        *bridge.Participant
	received []wire.Datagram
}

const firstMarker wire.Channel = 900

func newCluster(t testing.TB, nodes ...string) *cluster {
	t.Helper()
	c := &cluster{t: t, file: townFile(t), nodes: map[string]*bridge.Node{}, markers: map[string]*actor{}}
	for i, name := range nodes {
		o := bridge.Options{Name: name}
		switch {
		case len(nodes) == 1:
			o.Embedded.Listen = "none"
		case i == 0:
			o.Embedded.Listen = "127.0.0.1:0"
		default:
			o.External = &bridge.External{URLs: []string{c.nodes[nodes[0]].URL()}}
		}
		n, err := bridge.Start(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		c.nodes[name] = n
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			n.Stop(ctx)
		})
	}
	t.Cleanup(c.leave)
	for i, name := range nodes {
		c.markers[name] = c.join("marker of "+name, name, firstMarker+wire.Channel(i))
	}
	c.actors = nil
	return c
}

// leave takes everybody off the nodes, which do not stop before.
func (c *cluster) leave() {
	for _, r := range c.servers {
		r.Stop(context.Background(), nil)
	}
	for _, a := range c.actors {
		a.p.Leave()
	}
	for _, a := range c.markers {
		a.p.Leave()
	}
}

func (c *cluster) server(node string, control wire.Channel, objects ...StaticObject) *Role {
	c.t.Helper()
	r, err := New(c.nodes[node], Options{
		Control: control,
		File:    c.file,
		Objects: objects,
		Log:     slog.New(slog.NewTextHandler(&c.log, nil)),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	if err := r.Start(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	c.servers = append(c.servers, r)
	c.log.Take() // that it has started
	return r
}

func (c *cluster) join(name, node string, channels ...wire.Channel) *actor {
	c.t.Helper()
	a := &actor{name: name, channel: channels[0], node: node, inbox: bridge.NewInbox(1 << 30)}
	var err error
	if a.p, err = c.nodes[node].Join(name, a.inbox, func(error) {}); err != nil {
		c.t.Fatal(err)
	}
	if err := a.p.Subscribe(channels...); err != nil {
		c.t.Fatal(err)
	}
	c.actors = append(c.actors, a)
	return a
}

// settle waits until nothing is under way any more, between the nodes neither: until
// nothing has been handled or sent during a whole round from each node to each other.
func (c *cluster) settle() {
	c.t.Helper()
	for before := -1; before != c.handled() || c.waiting(); {
		before = c.handled()
		c.sync()
	}
	for _, r := range c.servers {
		if err := r.space.Enter(r.space.check); err != nil {
			c.t.Fatal(err)
		}
	}
	for _, a := range c.actors {
		for _, d := range a.inbox.Take() {
			a.received = append(a.received, d.Datagram)
		}
	}
}

// waiting says whether something that was sent waits for the effects of what was sent
// before.
func (c *cluster) waiting() bool {
	for _, n := range c.nodes {
		if n.Stats().Waiting > 0 {
			return true
		}
	}
	return false
}

// handled is how many messages the servers have handled and sent.
func (c *cluster) handled() (n int) {
	for _, r := range c.servers {
		stats := r.Stats()
		n += int(stats.Sent)
		for _, count := range stats.Messages {
			n += int(count)
		}
	}
	return n
}

// sync waits until each node has got from each other what was sent before, and
// knows of its subscriptions: a marker follows them on the same way.
func (c *cluster) sync() {
	c.t.Helper()
	if len(c.markers) < 2 {
		return
	}
	c.round++
	for _, from := range c.markers {
		for _, to := range c.markers {
			if from != to {
				c.mark(from, to)
			}
		}
	}
}

// mark sends a marker and waits for it. The very first may find that nobody
// knows of its receiver yet, so it is sent again until it comes.
func (c *cluster) mark(from, to *actor) {
	c.t.Helper()
	var w wire.Writer
	d, _ := w.Header(from.channel, wire.ClientAgentSetState, to.channel).Uint16(c.round).Datagram()
	for range 1000 {
		if err := from.p.Send(d); err != nil {
			c.t.Fatal(err)
		}
		for wait := time.After(10 * time.Millisecond); wait != nil; {
			select {
			case <-to.inbox.Ready:
				for _, got := range to.inbox.Take() {
					if bytes.Equal(got.Datagram, d) {
						return
					}
				}
			case <-wait:
				wait = nil
			}
		}
	}
	c.t.Fatalf("%s: no marker came", to.name)
}

// take is what an actor has received since the last call.
func (a *actor) take() []wire.Datagram {
	got := a.received
	a.received = nil
	return got
}

// check says whether the books of a space agree with each other.
func (s *Space) check() error {
	inFamilies, inAIs, known, bytes := 0, 0, 0, map[string]int{}
	for id, o := range s.objects {
		if o.doID != id || o.gone {
			return fmt.Errorf("object %d is under %d, gone: %v", o.doID, id, o.gone)
		}
		bytes[o.class.Name()] += len(o.values.b)
		if missing := o.values.Missing(o.class); len(missing) > 0 || !o.values.fits() {
			return fmt.Errorf("object %d: missing %v, fits: %v", id, missing, o.values.fits())
		}
		last := -1
		var bad error
		o.values.All(func(id wire.FieldID, packed []byte) bool {
			f, ok := o.class.Field(uint16(id))
			if !ok || !kept(f) || int(id) <= last {
				bad = fmt.Errorf("object %d keeps field %d behind %d", o.doID, id, last)
			} else if err := f.Validate(packed); err != nil {
				bad = fmt.Errorf("object %d: %w", o.doID, err)
			}
			last = int(id)
			return bad == nil
		})
		if bad != nil {
			return bad
		}
		if p := o.location.Parent; p != 0 {
			inFamilies++
			f := s.families[p]
			if f == nil || int(o.slots[inZone]) >= len(f.zones[o.location.Zone]) || f.zones[o.location.Zone][o.slots[inZone]] != o {
				return fmt.Errorf("object %d is not among the children of %d", id, p)
			}
		}
		if o.explicitAI && o.ai != 0 {
			inAIs++
			if b := s.byAI[o.ai]; int(o.slots[inAI]) >= len(b) || b[o.slots[inAI]] != o {
				return fmt.Errorf("object %d is not among those of AI %d", id, o.ai)
			}
		}
		if k := o.offspring; k != nil {
			known += len(k.zones)
			counts := map[wire.Zone]int{}
			for _, z := range k.zones {
				counts[z]++
			}
			for z, n := range k.counts {
				if counts[z] != n {
					return fmt.Errorf("object %d counts %d children in zone %d, it knows %d", id, n, z, counts[z])
				}
			}
			if len(counts) != len(k.counts) || len(counts) == 0 {
				return fmt.Errorf("object %d counts %d zones of %d", id, len(k.counts), len(counts))
			}
		}
	}
	for parent, f := range s.families {
		if len(f.zones) == 0 {
			return fmt.Errorf("nobody is among the children of %d", parent)
		}
		for z, b := range f.zones {
			if len(b) == 0 {
				return fmt.Errorf("nobody is in zone %d of %d", z, parent)
			}
			inFamilies -= len(b)
		}
	}
	for _, b := range s.byAI {
		inAIs -= len(b)
	}
	if inFamilies != 0 || inAIs != 0 || known != s.known {
		return fmt.Errorf("too many in families %d, in AIs %d; children known %d, counted %d", -inFamilies, -inAIs, known, s.known)
	}
	stats := s.Stats()
	if stats.Objects() != len(s.objects) {
		return fmt.Errorf("%d objects are counted, there are %d", stats.Objects(), len(s.objects))
	}
	for name, c := range stats.Classes {
		if c.Bytes != bytes[name] {
			return fmt.Errorf("%s: %d bytes are counted, there are %d", name, c.Bytes, bytes[name])
		}
	}
	return nil
}

// logAnew has the next refusal of each reason logged.
func (s *Space) logAnew() {
	_ = s.Enter(func() error {
		s.complaints = complaints{}
		return nil
	})
}
