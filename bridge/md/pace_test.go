package md

import (
	"testing"

	"natstron/bridge"
	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// slowRole is a role that can do a thousand datagrams at a time, and says so.
type slowRole struct {
	// Both belong to the node's turn.
	waiting int
	relief  chan struct{}
	most    int
}

const slowRoleRoom = 1000

func (r *slowRole) Handle(t bridge.Turn, _ wire.Datagram, _ []*bridge.Participant) {
	r.waiting++
	r.most = max(r.most, r.waiting)
	if r.waiting >= slowRoleRoom {
		if r.relief == nil {
			r.relief = make(chan struct{})
		}
		t.SlowDown(r.relief)
	}
}

// work does all that waits, and says how much that was.
func (r *slowRole) work(node *bridge.Node) (n int) {
	t := node.Begin()
	defer t.End()
	n, r.waiting = r.waiting, 0
	if r.relief != nil {
		close(r.relief)
		r.relief = nil
	}
	return n
}

func (r *slowRole) join(t *testing.T, node *bridge.Node) {
	t.Helper()
	turn := node.Begin()
	defer turn.End()
	p, err := turn.JoinParty(&bridge.Party{Handler: r, Dropped: func(*bridge.Participant, error) {}}, "role")
	if err == nil {
		err = turn.Subscribe(p, 5000)
	}
	must(t, err)
	t.Cleanup(p.Leave)
}

// A connection that sends more than a role of this process can do is slowed down.
func TestSendersWaitForASlowRole(t *testing.T) {
	node := startNode(t, bridge.Options{})
	s := startServer(t, node, Options{})
	r := &slowRole{}
	r.join(t, node)
	const count = 20_000
	clients := []*mdtest.Client{dial(t, s), dial(t, s)}
	sent := make(chan error, len(clients))
	for _, c := range clients {
		go func() {
			frame := mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.Header(1, 1234, 5000).Raw(make([]byte, 180)) }))
			var err error
			for i := 0; i < count && err == nil; i++ {
				_, err = c.Conn.Write(frame)
			}
			sent <- err
		}()
	}
	for done := 0; done < count*len(clients); {
		done += r.work(node)
	}
	for range clients {
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
	// Each connection may have one read's worth under way when it is slowed down.
	if most := slowRoleRoom + len(clients)*(128<<10)/180; r.most < slowRoleRoom || r.most > most {
		t.Errorf("%d datagrams waited at most, want from %d to %d", r.most, slowRoleRoom, most)
	}
}

// A connection that waits for a slow role can be ended all the same.
func TestEndWhileARoleIsSlow(t *testing.T) {
	node := startNode(t, bridge.Options{})
	s := startServer(t, node, Options{})
	r := &slowRole{}
	r.join(t, node)
	c := dial(t, s)
	stuck := make(chan struct{})
	go func() {
		defer close(stuck)
		frame := mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.Header(1, 1234, 5000).Raw(make([]byte, 10_000)) }))
		for {
			if _, err := c.Conn.Write(frame); err != nil {
				return
			}
		}
	}()
	for slowed := false; !slowed; {
		turn := node.Begin()
		slowed = r.relief != nil
		turn.End()
	}
	s.Close()
	<-stuck
}
