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

// A scout finds out whether somebody serves a control channel: it asks, from that
// channel, for an object that cannot be (GET_ALL of doId 0), as every database server
// answers, the reference's too. Of two scouts that look at the same time, one hears
// the other at least. The one with the greater number gives way: it is told by the
// other, as by a server, or sees it by itself. In case it did not hear in time, and
// serves already, the other asks once more.
type scout struct {
	control wire.Channel
	number  uint32 // the question's context
	rival   chan struct{}
	asked   chan uint32 // other scouts' numbers, greater than ours
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
		if m.Sender != s.control || m.Payload.DoID() != wire.InvalidDoID {
			break
		}
		if n < s.number {
			s.found()
			break
		}
		select {
		case s.asked <- n:
		default: // there are not so many
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

// lookAndJoin returns ErrRival if another server answers on the channel in time.
// Otherwise it joins, and stops looking only then, so that there is no moment in which
// another scout hears nobody.
func (r *Role) lookAndJoin(ctx context.Context) error {
	s := &scout{control: r.options.Control, number: rand.Uint32(), rival: make(chan struct{}, 1), asked: make(chan uint32, 16)}
	lost := make(chan error, 1)
	p, err := r.node.Join(r.options.Label+" looks around", s, func(cause error) { lost <- cause })
	if err != nil {
		return err
	}
	defer p.Leave()
	if err := p.Subscribe(s.control); err != nil {
		return err
	}
	if err := s.ask(p); err != nil {
		return err
	}
	enough := time.After(r.options.Listen)
	for {
		select {
		case n := <-s.asked:
			if err := errors.Join(s.answer(p, n), s.ask(p)); err != nil {
				return err
			}
			enough = time.After(r.options.Listen)
		case <-s.rival:
			return s.givesWay()
		case err := <-lost:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-enough:
			return r.joinUnlessHeard(s, p)
		}
	}
}

// joinUnlessHeard joins, and sees to what the scout heard until then: as the time
// ended, it may not have been looked at, and whoever asked was not answered by the
// server, which was not there yet.
func (r *Role) joinUnlessHeard(s *scout, p *bridge.Participant) error {
	if err := r.join(); err != nil {
		return err
	}
	for {
		select {
		case <-s.rival:
			r.seat.leave()
			return s.givesWay()
		case n := <-s.asked:
			_ = s.answer(p, n) // fails without a backbone alone, and serve is told of that
		default:
			return nil
		}
	}
}

func (s *scout) givesWay() error {
	return fmt.Errorf("control channel %d: %w: two of them would do every request twice; end that one, or give this one a control channel of its own", s.control, ErrRival)
}

func (s *scout) ask(p *bridge.Participant) error {
	var w wire.Writer
	w.Header(s.control, wire.DBServerObjectGetAll, s.control).Uint32(s.number).DoID(wire.InvalidDoID)
	return send(p, &w)
}

// answer tells another scout that somebody is here.
func (s *scout) answer(p *bridge.Participant, number uint32) error {
	var w wire.Writer
	w.Header(s.control, wire.DBServerObjectGetAllResp, s.control).Uint32(number).Bool(false)
	return send(p, &w)
}

func send(p *bridge.Participant, w *wire.Writer) error {
	d, err := w.Datagram()
	if err != nil {
		return err
	}
	return p.Send(d)
}
