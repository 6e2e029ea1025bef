package clientagent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
	game "natstron/clients/go"
)

// frailConn is a connection that is lost at a random byte, in either direction.
type frailConn struct {
	net.Conn
	in, out atomic.Int64 // how many bytes are left
}

var errCut = errors.New("the connection was cut")

func (c *frailConn) lose() {
	_ = c.Conn.(*net.TCPConn).SetLinger(0) // what has not been read is lost
	_ = c.Conn.Close()
}

func (c *frailConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if left := c.in.Add(-int64(n)) + int64(n); int64(n) > left {
		c.lose()
		return int(max(left, 0)), errCut
	}
	return n, err
}

func (c *frailConn) Write(b []byte) (int, error) {
	left := c.out.Add(-int64(len(b))) + int64(len(b))
	if int64(len(b)) > left {
		n, _ := c.Conn.Write(b[:max(left, 0)])
		c.lose()
		return n, errCut
	}
	return c.Conn.Write(b)
}

// frail makes connections that last for some bytes on average; 0 is for ever.
type frail struct {
	mu     sync.Mutex
	random *rand.Rand
	bytes  int
	cuts   int
	last   *frailConn
}

// begin has the connections be lost from now on, also the one that there is.
func (f *frail) begin(bytes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bytes = bytes
	f.wear(f.last)
}

// wear decides when a connection is lost.
func (f *frail) wear(c *frailConn) {
	if f.bytes == 0 {
		return
	}
	f.cuts++
	if f.random.IntN(3) > 0 {
		c.in.Store(int64(f.random.IntN(2 * f.bytes)))
	} else {
		c.out.Store(int64(f.random.IntN(f.bytes)))
	}
}

func (f *frail) dial(ctx context.Context, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &frailConn{Conn: conn}
	c.in.Store(1 << 40)
	c.out.Store(1 << 40)
	f.last = c
	f.wear(c)
	return c, nil
}

// steadily has the next connections last for ever.
func (f *frail) steadily() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bytes = 0
	return f.cuts
}

// returning is a client that comes back, and has been let in.
func (s *stage) returning(f *frail, addresses ...string) (*game.Client, wire.Channel) {
	s.t.Helper()
	if len(addresses) == 0 {
		addresses = []string{s.agent.Addrs()[0].String()}
	}
	c, err := game.Dial(s.t.Context(), game.Options{Addresses: addresses, Hash: parkFile(s.t).Hash(), Version: version, Dialer: f.dial})
	must(s.t, err)
	s.t.Cleanup(func() { _ = c.Close() })
	must(s.t, c.Send(wire.ClientObjectSetField, func(w *wire.Writer) {
		w.DoID(gate).FieldID(fieldID(s.t, "Gate", "enter")).Text("who am I?")
	}))
	channel, _ := s.actor.expect(wire.StateServerObjectSetField)
	s.actor.send(gate.Channel(), wire.ClientAgentSetState, channel, func(w *wire.Writer) { w.Uint16(uint16(StateEstablished)) })
	s.actor.send(gate.Channel(), wire.ClientAgentGetTLVs, channel, func(w *wire.Writer) { w.Uint32(1) })
	s.actor.expect(wire.ClientAgentGetTLVsResp)
	must(s.t, c.KeepSession())
	return c, channel
}

// With connections that are lost at any byte, again and again, in both directions, while objects
// come, move, speak and go: a client that comes back is told everything once, in order, and what
// it sends arrives once, in order.
func TestResumeUnderCuts(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	for seed := range uint64(rounds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { testCuts(t, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func testCuts(t *testing.T, random *rand.Rand) {
	const control, zones, steps = wire.Channel(402000), 4, 1500
	node := startNode(t)
	startServer(t, node, control)
	o := parkOptions(t)
	o.Resume = Resume{Within: patience, Queue: 1 << 20}
	s := &stage{t: t, node: node, agent: startAgent(t, node, o)}
	s.actor = s.join(gate.Channel(), 900)
	w := &cutWorld{t: t, random: random, ai: s.join(900, 901), control: control, zones: zones, at: map[wire.DoID]wire.Location{}}
	w.create(pond, wire.Location{}, "Pond", func(w *wire.Writer) { w.Uint8(3) })
	f := &frail{random: rand.New(rand.NewPCG(random.Uint64(), 1))}
	c, channel := s.returning(f)
	playThrough(t, w, s, f, c, channel, steps)
	if stats := s.agent.Stats(); stats.Resumed == 0 || stats.Clients != 1 || stats.Waiting != 0 || stats.Void != 0 {
		t.Errorf("%d came back, %d clients, %d wait, %d void", stats.Resumed, stats.Clients, stats.Waiting, stats.Void)
	}
}

// playThrough changes the world in steps while the client watches, and then compares.
func playThrough(t *testing.T, w *cutWorld, s *stage, f *frail, c *game.Client, channel wire.Channel, steps int) {
	t.Helper()
	p := &witness{seen: map[wire.DoID]wire.Location{}, said: map[wire.DoID]int{}, done: make(chan error, 1)}
	p.changed.L = &p.mu
	go func() { p.done <- p.watch(t, c) }()
	must(t, c.Send(wire.ClientAddInterestMultiple, func(b *wire.Writer) {
		b.Uint32(1).Uint16(1).DoID(pond).Uint16(uint16(w.zones))
		for z := range w.zones {
			b.Zone(wire.Zone(z + 1))
		}
	}))
	p.until(t, "the interest is open", func() bool { return p.open })
	f.begin(3000)
	name := fieldID(t, "Gate", "enter")
	received := make(chan error, 1)
	go func() { received <- s.letters(channel, steps) }()
	for step := range steps {
		w.step()
		w.say(channel, step)
		must(t, c.Send(wire.ClientObjectSetField, func(b *wire.Writer) { b.DoID(gate).FieldID(name).Text(strconv.Itoa(step)) }))
		if step%50 == 0 { // at the pace of the client
			p.until(t, fmt.Sprintf("letter %d has come", step), func() bool { return p.letters > step-200 })
		}
	}
	cuts := f.steadily()
	p.until(t, "the last letter has come", func() bool { return p.letters == steps })
	must(t, <-received)
	p.mu.Lock()
	defer p.mu.Unlock()
	want := map[wire.DoID]wire.Location{}
	maps.Copy(want, w.at)
	if diff := cmp.Diff(want, p.seen); diff != "" {
		t.Errorf("what the client sees (-want +got):\n%s", diff)
	}
	for do := range want {
		if p.said[do] != w.said[do] {
			t.Errorf("object %d has said %d, the client heard %d", do, w.said[do], p.said[do])
		}
	}
	t.Logf("%d connections, %d objects seen", cuts, len(p.seen))
	if cuts < 3 {
		t.Errorf("only %d connections", cuts)
	}
}

// letters wants the client's letters to arrive at the gate, each once, in order.
func (s *stage) letters(from wire.Channel, n int) error {
	for i := 0; i < n; {
		m := s.actor.next()
		if m.Type != wire.StateServerObjectSetField {
			continue
		}
		m.Payload.DoID()
		m.Payload.FieldID()
		if text := m.Payload.Text(); m.Sender != from || text != strconv.Itoa(i) {
			return fmt.Errorf("letter %q of %d arrives, want %d of %d", text, m.Sender, i, from)
		}
		i++
	}
	return nil
}

// cutWorld is the world that the client sees.
type cutWorld struct {
	t       testing.TB
	random  *rand.Rand
	ai      *actor
	control wire.Channel
	zones   int
	at      map[wire.DoID]wire.Location
	said    map[wire.DoID]int
	next    wire.DoID
}

func (w *cutWorld) create(do wire.DoID, at wire.Location, class string, required func(w *wire.Writer)) {
	w.ai.send(1, wire.StateServerCreateObjectWithRequired, w.control, func(b *wire.Writer) {
		required(b.DoID(do).Location(at).DClassID(classID(w.t, class)))
	})
}

// step changes something.
func (w *cutWorld) step() {
	if w.said == nil {
		w.said, w.next = map[wire.DoID]int{}, 10_000
	}
	zone := func() wire.Location {
		return wire.Location{Parent: pond, Zone: wire.Zone(1 + w.random.IntN(w.zones))}
	}
	any := func() (one wire.DoID) {
		for one = range w.at {
			break
		}
		return one
	}
	switch n := w.random.IntN(10); {
	case n < 2 || len(w.at) == 0:
		w.next++
		at := zone()
		w.create(w.next, at, "Duck", func(b *wire.Writer) { b.Text("0000") })
		w.at[w.next] = at
	case n == 2:
		do := any()
		w.ai.send(1, wire.StateServerObjectDeleteRAM, do.Channel(), func(b *wire.Writer) { b.DoID(do) })
		delete(w.at, do)
	case n == 3:
		do, at := any(), zone()
		w.ai.send(1, wire.StateServerObjectSetLocation, do.Channel(), func(b *wire.Writer) { b.Location(at) })
		w.at[do] = at
	default:
		do := any()
		w.said[do]++
		w.ai.send(1, wire.StateServerObjectSetField, do.Channel(), func(b *wire.Writer) {
			b.DoID(do).FieldID(fieldID(w.t, "Duck", "setName")).Text(fmt.Sprintf("%04d", w.said[do]))
		})
	}
}

// say sends the client something that it is told once or never.
func (w *cutWorld) say(to wire.Channel, n int) {
	w.ai.send(1, wire.ClientAgentSendDatagram, to, func(b *wire.Writer) {
		var m wire.Writer
		m.BeginFrame().ClientMsgType(letter).Uint32(uint32(n))
		frame, _ := m.Frame()
		b.Blob(frame[wire.FrameHeader:])
	})
}

const letter wire.ClientMsgType = 50_000

// witness is what a client has been told.
type witness struct {
	mu      sync.Mutex
	changed sync.Cond
	seen    map[wire.DoID]wire.Location
	said    map[wire.DoID]int
	owned   map[wire.DoID]bool
	bears   bool // that it is told a value again
	letters int
	open    bool
	wrong   error
	done    chan error
}

// watch takes what the client is told. What would be wrong with one connection is wrong with many.
func (p *witness) watch(t testing.TB, c *game.Client) error {
	for {
		kind, r, err := c.Receive()
		p.mu.Lock()
		if err == nil {
			err = p.told(kind, &r)
		}
		if p.wrong == nil {
			p.wrong = err
		}
		p.changed.Broadcast()
		p.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

func (p *witness) told(kind wire.ClientMsgType, r *wire.Reader) error {
	switch kind {
	case letter:
		if n := int(r.Uint32()); n != p.letters {
			return fmt.Errorf("letter %d comes after %d", n, p.letters-1)
		}
		p.letters++
		return nil
	case wire.ClientDoneInterestResp:
		p.open = true
		return nil
	}
	do := r.DoID()
	at, seen := p.seen[do]
	switch kind {
	case wire.ClientEnterObjectRequiredOwner:
		if p.owned == nil {
			p.owned = map[wire.DoID]bool{}
		}
		p.owned[do] = true
	case wire.ClientObjectLeavingOwner:
		delete(p.owned, do)
	case wire.ClientEnterObjectRequired:
		if seen {
			return fmt.Errorf("%d enters twice", do)
		}
		p.seen[do] = r.Location()
		r.DClassID()
		p.said[do], _ = strconv.Atoi(r.Text())
	case wire.ClientObjectLeaving:
		if !seen {
			return fmt.Errorf("%d leaves, and is not there", do)
		}
		delete(p.seen, do)
	case wire.ClientObjectLocation:
		if p.owned[do] {
			return nil
		}
		if p.seen[do] = r.Location(); !seen {
			return fmt.Errorf("%d moves from %v, and is not there", do, at)
		}
	case wire.ClientObjectSetField:
		r.FieldID()
		n, _ := strconv.Atoi(r.Text())
		switch {
		case p.owned[do]:
			return nil
		case p.bears && seen && n >= p.said[do]:
			p.said[do] = n
			return nil
		}
		if !seen || n != p.said[do]+1 {
			return fmt.Errorf("%d says %d after %d; it is there: %v", do, n, p.said[do], seen)
		}
		p.said[do] = n
	case wire.ClientEject:
		return fmt.Errorf("ejected with %d", do&0xffff)
	default:
		return fmt.Errorf("%v came", kind)
	}
	return nil
}

// until waits for something.
func (p *witness) until(t testing.TB, what string, is func() bool) {
	t.Helper()
	late := false
	timeout := time.AfterFunc(2*patience, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		late = true
		p.changed.Broadcast()
	})
	defer timeout.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !is() && !late && p.wrong == nil {
		p.changed.Wait()
	}
	if !is() {
		t.Fatalf("it does not come true that %s: %v; %d letters, %d objects", what, p.wrong, p.letters, len(p.seen))
	}
}
