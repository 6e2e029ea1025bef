package eventlogger

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge"
)

// floodEnv holds, for a test binary that is to send events instead of testing:
// the address, how many, and how many in a second (0: as fast as it can).
const floodEnv = "EVENTLOGGER_FLOOD"

// floodStep is how often the sender looks at the clock.
const floodStep = time.Millisecond

// flood sends events, numbered, evenly over the time, and prints how many.
func flood() {
	var address string
	var events, rate int
	if _, err := fmt.Sscan(os.Getenv(floodEnv), &address, &events, &rate); err != nil {
		panic(err)
	}
	conn, err := net.Dial("udp", address)
	if err != nil {
		panic(err)
	}
	packet := []byte("\x84\xa4type\xb0client-connected\xa6sender\xb5Client: 1000000001234\xaeremote_address\xad10.1.2.3:4567\xa6number\xce\x00\x00\x00\x00")
	number := bytes.Index(packet, []byte{0xce}) + 1
	sent := 0
	began := time.Now()
	for tick := time.NewTicker(floodStep); sent < events; {
		until := events
		if rate > 0 {
			<-tick.C
			until = min(events, int(time.Since(began).Seconds()*float64(rate)))
		}
		for ; sent < until; sent++ {
			for i := range 4 {
				packet[number+i] = byte(sent >> (24 - 8*i))
			}
			if _, err := conn.Write(packet); err != nil {
				panic(err)
			}
		}
	}
	fmt.Print(sent)
}

// BenchmarkFlood is a flood of 100,000 events a second from another process, on
// loopback:
//
//	go test ./roles/eventlogger -run '^$' -bench 'Flood/^paced$' -benchtime 1000000x
//
// To compare: with a receive buffer as Linux gives it to a process that may not
// enlarge it, as fast as the sender can, and with an operator who watches the
// events on the backbone.
func BenchmarkFlood(b *testing.B) {
	b.Run("paced", func(b *testing.B) { benchmarkFlood(b, 100_000, receiveBuffer, nil) })
	b.Run("small-buffer", func(b *testing.B) { benchmarkFlood(b, 100_000, 208<<10, nil) })
	b.Run("unpaced", func(b *testing.B) { benchmarkFlood(b, 0, receiveBuffer, nil) })
	b.Run("watched", func(b *testing.B) {
		node := start(b, nil)
		nc, err := nats.Connect(node.URL())
		must(b, err)
		defer nc.Close()
		var seen atomic.Int64
		sub, err := nc.Subscribe("astronctl.events.>", func(*nats.Msg) { seen.Add(1) })
		if err == nil {
			err = sub.SetPendingLimits(-1, -1)
		}
		if err == nil {
			err = nc.Flush()
		}
		must(b, err)
		benchmarkFlood(b, 100_000, receiveBuffer, node)
		b.ReportMetric(float64(seen.Load()), "seen")
		b.ReportMetric(float64(node.EventStats().Dropped), "backbone-drops")
	})
}

func benchmarkFlood(b *testing.B, rate, buffer int, node *bridge.Node) {
	file := filepath.Join(b.TempDir(), "events.log")
	el, err := New(Options{Bind: "127.0.0.1:0", Output: file, Node: node, Backbone: true, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	must(b, err)
	must(b, el.Start(b.Context()))
	if _, err := enlarge(el.conn, buffer); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- el.Run(ctx) }()

	self, err := os.Executable()
	must(b, err)
	sender := exec.Command(self)
	sender.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d", floodEnv, el.Addr(), b.N, rate))
	sender.Stderr = os.Stderr
	before := ownProcessorTime()
	b.ResetTimer()
	out, err := sender.Output()
	must(b, err)
	b.StopTimer()
	seconds := b.Elapsed().Seconds()
	last := el.Stats().Received
	for range 20 { // until nothing more comes
		time.Sleep(50 * time.Millisecond)
		if now := el.Stats().Received; now == last {
			break
		} else {
			last = now
		}
	}
	own := (ownProcessorTime() - before).Seconds()
	conn, err := net.Dial("udp", el.Addr().String()) // brings the last count of drops along
	must(b, err)
	if _, err := conn.Write([]byte("\x80")); err != nil {
		b.Fatal(err)
	}
	conn.Close()
	cancel()
	must(b, <-done)
	el.Stop(context.Background(), nil)
	sent, err := strconv.Atoi(strings.TrimSpace(string(out)))
	must(b, err)
	text, err := os.ReadFile(file)
	must(b, err)
	written := bytes.Count(text, []byte{'\n'}) - 2 // but for the first line and the last
	s := el.Stats()
	if uint64(sent) != uint64(written)+s.KernelDropped+s.Dropped {
		b.Errorf("%d sent, but %d written, %+v", sent, written, s)
	}
	b.ReportMetric(float64(sent), "sent")
	b.ReportMetric(float64(written), "written")
	b.ReportMetric(float64(s.KernelDropped), "kernel-drops")
	b.ReportMetric(float64(s.Dropped), "queue-drops")
	b.ReportMetric(float64(sent)/seconds, "sent/s")
	b.ReportMetric(100*own/seconds, "%CPU")
	b.ReportMetric(100*sender.ProcessState.SystemTime().Seconds()/seconds+100*sender.ProcessState.UserTime().Seconds()/seconds, "%CPU-sender")
	b.ReportMetric(0, "ns/op")
}
