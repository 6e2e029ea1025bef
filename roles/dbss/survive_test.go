package dbss

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
	"natstron/roles/rolestest/script"
	"natstron/roles/stateserver"
)

// keeper is a cluster whose NATS server has JetStream.
func keeper(t testing.TB) *cluster {
	t.Helper()
	o := bridge.Options{Name: "one"}
	o.Embedded.Listen, o.Embedded.StoreDir = "none", t.TempDir()
	c := &cluster{Cluster: script.On(t, townFile(t), script.Start(t, o)), clock: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	t.Cleanup(c.leave)
	return c
}

// surviving are options of a database-state server that survives. n tells its log apart.
func surviving(n int) Options {
	id := wire.DoID(2000 + n%6000)
	return Options{
		Ranges:         []wire.DoIDRange{{Min: id, Max: id}, {Min: 9000, Max: 9999}},
		SurviveOptions: stateserver.SurviveOptions{Survive: stateserver.SurviveAnnounced, Replicas: 1, For: time.Minute},
	}
}

// crash ends a database-state server as the end of its process does: at once, and without a
// word.
func (c *cluster) crash(r *Role) {
	at := func(ctx context.Context) { r.Stop(ctx, errors.New("killed")) }
	dead, cancel := context.WithCancel(context.Background())
	cancel()
	at(dead) // it does not wait for what it writes
	at(context.Background())
	c.servers = slices.DeleteFunc(c.servers, func(have *Role) bool { return have == r })
}

// quiet waits until all that has changed is written, and announced, and nothing is under way.
func (w *world) quiet() {
	w.finish()
	for deadline := time.Now().Add(20 * time.Second); ; runtime.Gosched() {
		if time.Now().After(deadline) {
			w.t.Fatal("what has changed is not written")
		}
		if done := w.books.done; !w.c.Node.Holding() {
			if w.finish(); w.books.done == done && !w.c.Node.Holding() {
				return // nothing was under way
			}
		}
	}
}

// active is what a role has of its objects.
func (r *Role) active(t rapid.TB) string {
	t.Helper()
	var all []string
	must(t, r.space.Enter(func() error {
		for id := wire.DoID(9000); id <= 9999; id++ {
			if o, ok := r.space.Object(id); ok {
				text := fmt.Sprintf("%d %s at %v ai %d owner %d", id, o.Class().Name(), o.Location(), o.AI(), o.Owner())
				for _, f := range o.Class().Fields() {
					if v, ok := o.Get(f); ok {
						text += fmt.Sprintf(" %s=%x", f.Name(), v)
						if o.Marks(f) == stateserver.Apart {
							text += "!"
						}
					}
				}
				all = append(all, text)
			}
		}
		return nil
	}))
	return strings.Join(all, "\n")
}

// TestSurvives: active objects are there when the next process begins, where they were, with
// AI, owner and all their values. What has changed in the database meanwhile is taken over;
// what was set on purpose to something else is not.
func TestSurvives(t *testing.T) {
	c := keeper(t)
	w := &world{t: t, c: c, asked: map[uint32]wire.MsgType{}, seen: map[wire.DoID]seenValues{}, again: true}
	const number = 0
	w.join(surviving(number))
	defer w.end()
	for _, line := range []string{
		`9001 ACTIVATE_WITH_DEFAULTS_OTHER 9001 5000:5 dclass=Citizen setMood("odd") setHat(9)`,
		`9002 ACTIVATE_WITH_DEFAULTS 9002 5000:5`,
		`9003 ACTIVATE_WITH_DEFAULTS 9003 5000:5`, // which does not exist
		`9001 SET_AI 8002`, `9001 SET_OWNER 8003`, `9001 SET_FIELD 9001 setCoins(70)`, `9001 SET_FIELD 9001 setHealth(71)`,
		`9002 SET_LOCATION location=9001:6`,
	} {
		c.Say(w.other, line)
		w.quiet()
	}
	before := w.r.active(t)
	if !strings.Contains(before, "9001 Citizen at 5000:5 ai 8002 owner 8003") || !strings.Contains(before, "setMood=03006f6464!") {
		t.Fatalf("the objects are\n%s", before)
	}
	c.crash(w.r)
	c.Say(w.writer, `1200 DBSERVER_OBJECT_SET_FIELD 9001 setMood("new")`)
	c.Say(w.writer, `1200 DBSERVER_OBJECT_SET_FIELD 9002 setCoins(5)`)
	c.Record()
	w.books.work(10)
	w.r = c.server(surviving(number))
	w.quiet()
	want := strings.Replace(before, "9002 Citizen at 9001:6 ai 8002 owner 0 setName=06006e6f626f6479 setCoins=0000", "9002 Citizen at 9001:6 ai 8002 owner 0 setName=06006e6f626f6479 setCoins=0500", 1)
	if after := w.r.active(t); after != want || want == before {
		t.Errorf("the objects were\n%s\nand are\n%s", before, after)
	}
	if s := w.r.Stats(); s.Survival.Restored != 2 || s.Survival.Damaged != 0 || s.Questions != 0 {
		t.Errorf("stats: %+v", s)
	}
	c.crash(w.r)
	narrow := surviving(number)
	narrow.Ranges[1].Max = 9001 // 9002 is another one's now
	w.r = c.server(narrow)
	w.quiet()
	if s := w.r.Stats(); s.Survival.Restored != 1 || s.Survival.Damaged == 0 {
		t.Errorf("with fewer doIds: %+v", s.Survival)
	}
}

// What the process before wrote may be announced when the next one has written again, and the
// database may be asked for the object in between: what is written last stays, and nobody is told
// anything older.
func TestLateAnnouncements(t *testing.T) {
	for number, when := range []string{"asks, and writes", "writes, and asks", "writes before it knows its objects"} {
		c := keeper(t)
		w := &world{t: t, c: c, asked: map[uint32]wire.MsgType{}, seen: map[wire.DoID]seenValues{}, again: true}
		number += 3000
		w.join(surviving(number))
		c.Say(w.other, `9001 ACTIVATE_WITH_DEFAULTS 9001 5000:5`)
		w.quiet()
		c.Say(w.other, `9001 SET_FIELD 9001 setCoins(69)`)
		c.Say(w.other, `9001 SET_FIELD 9001 setCoins(70)`)
		for deadline := time.Now().Add(20 * time.Second); len(w.books.asked) < 2; runtime.Gosched() {
			c.Record()
			if w.books.collect(); time.Now().After(deadline) {
				t.Fatal("the database is not asked")
			}
		}
		c.crash(w.r)
		w.r = c.server(surviving(number))
		if when != "asks, and writes" { // as if it had not been able to ask before
			must(t, w.r.space.Enter(func() error {
				for q := w.r.questions.first(); q != nil; q = w.r.questions.first() {
					w.r.questions.remove(q)
					w.r.catchup.asked--
					w.r.catchUpLater(q.do)
				}
				if w.r.catchup.begins = when == "writes before it knows its objects"; w.r.catchup.begins {
					w.r.catchup = catchup{begins: true}
				}
				return nil
			}))
			c.Record()
			w.books.collect()
			w.books.asked = w.books.asked[:2]
		}
		if w.r.catchup.begins {
			c.Record()
			w.books.work(1)
			if have := w.r.active(t); !strings.Contains(have, "setCoins=4600") {
				t.Fatalf("it %s: the objects are\n%s", when, have)
			}
		}
		for coins := 71; coins <= 72; coins++ {
			c.Say(w.other, fmt.Sprintf(`9001 SET_FIELD 9001 setCoins(%d)`, coins))
			must(t, w.r.space.Enter(func() error {
				if w.r.catchup.begins {
					if coins == 71 {
						return nil
					}
					o, _ := w.r.space.Object(9001)
					w.r.restored(o)
					w.r.catchup.begins = false
				}
				w.r.catchUp()
				return nil
			}))
			if coins == 71 && when == "writes before it knows its objects" {
				c.Record()
				w.books.work(1)
			}
		}
		for deadline := time.Now().Add(20 * time.Second); c.Node.Holding(); runtime.Gosched() {
			if time.Now().After(deadline) {
				t.Fatal("what has changed is not written")
			}
		}
		for c.Record(); ; c.Record() {
			if w.books.collect(); len(w.books.asked) == 0 {
				break
			}
			w.books.work(1)
			if have := w.r.active(t); !strings.Contains(have, "setCoins=4800") {
				t.Fatalf("it %s: %d requests are left, and the objects are\n%s", when, len(w.books.asked), have)
			}
		}
		w.quiet()
		if have := w.r.active(t); !strings.Contains(have, "setCoins=4800") {
			t.Errorf("the objects are\n%s", have)
		}
		must(t, w.r.space.Enter(func() error {
			if o, _ := w.r.space.Object(9001); w.r.echoes.any() {
				t.Errorf("writes are still expected: %v", w.r.echoes.of(o))
			}
			return nil
		}))
		w.end()
	}
}

// TestNothingAnnouncedIsForgotten: a database-state server ends at any moment, and the
// database works, changes, or loses what it was sent meanwhile. When the next one has begun,
// the objects are what the database has, those that see them know them so, and nothing is
// older than what anybody was told.
func TestNothingAnnouncedIsForgotten(t *testing.T) {
	c := keeper(t)
	number := 0
	rapid.Check(t, func(t *rapid.T) {
		number++
		w := &world{t: t, c: c, asked: map[uint32]wire.MsgType{}, seen: map[wire.DoID]seenValues{}, again: true, counts: true}
		w.join(surviving(number))
		defer w.end()
		count, told := 0, 0
		x, _ := c.File.ClassByName("Citizen")
		setX, _ := x.FieldByName("setX")
		for range rapid.IntRange(1, 4).Draw(t, "lives") {
			for range rapid.IntRange(1, 60).Draw(t, "steps") {
				if rapid.Bool().Draw(t, "counts") {
					count++ // setX is set by nobody else
					c.Say(w.other, fmt.Sprintf("9001 SET_FIELD 9001 setX(%d)", count))
				} else {
					w.step(t)
				}
			}
			for range rapid.IntRange(0, 20).Draw(t, "turns") {
				runtime.Gosched()
			}
			w.take()
			if v := w.seen[9001][setX]; v != nil {
				told = int(binary.LittleEndian.Uint16(v))
			} else {
				told = 0 // it is not active, or was not when it was set
			}
			c.crash(w.r)
			w.take()
			clear(w.asked)
			if rapid.Bool().Draw(t, "loses") {
				c.Record()
				w.books.collect()
				w.books.asked = nil
			}
			for range rapid.IntRange(0, 3).Draw(t, "changes") {
				c.Say(w.writer, fmt.Sprintf("1200 DBSERVER_OBJECT_SET_FIELD %d setName(\"n%d\")", rapid.IntRange(9001, 9002).Draw(t, "changed"), rapid.IntRange(0, 3).Draw(t, "name")))
			}
			w.c.Record()
			w.books.work(rapid.IntRange(0, 100).Draw(t, "requests"))
			w.r = c.server(surviving(number))
			w.quiet()
			must(t, w.agree())
			if o, active := w.r.space.Object(9001); active {
				if v, _ := o.Get(setX); told > 0 && int(binary.LittleEndian.Uint16(v)) < told {
					t.Fatalf("setX(%d) was told, and it is %x", told, v)
				}
			}
		}
	})
}

// TestHandOver: what is loading when a database-state server ends is waited for.
func TestHandOver(t *testing.T) {
	c := keeper(t)
	r := c.server(surviving(1))
	b := newBooks(c)
	class, _ := c.File.ClassByName("Citizen")
	b.objects[9001] = &page{class: class, values: map[*dc.Field][]byte{}}
	other := c.Join("other", 8000)
	c.Say(other, "9001 ACTIVATE_WITH_DEFAULTS 9001 5000:5")
	c.Say(other, "9001 SET_FIELD 9001 setHealth(42)")
	ended := make(chan struct{})
	go func() {
		r.Stop(context.Background(), nil)
		close(ended)
	}()
	for ready := false; !ready; {
		must(t, r.space.Enter(func() error {
			ready = r.idled != nil
			return nil
		}))
		runtime.Gosched()
	}
	for over := false; !over; b.work(1) { // the question waits for the log
		c.Record()
		select {
		case <-ended:
			over = true
		default:
			runtime.Gosched()
		}
	}
	c.servers = nil
	r = c.server(surviving(1))
	if got := r.active(t); !strings.Contains(got, "setHealth=2a") {
		t.Errorf("the objects are %q", got)
	}
	other.Take()
	c.Say(other, "9001 GET_FIELD 1 9001 setHealth")
	c.Record()
	for c.Node.Holding() {
		runtime.Gosched()
	}
	c.Record()
	var all bytes.Buffer
	for _, d := range other.Take() {
		all.WriteString(msgtext.Text(c.File, d) + "\n")
	}
	if !strings.Contains(all.String(), "setHealth(42)") {
		t.Errorf("the answer is %q", all.String())
	}
}
