package ask

import (
	"testing"

	"natstron/bridge/wire"
)

// The state server chooses a doId, or says why not.
func TestGenerate(t *testing.T) {
	h := newHost(t, Options{})
	account, _ := h.file.ClassByName("Account")
	number, _ := account.ID()
	var made answered[wire.DoID]
	q := Generate(402, "Account", wire.Location{Parent: 5, Zone: 6}, Values{"place": []any{1, 2}}, made.then)
	kind := wire.StateServerGenerateObjectWithRequiredOther
	generate := func(payload, reply func(w *wire.Writer)) {
		t.Helper()
		made = answered[wire.DoID]{}
		h.ask(q, nil)
		r := h.next(402, kind)
		question := r.Uint32()
		if payload != nil {
			same(t, r.Rest(), payload)
		}
		if !h.hear(402, wire.StateServerGenerateObjectResp, func(w *wire.Writer) { reply(w.Uint32(question)) }) {
			t.Fatal("the answer is not taken")
		}
		h.open(0)
	}
	generate(func(w *wire.Writer) {
		w.DoID(5).Zone(6).DClassID(wire.DClassID(number)).Text("").Uint16(1).FieldID(h.field("Account", "place")).Uint32(1).Uint32(2)
	}, func(w *wire.Writer) { w.DoID(77).Text("") })
	want(t, made.v, made.err, wire.DoID(77), nil)
	generate(nil, func(w *wire.Writer) { w.DoID(0).Text("none is left") })
	if made.err == nil || made.err.Error() != "ask: none is left" {
		t.Errorf("the error is %v", made.err)
	}
	generate(nil, func(w *wire.Writer) { w.DoID(77) })
	if made.err == nil {
		t.Error("an answer that is cut is one")
	}
	q, kind = GenerateOf(9, 402, "Account", wire.Location{Parent: 5, Zone: 6}, nil, made.then), wire.StateServerGenerateObjectOfAI
	generate(func(w *wire.Writer) {
		w.Channel(9).DoID(5).Zone(6).DClassID(wire.DClassID(number)).Text("").Uint16(0)
	}, func(w *wire.Writer) { w.DoID(78).Text("") })
	want(t, made.v, made.err, wire.DoID(78), nil)
}

// What a client agent does for a client is written as its layout says.
func TestClient(t *testing.T) {
	h := newHost(t, Options{})
	account, _ := h.file.ClassByName("Account")
	number, _ := account.ID()
	c := Client(9)
	for _, test := range []struct {
		m       Message
		kind    wire.MsgType
		payload func(w *wire.Writer)
	}{
		{c.LetIn(), wire.ClientAgentSetState, func(w *wire.Writer) { w.Uint16(2) }},
		{c.SetID(10), wire.ClientAgentSetClientID, func(w *wire.Writer) { w.Channel(10) }},
		{c.Eject(122, "no"), wire.ClientAgentEject, func(w *wire.Writer) { w.Uint16(122).Text("no") }},
		{c.Drop(), wire.ClientAgentDrop, func(*wire.Writer) {}},
		{c.OpenChannel(10), wire.ClientAgentOpenChannel, func(w *wire.Writer) { w.Channel(10) }},
		{c.CloseChannel(10), wire.ClientAgentCloseChannel, func(w *wire.Writer) { w.Channel(10) }},
		{c.Declare("Account", 7), wire.ClientAgentDeclareObject, func(w *wire.Writer) { w.DoID(7).DClassID(wire.DClassID(number)) }},
		{c.AddSessionObject(7), wire.ClientAgentAddSessionObject, func(w *wire.Writer) { w.DoID(7) }},
		{c.RemoveSessionObject(7), wire.ClientAgentRemoveSessionObject, func(w *wire.Writer) { w.DoID(7) }},
		{c.AddInterest(3, 7, 8, 9), wire.ClientAgentAddInterestMultiple, func(w *wire.Writer) { w.Uint16(3).DoID(7).Uint16(2).Zone(8).Zone(9) }},
		{c.RemoveInterest(3), wire.ClientAgentRemoveInterest, func(w *wire.Writer) { w.Uint16(3) }},
		{c.Update("Account", 7, "setName", "Ada"), wire.StateServerObjectSetField, func(w *wire.Writer) {
			w.DoID(7).FieldID(h.field("Account", "setName")).Text("Ada")
		}},
	} {
		h.Turn(func() {
			if err := h.asker.Tell(test.m); err != nil {
				t.Error(err)
			}
		})
		r := h.next(9, test.kind)
		same(t, r.Rest(), test.payload)
	}
}
