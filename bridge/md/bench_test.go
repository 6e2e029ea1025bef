package md

import (
	"bytes"
	"io"
	"testing"

	"natstron/bridge"
	"natstron/bridge/md/mdtest"
	"natstron/bridge/otp"
	"natstron/bridge/wire"
)

// BenchmarkDatagram is one field update of 84 bytes from one connection to another of
// the same dialect, with 500 in flight: reading, translating, routing, writing, over real
// sockets. Its allocations are the hot path's own.
func BenchmarkDatagram(b *testing.B) {
	for _, dialect := range []struct {
		Dialect
		control wire.Channel
		add     wire.MsgType
		update  wire.MsgType
	}{
		{Astron, wire.ControlChannel, wire.ControlAddChannel, wire.StateServerObjectSetField},
		{OTP, otp.Control, 2001, 2004},
	} {
		b.Run(dialect.String(), func(b *testing.B) {
			s := serve(b, listen(b, startNode(b, bridge.Options{}), Options{}, dialect.Dialect))
			from, to := dial(b, s), dial(b, s)
			to.Send(mdtest.Datagram(b, func(w *wire.Writer) { w.Uint8(1).Channel(dialect.control).MsgType(dialect.add).Channel(5000) }))
			const inFlight = 500
			f := mdtest.Frame(mdtest.Datagram(b, func(w *wire.Writer) {
				w.Header(1, dialect.update, 5000).DoID(5000).FieldID(3).Text(string(make([]byte, 55)))
			}))
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
		})
	}
}
