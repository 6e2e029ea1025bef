package e2e

import (
	"fmt"
	"syscall"
	"testing"

	"natstron/bridge/wire"
)

// A database-state server in another process than its database.

const (
	farStore  = "general: {dc_files: [game.dc]}\nroles: [{type: database, control: 402001, generate: {min: 100000000, max: 100000999}, backend: {type: embedded, file: objects.db}}]\n"
	farObject = "general: {dc_files: [game.dc]}\nroles: [{type: dbss, database: 402001, ranges: [{min: 100000000, max: 100000999}], timeout: 500ms}]\n"
)

// pebblesOf makes objects in a database, over any connection of its cluster.
func pebblesOf(t testing.TB, a *gameServer, n int) []wire.DoID {
	t.Helper()
	var ids []wire.DoID
	for range n {
		r := a.ask(gameDatabase, wire.DBServerCreateObject, wire.DBServerCreateObjectResp, func(w *wire.Writer) {
			w.DClassID(0).Uint16(3).FieldID(0).Uint32(1).FieldID(1).Uint16(2).FieldID(2).Uint8(3)
		})
		if ids = append(ids, r.DoID()); ids[len(ids)-1] == 0 {
			t.Fatal("the database made no object")
		}
	}
	return ids
}

func withPebbles(t testing.TB) func(dir string) {
	return with(t, "game.dc", pebbleDC)
}

// The database, the database-state server and the AI in a process each. What the AI
// sends right after an activation, without waiting for anything, is not lost.
func TestActivateFromAfar(t *testing.T) {
	for name, configure := range joined {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backbone := configure(t)
			store := run(t, backbone+farStore, withPebbles(t))
			objects := run(t, backbone+farObject, withPebbles(t))
			ai := run(t, backbone)
			a := &gameServer{Client: ai.dial(), t: t}
			a.Subscribe(gameAI)
			a.Settle(store.port(), 9001)
			a.Settle(objects.port(), 9001)

			ids := pebblesOf(t, a, 100)
			at := wire.Location{Parent: 5000, Zone: 1}
			for i, id := range ids {
				a.tell(id.Channel(), wire.DBSSObjectActivateWithDefaults, func(w *wire.Writer) { w.DoID(id).Location(at) })
				a.tell(id.Channel(), wire.StateServerObjectSetField, func(w *wire.Writer) { w.DoID(id).FieldID(0).Uint32(uint32(1000 + i)) })
				a.tell(id.Channel(), wire.StateServerObjectGetField, func(w *wire.Writer) { w.Uint32(uint32(i)).DoID(id).FieldID(0) })
			}
			for i := range ids {
				d, err := a.Receive()
				if err != nil {
					t.Fatalf("%d of %d: %v", i, len(ids), err)
				}
				m, _ := d.Message()
				p := &m.Payload
				question, success, field, value := p.Uint32(), p.Bool(), p.FieldID(), p.Uint32()
				if m.Type != wire.StateServerObjectGetFieldResp || p.Done() != nil || !success || field != 0 || value != 1000+question {
					t.Fatalf("%v: question %d, %v, field %d is %d (%v)", m.Type, question, success, field, value, p.Err())
				}
			}
		})
	}
}

// A database that is killed, and one that does not answer: askers are told, nothing is
// stuck, and when it is back all goes on.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	clients, _ := natsServer(t)
	backbone := fmt.Sprintf("backbone: {urls: ['%s'], dead_after: 10m}\n%s", clients, port)
	store := run(t, backbone+farStore, withPebbles(t))
	objects := run(t, backbone+farObject, withPebbles(t))
	a := &gameServer{Client: objects.dial(), t: t}
	a.Subscribe(gameAI)
	a.Settle(store.port(), 9001)
	id := pebblesOf(t, a, 1)[0]

	gone := func() {
		t.Helper()
		a.tell(id.Channel(), wire.DBSSObjectActivateWithDefaults, func(w *wire.Writer) { w.DoID(id).Location(wire.Location{}) })
		active := a.question(id.Channel(), wire.DBSSObjectGetActivated, func(w *wire.Writer) { w.DoID(id) })
		field := a.question(id.Channel(), wire.StateServerObjectGetField, func(w *wire.Writer) { w.DoID(id).FieldID(0) })
		if r := a.answer(wire.DBSSObjectGetActivatedResp, active); r.DoID() != id || r.Bool() || r.Done() != nil {
			t.Fatalf("the object is active (%v)", r.Done())
		}
		if r := a.answer(wire.StateServerObjectGetFieldResp, field); r.Bool() || r.Done() != nil {
			t.Fatalf("the field has a value (%v)", r.Done())
		}
	}
	back := func(value uint32) {
		t.Helper()
		poll(t, func() bool {
			a.tell(id.Channel(), wire.DBSSObjectActivateWithDefaults, func(w *wire.Writer) { w.DoID(id).Location(wire.Location{}) })
			r := a.ask(id.Channel(), wire.DBSSObjectGetActivated, wire.DBSSObjectGetActivatedResp, func(w *wire.Writer) { w.DoID(id) })
			return r.DoID() == id && r.Bool()
		}, func() string { return "the object to be active" })
		r := a.ask(id.Channel(), wire.StateServerObjectGetField, wire.StateServerObjectGetFieldResp, func(w *wire.Writer) { w.DoID(id).FieldID(0) })
		if success, field, got := r.Bool(), r.FieldID(), r.Uint32(); !success || field != 0 || got != value {
			t.Fatalf("%v, field %d is %d, want %d", success, field, got, value)
		}
		a.tell(id.Channel(), wire.StateServerObjectSetField, func(w *wire.Writer) { w.DoID(id).FieldID(0).Uint32(value + 1) })
		poll(t, func() bool {
			r := a.ask(gameDatabase, wire.DBServerObjectGetField, wire.DBServerObjectGetFieldResp, func(w *wire.Writer) { w.DoID(id).FieldID(0) })
			return r.Bool() && r.FieldID() == 0 && r.Uint32() == value+1
		}, func() string { return "the value in the database" })
		a.tell(id.Channel(), wire.StateServerObjectDeleteRAM, func(w *wire.Writer) { w.DoID(id) })
	}
	back(1)
	store.freeze()
	asked := a.question(gameDatabase, wire.DBServerObjectGetField, func(w *wire.Writer) { w.DoID(id).FieldID(0) })
	gone()
	store.signal(thawSignal)
	a.answer(wire.DBServerObjectGetFieldResp, asked) // those to the dbss are nobody's any more
	back(2)
	store = store.killed()
	back(3)
	store.signal(syscall.SIGKILL)
	store.wait()
	gone()
	store.again()
	back(4)
}
