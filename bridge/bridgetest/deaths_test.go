package bridgetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/race"
)

// deadAfter lets deaths not take long, and still bears a busy machine.
const deadAfter = 3 * time.Second

// mortality makes a node one of those that die here. What it logs is shown if the
// test fails.
func mortality(t testing.TB, o *bridge.Options) {
	o.Heartbeat, o.DeadAfter = 100*time.Millisecond, deadAfter
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil)).With("node", o.Name)
}

// apart are the topologies whose nodes the network can part.
func apart(t *testing.T, test func(t *testing.T, topology Topology)) {
	if race.Enabled {
		t.Skip("these tests are about time, and the race detector takes ten times as much")
	}
	for _, topology := range Topologies() {
		switch topology.Name {
		case "external", "leaves", "cluster":
			t.Run(topology.Name, func(t *testing.T) {
				t.Parallel()
				test(t, topology)
			})
		}
	}
}

// dead is how many nodes each of these has declared dead.
func dead(nodes []*bridge.Node) (counts []uint64) {
	for _, n := range nodes {
		counts = append(counts, n.Stats().DeadNodes)
	}
	return counts
}

// Of six nodes one is frozen by the network, one loses it for good, or comes back
// when it is too late, and one ends in order. The three others send the
// post-removes of the first two, once; the last one sends its own. Who comes back
// drops its participants, also where they are kept over gaps, and serves again.
// Nobody else is taken for dead, neither by the living nor by the frozen one.
func TestDeaths(t *testing.T) {
	apart(t, func(t *testing.T, topology Topology) {
		for _, keep := range []bool{false, true} {
			t.Run(fmt.Sprintf("keep on gap %v", keep), func(t *testing.T) { deaths(t, topology, keep) })
		}
	})
}

func deaths(t *testing.T, topology Topology, keep bool) {
	const grave, each = 6000, 5
	var proxies []*proxy
	nodes := topology.Start(t, 6, func(o *bridge.Options) {
		mortality(t, o)
		o.KeepOnGap = keep
		proxies = append(proxies, through(t, o))
	})
	survivors := nodes[:3]
	const frozen, severed, leaving = 3, 4, 5
	var mourners, dying []*Recorder
	for _, n := range survivors {
		r := Join(t, n, "mourner")
		must(t, r.SubscribeRange(grave, grave+10))
		mourners = append(mourners, r)
	}
	var want []uint32
	for i, n := range nodes[3:] {
		r := Join(t, n, "dying")
		for k := range uint32(each) {
			number := uint32(i+1)*100 + k
			must(t, r.AddPostRemove(1, Numbered(t, number, grave, grave+1, wire.Channel(grave+k))))
			want = append(want, number)
		}
		dying = append(dying, r)
	}
	Settle(t, nodes, append(slices.Clone(mourners), dying...)...)

	proxies[frozen].freeze()
	proxies[severed].sever()
	go dying[2].leaveWhenDropped()
	nodes[leaving].Stop(context.Background())

	eventually(t, "two nodes are dead to all survivors", func() bool {
		return slices.Equal(dead(survivors), []uint64{2, 2, 2})
	})
	proxies[frozen].thaw()
	proxies[severed].mend()
	for i, r := range dying[:2] {
		r.Wait("the word that the backbone was lost", func(_ []wire.Datagram, cause error) bool {
			return errors.Is(cause, bridge.ErrBackboneLost)
		})
		r.Leave()
		back := rejoin(t, nodes[3+i])
		must(t, back.Subscribe(70+wire.Channel(i)))
		Settle(t, survivors, back)
		back.Say(1000, grave) // behind whatever else comes from there
		want = append(want, 1000)
	}
	for _, r := range mourners {
		r.WaitFor(len(want))
		for _, n := range survivors {
			last := Join(t, n, "last")
			last.Say(2000, grave)
			last.Leave()
		}
	}
	for i, r := range mourners {
		r.Wait("the last words", func(got []wire.Datagram, _ error) bool {
			return count(got, func(n uint32) bool { return n == 2000 }) == len(mourners)*len(survivors)
		})
		got := slices.DeleteFunc(NumbersOf(r.Got()), func(n uint32) bool { return n == 2000 })
		for node := range uint32(3) {
			own := slices.DeleteFunc(slices.Clone(got), func(n uint32) bool { return n/100 != node+1 })
			if !slices.IsSorted(own) {
				t.Errorf("mourner %d got the post-removes of one node as %v", i, own)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("mourner %d: (-want +got)\n%s", i, diff)
		}
	}
	// Those two may have been told of each other's death when they came back.
	if got := dead(nodes); !slices.Equal(got[:3], []uint64{2, 2, 2}) || max(got[frozen], got[severed]) > 1 || got[leaving] != 0 {
		t.Errorf("each node declared so many dead: %v", got)
	}
	for i, n := range survivors {
		if s := n.Stats(); s.Gaps != 0 {
			t.Errorf("survivor %d lost the backbone", i)
		}
	}
}

// leaveWhenDropped does what anyone who owns a participant must do.
func (r *Recorder) leaveWhenDropped() {
	r.Wait("the end", func(_ []wire.Datagram, cause error) bool { return cause != nil })
	r.Leave()
}

// When the network stands still for everybody, longer than a node may be silent,
// nobody takes anybody for dead: their post-removes would be out, though they live.
func TestStandstill(t *testing.T) {
	apart(t, func(t *testing.T, topology Topology) {
		var proxies []*proxy
		nodes := topology.Start(t, 4, func(o *bridge.Options) {
			mortality(t, o)
			proxies = append(proxies, through(t, o))
		})
		var all []*Recorder
		for i, n := range nodes {
			r := Join(t, n, "participant")
			must(t, r.Subscribe(5000))
			must(t, r.AddPostRemove(1, Numbered(t, uint32(i), 5000)))
			all = append(all, r)
		}
		Settle(t, nodes, all...)
		for _, p := range proxies {
			p.freeze()
		}
		time.Sleep(deadAfter * 3 / 2) // this long it stands still: nothing is waited for
		for _, p := range proxies {
			p.thaw()
		}
		Settle(t, nodes, all...)
		if got := dead(nodes); !slices.Equal(got, make([]uint64, len(nodes))) {
			t.Errorf("each node declared so many dead: %v", got)
		}
		for i, r := range all {
			if got := NumbersOf(r.Got()); len(got) > 0 {
				t.Errorf("participant %d received %v", i, got)
			}
		}
	})
}
