//go:build unix

package clientagent

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"natstron/bridge/wire"
)

// BenchmarkWalk is a step of one of 200 avatars on a grid of 100 × 100 cells, with an object
// in each: by the parent's rule, or, as without one, by an interest in all zones around the
// avatar that its client alters. Agent, state server and clients are in one process, without
// sockets. ns/op is wall time; the other units are CPU time, datagrams of the cluster, and
// messages to and from the client.
func BenchmarkWalk(b *testing.B) {
	for _, radius := range []int{1, 4} {
		for _, how := range []string{"rule", "interest"} {
			b.Run(fmt.Sprintf("radius=%d/%s", radius, how), func(b *testing.B) { benchmarkWalk(b, radius, how == "rule") })
		}
	}
}

// bencher is an avatar that walks to and fro along a row.
type bencher struct {
	client      *scriptClient
	do          wire.DoID
	row, column int
	back        bool
}

func (w *bencher) step() {
	switch w.column {
	case 0:
		w.back = false
	case walkSize - 1:
		w.back = true
	}
	if w.back {
		w.column--
	} else {
		w.column++
	}
}

func (w *bencher) zone() wire.Zone { return walkStart + wire.Zone(w.row*walkSize+w.column) }

// around are the zones that the rule would show.
func (w *bencher) around(radius int) (all []wire.Zone) {
	for r := max(0, w.row-radius); r <= min(walkSize-1, w.row+radius); r++ {
		for c := max(0, w.column-radius); c <= min(walkSize-1, w.column+radius); c++ {
			all = append(all, walkStart+wire.Zone(r*walkSize+c))
		}
	}
	return all
}

func benchmarkWalk(b *testing.B, radius int, rule bool) {
	const walkers = 200
	w := startWalks(b)
	if rule {
		(&walk{walks: w}).setRule(radius)
	}
	var all []*bencher
	for i := range walkers {
		name := fmt.Sprint("client ", i)
		w.connect(name, "")
		c := &bencher{client: w.client(name), do: walkFirstAvatar + wire.DoID(i), row: i % walkSize, column: 37 * i % walkSize}
		w.create(c.do, at(walkGrid, c.zone()), `Goose setName("walker")`)
		w.order(c.do, "SET_OWNER %d", c.client.session.allocated)
		w.order(c.client.session.allocated, "CLIENTAGENT_ADD_SESSION_OBJECT %d", c.do) // as avatars are
		all = append(all, c)
	}
	move := func(c *bencher) {
		c.step()
		var p wire.Writer
		d, err := p.Header(w.ai.Channel, wire.StateServerObjectSetLocation, c.do.Channel()).
			Location(wire.Location{Parent: walkGrid, Zone: c.zone()}).Datagram()
		must(b, err)
		must(b, w.ai.Send(d))
		if rule {
			return
		}
		var m wire.Writer
		m.ClientMsgType(wire.ClientAddInterestMultiple).Uint32(1).Uint16(1).DoID(walkGrid)
		zones := c.around(radius)
		m.Uint16(uint16(len(zones)))
		for _, z := range zones {
			m.Zone(z)
		}
		message, err := m.Datagram()
		must(b, err)
		c.client.say(b, message)
	}
	for _, c := range all {
		move(c)
	}
	before, routed, began := w.agent.Stats(), w.Node.Stats().Routed, cpu()
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		c := all[i%walkers]
		move(c)
		c.client.conn.b.Reset()
	}
	b.StopTimer()
	per := func(n uint64) float64 { return float64(n) / float64(b.N) }
	after := w.agent.Stats()
	b.ReportMetric(per(uint64((cpu() - began).Microseconds())), "µs-CPU/op")
	b.ReportMetric(per(w.Node.Stats().Routed-routed), "datagrams/op")
	b.ReportMetric(per(after.DatagramsIn-before.DatagramsIn), "in/op")
	b.ReportMetric(per(after.DatagramsOut-before.DatagramsOut), "out/op")
}

// cpu is how much of it the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
