package database

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"natstron/bridge"
	"natstron/internal/wire"
)

// ErrRival says that another database server answers on the control channel.
var ErrRival = errors.New("another database server answers there")

// A scout finds out whether somebody serves a control channel: it asks, from that
// channel, for an object that cannot be (GET_ALL of doId 0), as every database server
// answers, the reference's too. Two scouts that look at the same time hear each
// other's question; the one with the greater number gives way.
type scout struct {
	control wire.Channel
	number  uint32 // the question's context
	rival   chan struct{}
}

// Deliver implements bridge.Sink.
func (s *scout) Deliver(_ uint64, _ *bridge.Participant, d wire.Datagram) bool {
	m, err := d.Message()
	if err != nil {
		return true
	}
	n := m.Payload.Uint32()
	switch m.Type {
	case wire.DBServerObjectGetAllResp:
		if n == s.number {
			s.found()
		}
	case wire.DBServerObjectGetAll:
		if m.Sender == s.control && m.Payload.DoID() == wire.InvalidDoID && n < s.number {
			s.found()
		}
	}
	return true
}

// Wake implements bridge.Sink.
func (s *scout) Wake() {}

func (s *scout) found() {
	select {
	case s.rival <- struct{}{}:
	default:
	}
}

// look returns ErrRival if another server answers on the channel in time.
func look(ctx context.Context, node *bridge.Node, label string, control wire.Channel, listen time.Duration) error {
	s := &scout{control: control, number: rand.Uint32(), rival: make(chan struct{}, 1)}
	lost := make(chan error, 1)
	p, err := node.Join(label+" looks around", s, func(cause error) { lost <- cause })
	if err != nil {
		return err
	}
	defer p.Leave()
	if err := p.Subscribe(control); err != nil {
		return err
	}
	var w wire.Writer
	d, err := w.Header(control, wire.DBServerObjectGetAll, control).Uint32(s.number).DoID(wire.InvalidDoID).Datagram()
	if err != nil {
		return err
	}
	if err := p.Send(d); err != nil {
		return err
	}
	select {
	case <-s.rival:
		return fmt.Errorf("control channel %d: %w: two of them would do every request twice; end that one, or give this one a control channel of its own", control, ErrRival)
	case err := <-lost:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(listen):
		return nil
	}
}
