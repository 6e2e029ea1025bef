package rolestest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"natstron/bridge/wire"
)

// client is a game client. What it is told is kept.
type client struct {
	conn    net.Conn
	channel wire.Channel

	mu      sync.Mutex
	changed sync.Cond
	told    []string
	ended   bool
}

// What tests say to clients, past all roles: a number.
const plain wire.ClientMsgType = 0xfffe

// connect is a client that has logged in.
func (s *stage) connect() *client {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.agent.Addrs()[0].String())
	must(s.t, err)
	s.t.Cleanup(func() { conn.Close() })
	c := &client{conn: conn}
	c.changed.L = &c.mu
	before := len(s.gate.Got())
	var all []byte
	all = frame(s.t, all, func(w *wire.Writer) {
		w.ClientMsgType(wire.ClientHello).Uint32(pondFile(s.t).Hash()).Text(version)
	})
	all = frame(s.t, all, func(w *wire.Writer) {
		w.ClientMsgType(wire.ClientObjectSetField).DoID(gate).FieldID(fieldID(s.t, "Gate", "enter")).Text("me")
	})
	_, err = conn.Write(all)
	must(s.t, err)
	d := s.gate.WaitFor(before + 1)[before]
	m, err := d.Message()
	must(s.t, err)
	c.channel = m.Sender
	must(s.t, s.gate.Send(toClient(wire.ClientAgentSetState, c, func(w *wire.Writer) {
		w.Uint16(uint16(2)) // established
	}).datagram(nil, 0)))
	must(s.t, s.gate.Send(toClient(wire.ClientAgentGetTLVs, c, func(w *wire.Writer) { w.Uint32(1) }).datagram(nil, 0)))
	s.gate.WaitFor(before + 2) // so it has been let in
	go c.listen()
	return c
}

func (c *client) listen() {
	for {
		var size [2]byte
		_, err := io.ReadFull(c.conn, size[:])
		message := make([]byte, binary.LittleEndian.Uint16(size[:]))
		if err == nil {
			_, err = io.ReadFull(c.conn, message)
		}
		c.mu.Lock()
		if err != nil {
			c.ended = true
		} else {
			c.told = append(c.told, clientText(message))
		}
		c.changed.Broadcast()
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// clientText is a message to a client.
func clientText(message []byte) string {
	r := wire.NewReader(message)
	kind := r.ClientMsgType()
	switch kind {
	case plain:
		return fmt.Sprint("plain ", r.Uint32())
	case wire.ClientObjectSetField:
		return fmt.Sprintf("%v %d %d %x", kind, r.DoID(), r.FieldID(), r.Rest())
	case wire.ClientEnterObjectRequired, wire.ClientEnterObjectRequiredOwner,
		wire.ClientEnterObjectRequiredOther, wire.ClientEnterObjectRequiredOtherOwner, wire.ClientObjectLocation:
		return fmt.Sprintf("%v %d %v %x", kind, r.DoID(), r.Location(), r.Rest())
	case wire.ClientObjectLeaving, wire.ClientObjectLeavingOwner:
		return fmt.Sprintf("%v %d", kind, r.DoID())
	case wire.ClientAddInterest:
		return fmt.Sprintf("%v %d %d %v", kind, r.Uint32(), r.Uint16(), r.Location())
	case wire.ClientAddInterestMultiple:
		return fmt.Sprintf("%v %d %d %d %x", kind, r.Uint32(), r.Uint16(), r.DoID(), r.Rest())
	case wire.ClientDoneInterestResp:
		return fmt.Sprintf("%v %d %d", kind, r.Uint32(), r.Uint16())
	case wire.ClientEject:
		return fmt.Sprintf("%v %d", kind, r.Uint16())
	}
	return fmt.Sprintf("%v %x", kind, r.Rest())
}

// until waits until the client has been told a line, or has been disconnected, and
// returns what came before that, and after the first lines.
func (c *client) until(line string, after int) ([]string, bool) {
	timeout := time.AfterFunc(patience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ended = true
		c.changed.Broadcast()
	})
	defer timeout.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		for i, told := range c.told[after:] {
			if told == line {
				return c.told[after : after+i], true
			}
		}
		if c.ended {
			return c.told[after:], false
		}
		c.changed.Wait()
	}
}

// say sends messages in one write, of which the first is the n-th of a sequence.
func (c *client) say(w *world, steps []step, n int) {
	w.s.t.Helper()
	var all []byte
	for i, s := range steps {
		all = frame(w.s.t, all, func(p *wire.Writer) { s.build(w, p, n+i) })
	}
	_, err := c.conn.Write(all)
	must(w.s.t, err)
}

// comes is a message of a client to an UberDOG.
func comes(to wire.DoID) step {
	return step{fmt.Sprint("come to ", to), fmt.Sprint(to), wire.StateServerObjectSetField, nil,
		func(w *world, p *wire.Writer, n int) {
			p.ClientMsgType(wire.ClientObjectSetField).DoID(to).FieldID(fieldID(w.s.t, "Gate", "enter")).Text(fmt.Sprint("for step ", n))
		}}
}

// cameTo reports whether client y has come to an UberDOG for a step.
func (w *world) cameTo(got []wire.Datagram, n int) bool {
	for _, d := range got {
		if m, err := d.Message(); err == nil && m.Sender == w.y.channel && bytes.Contains(d, []byte(fmt.Sprint("for step ", n))) {
			return true
		}
	}
	return false
}

// clientSteps is what client y may say.
func clientSteps() []step {
	set := func(o object, field string) step {
		s := o.set(field)
		build := s.build
		s.build = func(w *world, p *wire.Writer, n int) {
			p.ClientMsgType(wire.ClientObjectSetField)
			build(w, p, n)
		}
		return s
	}
	move := func(name string, to func(w *world) wire.Location) step {
		return bob.order("move to "+name, wire.StateServerObjectSetLocation, func(w *world, p *wire.Writer, _ int) {
			p.ClientMsgType(wire.ClientObjectLocation).DoID(w.bob()).Location(to(w))
		})
	}
	return []step{
		move("the nest", (*world).nest), move("the bay", (*world).bay),
		set(bob, "setName"), set(bob, "wet"), set(bob, "feed"), set(ann, "wet"), set(ann, "feed"), set(cat, "setName"), set(cat, "feed"),
		comes(office),
	}
}
