package clientagent

import (
	"strings"
	"testing"

	"natstron/bridge/wire"
)

// The tables of messages agree with the layouts, which say who sends what to whom.
func TestTables(t *testing.T) {
	for _, kind := range wire.ClientMsgTypes() {
		layout, _ := wire.ClientLayoutOf(kind)
		want := layout.From == "client" || strings.HasPrefix(layout.From, "client or ")
		if _, got := clientMessages[kind]; got != want {
			t.Errorf("%v is from %s, clients may send it: %v", kind, layout.From, got)
		}
	}
	for _, kind := range wire.MsgTypes() {
		if _, got := orders[kind]; isOrder(kind) && !got {
			t.Errorf("%v is not in the table", kind)
		}
	}
}

func isOrder(kind wire.MsgType) bool {
	layout, _ := wire.LayoutOf(kind)
	return strings.HasPrefix(kind.String(), "CLIENTAGENT_") && strings.HasPrefix(layout.To, "client session")
}

// What makes no sense is counted, and goes nowhere.
func TestMalformed(t *testing.T) {
	s := newStage(t)
	c := s.established()
	want := uint64(0)
	refused := func(kind wire.MsgType, build func(w *wire.Writer)) {
		s.order(c, kind, build)
		want++
	}
	for kind := range orders {
		layout, _ := wire.LayoutOf(kind)
		if isOrder(kind) && layout.String() != layout.Name+"()" {
			refused(kind, func(w *wire.Writer) { w.Uint8(1) })
		}
	}
	refused(wire.StateServerObjectSetField, func(w *wire.Writer) { w.Uint8(1) })
	refused(wire.StateServerCreateObjectWithRequired, nil)
	refused(wire.ClientAgentDeclareObject, func(w *wire.Writer) { w.DoID(106).DClassID(999) })
	s.order(c, wire.StateServerObjectSetField, func(w *wire.Writer) { w.DoID(999).FieldID(0).Uint8(1) }) // of an object that nobody showed
	s.quiet(c)
	if n := s.agent.Stats().Malformed; n != want {
		t.Errorf("%d messages were refused, want %d", n, want)
	}
}
