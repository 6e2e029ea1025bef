package dbss

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
	"natstron/roles/stateserver"
)

// world is a database-state server, a database, somebody who asks for everything,
// somebody who changes objects in the database, and who sees the objects.
type world struct {
	t       rapid.TB
	c       *cluster
	r       *Role
	books   *books
	other   *actor
	writer  *actor
	watcher *actor
	asked   map[uint32]wire.MsgType // questions without an answer yet
	next    uint32
	counts  bool // setX is counted up: nothing else sets it
	lossy   bool
	seen    map[wire.DoID]seenValues // what the watcher believes
	again   bool                     // it may be told of an object again
}

type seenValues = map[*dc.Field][]byte

func newWorld(t *rapid.T, c *cluster) *world {
	w := &world{t: t, c: c, asked: map[uint32]wire.MsgType{}, seen: map[wire.DoID]seenValues{}}
	w.join(Options{Ranges: []wire.DoIDRange{{Min: 9000, Max: 9999}}})
	return w
}

// join has all but the clock join.
func (w *world) join(o Options) {
	c := w.c
	w.r = c.server(o)
	w.books = newBooks(c)
	w.other = c.Join("other", 8000)
	w.writer = c.Join("writer", 8001)
	w.watcher = c.Join("watcher", wire.Location{Parent: 5000, Zone: 5}.Channel())
	class, _ := c.File.ClassByName("Citizen")
	for _, id := range []wire.DoID{9001, 9002} {
		w.books.objects[id] = &page{class: class, values: map[*dc.Field][]byte{}}
	}
}

func (w *world) end() {
	w.c.leave()
	w.c.Log.Take()
}

// ask sends a question that must be answered once.
func (w *world) ask(id wire.DoID, message, rest string, answer wire.MsgType) {
	w.next++
	w.asked[w.next] = answer
	w.c.Say(w.other, fmt.Sprintf("%d %s %d %d %s", id, message, w.next, id, rest))
}

// change is a field with a new value, as scripts have it.
func (w *world) change(t *rapid.T) string {
	n := rapid.IntRange(0, 3).Draw(t, "value")
	all := []string{
		fmt.Sprintf("setName(\"%d\")", n), fmt.Sprintf("setCoins(%d)", n), fmt.Sprintf("setHealth(%d)", n),
		fmt.Sprintf("setMood(\"%d\")", n), fmt.Sprintf("setSecret(%d)", n),
		fmt.Sprintf("wave(%d)", n), fmt.Sprintf("setHat(%d)", n),
	}
	if !w.counts {
		all = append(all, fmt.Sprintf("setX(%d)", n), fmt.Sprintf("setXY(%d, %d)", n, n+1))
	}
	return rapid.SampledFrom(all).Draw(t, "field")
}

// stored is a field of the database with a new value.
func (w *world) stored(t *rapid.T) string {
	n := rapid.IntRange(0, 3).Draw(t, "value")
	all := []string{`setName("%d")`, `setCoins(%d)`, `setMood("%d")`, `setSecret(%d)`, `setY(%d)`}
	if !w.counts {
		all = append(all, `setX(%d)`)
	}
	return fmt.Sprintf(rapid.SampledFrom(all).Draw(t, "field"), n)
}

// step does anything that can happen, but for loss.
func (w *world) step(t *rapid.T) {
	id := rapid.SampledFrom([]wire.DoID{9001, 9002}).Draw(t, "object")
	steps := 13
	if w.lossy {
		steps = 12 // without GET_ALL: that the database does not answer is no answer to it
	}
	switch rapid.IntRange(0, steps).Draw(t, "step") {
	case 0, 1:
		w.c.Say(w.other, fmt.Sprintf("%d ACTIVATE_WITH_DEFAULTS %d 5000:5", id, id))
	case 2:
		w.c.Say(w.other, fmt.Sprintf("%d ACTIVATE_WITH_DEFAULTS_OTHER %d 5000:5 dclass=Citizen setHealth(50)", id, id))
	case 3:
		w.c.Say(w.other, fmt.Sprintf("%d DELETE_RAM %d", id, id))
	case 4, 5:
		w.c.Say(w.other, fmt.Sprintf("%d SET_FIELD %d %s", id, id, w.change(t)))
	case 6:
		w.c.Say(w.other, fmt.Sprintf("%d SET_FIELDS %d %s %s", id, id, w.change(t), w.change(t)))
	case 7:
		w.ask(id, "GET_FIELD", strings.SplitN(w.change(t), "(", 2)[0], wire.StateServerObjectGetFieldResp)
	case 8:
		w.ask(id, "GET_FIELDS", "setName setHealth setMood", wire.StateServerObjectGetFieldsResp)
	case 9:
		w.ask(id, "GET_ACTIVATED", "", wire.DBSSObjectGetActivatedResp)
	case 10:
		w.c.Say(w.writer, fmt.Sprintf("1200 DBSERVER_OBJECT_SET_FIELD %d %s", id, w.stored(t)))
	case 11:
		w.c.Say(w.writer, fmt.Sprintf("1200 DBSERVER_OBJECT_DELETE_FIELD %d %s", id, strings.SplitN(w.stored(t), "(", 2)[0]))
	case 12:
		w.take()
		w.books.work(rapid.IntRange(1, 3).Draw(t, "requests"))
	case 13:
		w.ask(id, "GET_ALL", "", wire.StateServerObjectGetAllResp)
	}
}

// take takes what all have got, and keeps the books of the asker and the watcher.
func (w *world) take() {
	w.c.Record()
	for _, d := range w.other.Take() {
		m, _ := d.Message()
		question := m.Payload.Uint32()
		if w.asked[question] != m.Type {
			w.t.Fatalf("an answer to no open question: %s", msgtext.Text(w.c.File, d))
		}
		delete(w.asked, question)
	}
	w.writer.Take()
	for _, d := range w.watcher.Take() {
		w.watch(d)
	}
	must(w.t, w.r.check())
}

// watch is what a client would make of a message to its location.
func (w *world) watch(d wire.Datagram) {
	m, _ := d.Message()
	p := &m.Payload
	id := p.DoID()
	switch m.Type {
	case wire.StateServerObjectEnterLocationWithRequired, wire.StateServerObjectEnterLocationWithRequiredOther:
		if w.seen[id] != nil && w.again {
			return // as client agents and AIs do
		}
		if w.seen[id] != nil {
			w.t.Fatalf("object %d enters twice", id)
		}
		w.seen[id] = map[*dc.Field][]byte{}
		p.Location()
		class, _ := w.c.File.ClassByID(uint16(p.DClassID()))
		read := func(f *dc.Field) {
			rest := *p
			n, err := f.Check(rest.Rest())
			must(w.t, err)
			w.seen[id][f] = p.Bytes(n)
		}
		for _, f := range class.RequiredFields() {
			if f.Has(dc.Broadcast) {
				read(f)
			}
		}
		if m.Type == wire.StateServerObjectEnterLocationWithRequiredOther {
			for range p.Uint16() {
				f, _ := w.c.File.FieldByID(uint16(p.FieldID()))
				read(f)
			}
		}
		must(w.t, p.Done())
	case wire.StateServerObjectSetField:
		f, _ := w.c.File.FieldByID(uint16(p.FieldID()))
		_ = f.Split(p.Rest(), func(a *dc.Field, value []byte) error {
			if stateserver.Kept(a) {
				w.seen[id][a] = value
			}
			return nil
		})
	case wire.StateServerObjectDeleteFieldRAM:
		f, _ := w.c.File.FieldByID(uint16(p.FieldID()))
		delete(w.seen[id], f)
	case wire.StateServerObjectDeleteRAM:
		delete(w.seen, id)
	}
}

// finish lets all work until nothing is under way.
func (w *world) finish() {
	for rounds := 0; ; rounds++ {
		w.take()
		w.books.collect()
		busy := len(w.books.asked) > 0
		w.books.work(1000)
		if !busy {
			return
		}
		if rounds > 1000 {
			w.t.Fatal("there is no end of it")
		}
	}
}

func (w *world) allAnswered() {
	if len(w.asked) > 0 {
		w.t.Fatalf("there is no answer to %v", w.asked)
	}
	must(w.t, w.r.idle())
}

// agree says where an active object is not what the database has, and where the
// watcher believes something else.
func (w *world) agree() error {
	for id, page := range w.books.objects {
		o, active := w.r.space.Object(id)
		if !active {
			if w.seen[id] != nil {
				return fmt.Errorf("the watcher sees object %d, which is not active", id)
			}
			continue
		}
		for _, f := range o.Class().Fields() {
			if !stateserver.Kept(f) {
				continue
			}
			have, _ := o.Get(f)
			if f.Has(dc.DB) {
				want, ok := page.values[f]
				if !ok && f.Has(dc.Required) {
					want = f.DefaultPacked()
				}
				if !bytes.Equal(have, want) {
					return fmt.Errorf("object %d: %s is %x, in the database %x", id, f.Name(), have, want)
				}
			}
			if f.Has(dc.Broadcast) && !bytes.Equal(w.seen[id][f], have) {
				return fmt.Errorf("object %d: %s is %x, the watcher sees %x", id, f.Name(), have, w.seen[id][f])
			}
		}
	}
	return nil
}

// TestAgrees: when objects are changed, through the database-state server or in the
// database, and however long the database takes: in the end the active object is what
// the database has, and who sees it knows it so. All questions are answered, once.
func TestAgrees(t *testing.T) {
	c := newCluster(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, c)
		defer w.end()
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w.step(t)
		}
		w.finish()
		w.allAnswered()
		must(t, w.agree())
	})
}

// TestLoss: a database that loses requests leaves nothing stuck. All questions are
// answered in time, once, and who sees an object knows it as it is.
func TestLoss(t *testing.T) {
	c := newCluster(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, c)
		defer w.end()
		w.lossy = true
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1:
				w.take()
				w.books.lose()
			case 2:
				c.clock = c.clock.Add(time.Duration(rapid.IntRange(1, 12).Draw(t, "seconds")) * time.Second)
				w.r.space.Tick(c.clock)
			default:
				w.step(t)
			}
		}
		w.finish()
		for range 3 {
			c.clock = c.clock.Add(defaultTimeout)
			w.r.space.Tick(c.clock)
			w.finish()
		}
		w.allAnswered()
		for id := range w.books.objects {
			o, active := w.r.space.Object(id)
			if !active {
				continue
			}
			for f, value := range w.seen[id] {
				if have, _ := o.Get(f); !bytes.Equal(have, value) {
					t.Fatalf("object %d: %s is %x, the watcher sees %x", id, f.Name(), have, value)
				}
			}
		}
	})
}
