package clientagent

import (
	"fmt"
	"io"
	"testing"

	"natstron/internal/wire"
)

// BenchmarkUpdates is one broadcast to so many clients, routed, decoded, and
// written to their connections.
func BenchmarkUpdates(b *testing.B) {
	for _, clients := range []int{1, 50, 200} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			s := newStage(b)
			var all []*client
			for range clients {
				c := s.established()
				s.show(c, 101, 10)
				all = append(all, c)
			}
			var w wire.Writer
			d, _ := w.Header(1, wire.StateServerObjectSetField, wire.Location{Parent: pond, Zone: 10}.Channel()).
				DoID(101).FieldID(fieldID(b, "Duck", "wet")).Uint8(1).Datagram()
			ended := make(chan struct{})
			for _, c := range all {
				go func() { // until the end
					_, _ = io.CopyN(io.Discard, c.conn, int64(b.N)*11)
					ended <- struct{}{}
				}()
			}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				if err := s.actor.p.Send(d); err != nil {
					b.Fatal(err)
				}
			}
			for range all {
				<-ended
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*clients), "ns/delivery")
		})
	}
}
