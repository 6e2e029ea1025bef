package bridge

import (
	"errors"
	"testing"
	"time"

	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
)

// The reference's rules for channels inside ranges (document 19).
func TestChannelsAndRangesOfOneParticipant(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(p *Participant) error
		has  []wire.Channel
		not  []wire.Channel
	}{
		{"a channel twice, removed once, is gone", func(p *Participant) error {
			err := p.Subscribe(5, 5)
			p.Unsubscribe(5)
			return err
		}, nil, []wire.Channel{5}},
		{"a channel added inside a range is no subscription of its own", func(p *Participant) error {
			err := errors.Join(p.SubscribeRange(1, 9), p.Subscribe(5))
			return errors.Join(err, p.UnsubscribeRange(4, 6))
		}, []wire.Channel{1, 3, 7, 9}, []wire.Channel{0, 4, 5, 6, 10}},
		{"a channel removed inside a range stays", func(p *Participant) error {
			err := p.SubscribeRange(1, 9)
			p.Unsubscribe(5)
			return err
		}, []wire.Channel{5}, nil},
		{"a channel from before the range, removed inside it, stays with the range", func(p *Participant) error {
			err := errors.Join(p.Subscribe(5), p.SubscribeRange(1, 9))
			p.Unsubscribe(5)
			return err
		}, []wire.Channel{5}, nil},
		{"a range that is removed takes single channels inside it along", func(p *Participant) error {
			return errors.Join(p.Subscribe(5, 11), p.UnsubscribeRange(1, 10))
		}, []wire.Channel{11}, []wire.Channel{5}},
		{"a reversed range is nothing", func(p *Participant) error {
			return errors.Join(p.Subscribe(5), p.SubscribeRange(9, 7), p.UnsubscribeRange(9, 1))
		}, []wire.Channel{5}, []wire.Channel{7, 8, 9}},
		{"all channels", func(p *Participant) error {
			return p.SubscribeRange(0, wire.MaxChannel)
		}, []wire.Channel{0, 1, 1 << 32, wire.MaxChannel}, nil},
		{"all channels but the first and the last", func(p *Participant) error {
			return errors.Join(p.SubscribeRange(0, wire.MaxChannel), p.UnsubscribeRange(0, 0), p.UnsubscribeRange(wire.MaxChannel, wire.MaxChannel))
		}, []wire.Channel{1, wire.MaxChannel - 1}, []wire.Channel{0, wire.MaxChannel}},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := offline(t, Options{})
			sink := &tape{}
			p, sender := join(t, n, sink), join(t, n, blackHole{})
			noErr(t, test.do(p))
			for want, channels := range [][]wire.Channel{test.not, test.has} {
				for _, c := range channels {
					sink.got = nil
					if send(t, sender, "x", c); len(sink.got) != want {
						t.Errorf("channel %d: %d datagrams, want %d", c, len(sink.got), want)
					}
				}
			}
		})
	}
}

func TestMaxSubscriptions(t *testing.T) {
	n := offline(t, Options{ParticipantLimits: ParticipantLimits{MaxSubscriptions: 3}})
	p := join(t, n, blackHole{})
	noErr(t, p.Subscribe(1, 2))
	noErr(t, p.SubscribeRange(10, 20))
	for what, err := range map[string]error{
		"a channel":         p.Subscribe(3),
		"a range":           p.SubscribeRange(30, 40),
		"a hole in a range": p.UnsubscribeRange(15, 15),
	} {
		if !errors.Is(err, ErrTooManySubscriptions) {
			t.Errorf("%s more than 3: %v", what, err)
		}
	}
	noErr(t, p.Subscribe(1, 15))           // had already
	noErr(t, p.UnsubscribeRange(18, 1000)) // no more than before
	p.Unsubscribe(1)
	noErr(t, p.UnsubscribeRange(15, 15))
	if got := p.subscriptions(); got != 3 {
		t.Errorf("%d subscriptions, want 3", got)
	}
}

// The cost of one more range grows with the ranges that there are, not with their
// square: two thousand take a moment.
func TestRangesHaveTheirPrice(t *testing.T) {
	const many, limit = 2000, 10 * time.Second // tens of milliseconds, where the machine is free
	cut := func(i int) (lo, hi wire.Channel) { return wire.Channel(i * 10), wire.Channel(i*10 + 5) }
	for name, each := range map[string]func(p *Participant, i int) error{
		"near each other": func(p *Participant, i int) error { return p.SubscribeRange(cut(i)) },
		"far from each other": func(p *Participant, i int) error {
			return p.SubscribeRange(wire.Channel(i)<<34, wire.Channel(i)<<34+5)
		},
		"holes": func(p *Participant, i int) error {
			if i == 0 {
				return p.SubscribeRange(0, wire.MaxChannel)
			}
			return p.UnsubscribeRange(cut(i))
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := offline(t, Options{})
			p := join(t, n, blackHole{})
			began := time.Now()
			for i := range many {
				noErr(t, each(p, i))
				if took := time.Since(began); took > limit {
					t.Fatalf("%d ranges took %v", i, took)
				}
			}
			p.Leave()
			if took := time.Since(began); took > limit {
				t.Errorf("until it left, %d ranges took %v", many, took)
			}
			if s := n.Stats(); s.Ranges+s.Participants+s.Subscriptions > 0 {
				t.Errorf("left behind: %+v", s)
			}
		})
	}
}

// One participant with as many ranges as it may have gets no more, by no way.
func TestMaxRanges(t *testing.T) {
	n := offline(t, Options{})
	p := join(t, n, blackHole{})
	for i := range wire.Channel(100) {
		noErr(t, p.SubscribeRange(i<<34, i<<34+9))
	}
	real := p.ranges
	for i := range wire.Channel(maxRanges - 100) { // as if it had these, too
		p.ranges = append(p.ranges, routing.Span{Lo: (100 + i) << 34, Hi: (100+i)<<34 + 9})
	}
	if err := p.SubscribeRange(100, 101); !errors.Is(err, ErrTooManySubscriptions) {
		t.Errorf("one more range: %v", err)
	}
	if err := p.UnsubscribeRange(5, 6); !errors.Is(err, ErrTooManySubscriptions) {
		t.Errorf("one more by a hole: %v", err)
	}
	p.ranges = real
	noErr(t, p.UnsubscribeRange(0, 4))
	noErr(t, p.UnsubscribeRange(70<<34, wire.MaxChannel))
	p.Leave() // in several turns
	if s := n.Stats(); s.Ranges+s.Participants+s.Subscriptions > 0 {
		t.Errorf("left behind: %+v", s)
	}
}

// A participant with many channels leaves in several turns, and gets nothing
// from the first one on.
func TestLeaveWithManyChannels(t *testing.T) {
	n := offline(t, Options{})
	sink := &tape{}
	p, sender := join(t, n, sink), join(t, n, blackHole{})
	const many = 5*leaveAtOnce + 1
	turn := n.Begin()
	for c := range wire.Channel(many) {
		noErr(t, turn.Subscribe(p, c))
	}
	turn.End()
	noErr(t, p.AddPostRemove(1, datagram(t, "gone", many)))
	last := &tape{}
	noErr(t, join(t, n, last).Subscribe(many))
	p.Leave()
	for c := range wire.Channel(many) {
		send(t, sender, "x", c)
	}
	if len(sink.got) > 0 {
		t.Errorf("%d datagrams after it left", len(sink.got))
	}
	if len(last.got) != 1 {
		t.Errorf("%d post-removes, want 1", len(last.got))
	}
	if s := n.Stats(); s.Channels != 1 || s.Subscriptions != 1 {
		t.Errorf("%d channels and %d subscriptions left, want one each", s.Channels, s.Subscriptions)
	}
}

func TestDrop(t *testing.T) {
	n := offline(t, Options{})
	cause := errors.New("a good reason")
	var told []error
	p, err := n.Join("p", blackHole{}, func(cause error) { told = append(told, cause) })
	noErr(t, err)
	p.Drop(cause)
	p.Drop(errors.New("another one"))
	p.Leave()
	p.Drop(errors.New("a third one"))
	if len(told) != 1 || told[0] != cause {
		t.Errorf("told %v, want %v once", told, cause)
	}
}

// After the end nothing that is done with a participant has any effect.
func TestWhoHasLeftIsGone(t *testing.T) {
	n := offline(t, Options{})
	sink := &tape{}
	p, sender := join(t, n, sink), join(t, n, blackHole{})
	noErr(t, p.Subscribe(5))
	p.Leave()
	_ = p.Subscribe(5)
	_ = p.SubscribeRange(0, 10)
	p.Unsubscribe(5)
	_ = p.UnsubscribeRange(0, 10)
	p.ClearPostRemoves(1)
	if err := p.Send(datagram(t, "x", 5)); !errors.Is(err, ErrCutOff) {
		t.Errorf("sends: %v", err)
	}
	send(t, sender, "x", 5)
	if len(sink.got) > 0 {
		t.Error("receives")
	}
	if s := n.Stats(); s.Participants != 1 || s.Channels+s.Ranges+s.Subscriptions > 0 {
		t.Errorf("left behind: %+v", s)
	}
}
