package bridgetest

import (
	"sync"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// markers are channels that no test uses for anything else, above all ranges.
const markers wire.Channel = 1 << 63

// Settle returns when what the recorders have subscribed to so far is known at
// every node: each of them hears every node on a channel of its own, which it
// subscribed to after everything else. Their records are empty afterwards, so
// nothing may be on its way to them.
func Settle(t testing.TB, nodes []*bridge.Node, recorders ...*Recorder) {
	t.Helper()
	t.Helper()
	for i, r := range recorders {
		settle(t, nodes, r, markers+wire.Channel(i))
	}
}

// resend is the pause between two attempts to be heard: not to flood.
const resend = 5 * time.Millisecond

// pause is between two looks at what nobody tells of.
func pause() { time.Sleep(resend) }

// eventually waits until something is so.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
		pause()
	}
}

// acquainted waits until all nodes have heard of each other, and of the servers
// that they are on.
func acquainted(t testing.TB, nodes []*bridge.Node) {
	t.Helper()
	distinct := map[*bridge.Node]bool{}
	for _, n := range nodes {
		distinct[n] = true
	}
	for n := range distinct {
		eventually(t, "the other nodes are known", func() bool {
			known := 0
			for _, p := range n.Peers() {
				if p.Name != "" {
					known++
				}
			}
			return known >= len(distinct)-1
		})
	}
}

func settle(t testing.TB, nodes []*bridge.Node, r *Recorder, channel wire.Channel) {
	t.Helper()
	if err := r.Subscribe(channel); err != nil {
		t.Fatal(err)
	}
	var voices []*Recorder
	for _, node := range nodes {
		v := Join(t, node, "voice")
		defer v.Leave()
		voices = append(voices, v)
	}
	deadline := time.Now().Add(patience)
	for i, v := range voices {
		for !heard(r.Got(), channel, uint32(i)) {
			v.Say(uint32(i), channel)
			pause()
			if time.Now().After(deadline) {
				t.Fatalf("node %d is not heard", i)
			}
		}
	}
	// What was repeated may be on its way: each says one thing more, the last.
	for i, v := range voices {
		v.Say(uint32(1000+i), channel)
	}
	for i := range voices {
		r.Wait("the last marker", func(got []wire.Datagram, _ error) bool { return heard(got, channel, uint32(1000+i)) })
	}
	r.Unsubscribe(channel)
	r.Forget()
}

func heard(got []wire.Datagram, channel wire.Channel, number uint32) bool {
	for _, d := range got {
		if d.Recipient(0) == channel && NumberOf(d) == number {
			return true
		}
	}
	return false
}

// Churn adds and removes subscriptions at every node until the test ends: to
// channels, and to ranges and whole buckets over them.
func Churn(t testing.TB, nodes []*bridge.Node, channels ...wire.Channel) {
	t.Helper()
	stop := make(chan struct{})
	var all sync.WaitGroup
	for i, node := range nodes {
		r := Join(t, node, "churn")
		all.Go(func() { churn(t, r, i, channels, stop) })
	}
	t.Cleanup(func() {
		close(stop)
		all.Wait()
	})
}

func churn(t testing.TB, r *Recorder, i int, channels []wire.Channel, stop chan struct{}) {
	pause := time.NewTicker(300 * time.Microsecond)
	defer pause.Stop()
	for ; ; i++ {
		c := channels[i%len(channels)]
		var err error
		switch i % 4 {
		case 0:
			err = r.Subscribe(c)
		case 1:
			err = r.SubscribeRange(c-min(c, 3), c+wire.Channel(i%1000)*10_000)
		case 2:
			r.Unsubscribe(c)
		case 3:
			_ = r.UnsubscribeRange(0, wire.MaxChannel) // all of it: never one more
		}
		if err != nil {
			t.Error(err)
			return
		}
		select {
		case <-stop:
			return
		case <-pause.C:
			r.Forget()
		}
	}
}
