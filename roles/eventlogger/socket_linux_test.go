package eventlogger

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// What the system drops while nobody reads is counted, to the packet.
func TestKernelDropsAreCounted(t *testing.T) {
	log := new(logBook)
	el, err := New(Options{Bind: "127.0.0.1:0", Output: filepath.Join(t.TempDir(), "a"), Log: slog.New(slog.NewTextHandler(log, nil))})
	must(t, err)
	must(t, el.Start(t.Context()))
	must(t, el.conn.SetReadBuffer(8192))
	conn, err := net.Dial("udp", el.Addr().String())
	must(t, err)
	defer conn.Close()
	const flood = 500
	for i := range flood {
		if _, err := conn.Write([]byte(event(i))); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- el.Run(ctx) }()
	// The count comes with a packet that arrives after the drops.
	r := &running{EventLogger: el, t: t, log: log, conn: conn}
	r.when("read", func(s Stats) bool { return s.Received > 0 })
	r.when("counted", func(s Stats) bool {
		r.send(event(flood))
		return s.KernelDropped > 0
	})
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	el.Stop(t.Context(), nil)
	s := el.Stats()
	if s.KernelDropped == 0 || s.KernelDropped >= flood || s.Written != s.Received || s.Received < flood-s.KernelDropped {
		t.Errorf("%+v", s)
	}
	if !strings.Contains(log.String(), "events were lost") {
		t.Errorf("the log says %s", log)
	}
}

func TestKernelDropsWrapAround(t *testing.T) {
	k := kernelDrops{last: 1<<32 - 2}
	k.add(3)
	k.add(3)
	k.add(10)
	if got := k.sum.Load(); got != 12 {
		t.Errorf("%d, want 12", got)
	}
	if _, ok := droppedIn(make([]byte, 7)); ok {
		t.Error("a count in a broken control message")
	}
}
