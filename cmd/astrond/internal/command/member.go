package command

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// member is this command as a member of a cluster, for a moment: a node with one
// participant, which has a channel of its own.
type member struct {
	node  *bridge.Node
	p     *bridge.Participant
	inbox *bridge.Inbox
	lost  chan error
	me    wire.Channel
}

const maxAnswers = 16 << 20 // bytes of them that are kept

// join joins a cluster. A name is what operators see; leave must follow.
func join(ctx context.Context, at cluster, name string) (*member, error) {
	m := &member{
		inbox: bridge.NewInbox(maxAnswers), lost: make(chan error, 1),
		// Far above the channels of games: locations have a doId there.
		me: wire.Channel(1<<63 | rand.Uint64()>>1),
	}
	var err error
	if m.node, err = bridge.Start(ctx, bridge.Options{Name: name, Subjects: at.subjects, External: &at.server}); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, noBackboneFix)
	}
	if m.p, err = m.node.Join(name, m.inbox, func(cause error) { m.lost <- cause }); err == nil {
		err = m.p.Subscribe(m.me)
	}
	if err != nil {
		m.leave()
		return nil, err
	}
	return m, nil
}

func (m *member) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if m.p != nil {
		m.p.Leave()
	}
	m.node.Stop(ctx)
}

// send sends a datagram.
func (m *member) send(w *wire.Writer) error {
	d, err := w.Datagram()
	if err == nil {
		err = m.p.Send(d)
	}
	return err
}
