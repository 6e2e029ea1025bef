package bridgetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// Over a route that is slow, a third party answers before the subscription has
// got to it, and the answer is lost: that is what a mesh does. Anyone who waits until
// the subscription is in force misses nothing.
func TestEffective(t *testing.T) {
	t.Parallel()
	for _, waits := range []bool{false, true} {
		t.Run(fmt.Sprintf("waits %v", waits), func(t *testing.T) { effective(t, waits) })
	}
}

// After the backbone was lost, nobody waits for a node that ended meanwhile and had
// no one to say goodbye to, nor for what the others were before.
func TestEffectiveAfterALostBackbone(t *testing.T) {
	t.Parallel()
	for name := range below(&mortal{}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMortal(t)
			var nodes []*bridge.Node
			for range 3 {
				nodes = append(nodes, start(t, below(m)[name], func(o *bridge.Options) { o.ConnectTimeout = time.Second }))
			}
			acquainted(t, nodes)
			m.die()
			for _, n := range nodes {
				eventually(t, "the backbone is lost", func() bool { return !n.Stats().Connected })
			}
			nodes[2].Stop(t.Context())
			m.rise()
			asker := rejoin(t, nodes[0])
			rejoin(t, nodes[1])
			began := time.Now()
			<-subscribeAndAsk(t, nodes[0], asker, 4618<<32|2000)
			t.Logf("in force after %v", time.Since(began).Round(time.Millisecond))
			if s := nodes[0].Stats(); s.RoundsLate != 0 || s.DeadNodes != 0 {
				t.Errorf("%d rounds late, %d dead, want none", s.RoundsLate, s.DeadNodes)
			}
		})
	}
}

func effective(t *testing.T, waits bool) {
	const front, back, known, answer = 402_000_000, 403_000_000, 77, 4618<<32 | 2000
	nodes, route := SlowMesh(t, nil)
	answers := uint32(0)
	serve(t, nodes[1], front, func(to wire.Channel) wire.Datagram { return question(t, back, to) })
	serve(t, nodes[2], back, func(to wire.Channel) wire.Datagram {
		if to == answer {
			answers++
		}
		return Numbered(t, answers, to)
	})
	asker, observer := Join(t, nodes[0], "asker"), Join(t, nodes[1], "observer")
	must(t, observer.Subscribe(known, answer))
	eventually(t, "both services are known", func() bool {
		must(t, asker.Send(question(t, front, known)))
		return len(observer.Got()) > 0
	})
	hears := func(r *Recorder, number uint32) {
		r.Wait(fmt.Sprint("answer ", number), func(got []wire.Datagram, _ error) bool {
			return count(got, func(n uint32) bool { return n == number }) > 0
		})
	}

	route.Hold()
	effective := subscribeAndAsk(t, nodes[0], asker, answer)
	if waits {
		select {
		case <-effective:
			t.Error("in force, though it has not got there")
		case <-time.After(100 * time.Millisecond): // nothing is waited for: it must not come
		}
		route.Release()
		<-effective
	}
	must(t, asker.Send(question(t, front, answer)))
	hears(observer, 1)
	route.Release()
	<-effective
	must(t, asker.Send(question(t, front, answer)))
	hears(asker, 2)
	want := []uint32{2}
	if waits {
		want = []uint32{1, 2}
	}
	if got := NumbersOf(asker.Got()); !slices.Equal(got, want) {
		t.Errorf("received %v, want %v", got, want)
	}
	if got := nodes[0].Stats().Rounds.Count; got != 1 {
		t.Errorf("%d rounds, want one", got)
	}
	// From now on it is known to be.
	turn := nodes[0].Begin()
	defer turn.End()
	if !turn.Effective(func() {}, answer) {
		t.Error("not in force any more")
	}
}
