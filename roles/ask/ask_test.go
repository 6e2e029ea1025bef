package ask

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
	"natstron/dc"
)

const (
	me     wire.Channel = 100_000
	db     Database     = 4003
	names  wire.DoID    = 4670
	avatar wire.DoID    = 101
)

var errOffline = errors.New("offline")

// host is a participant without a node.
type host struct {
	t       *testing.T
	file    *dc.File
	all     *Askers
	asker   *Asker
	turn    sync.Mutex
	later   []func()
	sent    []wire.Datagram
	offline bool
}

func (h *host) Channel() wire.Channel { return me }
func (h *host) Later(do func())       { h.later = append(h.later, do) }
func (h *host) Go(work func())        { go work() }

func (h *host) Send(d wire.Datagram) error {
	if h.offline {
		return errOffline
	}
	h.sent = append(h.sent, append(wire.Datagram(nil), d...))
	return nil
}

func (h *host) Turn(do func()) {
	h.turn.Lock()
	defer h.turn.Unlock()
	do()
	for len(h.later) > 0 {
		do := h.later[0]
		h.later = h.later[1:]
		do()
	}
}

// pass lets time pass, within a synctest bubble. What the test has read is not written
// meanwhile.
func (h *host) pass(d time.Duration) {
	h.Turn(func() {})
	time.Sleep(d)
	synctest.Wait()
}

func newHost(t *testing.T, o Options) *host {
	t.Helper()
	file, err := dc.Parse([]dc.Source{{Name: "test.dc", Text: `
		dclass Account {
			setName(string name) required db;
			hash(blob) db;
			place(uint32 x, uint32 y) db ram;
			friends(uint32 list[]) db ram;
			gone(uint8) db ram;
		};
		dclass Names {
			check(uint32 context, string name) airecv;
			checked(uint32 context, uint8 allowed);
			old(string name) airecv;
		};`}})
	if err != nil {
		t.Fatal(err)
	}
	o.File = file
	h := &host{t: t, file: file, all: New(o)}
	h.asker = h.all.New(h)
	return h
}

// ask asks in a turn.
func (h *host) ask(q Question, over func()) (cancel func()) {
	h.Turn(func() { cancel = h.asker.Ask(q, over) })
	return cancel
}

// next is the next datagram sent.
func (h *host) next(to wire.Channel, kind wire.MsgType) (r wire.Reader) {
	h.t.Helper()
	h.Turn(func() {
		if len(h.sent) == 0 {
			h.t.Fatal("nothing was sent")
		}
		d := h.sent[0]
		h.sent = h.sent[1:]
		m, err := d.Message()
		if err != nil || d.RecipientCount() != 1 || d.Recipient(0) != to || m.Sender != me || m.Type != kind {
			h.t.Fatalf("sent %v to %d, want %v to %d", m.Type, d.Recipient(0), kind, to)
		}
		r = m.Payload
	})
	return r
}

// hear gives the asker a message, and returns whether it takes it.
func (h *host) hear(from wire.Channel, kind wire.MsgType, write func(w *wire.Writer)) (taken bool) {
	h.t.Helper()
	var w wire.Writer
	w.Header(from, kind, me)
	write(&w)
	d, err := w.Datagram()
	if err != nil {
		h.t.Fatal(err)
	}
	m, _ := d.Message()
	h.Turn(func() { taken = h.asker.Handle(m) })
	return taken
}

// field is the number of a field.
func (h *host) field(class, name string) wire.FieldID {
	c, _ := h.file.ClassByName(class)
	f, _ := c.FieldByName(name)
	return wire.FieldID(f.ID())
}

func (h *host) open(want int) {
	h.t.Helper()
	h.Turn(func() {
		if got := h.asker.Open(); got != want || h.all.stats.Open != want {
			h.t.Errorf("%d questions are open, %d of all askers; want %d", got, h.all.stats.Open, want)
		}
	})
}

// want compares an answer with what was wanted.
func want(t *testing.T, got any, err error, wanted any, why error) {
	t.Helper()
	if !errors.Is(err, why) || (why == nil && err != nil) {
		t.Errorf("the error is %v, want %v", err, why)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Error(diff)
	}
}

// answered is a question's answer.
type answered[T any] struct {
	v     T
	err   error
	times int
}

func (a *answered[T]) then(v T, err error) { a.v, a.err = v, err; a.times++ }

// A stored object's fields go by their names, and its answer reaches the function, once.
func TestDatabaseGet(t *testing.T) {
	h := newHost(t, Options{})
	var got answered[Values]
	h.ask(db.Get("Account", 7, []string{"setName", "place", "friends", "gone"}, got.then), nil)
	r := h.next(4003, wire.DBServerObjectGetFields)
	question := r.Uint32()
	if do, n := r.DoID(), r.Uint16(); do != 7 || n != 4 || r.FieldID() != h.field("Account", "setName") {
		t.Errorf("asked for %d fields of %d", n, do)
	}
	answer := func(w *wire.Writer) {
		w.Uint32(question).Bool(true).Uint16(3).FieldID(h.field("Account", "setName")).Text("Ada").
			FieldID(h.field("Account", "place")).Uint32(3).Uint32(4).
			FieldID(h.field("Account", "friends")).Uint16(8).Uint32(5).Uint32(6)
	}
	if h.hear(4004, wire.DBServerObjectGetFieldsResp, answer) {
		t.Error("an answer of somebody else counts")
	}
	if h.hear(4003, wire.DBServerObjectGetAllResp, answer) {
		t.Error("an answer to another question counts")
	}
	if h.hear(4003, wire.DBServerObjectGetFieldsResp, func(w *wire.Writer) { w.Uint32(question + 1).Bool(false) }) {
		t.Error("an answer with another context counts")
	}
	h.open(1)
	if !h.hear(4003, wire.DBServerObjectGetFieldsResp, answer) {
		t.Error("the answer does not count")
	}
	want(t, got.v, got.err, Values{
		"setName": "Ada", "place": dc.Record{{Name: "x", Value: uint32(3)}, {Name: "y", Value: uint32(4)}},
		"friends": []any{uint32(5), uint32(6)},
	}, nil)
	if h.hear(4003, wire.DBServerObjectGetFieldsResp, answer) || got.times != 1 {
		t.Error("it is answered again")
	}
	h.open(0)
}

// All that a database can be asked is written as its layout says, and its answers are read.
func TestDatabase(t *testing.T) {
	h := newHost(t, Options{})
	name, place := h.field("Account", "setName"), h.field("Account", "place")
	account, _ := h.file.ClassByName("Account")
	number, _ := account.ID()

	var created answered[wire.DoID]
	create := db.Create("Account", Values{"place": []any{1, 2}, "setName": "Ada"}, created.then)
	h.ask(create, nil)
	h.exchange(4003, wire.DBServerCreateObject, func(w *wire.Writer) {
		w.DClassID(wire.DClassID(number)).Uint16(2).FieldID(name).Text("Ada").FieldID(place).Uint32(1).Uint32(2)
	}, func(w *wire.Writer) { w.DoID(77) })
	want(t, created.v, created.err, wire.DoID(77), nil)
	h.ask(create, nil)
	h.exchange(4003, wire.DBServerCreateObject, nil, func(w *wire.Writer) { w.DoID(0) })
	want(t, created.v, created.err, wire.DoID(0), ErrNotFound)

	var all answered[Object]
	h.ask(db.All(7, all.then), nil)
	h.exchange(4003, wire.DBServerObjectGetAll, func(w *wire.Writer) { w.DoID(7) }, func(w *wire.Writer) {
		w.Bool(true).DClassID(wire.DClassID(number)).Uint16(1).FieldID(name).Text("Ada")
	})
	want(t, all.v, all.err, Object{DoID: 7, Class: "Account", Values: Values{"setName": "Ada"}}, nil)
	h.ask(db.All(7, all.then), nil)
	h.exchange(4003, wire.DBServerObjectGetAll, nil, func(w *wire.Writer) { w.Bool(false) })
	want(t, all.v, all.err, Object{}, ErrNotFound)

	var changed answered[Values]
	change := db.SetIf("Account", 7, Values{"setName": "Ada"}, Values{"setName": "Bob"}, changed.then)
	h.ask(change, nil)
	h.exchange(4003, wire.DBServerObjectSetFieldsIfEquals, func(w *wire.Writer) {
		w.DoID(7).Uint16(1).FieldID(name).Text("Ada").Text("Bob")
	}, func(w *wire.Writer) { w.Bool(true) })
	want(t, changed.v, changed.err, Values(nil), nil)
	h.ask(change, nil)
	h.exchange(4003, wire.DBServerObjectSetFieldsIfEquals, nil, func(w *wire.Writer) { w.Bool(false).Uint16(1).FieldID(name).Text("Eve") })
	want(t, changed.v, changed.err, Values{"setName": "Eve"}, ErrChanged)
	h.ask(change, nil)
	h.exchange(4003, wire.DBServerObjectSetFieldsIfEquals, nil, func(w *wire.Writer) { w.Bool(false) })
	want(t, changed.v, changed.err, Values(nil), ErrNotFound)

	var current answered[any]
	empty := db.SetIfEmpty("Account", 7, "setName", "Ada", current.then)
	h.ask(empty, nil)
	h.exchange(4003, wire.DBServerObjectSetFieldIfEmpty, func(w *wire.Writer) { w.DoID(7).FieldID(name).Text("Ada") },
		func(w *wire.Writer) { w.Bool(false).FieldID(name).Text("Eve") })
	want(t, current.v, current.err, "Eve", ErrChanged)

	tell := func(m Message, to wire.Channel, kind wire.MsgType, payload func(w *wire.Writer)) {
		t.Helper()
		h.Turn(func() {
			if err := h.asker.Tell(m); err != nil {
				t.Error(err)
			}
		})
		r := h.next(to, kind)
		same(t, r.Rest(), payload)
	}
	tell(db.Set("Account", 7, Values{"setName": "Ada"}), 4003, wire.DBServerObjectSetFields,
		func(w *wire.Writer) { w.DoID(7).Uint16(1).FieldID(name).Text("Ada") })
	tell(db.Clear("Account", 7, "place"), 4003, wire.DBServerObjectDeleteFields,
		func(w *wire.Writer) { w.DoID(7).Uint16(1).FieldID(place) })
	tell(db.Delete(7), 4003, wire.DBServerObjectDelete, func(w *wire.Writer) { w.DoID(7) })

	tell(Create(402, "Account", avatar, wire.Location{Parent: 5, Zone: 6}, Values{"place": []any{1, 2}}), 402, wire.StateServerCreateObjectWithRequiredOther,
		func(w *wire.Writer) {
			w.DoID(avatar).DoID(5).Zone(6).DClassID(wire.DClassID(number)).Text("").Uint16(1).FieldID(place).Uint32(1).Uint32(2)
		})
	tell(Update("Account", avatar, "place", []any{1, 2}), 101, wire.StateServerObjectSetField,
		func(w *wire.Writer) { w.DoID(avatar).FieldID(place).Uint32(1).Uint32(2) })
	tell(Move(avatar, wire.Location{Parent: 5, Zone: 6}), 101, wire.StateServerObjectSetLocation, func(w *wire.Writer) { w.DoID(5).Zone(6) })
	tell(SetOwner(avatar, 9), 101, wire.StateServerObjectSetOwner, func(w *wire.Writer) { w.Channel(9) })
	tell(SetAI(avatar, 9), 101, wire.StateServerObjectSetAI, func(w *wire.Writer) { w.Channel(9) })
	tell(Delete(avatar), 101, wire.StateServerObjectDeleteRAM, func(w *wire.Writer) { w.DoID(avatar) })
	tell(Activate("Account", avatar, wire.Location{Parent: 5, Zone: 6}, nil), 101, wire.DBSSObjectActivateWithDefaultsOther,
		func(w *wire.Writer) { w.DoID(avatar).DoID(5).Zone(6).DClassID(wire.DClassID(number)).Uint16(0) })
	tell(RawMessage(9, 4711, func(w *wire.Writer) { w.Uint8(1) }), 9, 4711, func(w *wire.Writer) { w.Uint8(1) })
}

// exchange wants a question with that payload behind the context, and answers it.
func (h *host) exchange(to wire.Channel, kind wire.MsgType, payload, answer func(w *wire.Writer)) {
	h.t.Helper()
	r := h.next(to, kind)
	question := r.Uint32()
	if payload != nil {
		same(h.t, r.Rest(), payload)
	}
	if !h.hear(to, kind+1, func(w *wire.Writer) { answer(w.Uint32(question)) }) {
		h.t.Fatalf("the answer to %v is not taken", kind)
	}
	h.open(0)
}

func same(t *testing.T, got []byte, payload func(w *wire.Writer)) {
	t.Helper()
	var w wire.Writer
	payload(&w)
	wanted, err := w.Datagram()
	if err != nil || string(wanted) != string(got) {
		t.Errorf("sent %x (%v), want %x", got, err, wanted)
	}
}

// Objects of a state server answer for themselves.
func TestObject(t *testing.T) {
	h := newHost(t, Options{})
	account, _ := h.file.ClassByName("Account")
	number, _ := account.ID()
	to := avatar.Channel()

	var fields answered[Values]
	h.ask(Fields("Account", avatar, []string{"setName"}, fields.then), nil)
	h.exchange(to, wire.StateServerObjectGetFields, func(w *wire.Writer) { w.DoID(avatar).Uint16(1).FieldID(h.field("Account", "setName")) },
		func(w *wire.Writer) { w.Bool(false) })
	want(t, fields.v, fields.err, Values(nil), ErrNotFound)

	var all answered[Object]
	h.ask(All(avatar, all.then), nil)
	h.exchange(to, wire.StateServerObjectGetAll, func(w *wire.Writer) { w.DoID(avatar) }, func(w *wire.Writer) {
		w.DoID(avatar).DoID(5).Zone(6).DClassID(wire.DClassID(number)).Text("Ada").Uint16(1).FieldID(h.field("Account", "gone")).Uint8(3)
	})
	want(t, all.v, all.err, Object{avatar, "Account", wire.Location{Parent: 5, Zone: 6}, Values{"setName": "Ada", "gone": uint8(3)}}, nil)

	var at answered[wire.Location]
	h.ask(At(avatar, at.then), nil)
	h.exchange(to, wire.StateServerObjectGetLocation, func(*wire.Writer) {}, func(w *wire.Writer) { w.DoID(avatar).DoID(5).Zone(6) })
	want(t, at.v, at.err, wire.Location{Parent: 5, Zone: 6}, nil)

	var channel answered[wire.Channel]
	for kind, q := range map[wire.MsgType]Question{
		wire.StateServerObjectGetOwner: Owner(avatar, channel.then),
		wire.StateServerObjectGetAI:    AI(avatar, channel.then),
	} {
		h.ask(q, nil)
		h.exchange(to, kind, func(*wire.Writer) {}, func(w *wire.Writer) { w.DoID(avatar).Channel(9) })
		want(t, channel.v, channel.err, wire.Channel(9), nil)
	}

	var active answered[bool]
	h.ask(Active(avatar, active.then), nil)
	h.exchange(to, wire.DBSSObjectGetActivated, func(w *wire.Writer) { w.DoID(avatar) }, func(w *wire.Writer) { w.DoID(avatar).Bool(true) })
	want(t, active.v, active.err, true, nil)

	var raw answered[uint32]
	h.ask(Raw(to, wire.StateServerObjectGetChildCount, wire.StateServerObjectGetChildCountResp, func(w *wire.Writer) { w.DoID(avatar) },
		func(r *wire.Reader, err error) { raw.then(r.Uint32(), err) }), nil)
	h.exchange(to, wire.StateServerObjectGetChildCount, func(w *wire.Writer) { w.DoID(avatar) }, func(w *wire.Writer) { w.Uint32(12) })
	want(t, raw.v, raw.err, uint32(12), nil)
}

// An answer that is cut anywhere, or too long, is an error, and never a panic.
func TestAnswersThatMakeNoSense(t *testing.T) {
	h := newHost(t, Options{})
	var all answered[Object]
	var fields answered[Values]
	account, _ := h.file.ClassByName("Account")
	number, _ := account.ID()
	var w wire.Writer
	w.DoID(avatar).DoID(5).Zone(6).DClassID(wire.DClassID(number)).Text("Ada").Uint16(1).FieldID(h.field("Account", "gone")).Uint8(3)
	object, _ := w.Datagram()
	w = wire.Writer{}
	w.Bool(true).Uint16(1).FieldID(h.field("Account", "gone")).Uint8(3)
	list, _ := w.Datagram()
	for whole, q := range map[string]Question{
		string(object): All(avatar, all.then),
		string(list):   Fields("Account", avatar, nil, fields.then),
	} {
		for n := range len(whole) + 2 {
			if n == len(whole) {
				continue
			}
			all.err, fields.err = nil, nil
			h.ask(q, nil)
			kind := wire.StateServerObjectGetAll
			if whole == string(list) {
				kind = wire.StateServerObjectGetFields
			}
			h.exchange(avatar.Channel(), kind, nil, func(w *wire.Writer) { w.Raw([]byte((whole + "x")[:n])) })
			if err := errors.Join(all.err, fields.err); err == nil || errors.Is(err, ErrNotFound) {
				t.Errorf("%d of %d bytes: %v", n, len(whole), err)
			}
		}
	}
}

// An UberDOG answers with a field that gives the context back. Late answers are for no one.
func TestCall(t *testing.T) {
	h := newHost(t, Options{})
	checked := h.field("Names", "checked")
	reply := func(do wire.DoID, question uint32, allowed uint8) bool {
		return h.hear(9, wire.StateServerObjectSetField, func(w *wire.Writer) { w.DoID(do).FieldID(checked).Uint32(question).Uint8(allowed) })
	}
	if reply(names, 1, 1) {
		t.Error("an update is taken that nobody has asked for")
	}
	var got answered[dc.Record]
	h.ask(Call("Names", names, "check", []any{"Ada"}, "checked", got.then), nil)
	r := h.next(names.Channel(), wire.StateServerObjectSetField)
	do, field, question, name := r.DoID(), r.FieldID(), r.Uint32(), r.Text()
	if do != names || field != h.field("Names", "check") || name != "Ada" || r.Done() != nil {
		t.Errorf("sent field %d of %d with %q", field, do, name)
	}
	if !reply(names+1, question, 1) || !reply(names, question+1, 1) || got.times != 0 {
		t.Error("another answer counts, or is passed on")
	}
	if !reply(names, question, 1) || got.times != 1 {
		t.Error("the answer does not count")
	}
	want(t, got.v, got.err, dc.Record{{Name: "context", Value: question}, {Name: "allowed", Value: uint8(1)}}, nil)
	if !reply(names, question, 1) || got.times != 1 {
		t.Error("a late answer counts, or is passed on")
	}
}

// What cannot be asked ends with an error after Ask has returned, and nothing is sent.
func TestWrongQuestions(t *testing.T) {
	h := newHost(t, Options{})
	var values answered[Values]
	var record answered[dc.Record]
	var do answered[wire.DoID]
	for text, q := range map[string]Question{
		"no dclass Acount":      db.Get("Acount", 1, []string{"setName"}, values.then),
		"no field name":         Fields("Account", 1, []string{"name"}, values.then),
		"not a uint32":          Call("Names", 1, "old", nil, "checked", record.then),
		"expected 2 members":    Call("Names", 1, "check", nil, "checked", record.then),
		"no dclass Nobody":      db.Create("Nobody", nil, do.then),
		"0 old values":          db.SetIf("Account", 1, nil, Values{"setName": "x"}, values.then),
		"no old value of place": db.SetIf("Account", 1, Values{"setName": "x"}, Values{"place": []any{1, 2}}, values.then),
		"setName":               db.Create("Account", Values{"setName": 5}, do.then),
	} {
		values.err, record.err, do.err = nil, nil, nil
		h.Turn(func() {
			h.asker.Ask(q, nil)
			if errors.Join(values.err, record.err, do.err) != nil {
				t.Errorf("%s: the function is called before Ask has returned", text)
			}
		})
		if err := errors.Join(values.err, record.err, do.err); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if len(h.sent) > 0 {
		t.Error("something was sent")
	}
	h.open(0)
	h.offline = true
	h.ask(db.Get("Account", 1, nil, values.then), nil)
	want(t, values.v, values.err, Values(nil), errOffline)
	h.Turn(func() {
		if err := h.asker.Tell(db.Set("Account", 1, Values{"nane": 1})); err == nil {
			t.Error("a message with an unknown field is sent")
		}
	})
}

// A question that nobody answers ends in its time, and so does one that is cancelled.
func TestNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, Options{Timeout: time.Minute})
		start := time.Now()
		var got, soon, never answered[Values]
		over := 0
		ended := func() { over++ }
		h.ask(db.Get("Account", 1, nil, got.then), ended)
		quick := db.Get("Account", 1, nil, soon.then)
		quick.Timeout = time.Second
		h.ask(quick, ended)
		h.Turn(h.ask(db.Get("Account", 1, nil, never.then), ended))
		h.pass(time.Second)
		want(t, soon.v, soon.err, Values(nil), ErrNoAnswer)
		if got.times != 0 || over != 2 {
			t.Errorf("after %v: %d answers, %d are over", time.Since(start), got.times, over)
		}
		h.pass(time.Minute)
		want(t, got.v, got.err, Values(nil), ErrNoAnswer)
		if never.times != 0 || got.times != 1 || over != 3 || h.all.stats.Unanswered != 2 || h.all.stats.Asked != 3 {
			t.Errorf("%d, %d, %d are over: %+v", never.times, got.times, over, h.all.stats)
		}
		h.open(0)
	})
}

// Nothing comes of what an asker has asked once it has ended: no answer, no timer, no work.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, Options{})
		calls := 0
		h.ask(db.Get("Account", 1, nil, func(Values, error) { calls++ }), func() { calls++ })
		r := h.next(4003, wire.DBServerObjectGetFields)
		question := r.Uint32()
		h.ask(After(time.Second, func(error) { calls++ }), nil)
		var told error
		h.ask(Do(func(ctx context.Context) (int, error) {
			<-ctx.Done()
			told = ctx.Err()
			return 1, nil
		}, func(int, error) { calls++ }), nil)
		h.ask(Question{begin: func(*open) error { return errOffline }, end: func(*dc.File, *wire.Reader, error) { calls-- }}, nil)
		synctest.Wait()
		h.Turn(func() { h.asker.Close() })
		h.open(0)
		if h.hear(4003, wire.DBServerObjectGetFieldsResp, func(w *wire.Writer) { w.Uint32(question).Bool(false) }) {
			t.Error("an answer counts")
		}
		h.Turn(func() { h.asker.Ask(After(0, func(error) { calls++ }), nil)() })
		h.pass(time.Minute)
		if calls != -1 || told == nil { // the one that failed before
			t.Errorf("%d calls; work was told %v", calls, told)
		}
		h.open(0)
	})
}

// Too many questions of one asker are refused, timers and work that goes on included.
func TestTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, Options{MaxOpen: 3, Timeout: time.Second})
		release := make(chan struct{})
		var stubborn, other answered[int]
		var values answered[Values]
		h.ask(Do(func(context.Context) (int, error) { <-release; return 1, nil }, stubborn.then), nil)
		h.ask(db.Get("Account", 1, nil, values.then), nil)
		h.ask(After(time.Hour, func(error) {}), nil)
		refused := func(want error) {
			t.Helper()
			other = answered[int]{}
			h.ask(Do(func(context.Context) (int, error) { return 2, nil }, other.then), nil)
			synctest.Wait()
			if !errors.Is(other.err, want) || (want == nil && other.v != 2) {
				t.Errorf("%d, %v, want %v", other.v, other.err, want)
			}
		}
		refused(ErrTooMany)
		h.pass(time.Second)
		want(t, stubborn.v, stubborn.err, 0, ErrNoAnswer)
		refused(nil) // the database question has ended, the work has not
		h.ask(After(time.Hour, func(error) {}), nil)
		refused(ErrTooMany)
		close(release)
		synctest.Wait()
		refused(nil)
		if stubborn.times != 1 {
			t.Error("work that came late counts")
		}
		h.Turn(h.asker.Close)
	})
}

// At most so many goroutines work at once; the others wait, and their time runs.
func TestWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, Options{MaxWork: 1, Timeout: 10 * time.Second})
		var first, second, third answered[int]
		slow := func(n int) func(context.Context) (int, error) {
			return func(context.Context) (int, error) { time.Sleep(6 * time.Second); return n, errOffline }
		}
		start := time.Now()
		h.ask(Do(slow(1), first.then), nil)
		synctest.Wait()
		h.ask(Do(func(context.Context) (int, error) { time.Sleep(time.Second); return 2, nil }, second.then), nil)
		h.pass(8 * time.Second)
		want(t, first.v, first.err, 1, errOffline)
		want(t, second.v, second.err, 2, nil)
		h.ask(Do(slow(1), first.then), nil)
		synctest.Wait()
		q := Do(slow(3), third.then)
		q.Timeout = time.Second
		h.ask(q, nil)
		h.pass(time.Second)
		want(t, third.v, third.err, 0, ErrNoAnswer)
		if time.Since(start) != 9*time.Second {
			t.Error(time.Since(start))
		}
		h.pass(time.Minute)
		if third.times != 1 {
			t.Error("it was called again")
		}
	})
}

// Every open question has a context of its own, also when they come round.
func TestContexts(t *testing.T) {
	h := newHost(t, Options{})
	var contexts []uint32
	for _, next := range []uint32{math.MaxUint32, 0, math.MaxUint32} {
		h.asker.next = next
		h.ask(db.All(1, func(Object, error) {}), nil)
		r := h.next(4003, wire.DBServerObjectGetAll)
		contexts = append(contexts, r.Uint32())
	}
	want(t, contexts, nil, []uint32{math.MaxUint32, 0, 1}, nil)
	h.Turn(h.asker.Close)
}

// What Pack packs, Unpack unpacks.
func TestPack(t *testing.T) {
	h := newHost(t, Options{})
	c, _ := h.file.ClassByName("Account")
	for name, v := range map[string]any{
		"setName": "Ada", "hash": []byte{1, 2}, "friends": []any{uint32(1)},
		"place": dc.Record{{Name: "x", Value: uint32(3)}, {Name: "y", Value: uint32(4)}},
	} {
		f, _ := c.FieldByName(name)
		packed, err := Pack(f, v)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got, err := Unpack(f, packed)
		want(t, got, err, v, nil)
	}
	f, _ := c.FieldByName("setName")
	if _, err := Unpack(f, []byte{1}); err == nil {
		t.Error("a value that is cut is one")
	}
}
