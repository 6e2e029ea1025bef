package bridgetest

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// board is a role that takes creations, and tells a channel of each.
type board struct {
	p  *bridge.Participant
	to wire.Channel
}

func (b *board) Handle(t bridge.Turn, d wire.Datagram, _ []*bridge.Participant) {
	var w wire.Writer
	if told, err := w.Header(1, 1234, b.to).Uint32(NumberOf(d)).Datagram(); err == nil {
		_ = t.Send(b.p, told) // the test misses it
	}
}

// startBoard starts one with a control channel, which all nodes know of.
func startBoard(t *testing.T, node *bridge.Node, control, to wire.Channel) {
	t.Helper()
	b := &board{to: to}
	turn := node.Begin()
	defer turn.End()
	var err error
	b.p, err = turn.JoinParty(&bridge.Party{Handler: b, Dropped: func(*bridge.Participant, error) {}}, "board")
	must(t, err)
	must(t, turn.Subscribe(b.p, control))
	turn.Claim(bridge.Claim{Service: bridge.ServesControl, Lo: control, Hi: control}, bridge.Claim{Service: bridge.ServesAnyObject})
	t.Cleanup(b.p.Leave)
}

// A thousand orders and a word behind them: their effects come first, for one wait.
// When the node of the role is frozen, the next word comes after a while, which is
// counted and logged once; the one after that comes at once; and when it thaws, it is
// waited for again.
func TestHeldBehindOrders(t *testing.T) {
	apart(t, func(t *testing.T, topology Topology) {
		const control, hearing, many = 402_000, 7000, 1000
		var log msgtext.Log
		var frozen *proxy
		nodes := topology.Start(t, 3, func(o *bridge.Options) {
			o.OrderTimeout = 10 * time.Second
			if strings.HasSuffix(o.Name, " 0") {
				o.OrderTimeout = time.Second
				o.Log = slog.New(slog.NewTextHandler(&log, nil))
			}
			if strings.HasSuffix(o.Name, " 1") {
				frozen = through(t, o)
			}
		})
		startBoard(t, nodes[1], control, hearing)
		hearer, sender := Join(t, nodes[2], "hearer"), Join(t, nodes[0], "sender")
		must(t, hearer.Subscribe(hearing))
		acquainted(t, nodes)
		Acquaint(t, nodes)
		order := func(number uint32) {
			var w wire.Writer
			d, err := w.Header(1, wire.StateServerCreateObjectWithRequired, control).Uint32(number).Datagram()
			must(t, err)
			must(t, sender.Send(d))
		}
		var want []uint32
		for i := range uint32(many) {
			order(i)
			want = append(want, i)
		}
		sender.Say(many, hearing)
		if got := NumbersOf(hearer.WaitFor(many + 1)); !slices.Equal(got, append(want, many)) {
			t.Fatalf("received %d in another order: %v", len(got), got)
		}
		if s := nodes[0].Stats(); s.OrdersWaited != 1 || s.OrdersLate != 0 {
			t.Errorf("%d waits, %d late for %d orders", s.OrdersWaited, s.OrdersLate, many)
		}

		hearer.Forget()
		frozen.freeze()
		for i := range uint32(3) {
			order(10 + i)
			sender.Say(20+i, hearing)
			if got := NumbersOf(hearer.WaitFor(int(i) + 1)); got[i] != 20+i {
				t.Errorf("received %v", got)
			}
		}
		if s := nodes[0].Stats(); s.OrdersWaited != 2 || s.OrdersLate != 1 {
			t.Errorf("%d waits, %d late", s.OrdersWaited, s.OrdersLate)
		}
		late := func() int { return strings.Count(log.String(), "does not say that it has done") }
		eventually(t, "it is logged", func() bool { return late() > 0 })

		frozen.thaw()
		hearer.WaitFor(6) // the three orders have come
		hearer.Forget()
		eventually(t, "it is waited for again", func() bool {
			hearer.Forget()
			order(30)
			sender.Say(31, hearing)
			hearer.WaitFor(2)
			return nodes[0].Stats().OrdersWaited > 2
		})
		if got := NumbersOf(hearer.Got()); !slices.Equal(got, []uint32{30, 31}) {
			t.Errorf("received %v", got)
		}
		if late() != 1 {
			t.Errorf("logged %d times", late())
		}
	})
}
