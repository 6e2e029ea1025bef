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

// A search finds out whether another server serves a control channel. It asks, from that
// channel, for an object that cannot exist (GET_ALL of doId 0), which every database
// server answers, the reference's too. Of two searches at the same time, at least one
// receives the other's question. The one with the greater number gives way: the other
// answers it as a server does, or it sees the smaller number. The other then asks again,
// in case the first one serves already.
type search struct {
	control wire.Channel
	number  uint32 // the question's context
	rival   chan struct{}
	asked   chan uint32 // numbers of other searches, greater than ours
}

// Deliver implements bridge.Sink.
func (s *search) Deliver(_ uint64, _ *bridge.Participant, d wire.Datagram) bool {
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
func (s *search) Wake() {}

func (s *search) found() {
	select {
	case s.rival <- struct{}{}:
	default:
	}
}

// joinUnlessRival returns ErrRival if another server answers on the channel in time.
// Otherwise it joins, and stops the search only then, so that there is no moment in
// which another search gets no answer.
func (r *Role) joinUnlessRival(ctx context.Context) error {
	s := &search{control: r.options.Control, number: rand.Uint32(), rival: make(chan struct{}, 1), asked: make(chan uint32, 16)}
	lost := make(chan error, 1)
	p, err := r.node.Join(r.options.Label+" looks for other servers", s, func(cause error) { lost <- cause })
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
			return s.conflict()
		case err := <-lost:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-enough:
			return r.joinAndRecheck(s, p)
		}
	}
}

// joinAndRecheck joins, and handles what the search received until then: as the time
// ended, that may have been left, and there was no server yet to answer.
func (r *Role) joinAndRecheck(s *search, p *bridge.Participant) error {
	if err := r.join(); err != nil {
		return err
	}
	for {
		select {
		case <-s.rival:
			r.membership.leave()
			return s.conflict()
		case n := <-s.asked:
			_ = s.answer(p, n) // fails without a backbone alone, and serve is told of that
		default:
			return nil
		}
	}
}

func (s *search) conflict() error {
	return fmt.Errorf("control channel %d: %w: both would do every request; stop that server, or give this one another control channel", s.control, ErrRival)
}

func (s *search) ask(p *bridge.Participant) error {
	var w wire.Writer
	w.Header(s.control, wire.DBServerObjectGetAll, s.control).Uint32(s.number).DoID(wire.InvalidDoID)
	return send(p, &w)
}

// answer tells another search that this one is here.
func (s *search) answer(p *bridge.Participant, number uint32) error {
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
