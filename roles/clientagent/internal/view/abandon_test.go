package view

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"natstron/bridge/wire"
)

// mute is a session that counts what it tells the cluster.
type mute struct{ told int }

func (*mute) Channel() wire.Channel                   { return channel }
func (*mute) Opened(wire.Channel) bool                { return false }
func (*mute) Send([]byte)                             {}
func (s *mute) Tell(*wire.Writer)                     { s.told++ }
func (*mute) Subscribe(wire.Channel) error            { return nil }
func (*mute) Unsubscribe(wire.Channel)                {}
func (*mute) WhenInForce(_ []wire.Channel, do func()) { do() }
func (*mute) Lost(wire.DoID, Loss)                    {}
func (*mute) Deaf(error)                              {}
func (*mute) Refuse(*Datagram, error)                 {}
func (*mute) Log(slog.Level, string, ...any)          {}

// A client that goes while each of its interests waits for all before it costs as much as
// they are: not as much as there are ways from one to another.
func TestGoneInTheMiddleOfNestedInterests(t *testing.T) {
	const interests = 200
	views := Views{Timeout: time.Second, Alarm: func(time.Duration) {}, Opened: func(time.Duration) {}, Now: time.Now}
	s := new(mute)
	v := views.New(s, 0)
	var zones []wire.Zone
	for i := range interests {
		zones = append(zones, wire.Zone(i))
		if err := v.AddFor(2000, NewInterest(uint16(i), pondID, slices.Clone(zones)...)); err != nil {
			t.Fatal(err)
		}
	}
	s.told = 0
	closed := make(chan struct{})
	go func() {
		v.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Fatal("it takes too long")
	}
	if s.told != interests {
		t.Errorf("%d participants were told that their interest is done, want %d", s.told, interests)
	}
}
