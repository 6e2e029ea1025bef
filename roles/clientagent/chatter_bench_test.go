//go:build unix

package clientagent

import (
	"bytes"
	"fmt"
	"testing"

	"natstron/bridge/wire"
)

// BenchmarkChatter is a client's update of its avatar, until all others in its zone have it:
// 50 clients send in turn, some messages at once. Agent, state server and clients are in one
// process, without sockets. ns-CPU/delivery is CPU time.
func BenchmarkChatter(b *testing.B) {
	const clients, atOnce = 50, 8
	w := startWalks(b)
	zone := walkStart
	var all []*scriptClient
	var batches [][]byte
	for i := range clients {
		name := fmt.Sprint("client ", i)
		w.connect(name, "")
		c, do := w.client(name), walkFirstAvatar+wire.DoID(i)
		w.create(do, at(walkGrid, zone), `Goose setName("chatter")`)
		w.order(do, "SET_OWNER %d", c.session.allocated)
		all = append(all, c)
		var m wire.Writer
		d, err := m.BeginFrame().ClientMsgType(wire.ClientObjectSetField).DoID(do).FieldID(fieldID(b, "Goose", "setMood")).Uint8(50).Frame()
		must(b, err)
		batches = append(batches, bytes.Repeat(d, atOnce))
	}
	for _, c := range all {
		var m wire.Writer
		d, err := m.ClientMsgType(wire.ClientAddInterest).Uint32(1).Uint16(1).DoID(walkGrid).Zone(zone).Datagram()
		must(b, err)
		c.say(b, d)
	}
	source := bytes.NewReader(nil)
	frames := wire.NewFrameReader(source, readBuffer)
	round := func(i int) {
		source.Reset(batches[i%clients])
		must(b, frames.Fill())
		if _, err := all[i%clients].link.handleFrames(frames); err != nil {
			b.Fatal(err)
		}
		if i%clients == clients-1 {
			for _, c := range all {
				c.conn.mu.Lock()
				c.conn.b.Reset()
				c.conn.mu.Unlock()
			}
		}
	}
	for i := range clients {
		round(i)
	}
	before := w.agent.Stats().DatagramsOut
	began := cpu()
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		round(i)
	}
	b.StopTimer()
	delivered := w.agent.Stats().DatagramsOut - before
	if want := uint64(b.N * atOnce * (clients - 1)); delivered != want {
		b.Fatalf("%d messages for clients, want %d", delivered, want)
	}
	b.ReportMetric(float64((cpu()-began).Nanoseconds())/float64(delivered), "ns-CPU/delivery")
}
