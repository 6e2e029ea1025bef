package clientagent

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"natstron/bridge/wire"
)

// BenchmarkUpdates is a broadcast to so many clients, routed, decoded, and written
// to their connections: each in a turn of its own, or several in one, as they come
// from the connection of a busy AI.
func BenchmarkUpdates(b *testing.B) {
	for _, clients := range []int{1, 50, 200} {
		for _, together := range []int{1, 32} {
			b.Run(fmt.Sprintf("clients=%d/together=%d", clients, together), func(b *testing.B) { benchmarkUpdates(b, clients, together) })
		}
	}
}

func benchmarkUpdates(b *testing.B, clients, together int) {
	benchmarkUpdatesOf(b, newStage(b), clients, together, func(*client) {})
}

func benchmarkUpdatesOf(b *testing.B, s *stage, clients, together int, prepare func(*client)) {
	var all []*client
	for range clients {
		c := s.established()
		s.show(c, 101, 10)
		prepare(c)
		all = append(all, c)
	}
	var w wire.Writer
	d, _ := w.Header(1, wire.StateServerObjectSetField, wire.Location{Parent: pond, Zone: 10}.Channel()).
		DoID(101).FieldID(fieldID(b, "Duck", "wet")).Uint8(1).Datagram()
	ended := make(chan struct{})
	for _, c := range all {
		go func() { // until the end
			_, _ = io.CopyN(io.Discard, c.Conn, int64(b.N)*11)
			ended <- struct{}{}
		}()
	}
	b.ReportAllocs()
	b.ResetTimer()
	for left := b.N; left > 0; left -= together {
		t := s.node.Begin()
		for range min(together, left) {
			must(b, t.Route(s.actor.p, d))
		}
		t.End()
	}
	for range all {
		<-ended
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*clients), "ns/delivery")
}

// BenchmarkClientUpdates is a client's update of a field, from its frame to its
// recipient in the same process.
func BenchmarkClientUpdates(b *testing.B) {
	s := newStage(b)
	c := s.established()
	var client *session
	s.agent.enter()
	for client = range s.agent.sessions {
		break
	}
	s.agent.leave()
	var w wire.Writer
	d, _ := w.ClientMsgType(wire.ClientObjectSetField).DoID(office).FieldID(fieldID(b, "Gate", "enter")).Text("hello").Datagram()
	frame := append([]byte{byte(len(d)), 0}, d...)
	batch := bytes.Repeat(frame, 32)
	source := bytes.NewReader(nil)
	frames := wire.NewFrameReader(source, readBuffer)
	b.ReportAllocs()
	b.ResetTimer()
	for left := b.N; left > 0; left -= 32 {
		source.Reset(batch)
		must(b, frames.Fill())
		if _, err := client.handleFrames(frames); err != nil {
			b.Fatal(err)
		}
		s.actor.inbox.Take()
	}
	b.StopTimer()
	c.Conn.Close()
}
