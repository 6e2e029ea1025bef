package e2e

import (
	"encoding/binary"
	"net"
	"slices"

	"natstron/bridge/wire"
)

// Who hears, and until when.

// hearer is a participant or a client.
type hearer struct {
	w        *world
	name     string
	conn     *net.TCPConn
	isClient bool

	heard [][]byte // since the last step
	mark  uint32
	pings uint32
	stored,
	created int // answers of the database
	ended bool
}

func (w *world) connect(name, port string, client bool) (*hearer, error) {
	conn, err := net.Dial("tcp", w.r.ip+port)
	if err != nil {
		return nil, err
	}
	h := &hearer{w: w, name: name, conn: conn.(*net.TCPConn), isClient: client}
	w.hearers[name] = h
	go h.listen()
	return h, nil
}

// listen keeps what comes, until the connection ends.
func (h *hearer) listen() {
	in := wire.NewFrameReader(h.conn, 0)
	for {
		f, ok := in.Next()
		for ; !ok; f, ok = in.Next() {
			if in.Fill() != nil {
				h.w.mu.Lock()
				h.ended = true
				h.w.changed.Broadcast()
				h.w.mu.Unlock()
				return
			}
		}
		h.w.mu.Lock()
		h.hear(slices.Clone(f[wire.FrameHeader:]))
		h.w.changed.Broadcast()
		h.w.mu.Unlock()
	}
}

// hear takes one message.
func (h *hearer) hear(b []byte) {
	if h.isClient {
		if len(b) == 6 && binary.LittleEndian.Uint16(b) == markType {
			h.mark = binary.LittleEndian.Uint32(b[2:])
			return
		}
		h.heard = append(h.heard, b)
		return
	}
	m, err := wire.Datagram(b).Message()
	switch {
	case err != nil:
	case m.Type == markType:
		h.mark = m.Payload.Uint32()
		return
	case m.Type == pingType:
		h.pings++
		return
	case m.Type == wire.DBServerCreateObjectResp:
		h.created++
		m.Payload.Uint32() // the context
		if do := m.Payload.DoID(); do != 0 {
			h.w.stored = append(h.w.stored, do)
		}
	case m.Type == wire.DBServerObjectSetFieldIfEqualsResp && h.name == "driver":
		h.stored++
		return
	}
	h.heard = append(h.heard, b)
}

// write sends messages in one write.
func (h *hearer) write(messages ...[]byte) {
	var all []byte
	for _, m := range messages {
		all = binary.LittleEndian.AppendUint16(all, uint16(len(m)))
		all = append(all, m...)
	}
	_, _ = h.conn.Write(all) // what fails here, is not answered
}

func (h *hearer) control(m wire.Control) {
	h.write(h.w.whole(new(wire.Writer).AppendControl(m)))
}

// ping returns when the daemon has done all that h has sent.
func (h *hearer) ping() error {
	w, driver := h.w, h.w.driver()
	w.mu.Lock()
	want := driver.pings + 1
	w.mu.Unlock()
	if h == driver {
		return nil // what it sends next comes behind it
	}
	h.write(w.own(pingType, 0, driverAt))
	return w.until(h.name+" is read", func() bool { return driver.pings >= want || h.ended })
}
