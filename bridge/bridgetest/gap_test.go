package bridgetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// mortal is a NATS server that can end and come back at the same place.
type mortal struct {
	t       testing.TB
	options server.Options
	server  *server.Server
}

func newMortal(t testing.TB) *mortal {
	m := &mortal{t: t}
	m.options.Host, m.options.Port = "127.0.0.1", server.RANDOM_PORT
	m.options.LeafNode.Host, m.options.LeafNode.Port = "127.0.0.1", server.RANDOM_PORT
	m.options.NoSigs, m.options.NoLog = true, true
	m.rise()
	t.Cleanup(m.die)
	return m
}

func (m *mortal) rise() {
	m.t.Helper()
	o := m.options
	s, err := server.NewServer(&o)
	must(m.t, err)
	s.Start()
	if !s.ReadyForConnections(patience) {
		m.t.Fatal("the NATS server did not start")
	}
	m.server, m.options.Port, m.options.LeafNode.Port = s, o.Port, o.LeafNode.Port
}

func (m *mortal) die() {
	m.server.Shutdown()
	m.server.WaitForShutdown()
}

// below are the nodes that lose their backbone when a server dies.
func below(m *mortal) map[string]bridge.Options {
	return map[string]bridge.Options{
		"external": {External: &bridge.External{URLs: []string{fmt.Sprintf("nats://127.0.0.1:%d", m.options.Port)}}},
		"leaf": {Embedded: bridge.Embedded{Listen: "none", Leaf: bridge.Leaf{
			Remotes: []bridge.Remote{{URLs: []string{fmt.Sprintf("nats-leaf://127.0.0.1:%d", m.options.LeafNode.Port)}}},
		}}},
	}
}

// A node that lost its backbone drops its participants with a word, sends their
// post-removes when it is back, and serves again.
func TestLostBackboneIsTold(t *testing.T) {
	t.Parallel()
	for name := range below(&mortal{}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMortal(t)
			nodes := []*bridge.Node{start(t, below(m)[name], nil), start(t, below(m)[name], nil)}
			lost := []*Recorder{Join(t, nodes[0], "first"), Join(t, nodes[1], "second")}
			must(t, lost[0].AddPostRemove(1, Numbered(t, 42, 5000)))
			Settle(t, nodes, lost...)
			m.die()
			for _, r := range lost {
				r.Wait("the word", func(_ []wire.Datagram, cause error) bool { return errors.Is(cause, bridge.ErrBackboneLost) })
				if err := r.Send(Numbered(t, 1, 5000)); !errors.Is(err, bridge.ErrCutOff) {
					t.Errorf("a dropped participant may send: %v", err)
				}
			}
			lost[1].Leave()
			m.rise()
			witness := rejoin(t, nodes[1])
			must(t, witness.Subscribe(5000))
			other := rejoin(t, nodes[0])
			Settle(t, nodes, witness, other)
			lost[0].Leave()
			other.Say(43, 5000)
			if got := NumbersOf(witness.WaitFor(2)); !slices.Equal(got, []uint32{42, 43}) {
				t.Errorf("received %v, want the post-remove once, then what was sent behind it", got)
			}
			if s := nodes[0].Stats(); s.Gaps != 1 || !s.Connected {
				t.Errorf("gaps %d, connected %v", s.Gaps, s.Connected)
			}
		})
	}
}

// rejoin joins as soon as the node serves again.
func rejoin(t testing.TB, node *bridge.Node) *Recorder {
	t.Helper()
	probe := func(error) {}
	for range 10_000 {
		p, err := node.Join("probe", bridge.NewInbox(1), probe)
		if err == nil {
			p.Leave()
			return Join(t, node, "again")
		}
		if !errors.Is(err, bridge.ErrBackboneLost) {
			t.Fatal(err)
		}
		pause()
	}
	t.Fatal("the node does not serve again")
	return nil
}

// With on_gap: continue the participants stay, and what they subscribed to and
// left behind stays with them; nobody takes them for dead.
func TestKeepOnGap(t *testing.T) {
	t.Parallel()
	for name := range below(&mortal{}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMortal(t)
			keep := func(o *bridge.Options) { o.KeepOnGap = true }
			nodes := []*bridge.Node{start(t, below(m)[name], keep), start(t, below(m)[name], keep)}
			a, b := Join(t, nodes[0], "a"), Join(t, nodes[1], "b")
			must(t, b.Subscribe(5000))
			must(t, a.AddPostRemove(1, Numbered(t, 42, 5000)))
			Settle(t, nodes, a, b)
			m.die()
			for nodes[0].Stats().Connected || nodes[1].Stats().Connected {
				pause()
			}
			m.rise()
			for !nodes[0].Stats().Connected || !nodes[1].Stats().Connected {
				pause()
			}
			Settle(t, nodes, a, b)
			a.Say(1, 5000)
			a.Leave()
			if got := NumbersOf(b.WaitFor(2)); !slices.Equal(got, []uint32{1, 42}) {
				t.Errorf("received %v", got)
			}
		})
	}
}
