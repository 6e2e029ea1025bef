//go:build unix

package clientagent

import (
	"testing"
	"time"

	"natstron/bridge/wire"
)

// Ways in which a client may come back, or not.
var returns = []struct {
	name   string
	resume Resume
}{
	{"off", Resume{}},
	{"resume", Resume{Within: time.Minute, Queue: 1 << 30, Memory: 1 << 40}},
	{"recover", Resume{Within: time.Minute, Queue: 1 << 30, Memory: 1 << 40, Recover: true}},
}

func getToken(c *client) {
	c.Send(wire.ClientGetResumeToken, func(w *wire.Writer) { w.Bool(true) })
	c.Expect(wire.ClientResumeToken)
}

// BenchmarkReturnUpdates is an update to fifty clients, over one NATS server with two other
// processes.
func BenchmarkReturnUpdates(b *testing.B) {
	for _, r := range returns {
		b.Run(r.name, func(b *testing.B) {
			m := newMoving(b, func(_ int, o *Options) { o.Resume = r.resume })
			s := &stage{t: b, node: m.nodes[0], agent: m.agents[0]}
			s.actor = s.join(gate.Channel(), pond.Channel(), 101)
			began := cpu()
			benchmarkUpdatesOf(b, s, 50, 32, func(c *client) {
				if r.resume.Within > 0 {
					getToken(c)
				}
				began = cpu()
			})
			b.ReportMetric(float64((cpu()-began).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkReturnOrders is an order that changes what a session is, so that the others are told if
// it can outlive its agent: over one NATS server with two other processes.
func BenchmarkReturnOrders(b *testing.B) {
	for _, r := range returns {
		b.Run(r.name, func(b *testing.B) {
			m := newMoving(b, func(_ int, o *Options) { o.Resume = r.resume })
			c := m.established()
			if r.resume.Within > 0 {
				getToken(c)
			}
			s := &stage{t: b, node: m.nodes[0], agent: m.agents[0]}
			s.actor = s.join(900)
			var orders []wire.Datagram
			for _, kind := range []wire.MsgType{wire.ClientAgentOpenChannel, wire.ClientAgentCloseChannel} {
				var w wire.Writer
				d, err := w.Header(900, kind, firstClient).Channel(555).Datagram()
				must(b, err)
				orders = append(orders, d)
			}
			b.ReportAllocs()
			b.ResetTimer()
			began := cpu()
			for i := range b.N {
				must(b, s.actor.p.Send(orders[i%2]))
				if i%64 == 0 {
					s.node.Pace()
				}
			}
			b.ReportMetric(float64((cpu()-began).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}
