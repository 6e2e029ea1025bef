package ask

import (
	"errors"
	"testing"

	"natstron/bridge/wire"
)

// What uses indexes is written as its layout says, and all that a database answers is read.
func TestIndex(t *testing.T) {
	h := newHost(t, Options{})
	account, _ := h.file.ClassByName("Account")
	number, _ := account.ID()
	name := h.field("Account", "setName")

	var found answered[[]wire.DoID]
	var more bool
	find := func() {
		h.ask(db.Find("Account", "setName", "Ada", 7, func(all []wire.DoID, others bool, err error) {
			more = others
			found.then(all, err)
		}), nil)
	}
	find()
	h.exchange(4003, wire.DBServerFindObjects, func(w *wire.Writer) {
		w.DClassID(wire.DClassID(number)).FieldID(name).Text("Ada").DoID(7).Uint16(0)
	}, func(w *wire.Writer) { w.Uint16(0).Bool(true).Uint16(2).DoID(8).DoID(9) })
	want(t, found.v, found.err, []wire.DoID{8, 9}, nil)
	if !more {
		t.Error("there are no others")
	}
	find()
	h.exchange(4003, wire.DBServerFindObjects, nil, func(w *wire.Writer) { w.Uint16(0).Bool(false).Uint16(0) })
	want(t, found.v, found.err, []wire.DoID(nil), nil)
	find()
	h.exchange(4003, wire.DBServerFindObjects, nil, func(w *wire.Writer) { w.Uint16(2) })
	want(t, found.v, found.err, []wire.DoID(nil), codes[2])
	find()
	h.exchange(4003, wire.DBServerFindObjects, nil, func(w *wire.Writer) { w.Uint16(0).Bool(true).Uint16(2).DoID(8) })
	if !errors.Is(found.err, wire.ErrTruncated) || more {
		t.Errorf("an answer that is cut is one: %v", found.err)
	}

	var made answered[wire.DoID]
	create := db.CreateIfAbsent("Account", Values{"setName": "Ada"}, made.then)
	h.ask(create, nil)
	h.exchange(4003, wire.DBServerCreateObjectIfAbsent, func(w *wire.Writer) {
		w.DClassID(wire.DClassID(number)).Uint16(1).FieldID(name).Text("Ada")
	}, func(w *wire.Writer) { w.Uint16(0).DoID(77) })
	want(t, made.v, made.err, wire.DoID(77), nil)
	h.ask(create, nil)
	h.exchange(4003, wire.DBServerCreateObjectIfAbsent, nil, func(w *wire.Writer) { w.Uint16(1).DoID(70).FieldID(name) })
	want(t, made.v, made.err, wire.DoID(70), ErrTaken)
	h.ask(create, nil)
	h.exchange(4003, wire.DBServerCreateObjectIfAbsent, nil, func(w *wire.Writer) { w.Uint16(5).DoID(0) })
	want(t, made.v, made.err, wire.DoID(0), codes[5])
	h.ask(create, nil)
	h.exchange(4003, wire.DBServerCreateObjectIfAbsent, nil, func(w *wire.Writer) { w.Uint16(99).DoID(0) })
	if made.err == nil || errors.As(made.err, new(refusal)) {
		t.Errorf("an unknown code is one: %v", made.err)
	}
}
