package clientagent

import (
	"sync"
	"testing"

	"natstron/bridge/wire"
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
