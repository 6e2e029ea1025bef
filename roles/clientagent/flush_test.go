package clientagent

import (
	"net"
	"runtime"
	"sync"
	"testing"

	"natstron/bridge/wire"
	"natstron/internal/stream"
)

// Whatever goes to one client, to a few or to many, by several senders at once:
// each client gets all of it, what is of one sender in its order.
func TestFlush(t *testing.T) {
	const (
		senders, rounds = 4, 300
		clients         = 2 * few
	)
	s := newStage(t)
	var all []*client
	for range clients {
		all = append(all, s.established())
	}
	some := wire.Channel(900_900) // the first of them have it
	for _, c := range all[:few/2] {
		s.order(c, wire.ClientAgentOpenChannel, func(w *wire.Writer) { w.Channel(some) })
	}
	want := make([]int, clients) // what each is told by one sender
	ways := []wire.Channel{wire.BroadcastClients, some, all[0].channel}
	for round := range rounds {
		switch ways[round%len(ways)] {
		case some:
			for i := range few / 2 {
				want[i]++
			}
		case all[0].channel:
			want[0]++
		default:
			for i := range want {
				want[i]++
			}
		}
	}
	var sending sync.WaitGroup
	for sender := range senders {
		a := s.join()
		sending.Go(func() {
			for round := range rounds {
				a.send(1, wire.ClientAgentSendDatagram, ways[round%len(ways)], func(w *wire.Writer) {
					w.Uint16(5).Uint16(0xffff).Uint8(uint8(sender)).Uint16(uint16(round))
				})
			}
		})
	}
	for i, c := range all {
		var last [senders]uint16
		for range senders * want[i] {
			r := c.Expect(0xffff)
			sender, round := r.Uint8(), r.Uint16()
			if round < last[sender] {
				t.Fatalf("client %d is told %d after %d", i, round, last[sender])
			}
			last[sender] = round
		}
		s.quiet(c)
	}
	sending.Wait()
}

// slowConn is a connection that takes nothing until it is let.
type slowConn struct {
	net.Conn
	reached chan<- struct{}
	open    <-chan struct{}
	wrote   *sync.WaitGroup
}

func (c slowConn) WriteNow(b []byte) (int, error) {
	c.reached <- struct{}{}
	<-c.open
	c.wrote.Done()
	return len(b), nil
}

// Who ends a turn and has more to read does not write to clients, not even to one; and several
// goroutines write to many at the same time, if there are processors for them.
func TestFlushLeavesTimeForTurns(t *testing.T) {
	const (
		writers = 3
		clients = writers * writers * share
	)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(writers + 1))
	reached, open := make(chan struct{}, clients), make(chan struct{})
	var pool stream.Pool
	var wrote sync.WaitGroup
	f := flusher{behind: func() bool { return true }}
	for range clients {
		s := stream.New(slowConn{reached: reached, open: open, wrote: &wrote}, &pool, func() {})
		wrote.Add(1)
		s.Append([]byte{1})
		f.add(s)
		f.Wake() // it would wait here
	}
	for range writers { // each goroutine waits in one of them
		<-reached
	}
	close(open)
	wrote.Wait()
}
