package e2e

import (
	"bufio"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"natstron/bridge/md/mdtest"
)

// A stuck log collector stops neither the traffic nor new connections,
// and not the end of the process.
func TestLogReaderStandsStill(t *testing.T) {
	d := prepare(t, `
messagedirector: {bind: "127.0.0.1:0"}
backbone: {embedded: {listen: none}}
`)
	collector, log, err := os.Pipe()
	must(t, err)
	defer collector.Close()
	d.cmd.Stdout, d.cmd.Stderr = log, log
	d.launch()
	log.Close()
	for lines := bufio.NewReader(collector); !strings.Contains(d.text(), " ready "); {
		line, err := lines.ReadBytes('\n')
		must(t, err)
		_, _ = d.Write(line) // never fails
	}
	// From now on nobody reads. A pipe holds 64 KiB; each connection is two lines.
	port := d.port()
	for range 1000 {
		conn, err := net.Dial("tcp", port)
		must(t, err)
		conn.Close()
	}
	a, b := mdtest.Dial(t, port), mdtest.Dial(t, port)
	b.Subscribe(4000)
	b.Settle(port, 4001)
	still := mdtest.Text(t, 5000, "still here", 4000)
	a.Send(still)
	b.Want(still)
	d.signal(syscall.SIGTERM)
	if code := d.wait(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
}
