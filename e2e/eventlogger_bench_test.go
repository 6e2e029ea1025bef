package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// How many events a daemon takes.

// BenchmarkEvents sends events to a whole daemon from another process, over
// loopback, and counts what becomes of them: 100,000 a second, evenly, and as
// fast as they go.
//
//	go test ./e2e -run '^$' -bench Events -benchtime 1000000x
func BenchmarkEvents(b *testing.B) {
	for _, rate := range []int{100_000, 0} {
		for _, watched := range []bool{false, true} {
			name := fmt.Sprintf("rate=%d/watched=%t", rate, watched)
			b.Run(name, func(b *testing.B) { benchmarkEvents(b, rate, watched) })
		}
	}
}

func benchmarkEvents(b *testing.B, rate int, watched bool) {
	d := run(b, "backbone: {embedded: {listen: '127.0.0.1:0'}}\nroles:\n"+fmt.Sprintf(logger, fmt.Sprintf(", nats: %t", watched)))
	if watched {
		nc, err := nats.Connect(d.nats())
		must(b, err)
		defer nc.Close()
		if _, err := nc.Subscribe("astronctl.events.>", func(*nats.Msg) {}); err != nil {
			b.Fatal(err)
		}
		must(b, nc.Flush())
	}
	conn, err := net.Dial("udp", d.where("receiving events"))
	must(b, err)
	defer conn.Close()
	packet := event("type", "client-connected", "sender", "Client: 1000000001234", "remote_address", "10.1.2.3:4567", "number", "1234567")
	b.ResetTimer()
	began := time.Now()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for sent := 0; sent < b.N; {
		until := b.N
		if rate > 0 {
			<-tick.C
			until = min(b.N, int(time.Since(began).Seconds()*float64(rate)))
		}
		for ; sent < until; sent++ {
			if _, err := conn.Write(packet); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.StopTimer()
	seconds := b.Elapsed().Seconds()

	// The last packet brings the count of those that the system dropped. At its
	// end the daemon writes all that has arrived.
	time.Sleep(200 * time.Millisecond)
	udp(b, conn.RemoteAddr().String(), event("type", "the last"))
	poll(b, func() bool { return lastLine(b, d) == "the last" }, func() string { return "the last event" })
	d.signal(syscall.SIGTERM)
	d.ends(0)
	written := len(readLines(b, filepath.Join(d.dir, "events.log"))) - 2 // but for the first line and the last
	dropped := 0
	if m := regexp.MustCompile(`by_the_system=(\d+)`).FindAllStringSubmatch(d.text(), -1); m != nil {
		dropped, _ = strconv.Atoi(m[len(m)-1][1])
	}
	if written+dropped != b.N {
		b.Errorf("%d sent, %d written, %d dropped by the system", b.N, written, dropped)
	}
	used := d.cmd.ProcessState.UserTime() + d.cmd.ProcessState.SystemTime()
	b.ReportMetric(float64(written), "written")
	b.ReportMetric(float64(dropped), "dropped")
	b.ReportMetric(float64(b.N)/seconds, "sent/s")
	b.ReportMetric(100*used.Seconds()/seconds, "%CPU")
	b.ReportMetric(0, "ns/op")
}

// lastLine is the type of the last event in the daemon's file.
func lastLine(t testing.TB, d *daemon) string {
	t.Helper()
	file, err := os.Open(filepath.Join(d.dir, "events.log"))
	must(t, err)
	defer file.Close()
	info, err := file.Stat()
	must(t, err)
	end := make([]byte, min(info.Size(), 200))
	if _, err := file.ReadAt(end, info.Size()-int64(len(end))); err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`"type": "([^"]*)"\}\n$`).FindSubmatch(end)
	if m == nil {
		return ""
	}
	return string(m[1])
}
