package bridge

import (
	"context"
	"testing"
	"time"

	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// pair is two nodes on one NATS server.
func pair(t *testing.T) (a, b *Node) {
	t.Helper()
	begin := func(o Options) *Node {
		o.Heartbeat, o.DeadAfter = 50*time.Millisecond, 2*time.Second
		n, err := Start(context.Background(), o)
		must(t, err)
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			n.Stop(ctx)
		})
		return n
	}
	a = begin(Options{Name: "a", Embedded: Embedded{Listen: "127.0.0.1:0"}})
	b = begin(Options{Name: "b", External: &External{URLs: []string{a.URL()}}})
	for deadline := time.Now().Add(10 * time.Second); a.Stats().Peers != 1 || b.Stats().Peers != 1; time.Sleep(time.Millisecond) { // a node tells nobody whom it knows
		if time.Now().After(deadline) {
			t.Fatal("the nodes do not know each other")
		}
	}
	return a, b
}

// A node that has not heard what has become of a lost session learns it when something is sent to
// it, and at the latest before it would end it: then the post-removes of a session that lives
// are not sent.
func TestLostSessionNoteIsLost(t *testing.T) {
	const session, grave wire.Channel = 1_000_000_009, 6001
	for _, c := range []struct {
		name  string
		by    func(a *Node) string // of what a knows
		send  bool
		comes int
	}{
		{"the node that has it knows", func(a *Node) string { return a.members.Origin() }, false, 0},
		{"another node knows", func(*Node) string { return "gone" }, false, 0},
		{"it has ended", func(*Node) string { return "" }, false, 0},
		{"something is sent to it", func(a *Node) string { return a.members.Origin() }, true, 1},
		{"the session is ejected", func(a *Node) string { return a.members.Origin() }, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := pair(t)
			inbox, removed := NewInbox(1<<20), NewInbox(1<<20)
			hears, err := a.Join("the session", inbox, func(error) {})
			must(t, err)
			must(t, hears.Subscribe(session))
			rest, err := a.Join("the rest", removed, func(error) {})
			must(t, err)
			must(t, rest.Subscribe(grave))
			speaks, err := b.Join("somebody", blackHole{}, func(error) {})
			must(t, err)
			defer func() {
				for _, p := range []*Participant{hears, rest, speaks} {
					p.Leave()
				}
			}()
			turn := a.Begin()
			a.noteOver(sessionID{5, "dead"}, outcome{by: c.by(a)})
			turn.End()
			e := membership.LostSession{Checkpoint: membership.Checkpoint{Key: 5, Channels: []wire.Channel{session}, For: time.Minute}, Origin: "dead", Left: time.Minute}
			e.PostRemoves = []membership.PostRemove{{Origin: "dead", Seq: 1, Sender: 1, Datagram: datagram(t, "removed", grave)}}
			turn = b.Begin()
			b.keepSession(e) // it was told so, and nothing else
			have := b.lost.all[5]
			turn.End()
			d := datagram(t, "hello", session)
			if c.name == "the session is ejected" {
				var w wire.Writer
				d, err = w.Header(1, wire.ClientAgentEject, session).Uint16(100).Text("go").Datagram()
				must(t, err)
			}
			if c.send {
				must(t, speaks.Send(d))
			} else {
				go b.lapse(have) // its time is up
			}
			for deadline := time.Now().Add(10 * time.Second); b.Stats().LostSessionsKept > 0; time.Sleep(time.Millisecond) { // a node tells nobody
				if time.Now().After(deadline) {
					t.Fatal("it is still kept")
				}
			}
			if n := b.Stats().LostSessionsEnded; n != 0 {
				t.Errorf("%d sessions have ended", n)
			}
			must(t, speaks.Send(datagram(t, "the last", session, grave)))
			got := 0
			for last := ""; last != "the last"; {
				<-inbox.Ready
				for _, d := range inbox.Take() {
					got++
					if d.Datagram.Type() == 9000 {
						last = text(d.Datagram)
					}
				}
			}
			if got != c.comes+1 {
				t.Errorf("%d datagrams come to the session, want %d", got-1, c.comes)
			}
			<-removed.Ready
			if all := removed.Take(); len(all) != 1 {
				t.Errorf("%d post-removes were sent", len(all)-1)
			}
		})
	}
}
