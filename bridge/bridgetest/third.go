package bridgetest

import (
	"encoding/binary"
	"sync"
	"testing"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// thirdParty: a participant that subscribes and asks gets the answer also where the asked
// one passes the question on, and a third party answers. In a mesh that takes
// waiting until the subscription is in force.
func thirdParty(t *testing.T, topology Topology, churn bool) {
	const front, back, known = 402_000_000, 403_000_000, 77
	nodes := begin(t, topology, 3, churn, front, back, 1_000_000_000)
	serve(t, nodes[1], front, func(answer wire.Channel) wire.Datagram { return question(t, back, answer) })
	serve(t, nodes[2], back, func(answer wire.Channel) wire.Datagram { return Numbered(t, 1, answer) })
	asker := Join(t, nodes[0], "asker")
	must(t, asker.Subscribe(known))
	eventually(t, "both services are known", func() bool {
		must(t, asker.Send(question(t, front, known)))
		return len(asker.Got()) > 0
	})
	acquainted(t, nodes)
	for i := range wire.Channel(300) {
		r := Join(t, nodes[0], "asker")
		answer := 1_000_000_000 + i*1_000_003 // in many buckets
		effective := subscribeAndAsk(t, nodes[0], r, answer)
		if topology.Mesh {
			<-effective
		}
		must(t, r.Send(question(t, front, answer)))
		r.WaitFor(1)
		r.Leave()
	}
}

// subscribeAndAsk subscribes, and returns what is closed when that is in force.
func subscribeAndAsk(t testing.TB, node *bridge.Node, r *Recorder, c wire.Channel) <-chan struct{} {
	t.Helper()
	effective := make(chan struct{})
	turn := node.Begin()
	defer turn.End()
	must(t, turn.Subscribe(r.Participant, c))
	if turn.Effective(func() { close(effective) }, c) {
		close(effective)
	}
	return effective
}

// question is a datagram that says where to answer to.
func question(t testing.TB, to, answer wire.Channel) wire.Datagram {
	t.Helper()
	var w wire.Writer
	d, err := w.Header(answer, 1, to).Channel(answer).Datagram()
	must(t, err)
	return d
}

// serve reacts to every question on a channel, until the test ends.
func serve(t testing.TB, node *bridge.Node, channel wire.Channel, react func(answer wire.Channel) wire.Datagram) {
	t.Helper()
	inbox := bridge.NewInbox(roomy)
	p, err := node.Join("service", inbox, func(error) {})
	must(t, err)
	must(t, p.Subscribe(channel))
	var serving sync.WaitGroup
	serving.Go(func() {
		for range inbox.Ready {
			for _, d := range inbox.Take() {
				answer := wire.Channel(binary.LittleEndian.Uint64(d.Datagram[len(d.Datagram)-8:]))
				if p.Send(react(answer)) != nil {
					return // cut off: the test is over
				}
			}
		}
	})
	t.Cleanup(func() {
		p.Leave()
		inbox.Close()
		serving.Wait()
	})
}
