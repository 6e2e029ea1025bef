package database

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// ErrRival says that another database server answers on the control channel.
var ErrRival = errors.New("another database server answers there")

// A search finds a server of another program on the control channel, such as the reference's
// below a message director; astrond processes tell each other what they serve. It asks, from
// that channel, for an object that cannot exist (GET_ALL of doId 0), which every database
// server answers.
type search struct {
	number uint32 // the question's context
	rival  chan struct{}
}

// Deliver implements bridge.Sink.
func (s *search) Deliver(_ uint64, _ *bridge.Participant, d wire.Datagram) bool {
	if m, err := d.Message(); err == nil && m.Type == wire.DBServerObjectGetAllResp && m.Payload.Uint32() == s.number {
		select {
		case s.rival <- struct{}{}:
		default:
		}
	}
	return true
}

// Wake implements bridge.Sink.
func (s *search) Wake() {}

// findRival returns ErrRival if another server answers on the channel in time.
func (r *Role) findRival(ctx context.Context) error {
	s := &search{number: rand.Uint32(), rival: make(chan struct{}, 1)}
	lost := make(chan error, 1)
	p, err := r.node.Join(r.options.Label+" looks for other servers", s, func(cause error) { lost <- cause })
	if err != nil {
		return err
	}
	defer p.Leave()
	control := r.options.Control
	if err := p.Subscribe(control); err != nil {
		return err
	}
	var w wire.Writer
	w.Header(control, wire.DBServerObjectGetAll, control).Uint32(s.number).DoID(wire.InvalidDoID)
	d, err := w.Datagram()
	if err != nil {
		return err
	}
	if err := p.Send(d); err != nil {
		return err
	}
	select {
	case <-s.rival:
		return fmt.Errorf("control channel %d: %w: both would do every request; stop that server, or give this one another control channel", control, ErrRival)
	case err := <-lost:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(r.options.Listen):
		return nil
	}
}
