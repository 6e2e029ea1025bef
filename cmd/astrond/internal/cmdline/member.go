package cmdline

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// Member is this command as a member of a cluster, for a moment: a node with one
// participant, which has a channel of its own.
type Member struct {
	node  *bridge.Node
	p     *bridge.Participant
	Inbox *bridge.Inbox // what is sent to Me
	Lost  chan error    // why the node dropped it
	Me    wire.Channel
}

const maxAnswers = 16 << 20 // bytes of them that are kept

// Join joins a cluster. A name is what operators see; Leave must follow.
func Join(ctx context.Context, at Cluster, name string) (*Member, error) {
	m := &Member{
		Inbox: bridge.NewInbox(maxAnswers), Lost: make(chan error, 1),
		// Far above the channels of games: locations have a doId there.
		Me: wire.Channel(1<<63 | rand.Uint64()>>1),
	}
	var err error
	if m.node, err = bridge.Start(ctx, bridge.Options{Name: name, Subjects: at.Subjects, External: &at.Server}); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, NoBackboneFix)
	}
	if m.p, err = m.node.Join(name, m.Inbox, func(cause error) { m.Lost <- cause }); err == nil {
		err = m.p.Subscribe(m.Me)
	}
	if err != nil {
		m.Leave()
		return nil, err
	}
	return m, nil
}

// Leave gives everything back.
func (m *Member) Leave() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if m.p != nil {
		m.p.Leave()
	}
	m.node.Stop(ctx)
}

// Send sends a datagram.
func (m *Member) Send(w *wire.Writer) error {
	d, err := w.Datagram()
	if err == nil {
		err = m.p.Send(d)
	}
	return err
}
