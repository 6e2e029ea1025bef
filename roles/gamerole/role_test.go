package gamerole

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/ask"
	"natstron/roles/rolestest/script"
	"natstron/roles/stateserver"
)

var parkFile = script.DCFile("testdata/park.dc")

const (
	manager     wire.DoID    = 4665
	stateServer wire.Channel = 402000
	client      wire.Channel = 1_000_000
)

// options are those of the park.
type options struct{ ID wire.DoID }

func (o *options) Channel() wire.Channel { return o.ID.Channel() }

// park is a game.
type park struct {
	*Role
	t       *testing.T
	heard   []string
	started func(ready func(error))
	stopped bool
	ready   error
	running int
	drained string
}

func (p *park) Start(ready func(error)) {
	if p.started != nil {
		p.started(ready)
		return
	}
	ready(nil)
}
func (p *park) Stop()                       { p.stopped = true }
func (p *park) Ready() error                { return p.ready }
func (p *park) Receive(m wire.Message)      { p.hear("%v from %d", m.Type, m.Sender) }
func (p *park) Drain()                      { p.drained += "drain " }
func (p *park) Undrain()                    { p.drained += "undrain " }
func (p *park) Busy() int                   { return p.running }
func (p *park) DrainTimeout() time.Duration { return time.Minute }

func (p *park) hear(format string, args ...any) {
	p.heard = append(p.heard, fmt.Sprintf(format, args...))
}

// took compares what was heard with what was wanted.
func (p *park) took(want ...string) {
	p.t.Helper()
	if diff := cmp.Diff(want, p.heard); diff != "" {
		p.t.Error(diff)
	}
	p.heard = nil
}

// scene is a state server and a park in one process, and a client's place in it.
type scene struct {
	*script.Cluster
	*park
	client *script.Actor
	end    func()
}

func newPark(t *testing.T, c *script.Cluster, prepare ...func(*park)) *park {
	t.Helper()
	p := &park{t: t}
	kind := TypeOf(func(r *Role, _ *options) (Game, error) {
		p.Role = r
		for _, do := range prepare {
			do(p)
		}
		return p, nil
	})
	var err error
	if p.Role, err = kind.New(Setup{Type: "park", Node: c.Node, File: c.File, Log: slog.New(slog.NewTextHandler(&c.Log, nil)), Options: &options{manager}}); err != nil {
		t.Fatal(err)
	}
	return p
}

func newScene(t *testing.T, prepare ...func(*park)) *scene {
	t.Helper()
	c := script.New(t, parkFile(t), "one")
	ss, err := stateserver.New(c.Node, stateserver.Options{Control: stateServer, File: c.File, Generate: wire.DoIDRange{Min: 200000, Max: 299999}})
	if err != nil {
		t.Fatal(err)
	}
	script.Serve(t, ss)
	s := &scene{Cluster: c, park: newPark(t, c, prepare...)}
	s.end = script.Serve(t, s.park.Role)
	s.client = c.JoinAt("one", "client", client)
	return s
}

// update sends an update of a field as the client.
func (s *scene) update(class string, do wire.DoID, field string, value any) {
	s.t.Helper()
	d, err := ask.Update(class, do, field, value).Datagram(s.File, client)
	if err == nil {
		err = s.client.Send(d)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) raw(to wire.Channel, kind wire.MsgType, write func(w *wire.Writer)) {
	s.t.Helper()
	d, err := ask.RawMessage(to, kind, write).Datagram(s.File, client)
	if err == nil {
		err = s.client.Send(d)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// shown are the messages that the client got.
func (s *scene) shown() (all []string) {
	s.client.Record()
	for _, d := range s.client.Received {
		m, _ := d.Message()
		all = append(all, fmt.Sprintf("%v from %d", m.Type, m.Sender))
	}
	s.client.Received = nil
	return all
}

// logins is a park that answers logins.
func logins(p *park) {
	o, err := p.Object("LoginManager", manager)
	if err == nil {
		err = o.Handle("login", func(from wire.Channel, name string, password []byte) {
			p.hear("login %s %s from %d", name, password, from)
			if err := o.SendTo(from, "answer", 1, "hello "+name); err != nil {
				p.t.Error(err)
			}
		})
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// Updates of an object's fields call the functions for them, with Go values, and answers reach
// who has asked.
func TestUberDOG(t *testing.T) {
	s := newScene(t, logins)
	s.update("LoginManager", manager, "login", []any{"Ada", []byte("secret")})
	s.took("login Ada secret from 1000000")
	if diff := cmp.Diff([]string{"STATESERVER_OBJECT_SET_FIELD from 4665"}, s.shown()); diff != "" {
		t.Error(diff)
	}
	// Without a handler: counted. Another object, and other messages: the game gets them.
	s.update("LoginManager", manager, "old", 5)
	s.raw(manager.Channel(), wire.StateServerObjectSetField, func(w *wire.Writer) { w.DoID(9).FieldID(0).Text("x") })
	s.raw(manager.Channel(), 4711, nil)
	s.took("STATESERVER_OBJECT_SET_FIELD from 1000000", "4711 from 1000000")
	if got := s.Stats(); got.Unhandled != 1 || got.Received != 4 || got.Sent != 1 || got.Objects != 1 || got.Refused != 0 {
		t.Errorf("%+v", got)
	}
}

// What makes no sense is refused as a whole, counted and logged, cut off at every byte.
func TestRefusedUpdates(t *testing.T) {
	s := newScene(t, logins)
	var w wire.Writer
	f, _ := mustClass(t, s.File, "LoginManager").FieldByName("login")
	w.DoID(manager).FieldID(wire.FieldID(f.ID())).Text("Ada").Blob([]byte("secret"))
	whole, _ := w.Datagram()
	for n := 4; n <= len(whole)+1; n++ {
		if n != len(whole) {
			s.raw(manager.Channel(), wire.StateServerObjectSetField, func(w *wire.Writer) { w.Raw(append(whole, 0)[:n]) })
		}
	}
	s.raw(manager.Channel(), wire.StateServerObjectSetField, func(w *wire.Writer) { w.DoID(manager).FieldID(60000) })
	s.raw(manager.Channel(), wire.StateServerObjectSetFields, func(w *wire.Writer) {
		w.DoID(manager).Uint16(2).FieldID(wire.FieldID(f.ID())).Text("Ada").Blob(nil).FieldID(60000)
	})
	s.took()
	if got := s.Stats().Refused; got != uint64(len(whole)-4+1+2) {
		t.Errorf("%d are refused, of %d", got, len(whole)-4+1+2)
	}
	if log := strings.Join(s.Log.Take(), "\n"); !strings.Contains(log, "a game's own role ignored a message") || !strings.Contains(log, "LoginManager(4665)") {
		t.Errorf("the log says %q", log)
	}
	s.raw(manager.Channel(), wire.StateServerObjectSetFields, func(w *wire.Writer) {
		w.DoID(manager).Uint16(1).FieldID(wire.FieldID(f.ID())).Text("Ada").Blob(nil)
	})
	s.took("login Ada  from 1000000")
}

func mustClass(t *testing.T, file *dc.File, name string) *dc.Class {
	t.Helper()
	c, ok := file.DClassByName(name)
	if !ok {
		t.Fatalf("no class %s", name)
	}
	return c
}

// A role creates objects, is their AI, and gets their updates. They end with it.
func TestOwnObjects(t *testing.T) {
	s := newScene(t)
	watcher := s.JoinAt("one", "watcher", wire.Location{Parent: 5000, Zone: 5}.Channel())
	var tree *Object
	s.Turn(func() {
		s.Create(stateServer, "Tree", wire.Location{Parent: 5000, Zone: 5}, ask.Values{"setName": "Elm"}, func(o *Object, err error) {
			if err != nil {
				t.Error(err)
				return
			}
			tree = o
			handle := func(field string, function any) {
				if err := o.Handle(field, function); err != nil {
					t.Error(err)
				}
			}
			type metres uint8
			handle("setHeight", func(from wire.Channel, m metres) { s.hear("height %d from %d", m, from) })
			handle("setAge", func(_ wire.Channel, years any) { s.hear("age %d", years) })
			handle("water", func(_ wire.Channel, by wire.DoID, at dc.Record, cans []any) {
				s.hear("water by %d at %v, %v", by, at, cans)
			})
			handle("apples", func(_ wire.Channel, n uint32) { s.hear("%d apples", n) })
			handle("price", func(_ wire.Channel, n uint16) { s.hear("price %d", n) })
			o.Ended(func() { s.hear("the tree is gone") })
		})
	})
	if tree == nil {
		t.Fatal("no tree")
	}
	s.took("STATESERVER_OBJECT_ENTER_AI_WITH_REQUIRED from " + fmt.Sprint(tree.DoID()))
	do := tree.DoID()
	s.update("Tree", do, "setBoth", []any{dc.Record{{Name: "metres", Value: 12}}, dc.Record{{Name: "years", Value: 30}}})
	s.update("Tree", do, "water", []any{7, []any{1, 2}, []any{3, 4}})
	s.update("Tree", do, "apples", 9)
	s.update("Tree", do, "price", 250)
	s.took("height 12 from 1000000", "age 30", "water by 7 at [{x 1} {y 2}], [3 4]", "9 apples", "price 250")
	s.Turn(func() {
		if err := tree.Set("setName", "Oak"); err != nil {
			t.Error(err)
		}
	})
	watcher.Record()
	if len(watcher.Received) != 2 { // it enters, and is renamed
		t.Errorf("the watcher got %d messages", len(watcher.Received))
	}
	// Somebody deletes it.
	s.raw(do.Channel(), wire.StateServerObjectDeleteRAM, func(w *wire.Writer) { w.DoID(do) })
	s.took("the tree is gone")
	if n := s.Stats().Objects; n != 0 {
		t.Errorf("%d objects are left", n)
	}
	for range 2 {
		s.Turn(func() {
			s.Create(stateServer, "Tree", wire.Location{Parent: 5000, Zone: 5}, nil, func(o *Object, err error) {
				if err != nil {
					t.Error(err)
				}
			})
		})
	}
	watcher.Record()
	watcher.Received = nil
	s.end()
	watcher.Record()
	if len(watcher.Received) != 2 || watcher.Received[0].Type() != wire.StateServerObjectDeleteRAM {
		t.Errorf("when the role has ended, the watcher got %d messages", len(watcher.Received))
	}
	if !s.stopped {
		t.Error("the game was not told")
	}
}

// What a function sends takes effect when it has returned, and questions are answered in turns.
func TestTurns(t *testing.T) {
	s := newScene(t, logins)
	answers := make(chan string, 1)
	s.Turn(func() {
		s.Later(func() { s.hear("later") })
		s.Ask(ask.Do(func(context.Context) (string, error) { return "done", nil }, func(text string, err error) {
			s.hear("%s, %v", text, err)
			answers <- text
		}))
		if err := s.Subscribe(7000, 7001); err != nil {
			t.Error(err)
		}
		if err := s.SubscribeRange(8000, 8999); err != nil {
			t.Error(err)
		}
		s.hear("now")
	})
	<-answers
	s.Turn(func() { s.took("now", "later", "done, <nil>") })
	for _, c := range []wire.Channel{7000, 7001, 8500} {
		s.raw(c, 4711, nil)
	}
	s.took("4711 from 1000000", "4711 from 1000000", "4711 from 1000000")
	s.Turn(func() {
		s.Unsubscribe(7000)
		if err := s.UnsubscribeRange(8000, 8999); err != nil {
			t.Error(err)
		}
	})
	for _, c := range []wire.Channel{7000, 7001, 8500} {
		s.raw(c, 4711, nil)
	}
	s.took("4711 from 1000000")
	s.end()
	s.Turn(func() {
		if s.Tell(ask.Client(client).LetIn()) == nil {
			t.Error("a role that has ended sends")
		}
	})
}

// Post-removes are sent when the role ends, unless they were taken back.
// A panic that somebody recovers, as an HTTP server does, does not stop the process's traffic.
func TestPanicInTurn(t *testing.T) {
	s := newScene(t, logins)
	func() {
		defer func() {
			if recover() != "oh" {
				t.Error("nobody hears of the panic")
			}
		}()
		s.Turn(func() { panic("oh") })
	}()
	s.Turn(func() { s.hear("next") }) // or the test hangs
	s.took("next")
}

func TestPostRemoves(t *testing.T) {
	for _, clear := range []bool{false, true} {
		s := newScene(t)
		s.Turn(func() {
			for _, reason := range []string{"first", "second"} {
				if err := s.AddPostRemove(ask.Client(client).Eject(1, reason)); err != nil {
					t.Error(err)
				}
			}
			if clear {
				s.ClearPostRemoves()
			}
		})
		s.end()
		if got := len(s.shown()); (got == 2) == clear || got == 1 {
			t.Errorf("cleared %v: %d messages", clear, got)
		}
	}
}

// The start waits until the game is ready, and ends with its error.
func TestStart(t *testing.T) {
	c := script.New(t, parkFile(t), "one")
	p := newPark(t, c, func(p *park) { p.started = func(func(error)) {} })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Role.Start(ctx); !errors.Is(err, context.Canceled) || !p.stopped {
		t.Errorf("it started, though the game is not ready: %v, stopped %v", err, p.stopped)
	}
	why := errors.New("no accounts")
	p = newPark(t, c, func(p *park) { p.started = func(r func(error)) { r(why) } })
	if err := p.Role.Start(context.Background()); !errors.Is(err, why) {
		t.Errorf("the error is %v", err)
	}
	p = newPark(t, c, func(p *park) {
		p.started = func(r func(error)) { p.Ask(ask.After(time.Millisecond, func(err error) { r(err); r(why) })) }
	})
	if err := p.Role.Start(context.Background()); err != nil {
		t.Error(err)
	}
	if err := p.Role.Ready(context.Background()); err != nil {
		t.Error(err)
	}
	p.Turn(func() { p.ready = why })
	if err := p.Role.Ready(context.Background()); !errors.Is(err, why) {
		t.Errorf("it is ready: %v", err)
	}
	p.Role.Stop(context.Background(), nil)
}

// Before the start, nothing can be sent or asked.
func TestNotStarted(t *testing.T) {
	p := newPark(t, script.New(t, parkFile(t), "one"))
	m := ask.Client(client).LetIn()
	p.Ask(ask.After(0, func(error) { t.Error("a question was asked") }))
	for name, err := range map[string]error{
		"tell": p.Tell(m), "subscribe": p.Subscribe(7000), "post-remove": p.AddPostRemove(m),
	} {
		if !errors.Is(err, bridge.ErrCutOff) {
			t.Errorf("%s: %v, want %v", name, err, bridge.ErrCutOff)
		}
	}
}

// A role that is cut off fails: it has missed messages.
func TestCutOff(t *testing.T) {
	c := script.New(t, parkFile(t), "one")
	p := newPark(t, c)
	if err := p.Role.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	why := errors.New("somebody's fault")
	p.participant.Drop(why)
	if err := p.Run(context.Background()); !errors.Is(err, why) {
		t.Errorf("the error is %v", err)
	}
	p.Role.Stop(context.Background(), why)
}

// Draining ends when nothing goes on any more, or the time is up.
func TestDrain(t *testing.T) {
	s := newScene(t, logins)
	over := func() bool {
		select {
		case <-s.Drained():
			return true
		default:
			return false
		}
	}
	s.Turn(func() { s.running = 2 })
	s.Role.Drain(time.Hour)
	s.Role.Drain(2 * time.Hour)
	if n, until := s.Draining(); n != 2 || time.Until(until) < time.Hour || over() || s.drained != "drain " {
		t.Errorf("%d are left until %v, over %v, %q", n, until, over(), s.drained)
	}
	if err := s.Role.Ready(context.Background()); err == nil {
		t.Error("it is ready")
	}
	if err := s.Role.Undrain(context.Background()); err != nil || s.drained != "drain undrain " {
		t.Errorf("%v, %q", err, s.drained)
	}
	s.Role.Drain(time.Hour)
	s.Turn(func() { s.running = 1 })
	if over() {
		t.Error("it is over, and one is left")
	}
	s.Turn(func() { s.running = 0 })
	if !over() {
		t.Error("it is not over, and nobody is left")
	}
	if err := s.Role.Undrain(context.Background()); err != nil {
		t.Error(err)
	}
	s.Turn(func() { s.running = 1 })
	s.Role.Drain(time.Millisecond)
	<-s.Drained() // or the test hangs
}

// A function that does not fit its field is told of, in Go's own words.
func TestHandlersThatDoNotFit(t *testing.T) {
	c := script.New(t, parkFile(t), "one")
	r := newPark(t, c).Role
	for _, test := range []struct {
		class, field string
		function     any
		want         string
	}{
		{"LoginManager", "logon", func(wire.Channel) {}, "no field logon"},
		{"LoginManager", "login", func(string, []byte) {}, "needs a func(wire.Channel, …)"},
		{"LoginManager", "login", func(wire.Channel, string) {}, "needs a func(wire.Channel, string, []uint8), not a func(wire.Channel, string)"},
		{"LoginManager", "login", func(wire.Channel, string, string) {}, "needs a func(wire.Channel, string, []uint8)"},
		{"LoginManager", "login", func(wire.Channel, ...any) {}, "needs a func(wire.Channel, …)"},
		{"LoginManager", "login", func(wire.Channel, string, []byte) error { return nil }, "without results"},
		{"LoginManager", "old", func(wire.Channel, uint64) {}, "needs a func(wire.Channel, uint32)"},
		{"LoginManager", "old", func(wire.Channel, string) {}, "needs a func(wire.Channel, uint32)"},
		{"LoginManager", "old", 5, "not a int"},
		{"LoginManager", "old", func(wire.Channel, any) {}, ""},
		{"Tree", "setBoth", func(wire.Channel) {}, "is made of other fields"},
		{"Tree", "water", func(wire.Channel, uint32, any, any) {}, ""},
		{"Tree", "water", func(wire.Channel, uint32, []any, []any) {}, "dc.Record, []interface {})"},
	} {
		o, err := r.Object(test.class, wire.DoID(len(test.class)))
		if err != nil {
			t.Fatal(err)
		}
		switch err := o.Handle(test.field, test.function); {
		case test.want == "" && err != nil, test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s.%s with %T: %v, want %q", test.class, test.field, test.function, err, test.want)
		}
	}
	if _, err := r.Object("Rock", 1); err == nil {
		t.Error("there are rocks")
	}
	if _, err := r.Object("Tree", wire.DoID(len("LoginManager"))); err == nil {
		t.Error("a login manager is a tree")
	}
}

// The game's own numbers are among the role's.
func TestMetrics(t *testing.T) {
	var logins *Metric
	s := newScene(t, func(p *park) {
		logins = p.Counter("logins", "Logins.")
		p.Gauge("visitors", "Visitors.", func() float64 { return 3 })
	})
	s.Turn(func() { logins.Add(2) })
	want := []Number{{"logins", "Logins.", true, 2}, {"visitors", "Visitors.", false, 3}}
	if diff := cmp.Diff(want, s.Stats().Own); diff != "" {
		t.Error(diff)
	}
	defer func() {
		if recover() == nil {
			t.Error("any name is a metric's")
		}
	}()
	s.Counter("Lógins", "")
}
