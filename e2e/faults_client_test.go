package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"natstron/bridge/wire"
	client "natstron/clients/go"
)

// The clients of that game.

// faultGame is what the AIs and the clients of TestFaults have in common.
type faultGame struct {
	cluster *faultCluster
	quiet   atomic.Bool // nobody changes anything
	stop    chan struct{}
	done    sync.WaitGroup
	logins  atomic.Uint32
	faults  sync.Map // text: what must not be
	clients []*faultPlayer
	ais     []*faultAI
	pets    []wire.DoID // the objects that are in the database
	zones   int
	every   time.Duration // of a client's updates

	mu      sync.Mutex
	hit     time.Time               // the last fault
	deleted map[wire.DoID]time.Time // by an AI, or with a client that is gone
	undone  map[wire.DoID]bool      // their deletion was lost on its way, as that of the fault's moment may be
	failed  map[wire.DoID]bool      // avatars of logins that were not completed: the AI has to remove them
	told    map[string]int          // what clients were told when a session ended
}

const (
	faultTown    wire.DoID     = 10_000
	faultThings  wire.DoID     = 20_000
	faultPets    wire.DoID     = 100_000
	faultAvatars wire.DoID     = 1_000_000
	faultBrief   wire.DoID     = 2_000_000 // objects that come and go
	faultGate    wire.DoID     = 5000
	townClass    wire.DClassID = 1
	thingClass   wire.DClassID = 2
	duckClass    wire.DClassID = 3 // Avatar
	petClass     wire.DClassID = 4

	faultDatabase wire.Channel = 4003
)

func (g *faultGame) wrong(format string, args ...any) {
	g.faults.Store(fmt.Sprintf(format, args...), true)
}

func (g *faultGame) mayBeGone(do wire.DoID) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.deleted[do].IsZero()
}

// lostOnItsWay says whether the deletion of an object that is there was lost in the moment of a
// fault: what was sent before it must have had its effect.
func (g *faultGame) lostOnItsWay(do wire.DoID) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	lost := g.deleted[do].After(g.hit.Add(-calm / 2))
	if lost {
		g.undone[do] = true
	}
	return lost
}

func (g *faultGame) delete(do wire.DoID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.deleted[do] = time.Now()
}

func (g *faultGame) fail(avatar wire.DoID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failed[avatar] = true
}

func (g *faultGame) hasFailed(avatar wire.DoID) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failed[avatar]
}

func (g *faultGame) tell(what string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.told[what]++
}

// faultPlayer is a client that plays, and logs in again when its session has ended.
type faultPlayer struct {
	g  *faultGame
	id int

	mu     sync.Mutex
	client *client.Client
	in     bool // it plays
	avatar wire.DoID
	sent   uint32 // of its own updates
	seen   map[wire.DoID]uint32
	most   map[wire.DoID]uint32 // ever heard, in all sessions
	ended  map[wire.DoID]bool   // objects that come and go, and have gone
	last   time.Time            // when it heard something
	pause  time.Duration        // the longest since the last fault
	missed uint32               // updates that it did not hear
	again  uint32               // values that it heard twice
	comes  int                  // sessions that have begun
}

// begin forgets the pauses until now.
func (p *faultPlayer) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pause, p.missed, p.again, p.last = 0, 0, 0, time.Now()
}

// run plays until the test ends.
func (p *faultPlayer) run() {
	for {
		select {
		case <-p.g.stop:
			return
		default:
		}
		why := p.session()
		p.mu.Lock()
		was := p.in
		p.in = false
		if p.avatar != 0 {
			p.g.delete(p.avatar)
		}
		if !was && p.avatar != 0 {
			p.g.fail(p.avatar)
		}
		p.mu.Unlock()
		select {
		case <-p.g.stop:
			return
		case <-time.After(50 * time.Millisecond):
		}
		if was {
			p.g.tell(why)
		}
	}
}

// session is one session, from the login to its end; it returns why it ended.
func (p *faultPlayer) session() string {
	g := p.g
	login := g.logins.Add(1)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	c, err := client.Dial(ctx, client.Options{
		Addresses: []string{""}, Hash: g.cluster.hash, Version: "dev", Patience: 5 * time.Second,
		Dialer: func(ctx context.Context, _ string) (net.Conn, error) {
			address := g.cluster.doors.any(p.id % 2)
			if address == "" {
				return nil, errors.New("no client agent is ready")
			}
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		},
	})
	cancel()
	if err != nil {
		return err.Error()
	}
	avatar := faultAvatars + wire.DoID(login)
	p.mu.Lock()
	p.client, p.avatar, p.sent, p.seen = c, avatar, 0, map[wire.DoID]uint32{}
	p.mu.Unlock()
	late := time.AfterFunc(5*time.Second, func() { _ = c.Close() })
	ended := make(chan struct{})
	defer close(ended)
	defer c.Close()
	g.done.Go(func() {
		select {
		case <-g.stop:
			_ = c.Close()
		case <-ended:
		}
	})
	zone := wire.Zone(p.id%g.zones + 1)
	if c.Send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(faultGate).FieldID(0).Uint32(login<<8 | uint32(zone)) }) != nil {
		return "not let in"
	}
	for {
		kind, r, err := c.Receive()
		if err != nil {
			var ejected *client.Ejected
			if errors.As(err, &ejected) {
				return fmt.Sprintf("%d %v", uint16(ejected.Code), ejected.Reason)
			}
			return "the connection ended, and the client cannot come back: " + shortly(err)
		}
		switch kind {
		case wire.ClientEject:
			return fmt.Sprintf("ejected: %d %s", r.Uint16(), r.Text())
		case wire.ClientDoneInterestResp:
			late.Stop()
			if c.KeepSession() != nil {
				return "the connection ended"
			}
			p.mu.Lock()
			p.in = true
			p.comes++
			p.mu.Unlock()
			g.done.Go(func() { p.move(c, avatar, ended) })
		default:
			p.hear(kind, &r)
		}
	}
}

// shortly is an error without what differs each time.
func shortly(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	return err.Error()
}

// move changes the avatar again and again.
func (p *faultPlayer) move(c *client.Client, avatar wire.DoID, ended chan struct{}) {
	tick := time.NewTicker(p.g.every)
	defer tick.Stop()
	for n := uint32(1); ; {
		select {
		case <-ended:
			return
		case <-tick.C:
		}
		if p.g.quiet.Load() || !c.CanResume() {
			continue
		}
		if c.Send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(avatar).FieldID(3).Uint32(n) }) == nil {
			p.mu.Lock()
			p.sent = n
			p.mu.Unlock()
			n++
		}
	}
}

// hear takes one message, and checks it against what the client knows.
func (p *faultPlayer) hear(kind wire.ClientMsgType, r *wire.Reader) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	switch kind {
	case wire.ClientEnterObjectRequired:
		do, _, _, seq := r.DoID(), r.Location(), r.DClassID(), r.Uint32()
		if _, known := p.seen[do]; known {
			p.g.wrong("double: client %d is told of object %d, which it knows", p.id, do)
		}
		if p.ended[do] {
			p.g.wrong("came back: client %d is told of object %d, whose end it was told", p.id, do)
		}
		p.heard(do, seq)
	case wire.ClientObjectLeaving:
		do := r.DoID()
		if _, known := p.seen[do]; !known {
			p.g.wrong("client %d is told of the end of object %d, which it does not know", p.id, do)
		}
		delete(p.seen, do)
		if p.ended == nil {
			p.ended = map[wire.DoID]bool{}
		}
		if do > faultBrief { // they do not move
			p.ended[do] = true
		}
		if !p.g.mayBeGone(do) && do < faultAvatars {
			p.g.wrong("forgotten: client %d is told of the end of object %d, which nobody has deleted", p.id, do)
		}
	case wire.ClientObjectSetField:
		do, _, seq := r.DoID(), r.FieldID(), r.Uint32()
		if do == p.avatar {
			return
		}
		before, known := p.seen[do]
		switch {
		case !known:
			p.g.wrong("ghost: client %d is told a value of object %d, which it does not know", p.id, do)
		case seq < before:
			p.g.wrong("order: client %d is told %d of object %d behind %d", p.id, seq, do, before)
		case seq == before:
			p.again++
		default:
			p.missed += seq - before - 1
		}
		p.heard(do, seq)
		if p.in {
			p.pause = max(p.pause, now.Sub(p.last)) // also from one session to the next
			p.last = now
		}
	case wire.ClientObjectSetFields:
		do, count := r.DoID(), r.Uint16()
		for range count {
			if _, seq := r.FieldID(), r.Uint32(); do != p.avatar {
				before, known := p.seen[do]
				if !known || seq < before {
					p.g.wrong("order: client %d is told %d of object %d behind %d (%v)", p.id, seq, do, before, known)
				}
				p.missed += max(seq, before+1) - before - 1
				p.heard(do, seq)
			}
		}
	}
}

func (p *faultPlayer) heard(do wire.DoID, seq uint32) {
	p.seen[do] = seq
	p.most[do] = max(p.most[do], seq)
}
