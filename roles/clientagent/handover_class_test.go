package clientagent

import (
	"encoding/binary"
	"testing"

	"natstron/bridge/wire"
)

// counter is a class that counts what a client sends, wherever that is.
type counter struct{ plainClass }

func (counter) Connected(s *Session) { s.Value = uint32(0) }

func (counter) FromClient(s *Session, m []byte) []byte {
	s.Value = s.Value.(uint32) + 1
	return m
}

func (counter) Move(s *Session) []byte {
	return binary.LittleEndian.AppendUint32(nil, s.Value.(uint32))
}

func (counter) Moved(s *Session, state []byte) error {
	s.Value = binary.LittleEndian.Uint32(state)
	return nil
}

// A session with a class that says what it has to know moves as others do, but while it waits for
// an answer.
func TestHandoverOfAClass(t *testing.T) {
	m := newMoving(t, func(_ int, o *Options) { o.Class = counter{} })
	c, _, _ := m.player()
	counted := func(at int) (n uint32) {
		m.agents[at].each(func(s *session) { n = s.class.Value.(uint32) })
		return n
	}
	letters := uint32(0)
	write := func(at int) {
		t.Helper()
		before := counted(at)
		must(t, c.Send(wire.ClientObjectSetField, func(b *wire.Writer) {
			b.DoID(gate).FieldID(fieldID(t, "Gate", "enter")).Text("hello")
		}))
		m.actor.expect(wire.StateServerObjectSetField)
		if letters = counted(at); letters != before+1 {
			t.Errorf("%d messages are counted, and %d before", letters, before)
		}
	}
	write(0)
	m.move(0, 1)
	if now := counted(1); now < letters {
		t.Errorf("%d messages are counted elsewhere, and %d before", now, letters)
	}
	write(1)
	var token []byte
	m.agents[1].each(func(s *session) {
		s.held.questions++
		token = s.role.resumes.keys.Sign(s.ticket.Token())
	})
	refused(t, m.agents[0], token, wire.EjectSessionAway)
	m.agents[1].each(func(s *session) { s.held.questions-- })
	m.move(1, 0)
	write(0)
}
