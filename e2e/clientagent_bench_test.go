package e2e

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/tlstest"
	"natstron/roles/clientagent/clienttest"
)

// What an idle client costs.

// BenchmarkIdleClients lets that many clients say hello and then say nothing, and
// reports what each costs the daemon in memory and processor time. In the end each
// is told something: none is lost.
//
//	go test ./e2e -run '^$' -bench IdleClients -benchtime 10000x
//
// Each client takes a file descriptor here, and one in the daemon.
func BenchmarkIdleClients(b *testing.B) {
	b.Run("tcp", func(b *testing.B) { benchmarkIdle(b, false) })
	b.Run("tls", func(b *testing.B) { benchmarkIdle(b, true) })
}

func benchmarkIdle(b *testing.B, encrypted bool) {
	const agent = `
general: {dc_files: [game.dc]}
backbone: {embedded: {listen: '127.0.0.1:0'}}
messagedirector: {bind: '127.0.0.1:0'}
roles:
  - type: clientagent
    bind: 127.0.0.1:0
    channels: {min: 1000000000, max: 1009999999}
`
	configuration := agent
	if encrypted {
		configuration += "    tls: {certificate: cert.pem, key_file: key.pem}\n"
	}
	d := run(b, configuration, func(dir string) {
		write(b, filepath.Join(dir, "game.dc"), "dclass Gate { enter(string name) clsend; };\n")
		if encrypted {
			tlstest.Write(b, dir)
		}
	})
	address := d.where("listening for clients")
	before := d.memory()
	hello := clienttest.Frame(b, wire.ClientHello, func(w *wire.Writer) { w.Uint32(gameHash(b, d.dir)).Text("dev") })
	clients := make([]net.Conn, b.N)
	b.ResetTimer()
	for i := range clients {
		c, err := net.Dial("tcp", address)
		must(b, err)
		defer c.Close()
		if encrypted {
			c = tls.Client(c, &tls.Config{InsecureSkipVerify: true}) // it is our own
		}
		clients[i] = c
		game := &clienttest.Client{T: b, Conn: c}
		if _, err := c.Write(hello); err != nil {
			b.Fatal(err)
		}
		game.Expect(wire.ClientHelloResp)
	}
	b.StopTimer()
	used := d.processorTime()
	const idle = 5 * time.Second
	time.Sleep(idle) // what is measured is what they cost while nothing happens
	b.ReportMetric(float64(d.memory()-before)/float64(b.N), "B/client")
	b.ReportMetric(float64((d.processorTime()-used).Microseconds())/idle.Seconds(), "idle-µs/s")

	all := d.dial()
	var w wire.Writer
	told, err := w.Header(1, wire.ClientAgentSendDatagram, wire.BroadcastClients).Blob([]byte{0xff, 0xff}).Datagram()
	must(b, err)
	all.Send(told)
	for _, c := range clients {
		game := &clienttest.Client{T: b, Conn: c}
		game.Expect(0xffff)
	}
}

// memory is the resident memory of the process, in bytes.
func (d *daemon) memory() int64 {
	d.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", d.cmd.Process.Pid))
	if err != nil {
		d.t.Skip("there is no /proc here: ", err)
	}
	pages, err := strconv.ParseInt(string(bytes.Fields(text)[1]), 10, 64)
	must(d.t, err)
	return pages * int64(os.Getpagesize())
}

// processorTime is what the process has used so far.
func (d *daemon) processorTime() time.Duration {
	d.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.cmd.Process.Pid))
	if err != nil {
		d.t.Skip("there is no /proc here: ", err)
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')'):])
	var ticks int64 // of user and system time
	for _, f := range fields[12:14] {
		n, err := strconv.ParseInt(string(f), 10, 64)
		must(d.t, err)
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100
}
