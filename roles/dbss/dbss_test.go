package dbss

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/msgtext"
	"natstron/roles/stateserver"
)

func TestNewRefuses(t *testing.T) {
	c := newCluster(t)
	ranges := func(all ...wire.DoIDRange) Options {
		return Options{Database: databaseChannel, File: c.File, Ranges: all}
	}
	many := make([]wire.DoIDRange, stateserver.MaxRanges+1)
	for i := range many {
		many[i] = wire.DoIDRange{Min: wire.DoID(10_000 + 10*i), Max: wire.DoID(10_001 + 10*i)}
	}
	noFile, reserved := ranges(wire.DoIDRange{Min: 9000, Max: 9999}), ranges(wire.DoIDRange{Min: 9000, Max: 9999})
	noFile.File, reserved.Database = nil, 13
	for _, test := range []struct {
		name string
		o    Options
		want string
	}{
		{"no ranges", ranges(), "no range"},
		{"reversed", ranges(wire.DoIDRange{Min: 9999, Max: 9000}), "reversed"},
		{"reserved", ranges(wire.DoIDRange{Min: 999, Max: 9999}), "reserved"},
		{"overlap", ranges(wire.DoIDRange{Min: 20_000, Max: 29_999}, wire.DoIDRange{Min: 9000, Max: 20_000}), "20000 to 29999 overlaps 9000 to 20000"},
		{"twice", ranges(wire.DoIDRange{Min: 9000, Max: 9999}, wire.DoIDRange{Min: 9000, Max: 9999}), "overlaps"},
		{"many", ranges(many...), "1001 ranges of doIds, at most 1000"},
		{"no file", noFile, "no DC file"},
		{"reserved database", reserved, "reserved"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := New(c.Node, test.o); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
	for _, o := range []Options{ranges(many[1:]...), ranges(wire.DoIDRange{Min: 1000, Max: wire.MaxDoID})} {
		if _, err := New(c.Node, o); err != nil {
			t.Error(err)
		}
	}
}

// TestRanges: a role with as many ranges as there may be hears what is in them, and
// nothing else.
func TestRanges(t *testing.T) {
	c := newCluster(t)
	var all []wire.DoIDRange
	for i := range stateserver.MaxRanges {
		all = append(all, wire.DoIDRange{Min: wire.DoID(10_000 + 10*i), Max: wire.DoID(10_004 + 10*i)})
	}
	c.server(Options{Ranges: all})
	a := c.Join("other", 8000)
	for _, id := range []wire.DoID{9999, 10_000, 10_004, 10_005, 10_009, 10_010, 15_552, 15_555, 19_994, 19_995, 20_000} {
		inside := id >= 10_000 && id < 20_000 && id%10 < 5
		var w wire.Writer
		d, _ := w.Header(8000, wire.DBSSObjectGetActivated, id.Channel()).Uint32(1).DoID(id).Datagram()
		must(t, a.Send(d))
		c.settle()
		if got := len(a.Take()); (got == 1) != inside {
			t.Errorf("object %d: %d answers", id, got)
		}
	}
}

// TestLife: from Start to Stop, with Run between, and the database's silence noticed
// by the role's own clock.
func TestLife(t *testing.T) {
	c := newCluster(t)
	r, err := New(c.Node, Options{Database: databaseChannel, File: c.File, Ranges: []wire.DoIDRange{{Min: 9000, Max: 9999}},
		Timeout: 50 * time.Millisecond, Label: "the books"})
	must(t, err)
	if r.Name() != "the books" {
		t.Errorf("it is called %s", r.Name())
	}
	must(t, r.Start(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- r.Run(ctx) }()

	a := c.Join("other", 8000)
	c.Say(a, "9001 GET_FIELD 7 9001 setName")
	select {
	case <-a.Inbox.Ready:
		got := a.Inbox.Take()
		if len(got) != 1 || msgtext.Text(c.File, got[0].Datagram) != "9001: GET_FIELD_RESP context=7 success=false" {
			t.Errorf("%d messages came, the first is %s", len(got), msgtext.Text(c.File, got[0].Datagram))
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no answer came")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
	r.Stop(t.Context(), nil)
	if s := c.Node.Stats(); s.Participants != 1 || s.Ranges != 0 {
		t.Errorf("%d participants and %d ranges are left", s.Participants, s.Ranges)
	}
}

// TestCutOff: a role whose participant the node cuts off ends, since its objects have
// missed messages.
func TestCutOff(t *testing.T) {
	c := newCluster(t)
	r := c.server(Options{Ranges: []wire.DoIDRange{{Min: 9000, Max: 9999}}})
	r.participant.Drop(bridge.ErrBackboneLost)
	if err := r.Run(t.Context()); !errors.Is(err, bridge.ErrBackboneLost) {
		t.Errorf("Run: %v", err)
	}
}

// TestWaitingAll: what waits for all loading objects together is bounded, too, and
// room that has become free can be used again.
func TestWaitingAll(t *testing.T) {
	c := newCluster(t)
	r := c.server(Options{Ranges: []wire.DoIDRange{{Min: 9000, Max: 9999}}, MaxWaitingAll: 100})
	database, a := c.Join("database", databaseChannel), c.Join("other", 8000)
	send := func(from *actor, line string) {
		t.Helper()
		c.Say(from, line)
		c.settle()
	}
	send(a, "9001 ACTIVATE_WITH_DEFAULTS 9001 0:0")
	send(a, "9002 ACTIVATE_WITH_DEFAULTS 9002 0:0")
	for i, full := range []uint64{0, 0, 0, 1, 2} { // of 27 bytes each
		send(a, []string{"9001 GET_ACTIVATED 1 9001", "9002 GET_ACTIVATED 1 9002"}[i%2])
		if n := r.Stats().Refused[stateserver.Full]; n != full {
			t.Errorf("after %d messages %d were refused, want %d", i+1, n, full)
		}
	}
	send(database, "9001 DBSERVER_OBJECT_GET_ALL_RESP 1 0")
	if s := r.Stats(); s.WaitingBytes != 27 || s.Loading != 1 {
		t.Errorf("%d bytes wait for %d objects", s.WaitingBytes, s.Loading)
	}
	send(a, "9002 GET_ACTIVATED 2 9002")
	send(database, "9002 DBSERVER_OBJECT_GET_ALL_RESP 2 1 dclass=Dog setBark(\"wow\")")
	if got := len(a.Take()); got != 6 {
		t.Errorf("%d answers, want 6", got)
	}
}

// TestContexts: two roles, or one and its former life, hardly ask with the same
// context, whatever others count.
func TestContexts(t *testing.T) {
	c := newCluster(t)
	database := c.Join("database", databaseChannel)
	a := c.Join("other", 8000)
	d, err := msgtext.Parse(c.File, 8000, "9001 GET_FIELD 7 9001 setName")
	must(t, err)
	seen := map[uint32]bool{}
	small := 0
	for range 3 {
		r := c.server(Options{Ranges: []wire.DoIDRange{{Min: 9000, Max: 9999}}})
		r.random = randomContext
		for range 100 {
			must(t, a.Send(d))
		}
		c.settle()
		for _, d := range database.Take() {
			m, _ := d.Message()
			context := m.Payload.Uint32()
			if seen[context] {
				t.Errorf("context %d was there before", context)
			}
			seen[context] = true
			if context < 1<<20 {
				small++
			}
		}
		r.Stop(t.Context(), nil)
		c.servers = nil
	}
	if len(seen) != 300 || small > 5 {
		t.Errorf("%d contexts, %d of them small", len(seen), small)
	}
}

// TestTooLong: what the database answers may not fit into the message that answers an
// asker, and an object may outgrow what one datagram can show.
func TestTooLong(t *testing.T) {
	c := newCluster(t)
	r := c.server(Options{Ranges: []wire.DoIDRange{{Min: 9000, Max: 9999}}})
	database := c.Join("database", databaseChannel)
	a := c.Join("other", 8000)
	first, second := field(t, c, "setFirst"), field(t, c, "setSecond")
	class, _ := c.File.ClassByName("Library")
	number, _ := class.ID()
	send := func(from *actor, write func(w *wire.Writer)) {
		t.Helper()
		var w wire.Writer
		write(&w)
		d, err := w.Datagram()
		must(t, err)
		must(t, from.Send(d))
		c.settle()
	}
	text := strings.Repeat("x", 32_746)
	for i, message := range []wire.MsgType{wire.StateServerObjectGetAll, wire.DBSSObjectActivateWithDefaults} {
		send(a, func(w *wire.Writer) {
			w.Header(8000, message, 9001)
			if message == wire.StateServerObjectGetAll {
				w.Uint32(1).DoID(9001)
			} else {
				w.DoID(9001).Location(wire.Location{})
			}
		})
		send(database, func(w *wire.Writer) {
			w.Header(databaseChannel, wire.DBServerObjectGetAllResp, 9001).Uint32(uint32(1 + i)).Bool(true).
				DClassID(wire.DClassID(number)).Uint16(2).FieldID(first).Text(text).FieldID(second).Text(text)
		})
	}
	if got := a.Take(); len(got) != 0 {
		t.Errorf("%d messages came", len(got))
	}
	if n := r.Stats().Failed[NotCreated]; n != 1 {
		t.Errorf("%d activations failed because there was no room", n)
	}
	if logged := strings.Join(c.Log.Take(), "\n"); !strings.Contains(logged, "too long") {
		t.Errorf("the log has: %s", logged)
	}

	// An update nearly as long as a datagram goes to the database whole.
	send(a, func(w *wire.Writer) {
		w.Header(8000, wire.StateServerObjectSetField, 9002).DoID(9002).FieldID(first).Text(strings.Repeat("y", 65_400))
	})
	if got := database.Take(); len(got[len(got)-1]) < 65_400 {
		t.Errorf("the last of %d messages has %d bytes", len(got), len(got[len(got)-1]))
	}
}

func field(t *testing.T, c *cluster, name string) wire.FieldID {
	t.Helper()
	for i := range c.File.NumFields() {
		if f, _ := c.File.FieldByID(uint16(i)); f.Name() == name {
			return wire.FieldID(i)
		}
	}
	t.Fatalf("no field %s", name)
	return 0
}
