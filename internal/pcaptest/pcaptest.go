// Package pcaptest makes capture files of TCP connections, for tests of what Wireshark shows.
package pcaptest

import (
	"bytes"
	"encoding/binary"
	"net"
	"sync"
	"testing"
)

// Recording is a capture file, as tcpdump writes it. It is safe for concurrent use.
type Recording struct {
	mu     sync.Mutex
	file   bytes.Buffer
	sent   map[[2]uint16]uint32 // bytes from a port to a port
	dialed uint16
}

// New is a recording without frames.
func New() *Recording {
	r := &Recording{sent: map[[2]uint16]uint32{}}
	for _, n := range []uint32{0xa1b2c3d4, 2 | 4<<16, 0, 0, 65535, 101} { // 101: IP
		r.file.Write(binary.LittleEndian.AppendUint32(nil, n))
	}
	return r
}

// Bytes is the file as it is now.
func (r *Recording) Bytes() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Clone(r.file.Bytes())
}

// Between adds data that went from a port to a port, in segments of at most 1,400 bytes.
func (r *Recording) Between(from, to uint16, data []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(data) > 0 {
		n := min(len(data), 1400)
		r.segment(from, to, data[:n])
		data = data[n:]
	}
}

func (r *Recording) segment(from, to uint16, data []byte) {
	const ip, tcp = 20, 20
	length := uint32(ip + tcp + len(data))
	for _, n := range []uint32{0, 0, length, length} {
		r.file.Write(binary.LittleEndian.AppendUint32(nil, n))
	}
	b := binary.BigEndian
	head := []byte{0x45, 0}
	head = b.AppendUint16(head, uint16(length))
	head = append(head, 0, 0, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1)
	head = b.AppendUint16(b.AppendUint16(head, from), to)
	head = b.AppendUint32(b.AppendUint32(head, 1+r.sent[[2]uint16{from, to}]), 1+r.sent[[2]uint16{to, from}])
	head = append(head, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0)
	r.sent[[2]uint16{from, to}] += uint32(len(data))
	r.file.Write(append(head, data...))
}

// Relay passes connections on to an address, until the test ends, and records them as connections to
// a port. It returns where to connect.
func (r *Recording) Relay(t testing.TB, address string, port uint16) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(all.Wait)
	t.Cleanup(func() { l.Close() })
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", address)
			if err != nil {
				client.Close()
				continue
			}
			r.mu.Lock()
			r.dialed++
			from := 50000 + r.dialed
			r.mu.Unlock()
			t.Cleanup(func() { client.Close(); server.Close() })
			all.Go(func() { r.copy(client, server, from, port) })
			all.Go(func() { r.copy(server, client, port, from) })
		}
	})
	return l.Addr().String()
}

func (r *Recording) copy(in, out net.Conn, from, to uint16) {
	defer in.Close()
	defer out.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := in.Read(b)
		if n > 0 {
			r.Between(from, to, b[:n])
			if _, err := out.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
