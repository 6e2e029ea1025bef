package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
)

// The participants and clients of a sequence.

// The channels of a compared world.
const (
	databaseAt  = 403000
	driverAt    = 5000
	gateAt      = 4665
	aiAt        = 5001 // and ai2 is at the next one
	marksAt     = 6000
	firstStored = 70001
	lastStored  = 79999
	firstClient = 1000000000
)

// Messages of the test's own: a mark says that all of a step has come, a ping that its
// sender's messages were read.
const (
	markType = 65001
	pingType = 65002
)

// world is the participants and clients of one sequence at one daemon. Each hears what
// is for it; what it has heard of a step is compared.
type world struct {
	r       *rival
	mu      sync.Mutex
	changed sync.Cond
	hearers map[string]*hearer
	marks   uint32
	stored  []wire.DoID            // the ids that the database gave, in order
	none    wire.DoID              // one that it has not given
	names   map[uint64]string      // of the channels that clients got
	told    map[string]map[int]int // the contexts of the cluster's interests, by client
}

var errStuck = errors.New("the daemon does not answer")

// until waits for something, which is called with the lock held.
func (w *world) until(what string, is func() bool) error {
	timeout := false
	timer := time.AfterFunc(mdtest.Patience, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		timeout = true
		w.changed.Broadcast()
	})
	defer timer.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		switch {
		case w.driver().ended:
			return fmt.Errorf("%s: the daemon has ended", what)
		case is():
			return nil
		case timeout:
			return fmt.Errorf("%w: %s", errStuck, what)
		}
		w.changed.Wait()
	}
}

// open connects the participants and the clients of a sequence, and logs the clients in.
func (r *rival) open(number int) (w *world, err error) {
	none := wire.DoID(lastStored - number%900) // the C++ daemon does not forget what it could not load
	w = &world{r: r, none: none, hearers: map[string]*hearer{}, names: map[uint64]string{}, told: map[string]map[int]int{}}
	w.changed.L = &w.mu
	for _, p := range []struct {
		name     string
		channels []wire.Channel
	}{
		{"driver", []wire.Channel{driverAt, gateAt}},
		{"ai", []wire.Channel{aiAt, aiAt + 10, marksAt}},
		{"ai2", []wire.Channel{aiAt + 1, aiAt + 11, marksAt}},
		{"watch", []wire.Channel{marksAt, 10001<<32 | 10, 10001<<32 | 11, 10002<<32 | 10, 10002<<32 | 11}},
	} {
		h, err := w.connect(p.name, ":7199", false)
		if err != nil {
			return w, err
		}
		for _, c := range p.channels {
			h.control(wire.Control{Type: wire.ControlAddChannel, Channel: c})
		}
		if p.name == "watch" {
			h.control(wire.Control{Type: wire.ControlAddRange,
				Channel: wire.DoID(firstStored).DatabaseChannel(), High: wire.DoID(lastStored).DatabaseChannel()})
		}
		if err := h.ping(); err != nil {
			return w, err
		}
	}
	for name, port := range map[string]string{"c1": ":7198", "c2": ":7198", "c3": ":7197"} {
		h, err := w.connect(name, port, true)
		if err != nil {
			return w, err
		}
		hello, _ := msgtext.ParseClient(r.file, `CLIENT_HELLO 1 "compared"`)
		h.write(hello, enterMessage(r.file, name))
		if err := w.until("the login of "+name, func() bool { return w.entered(name) != 0 }); err != nil {
			return w, err
		}
		w.mu.Lock()
		w.names[uint64(w.entered(name))] = name
		w.mu.Unlock()
		w.driver().write(w.datagram(driverAt, fmt.Sprintf("{%s} CLIENTAGENT_SET_STATE 2", name)))
	}
	err = w.settle(false)
	w.take()
	return w, err
}

// enterMessage is what a client says to the UberDOG.
func enterMessage(file *dc.File, text string) []byte {
	m, _ := msgtext.ParseClient(file, fmt.Sprintf("CLIENT_OBJECT_SET_FIELD %d enter(%q)", gateAt, text))
	return m
}

// entered is the channel of the client that told the UberDOG this; 0: none did. The lock
// is held.
func (w *world) entered(text string) wire.Channel {
	want := enterMessage(w.r.file, text)[2:]
	for _, d := range w.driver().heard {
		if m, err := wire.Datagram(d).Message(); err == nil && m.Type == wire.StateServerObjectSetField && bytes.Equal(m.Payload.Rest(), want) {
			return m.Sender
		}
	}
	return 0
}

func (w *world) driver() *hearer { return w.hearers["driver"] }

// own is a message of the test's own.
func (w *world) own(kind wire.MsgType, number uint32, to wire.Channel) wire.Datagram {
	return w.whole(new(wire.Writer).Header(driverAt, kind, to).Uint32(number))
}

// whole is what has been written.
func (w *world) whole(out *wire.Writer) wire.Datagram {
	w.r.t.Helper()
	d, err := out.Datagram()
	must(w.r.t, err)
	return d
}

// settle returns when all have heard what there is to hear. What the sender of the step
// has sent is done; stores says whether the database had to do with it.
func (w *world) settle(stores bool) error {
	if stores {
		if err := w.settleStored(); err != nil {
			return err
		}
	}
	for {
		before := w.numEnded()
		w.marks++
		mark := w.whole(new(wire.Writer).ClientMsgType(markType).Uint32(w.marks))
		toClients := new(wire.Writer).Header(driverAt, wire.ClientAgentSendDatagram, wire.BroadcastClients).Blob(mark)
		w.driver().write(w.own(markType, w.marks, marksAt), w.whole(toClients))
		if err := w.until("the mark", func() bool {
			for _, h := range w.hearers {
				if h.mark != w.marks && h.name != "driver" && (!h.ended || h.name == "watch") {
					return false // only the daemon's end can end watch
				}
			}
			return true
		}); err != nil {
			return err
		}
		// What a connection leaves behind comes when it has ended.
		if w.numEnded() == before {
			return nil
		}
	}
}

func (w *world) numEnded() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.hearers {
		if h.ended {
			n++
		}
	}
	return n
}

// settleStored returns when the database has done what it was asked, and has been heard
// by the state server of its objects: it changes an object when it has answered all that
// it was asked before of that object.
func (w *world) settleStored() error {
	w.mu.Lock()
	driver := w.driver()
	want, ids := driver.stored, slices.Clone(w.stored)
	w.mu.Unlock()
	for _, do := range append(ids, w.none) {
		driver.write(w.datagram(driverAt, fmt.Sprintf(`%d DBSERVER_OBJECT_SET_FIELD_IF_EQUALS 1 %d setNote("no such") setNote("no such")`, databaseAt, do)))
		want++
	}
	return w.until("the database", func() bool { return driver.stored >= want })
}

// play sends a step, and returns what everybody has heard of it.
func (w *world) play(n int, s *step) (map[string][]string, error) {
	h := w.hearers[s.by]
	w.mu.Lock()
	gone, answered := h.ended, h.created
	w.mu.Unlock()
	if gone {
		return nil, nil
	}
	switch {
	case s.line == "/hang-up":
		_ = h.conn.CloseWrite()
		if err := w.until(s.by+" has hung up", func() bool { return h.ended }); err != nil {
			return nil, err
		}
	case h.isClient:
		m, err := msgtext.ParseClient(w.r.file, w.numbered(s.line))
		if err != nil {
			panic(fmt.Sprintf("%v: %v", s, err))
		}
		h.write(m)
		behind := fmt.Sprint("step ", n)
		h.write(enterMessage(w.r.file, behind))
		if err := w.until(s.String(), func() bool { return h.ended || w.entered(behind) != 0 }); err != nil {
			return nil, err
		}
	default:
		h.write(w.packed(s)...)
		if err := h.ping(); err != nil {
			return nil, err
		}
	}
	if s.creates() {
		if err := w.until("the answer to a create", func() bool { return h.created > answered || h.ended }); err != nil {
			return nil, err
		}
	}
	if err := w.settle(s.stores()); err != nil {
		return nil, err
	}
	return w.take(), nil
}

// take is what all have heard since the last call.
func (w *world) take() map[string][]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := map[string][]string{}
	for name, h := range w.hearers {
		for _, b := range h.heard {
			if text := w.text(h, b); text != "" {
				all[name] = append(all[name], text)
			}
		}
		h.heard = nil
		if h.isClient {
			all[name] = append(all[name], map[bool]string{true: "ended", false: "connected"}[h.ended])
		}
	}
	return all
}

// close ends the sequence, and everything of it.
func (w *world) close() error {
	for _, h := range w.hearers {
		if h == w.driver() {
			continue
		}
		_ = h.conn.CloseWrite()
		if err := w.until(h.name+" has ended", func() bool { return h.ended }); err != nil {
			return err
		}
		h.conn.Close()
	}
	for do := wire.DoID(firstRoot); do <= nobody; do++ {
		w.driver().write(w.datagram(driverAt, fmt.Sprintf("%d DELETE_RAM %d", do, do)))
	}
	for _, do := range w.stored {
		w.driver().write(w.datagram(driverAt, fmt.Sprintf("%d DELETE_RAM %d", do, do)),
			w.datagram(driverAt, fmt.Sprintf("%d DBSERVER_OBJECT_DELETE %d", databaseAt, do)))
	}
	err := w.settleStored()
	w.abandon()
	return err
}

// abandon closes all connections.
func (w *world) abandon() {
	for _, h := range w.hearers {
		h.conn.Close()
	}
}
