package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/clientagent/clienttest"
)

// What avatars that walk cost.

// BenchmarkWalk is a step of one of 200 avatars on a grid of 100 × 100 cells, of which their
// clients see 3 × 3, with an object in each cell: all of them step at once. With a rule, the
// daemon opens and closes the zones; otherwise each client alters its interest. ASTRON names
// a daemon of the C++ Astron to compare with.
//
//	go test ./e2e -run '^$' -bench Walk -benchtime 20000x
//
// µs-CPU/op is the daemon's processor time.
func BenchmarkWalk(b *testing.B) {
	b.Run("rule", func(b *testing.B) { benchmarkWalk(b, "", true) })
	b.Run("interest", func(b *testing.B) { benchmarkWalk(b, "", false) })
	if other := os.Getenv("ASTRON"); other != "" {
		b.Run("interest/astron", func(b *testing.B) { benchmarkWalk(b, other, false) })
	}
}

const walkDC = `
dclass Gate { enter(string name) clsend; };
dclass Cell { setKind(uint8 kind) required broadcast ram; };
dclass Avatar { setName(string name) required broadcast ram; };
dclass Grid { setParentingRules(string type, string rule) required broadcast ram; };
`

const (
	walkSize  = 100
	walkGrid  = wire.DoID(9000)
	walkStart = wire.Zone(1000)
	walkGate  = wire.DoID(4665)
	walkMark  = wire.ClientMsgType(0xfffe)
)

// stroller is a client and its avatar.
type stroller struct {
	*clienttest.Client
	channel     wire.Channel
	avatar      wire.DoID
	row, column int
	seen        *atomic.Int64 // messages
	done, marks chan struct{}
}

func benchmarkWalk(b *testing.B, other string, rule bool) {
	const walkers = 200
	addresses := []string{freeAddress(b), freeAddress(b)}
	configuration := fmt.Sprintf(`
general: {dc_files: [game.dc]}
uberdogs: [{id: %d, class: Gate, anonymous: true}]
messagedirector: {bind: '%s', threaded: false}
roles:
  - type: clientagent
    bind: '%s'
    version: dev
    manual_dc_hash: 1
    channels: {min: 1000000000, max: 1009999999}
    client: {add_interest: enabled%s}
    tuning: {interest_timeout: 10000}
  - {type: stateserver, control: 402000}
`, walkGate, addresses[0], addresses[1], map[bool]string{true: ", avatar_class: Avatar"}[rule])
	d := prepare(b, configuration)
	if other != "" {
		dir := d.dir
		d = program(b, exec.Command(other, "--loglevel", "error", "astrond.yml"))
		d.dir, d.cmd.Dir = dir, dir
	}
	write(b, filepath.Join(d.dir, "game.dc"), walkDC)
	d.launch()
	file, err := dc.Parse([]dc.Source{{Name: "game.dc", Text: walkDC}})
	must(b, err)
	class := func(name string) wire.DClassID {
		c, _ := file.ClassByName(name)
		id, _ := c.ID()
		return wire.DClassID(id)
	}
	for deadline := time.Now().Add(clienttest.Patience); ; time.Sleep(10 * time.Millisecond) { // there is nobody to ask
		if conn, err := net.Dial("tcp", addresses[1]); err == nil {
			conn.Close()
			break
		} else if time.Now().After(deadline) {
			b.Fatal(err)
		}
	}

	ai := mdtest.Dial(b, addresses[0])
	ai.Subscribe(9999, walkGate.Channel())
	datagram := func(kind wire.MsgType, to wire.Channel, build func(w *wire.Writer)) wire.Datagram {
		return mdtest.Datagram(b, func(w *wire.Writer) { build(w.Header(9999, kind, to)) })
	}
	at := func(row, column int) wire.Location {
		return wire.Location{Parent: walkGrid, Zone: walkStart + wire.Zone(row*walkSize+column)}
	}
	create := func(do wire.DoID, at wire.Location, name string, required func(w *wire.Writer)) {
		ai.Send(datagram(wire.StateServerCreateObjectWithRequired, 402000, func(w *wire.Writer) {
			required(w.DoID(do).Location(at).DClassID(class(name)))
		}))
	}
	create(walkGrid, wire.Location{}, "Grid", func(w *wire.Writer) {
		w.Text("Cartesian").Text(fmt.Sprintf("%d:%d:1", walkStart, walkSize))
	})
	for cell := range walkSize * walkSize {
		create(wire.DoID(100_000+cell), at(cell/walkSize, cell%walkSize), "Cell", func(w *wire.Writer) { w.Uint8(1) })
	}
	var all []*stroller
	for i := range walkers {
		s := &stroller{
			Client: clienttest.Dial(b, addresses[1]), avatar: wire.DoID(200_000 + i), row: i / 2, column: i % 2 * walkSize / 2,
			seen: new(atomic.Int64), done: make(chan struct{}, 1), marks: make(chan struct{}, 1),
		}
		s.Hello(1, "dev")
		s.SetField(walkGate, 0, "me")
		d, err := ai.Receive()
		must(b, err)
		m, err := d.Message()
		must(b, err)
		s.channel = m.Sender
		order := func(kind wire.MsgType, build func(w *wire.Writer)) { ai.Send(datagram(kind, s.channel, build)) }
		order(wire.ClientAgentSetState, func(w *wire.Writer) { w.Uint16(2) })
		create(s.avatar, at(s.row, s.column), "Avatar", func(w *wire.Writer) { w.Text("walker") })
		ai.Send(datagram(wire.StateServerObjectSetOwner, s.avatar.Channel(), func(w *wire.Writer) { w.Channel(s.channel) }))
		order(wire.ClientAgentAddSessionObject, func(w *wire.Writer) { w.DoID(s.avatar) })
		go s.listen()
		all = append(all, s)
	}

	// round has some of them make a step each, and waits until that is done.
	round := func(some []*stroller) {
		var frames []byte
		for _, s := range some {
			s.column = (s.column + 1) % walkSize // from one edge to the other at the end of a row
			frames = append(frames, mdtest.Frame(datagram(wire.StateServerObjectSetLocation, s.avatar.Channel(), func(w *wire.Writer) {
				w.Location(at(s.row, s.column))
			}))...)
		}
		for _, s := range some {
			frames = append(frames, mdtest.Frame(datagram(wire.ClientAgentSendDatagram, s.channel, func(w *wire.Writer) {
				w.Blob([]byte{byte(walkMark & 0xff), byte(walkMark >> 8)})
			}))...)
		}
		_, err := ai.Conn.Write(frames)
		must(b, err)
		var waiting sync.WaitGroup
		for _, s := range some {
			if !rule {
				s.look(at)
				waiting.Go(func() { <-s.done })
			}
			waiting.Go(func() { <-s.marks })
		}
		waiting.Wait()
	}
	round(all)
	seen := func() (n int64) {
		for _, s := range all {
			n += s.seen.Load()
		}
		return n
	}
	before, began := seen(), d.processorTime()
	b.ResetTimer()
	for left := b.N; left > 0; left -= walkers {
		round(all[:min(left, walkers)])
	}
	b.StopTimer()
	b.ReportMetric(float64((d.processorTime()-began).Microseconds())/float64(b.N), "µs-CPU/op")
	b.ReportMetric(float64(seen()-before)/float64(b.N), "messages/op")
}

// look has the client alter its interest to the cells around its avatar.
func (s *stroller) look(at func(row, column int) wire.Location) {
	var zones []wire.Zone
	for row := max(0, s.row-1); row <= min(walkSize-1, s.row+1); row++ {
		for column := max(0, s.column-1); column <= min(walkSize-1, s.column+1); column++ {
			zones = append(zones, at(row, column).Zone)
		}
	}
	s.Send(wire.ClientAddInterestMultiple, func(w *wire.Writer) {
		w.Uint32(1).Uint16(1).DoID(walkGrid).Uint16(uint16(len(zones)))
		for _, z := range zones {
			w.Zone(z)
		}
	})
}

// listen counts what the client is told, until the end.
func (s *stroller) listen() {
	for {
		kind, _, err := s.Receive()
		switch {
		case err != nil:
			return
		case kind == walkMark:
			s.marks <- struct{}{}
			continue
		case kind == wire.ClientDoneInterestResp:
			s.done <- struct{}{}
		}
		s.seen.Add(1)
	}
}

// freeAddress is one that nobody listens on at the moment.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}
