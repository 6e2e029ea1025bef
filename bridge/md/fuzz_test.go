package md

import (
	"io"
	"net"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/arrival"
	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// FuzzConnection sends any bytes to the port. Whatever they are, the connection
// ends when its other end does, and the participant leaves.
func FuzzConnection(f *testing.F) {
	add := func(fill func(*wire.Writer)) {
		f.Add(mdtest.Frame(mdtest.Datagram(f, fill)))
	}
	add(func(w *wire.Writer) { w.Header(1, 2, 3, 4).Text("hello") })
	for _, t := range []wire.MsgType{wire.ControlAddChannel, wire.ControlRemoveChannel, wire.ControlClearPostRemoves} {
		add(func(w *wire.Writer) { w.Control(t).Channel(5000) })
	}
	add(func(w *wire.Writer) { w.Control(wire.ControlAddRange).Channel(0).Channel(wire.MaxChannel) })
	add(func(w *wire.Writer) { w.Control(wire.ControlRemoveRange).Channel(7).Channel(1 << 40) })
	add(func(w *wire.Writer) {
		w.Control(wire.ControlAddPostRemove).Channel(1).Blob([]byte{1, 3, 0, 0, 0, 0, 0, 0, 0})
	})
	add(func(w *wire.Writer) { w.Control(wire.ControlSetConName).Text("name") })
	add(func(w *wire.Writer) { w.Control(wire.ControlLogMessage).Blob([]byte{0x80}) })
	f.Add([]byte{0, 0})
	f.Add([]byte{255, 255, 1})

	node := startNode(f, bridge.Options{ParticipantLimits: bridge.ParticipantLimits{MaxSubscriptions: 1000, MaxPostRemoves: 100}})
	loop, err := arrival.Start(node)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(loop.Close)
	s := &Server{node: node, open: map[*participant]struct{}{},
		options: Options{MaxQueue: 1 << 20, Linger: time.Second, LogMessage: func([]byte) {}, Arrivals: loop}}
	s.log = discard()
	f.Fuzz(func(t *testing.T, b []byte) {
		here, there := net.Pipe()
		s.accept(here, Astron)
		go func() { _, _ = io.Copy(io.Discard, there) }()
		_, _ = there.Write(b) // the server may end it in the middle
		_ = there.Close()
		s.conns.Wait()
		if n := node.Stats().Participants; n != 0 {
			t.Fatalf("%d participants are left", n)
		}
		if st := node.Stats(); st.Channels != 0 || st.Ranges != 0 || st.Subscriptions != 0 {
			t.Fatalf("subscriptions are left: %+v", st)
		}
	})
}
