package stateserver

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
	"natstron/roles/rolestest/script"
)

// townFile is the DC file of all tests.
var townFile = script.DCFile("testdata/town.dc")

type actor = script.Actor

// cluster is one node, or two that share its NATS server, with state servers and
// participants on them.
type cluster struct {
	*script.Cluster
	servers []*Role
	markers map[string]*actor // by node
	round   uint16
}

const firstMarker wire.Channel = 900

func newCluster(t testing.TB, nodes ...string) *cluster {
	t.Helper()
	c := &cluster{Cluster: script.New(t, townFile(t), nodes...), markers: map[string]*actor{}}
	t.Cleanup(func() { // they leave the nodes before these stop
		for _, r := range c.servers {
			r.Stop(context.Background(), nil)
		}
	})
	for i, name := range nodes {
		c.markers[name] = c.JoinAt(name, "marker of "+name, firstMarker+wire.Channel(i))
	}
	c.Actors = nil
	return c
}

func (c *cluster) server(node string, control wire.Channel, objects ...StaticObject) *Role {
	c.T.Helper()
	return c.serverWith(node, Options{Control: control, Objects: objects})
}

func (c *cluster) serverWith(node string, o Options) *Role {
	c.T.Helper()
	o.File, o.Log = c.File, slog.New(slog.NewTextHandler(&c.Log, nil))
	r, err := New(c.Nodes[node], o)
	must(c.T, err)
	must(c.T, r.Start(context.Background()))
	c.servers = append(c.servers, r)
	c.Log.Take() // that it has started
	return r
}

// settle waits until nothing is under way any more, between the nodes neither: until
// nothing has been handled or sent during a whole round from each node to each other.
func (c *cluster) settle() {
	c.T.Helper()
	for before := -1; before != c.handled() || c.waiting(); {
		before = c.handled()
		c.sync()
	}
	for _, r := range c.servers {
		must(c.T, r.space.Enter(r.space.check))
	}
	c.Record()
}

// waiting reports whether something that was sent waits for the effects of what was sent
// before.
func (c *cluster) waiting() bool {
	for _, n := range c.Nodes {
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
	c.T.Helper()
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
	c.T.Helper()
	var w wire.Writer
	d, _ := w.Header(from.Channel, wire.ClientAgentSetState, to.Channel).Uint16(c.round).Datagram()
	for range 1000 {
		must(c.T, from.Send(d))
		for wait := time.After(10 * time.Millisecond); wait != nil; {
			select {
			case <-to.Inbox.Ready:
				for _, got := range to.Inbox.Take() {
					if bytes.Equal(got.Datagram, d) {
						return
					}
				}
			case <-wait:
				wait = nil
			}
		}
	}
	c.T.Fatalf("%s: no marker came", to.Name)
}

// check reports whether the books of a space agree with each other.
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
			if !ok || !Kept(f) || int(id) <= last {
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

// must ends the test if there is an error.
func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
