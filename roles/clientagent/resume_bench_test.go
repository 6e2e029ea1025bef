package clientagent

import (
	"runtime"
	"testing"
	"time"

	"natstron/bridge/wire"
)

// BenchmarkResume is a client that comes back: connect, CLIENT_RESUME and CLIENT_RESUMED over TCP,
// to the same agent, or to another one in a process of its own, over one NATS server.
func BenchmarkResume(b *testing.B) {
	b.Run("same", func(b *testing.B) {
		s := newStage(b, func(o *Options) { o.Resume = Resume{Within: time.Minute} })
		benchmarkResume(b, s, []*Role{s.agent})
	})
	b.Run("other", func(b *testing.B) {
		m := newMoving(b, nil)
		benchmarkResume(b, m.stage, m.agents)
	})
}

func benchmarkResume(b *testing.B, s *stage, agents []*Role) {
	c := s.established()
	c.Send(wire.ClientGetResumeToken, nil)
	r := c.Expect(wire.ClientResumeToken)
	r.Bytes(8)
	token := append([]byte(nil), r.Blob()...)
	b.ResetTimer()
	for i := range b.N {
		c.Conn.Close()
		c = (&stage{t: b, agent: agents[(i+1)%len(agents)]}).dial()
		c.Send(wire.ClientResume, func(w *wire.Writer) { w.Uint32(parkFile(b).Hash()).Text(version).Blob(token).Uint32(0) })
		r := c.Expect(wire.ClientResumed)
		r.Bytes(12)
		token = append(token[:0], r.Blob()...)
		c.Send(wire.ClientAcknowledge, func(w *wire.Writer) { w.Uint32(0) })
		c.Expect(wire.ClientAcknowledge)
	}
}

// BenchmarkWaiting is the memory of sessions that wait, each with an interest in one zone and one
// object in sight, and nothing kept.
func BenchmarkWaiting(b *testing.B) {
	s := newStage(b, func(o *Options) {
		o.Resume = Resume{Within: time.Hour, Sessions: 1_000_000}
		o.Pool = NewChannelPool(firstClient, firstClient+999_999)
	})
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	const sessions = 1000
	var total, connected uint64
	for range b.N {
		before := heap()
		var all []*client
		for range sessions {
			c := s.established()
			s.show(c, 101, 10)
			c.Send(wire.ClientGetResumeToken, nil)
			c.Expect(wire.ClientResumeToken)
			all = append(all, c)
		}
		connected += heap() - before
		for _, c := range all {
			c.Conn.Close()
		}
		clear(all)
		eventually(b, "all wait", func() bool { return s.agent.Stats().Waiting == sessions })
		eventually(b, "all connections are gone", func() bool { return runtime.NumGoroutine() < sessions/2 })
		total += heap() - before
		s.agent.each(func(s *session) { s.end() })
	}
	b.ReportMetric(float64(connected)/float64(sessions*b.N), "B/connected")
	b.ReportMetric(float64(total)/float64(sessions*b.N), "B/waiting")
}

// BenchmarkUpdatesKept is BenchmarkUpdates with fifty clients that have tokens, and acknowledge.
func BenchmarkUpdatesKept(b *testing.B) {
	s := newStage(b, func(o *Options) { o.Resume = Resume{Within: time.Minute, Queue: 1 << 30, Memory: 1 << 40} })
	benchmarkUpdatesOf(b, s, 50, 1, func(c *client) {
		c.Send(wire.ClientGetResumeToken, nil)
		c.Expect(wire.ClientResumeToken)
	})
}
