package md

import (
	"bytes"
	"io"
	"testing"

	"natstron/bridge"
	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// BenchmarkDatagram is one datagram of 83 bytes from one connection to another,
// with 500 in flight: reading, routing, writing, over real sockets. Its
// allocations are the hot path's own.
func BenchmarkDatagram(b *testing.B) {
	s := startServer(b, startNode(b, bridge.Options{}), Options{})
	from, to := dial(b, s), dial(b, s)
	to.Control(wire.Control{Type: wire.ControlAddChannel, Channel: 5000})
	settle(to, s)
	const inFlight = 500
	f := mdtest.Frame(mdtest.Text(b, 1, string(make([]byte, 62)), 5000))
	batch := bytes.Repeat(f, inFlight)
	in := make([]byte, len(batch))
	b.SetBytes(int64(len(f)))
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; done += inFlight {
		if _, err := from.Conn.Write(batch); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(to.Conn, in); err != nil {
			b.Fatal(err)
		}
	}
}
