package clientagent

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/ask"
	"natstron/roles/clientagent/clienttest"
	"natstron/roles/clientagent/internal/listen"
	"natstron/roles/rolestest/script"
)

const (
	accounts ask.Database = 4003
	names    wire.DoID    = 4670
)

// listener is a class that hears what clients say to the gate: hears reports whether the agent
// is to do nothing with it.
type listener struct {
	hears     func(s *Session, said string, message []byte) bool
	connected func(s *Session)
	gone      func(s *Session)
}

func (l listener) Connected(s *Session) {
	if l.connected != nil {
		l.connected(s)
	}
}

func (l listener) FromClient(s *Session, message []byte) []byte {
	r := wire.NewReader(message)
	if r.ClientMsgType() == wire.ClientObjectSetField && r.DoID() == gate {
		r.FieldID()
		if l.hears(s, r.Text(), message) {
			return nil
		}
	}
	return message
}

func (l listener) ToClient(_ *Session, message []byte) []byte { return message }

func (l listener) Disconnected(s *Session) {
	if l.gone != nil {
		l.gone(s)
	}
}

// asking is a stage whose clients have a class, with a database that the test speaks for.
type asking struct {
	*stage
	database *actor
}

func newAsking(t *testing.T, l listener, change ...func(*Options)) *asking {
	t.Helper()
	a := &asking{stage: newStage(t, append(change, func(o *Options) { o.Class = l })...)}
	a.database = a.join(wire.Channel(accounts))
	return a
}

// say is what a client says to the gate.
func (c *client) say(text string) {
	c.T.Helper()
	c.SetField(gate, fieldID(c.T, "Gate", "enter"), text)
}

// said wants the gate to hear that next.
func (a *asking) said(c *client, text string) {
	a.t.Helper()
	from, r := a.actor.expect(wire.StateServerObjectSetField)
	r.DoID()
	r.FieldID()
	if got := r.Text(); from != c.channel || got != text {
		a.t.Fatalf("%d says %q, want %d and %q", from, got, c.channel, text)
	}
}

// asked is the context of the next question to the database.
func (a *asking) asked() (to wire.Channel, context uint32) {
	a.t.Helper()
	to, r := a.database.expect(wire.DBServerObjectGetFields)
	return to, r.Uint32()
}

// answer answers a question with a name, or with that there is no such object.
func (a *asking) answer(to wire.Channel, context uint32, name string) {
	a.t.Helper()
	a.database.send(wire.Channel(accounts), wire.DBServerObjectGetFieldsResp, to, func(w *wire.Writer) {
		if w.Uint32(context).Bool(name != ""); name != "" {
			w.Uint16(1).FieldID(fieldID(a.t, "Account", "setName")).Text(name)
		}
	})
}

// getName asks for the name of an account, and tells the client, with an unknown message.
func getName(s *Session) ask.Question {
	return accounts.Get("Account", 7, []string{"setName"}, func(account ask.Values, err error) {
		name, _ := account["setName"].(string)
		tellClient(s, fmt.Sprint(name, err))
	})
}

// tellClient sends a client a message of the tests'.
func tellClient(s *Session, text string) {
	var w wire.Writer
	frame, _ := w.BeginFrame().ClientMsgType(9999).Text(text).Frame()
	s.SendClient(frame[wire.FrameHeader:])
}

// told wants the client to be told that next.
func (c *client) told(text string) {
	c.T.Helper()
	r := c.Expect(9999)
	if got := r.Text(); got != text {
		c.T.Fatalf("told %q, want %q", got, text)
	}
}

// While a class waits, what its client sends is held, in order; while it only asks, it is not.
// The messages wait on if the answer leads to the next question.
func TestClassWaits(t *testing.T) {
	a := newAsking(t, listener{hears: func(s *Session, said string, _ []byte) bool {
		switch said {
		case "ask":
			s.Ask(getName(s))
		case "wait":
			s.Wait(getName(s))
		case "chain":
			s.Wait(accounts.Get("Account", 7, nil, func(ask.Values, error) { s.Wait(getName(s)) }))
		default:
			return false
		}
		return true
	}})
	c := a.anonymous()
	c.say("ask")
	c.say("meanwhile")
	to, context := a.asked()
	a.said(c, "meanwhile")
	a.answer(to, context, "Ada")
	c.told("Ada<nil>")

	c.say("wait")
	to, context = a.asked()
	other := a.anonymous() // has a session of its own
	other.say("I do not wait")
	a.said(other, "I do not wait")
	for i := range 3 {
		c.say(fmt.Sprint(i))
	}
	a.held(c, 3)
	a.settled(c) // and the gate has heard nothing else
	a.answer(to, context, "")
	c.told(ask.ErrNotFound.Error())
	for i := range 3 {
		a.said(c, fmt.Sprint(i))
	}

	c.say("chain")
	c.say("after the chain")
	to, context = a.asked()
	a.held(c, 1)
	a.answer(to, context, "Ada")
	to, context = a.asked()
	a.settled(c)
	c.say("wait")
	c.say("after both")
	a.held(c, 3)
	a.answer(to, context, "Bob")
	c.told("Bob<nil>")
	a.said(c, "after the chain")
	to, context = a.asked()
	a.settled(c)
	a.answer(to, context, "Cy")
	c.told("Cy<nil>")
	a.said(c, "after both")
}

// held waits until so many messages of a client are.
func (a *asking) held(c *client, want int) {
	a.t.Helper()
	eventually(a.t, fmt.Sprint(want, " messages are held"), func() bool {
		a.agent.enter()
		defer a.agent.leave()
		n := 0
		for s := range a.agent.sessions {
			if s.allocated != c.channel {
				continue
			}
			for r := wire.NewReader(s.held.frames); r.Len() > 0; n++ {
				r.Blob()
			}
		}
		return n == want
	})
}

// A database of another process is asked in the same way.
func TestAskAnotherProcess(t *testing.T) {
	cluster := script.New(t, parkFile(t), "one", "two")
	o := parkOptions(t)
	o.Class = listener{hears: func(s *Session, said string, _ []byte) bool {
		if said == "wait" {
			s.Wait(getName(s))
		}
		return said == "wait"
	}}
	a := &asking{stage: &stage{t: t, node: cluster.Node, agent: startAgent(t, cluster.Node, o)}}
	a.actor = a.join(gate.Channel())
	there := &stage{t: t, node: cluster.Nodes["two"]}
	a.database = there.join(wire.Channel(accounts))
	c := a.anonymous()
	for i := range 100 {
		name := fmt.Sprint("Ada", i)
		c.say("wait")
		c.say(name)
		to, context := a.asked()
		a.answer(to, context, name)
		c.told(name + "<nil>")
		a.said(c, name)
	}
}

// A class can have a client wait from the start: its hello, too.
func TestWaitForTheAddress(t *testing.T) {
	a := newAsking(t, listener{
		hears:     func(*Session, string, []byte) bool { return false },
		connected: func(s *Session) { s.Wait(getName(s)) },
	}, func(o *Options) { o.Limits.Hello = time.Minute })
	c := a.dial()
	c.Send(wire.ClientHello, func(w *wire.Writer) { w.Uint32(parkFile(t).Hash()).Text(version) })
	c.say("hello")
	to, context := a.asked()
	c.channel = to
	a.held(c, 2)
	a.agent.sweep(time.Now().Add(time.Hour))
	a.answer(to, context, "Ada")
	c.told("Ada<nil>")
	c.Expect(wire.ClientHelloResp)
	a.said(c, "hello")
}

// A class can ask about a message and pass it on later, changed or not.
func TestClassPasses(t *testing.T) {
	a := newAsking(t, listener{hears: func(s *Session, said string, message []byte) bool {
		if said != "my name is Darn" {
			return false
		}
		message = append([]byte(nil), message...)
		copy(message[len(message)-4:], "****")
		s.Wait(ask.Call("Names", names, "check", []any{said}, "checked", func(answer dc.Record, err error) {
			if allowed, _ := answer.Get("allowed"); allowed == uint8(0) {
				s.Pass(message)
			}
		}))
		return true
	}})
	uberdog := a.join(names.Channel())
	c := a.anonymous()
	c.say("my name is Darn")
	c.say("hello")
	to, r := uberdog.expect(wire.StateServerObjectSetField)
	r.DoID()
	r.FieldID()
	context := r.Uint32()
	reply := func() {
		uberdog.send(9, wire.StateServerObjectSetField, to, func(w *wire.Writer) {
			w.DoID(names).FieldID(fieldID(t, "Names", "checked")).Uint32(context).Uint8(0)
		})
	}
	reply()
	a.said(c, "my name is ****")
	a.said(c, "hello")
	reply() // too late
	a.quiet(c)
	if n := a.agent.Stats().Malformed; n != 0 {
		t.Errorf("%d malformed messages", n)
	}
}

// What a class passes on is checked as everything else.
func TestPassIsChecked(t *testing.T) {
	a := newAsking(t, listener{hears: func(s *Session, said string, _ []byte) bool {
		if said == "cheat" {
			s.Ask(ask.After(0, func(error) { s.Pass([]byte{0xff, 0xff}) }))
		}
		return said == "cheat"
	}})
	c := a.anonymous()
	c.say("cheat")
	c.ExpectEject(wire.EjectInvalidMsgType)
}

// A client that sends without end while it has to wait is not read any more, and loses nothing.
func TestFloodWhileWaiting(t *testing.T) {
	a := newAsking(t, listener{hears: func(s *Session, said string, _ []byte) bool {
		if said == "wait" {
			s.Wait(getName(s))
		}
		return said == "wait"
	}})
	c := a.anonymous()
	c.say("wait")
	to, context := a.asked()
	const messages, size = 4000, 4000
	text := func(i int) string { return fmt.Sprintf("%0*d", size, i) }
	sent := make(chan error, 1)
	go func() {
		for i := range messages {
			var w wire.Writer
			frame, err := w.BeginFrame().ClientMsgType(wire.ClientObjectSetField).DoID(gate).FieldID(fieldID(t, "Gate", "enter")).Text(text(i)).Frame()
			if err == nil {
				_, err = c.Conn.Write(frame)
			}
			if err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	eventually(t, "the client is not read any more", func() bool {
		a.agent.enter()
		defer a.agent.leave()
		for s := range a.agent.sessions {
			if n := len(s.held.frames); n > maxHeld+readBuffer {
				t.Fatalf("%d bytes are held", n)
			}
			return s.held.relief != nil
		}
		return false
	})
	select {
	case err := <-sent:
		t.Fatal("the client could send everything", err)
	default:
	}
	a.answer(to, context, "Ada")
	c.told("Ada<nil>")
	for i := range messages {
		a.said(c, text(i))
	}
	must(t, <-sent)
}

// A client that goes while it waits is gone at once. Its answer reaches nobody, and neither its
// class nor the next client on its channel.
func TestGoneWhileWaiting(t *testing.T) {
	began, ended := make(chan struct{}), make(chan struct{})
	a := newAsking(t, listener{
		hears: func(s *Session, said string, _ []byte) bool {
			switch said {
			case "wait":
				s.Wait(getName(s))
			case "work":
				s.Wait(ask.Do(func(ctx context.Context) (int, error) {
					close(began)
					<-ctx.Done()
					close(ended)
					return 0, nil
				}, func(int, error) { t.Error("work of a client that has gone has a result") }))
			default:
				return false
			}
			return true
		},
		gone: func(s *Session) {
			s.Ask(ask.After(0, func(error) { t.Error("a session that has ended asks") }))()
			s.Wait(getName(s))()
			if err := s.Tell(accounts.Set("Account", 7, ask.Values{"setName": "gone"})); err != nil {
				t.Error(err)
			}
		},
	}, func(o *Options) { o.Pool = NewChannelPool(firstClient, firstClient) })
	first := a.anonymous()
	first.say("wait")
	first.say("work")
	to, context := a.asked()
	a.held(first, 1)
	first.Conn.Close()
	a.until(t, 0)
	a.database.expect(wire.DBServerObjectSetFields)
	c := a.anonymous()
	a.answer(to, context, "Ada")
	a.quiet(c)
	c.say("wait")
	to, context = a.asked()
	a.answer(to, context, "Bob")
	c.told("Bob<nil>")
	c.say("work")
	<-began
	a.agent.ejectAll()
	c.ExpectEject(wire.EjectMaintenance)
	<-ended
	if n := a.agent.Stats().Malformed; n != 0 {
		t.Errorf("%d malformed messages", n)
	}
}

// A client that floods and then goes, while it is not read, is gone when its question has ended.
func TestGoneWhileNotRead(t *testing.T) {
	a := newAsking(t, listener{hears: func(s *Session, said string, _ []byte) bool {
		if said == "wait" {
			s.Wait(getName(s))
		}
		return said == "wait"
	}}, func(o *Options) { o.AnswerTimeout = 50 * time.Millisecond })
	c := a.anonymous()
	c.say("wait")
	for range 200 {
		c.say(fmt.Sprintf("%01000d", 1))
	}
	c.Conn.Close()
	a.until(t, 0)
	if n := a.agent.Stats().Unanswered; n != 1 {
		t.Errorf("%d questions have no answer", n)
	}
}

// Answers that never come end the wait, and more questions than a client may have are refused.
func TestNoAnswer(t *testing.T) {
	a := newAsking(t, listener{hears: func(s *Session, said string, _ []byte) bool {
		switch said {
		case "wait":
			s.Wait(getName(s))
		case "many":
			for range 3 {
				s.Wait(ask.After(time.Hour, func(err error) { tellClient(s, fmt.Sprint(err)) }))
			}
		case "cancel":
			s.Wait(getName(s))()
		case "login":
			s.Wait(accounts.Get("Account", 7, nil, func(_ ask.Values, err error) {
				if errors.Is(err, ask.ErrNoAnswer) {
					s.Eject(wire.EjectBadCredentials, "Come back later.")
				}
			}))
		default:
			return false
		}
		return true
	}}, func(o *Options) { o.AnswerTimeout, o.Limits.OpenQuestions = 20*time.Millisecond, 2 })
	c := a.anonymous()
	c.say("wait")
	c.say("on we go")
	to, context := a.asked()
	c.told(ask.ErrNoAnswer.Error())
	a.said(c, "on we go")
	a.answer(to, context, "Ada") // too late
	a.quiet(c)
	c.say("cancel")
	c.say("and on")
	a.asked()
	a.said(c, "and on")
	c.say("many")
	c.told(ask.ErrTooMany.Error())

	c = a.anonymous()
	c.say("login")
	c.say("never handled")
	c.ExpectEject(wire.EjectBadCredentials)
	stats := a.agent.Stats()
	if stats.Malformed != 0 || stats.Questions != 6 || stats.Unanswered != 2 || stats.QuestionsRefused != 1 || stats.OpenQuestions != 2 {
		t.Errorf("%d malformed; %d questions, %d unanswered, %d refused, %d open", stats.Malformed, stats.Questions, stats.Unanswered,
			stats.QuestionsRefused, stats.OpenQuestions)
	}
}

// However many clients wait, whatever comes of their questions, and however much they send
// meanwhile: what each of them says is handled in order, none of it lost or twice.
func TestManyWaitInOrder(t *testing.T) {
	a := newAsking(t, listener{hears: func(s *Session, said string, _ []byte) bool {
		then := func(error) {}
		switch said {
		case "timer":
			s.Wait(ask.After(time.Millisecond, then))
		case "work":
			s.Wait(ask.Do(func(context.Context) (int, error) { return 1, nil }, func(int, error) {}))
		case "silence":
			q := accounts.Get("Account", 7, nil, func(ask.Values, error) { s.Wait(ask.After(0, then)) })
			q.Timeout = 2 * time.Millisecond
			s.Wait(q)
		case "twice":
			s.Wait(ask.After(time.Millisecond, then))
			s.Wait(ask.After(0, then))
		case "nothing":
			s.Wait(ask.After(time.Hour, then))()
		default:
			return false
		}
		return true
	}})
	const clients, each = 20, 60
	all, last := make([]*client, clients), map[wire.Channel]int{}
	for i := range all {
		all[i] = a.anonymous()
		last[all[i].channel] = -1
	}
	for _, c := range all {
		go func() {
			kinds := []string{"timer", "work", "silence", "twice", "nothing"}
			for i := range each {
				for range rand.IntN(3) {
					c.say(kinds[rand.IntN(len(kinds))])
				}
				c.say(strconv.Itoa(i))
			}
		}()
	}
	for range clients * each {
		from, r := a.actor.expect(wire.StateServerObjectSetField)
		r.DoID()
		r.FieldID()
		text := r.Text()
		if i, err := strconv.Atoi(text); err != nil || i != last[from]+1 {
			t.Fatalf("%d says %q after %d", from, text, last[from])
		}
		last[from]++
	}
	eventually(t, "no question is open", func() bool { return a.agent.Stats().OpenQuestions == 0 })
}

// What arrives when the wait is over, and before what was held has been handled, comes behind it.
func TestArrivesBehindWhatIsHeld(t *testing.T) {
	a := newAsking(t, listener{hears: func(*Session, string, []byte) bool { return false }})
	conn := &memoryConn{closed: make(chan struct{})}
	s, err := a.agent.admit(conn, listen.Peer{})
	must(t, err)
	a.agent.conns.Add(1)
	s.read.Serve()
	c := &scriptClient{conn: conn, session: s}
	say := func(text string) {
		c.say(t, clienttest.Frame(t, wire.ClientObjectSetField, func(w *wire.Writer) {
			w.DoID(gate).FieldID(fieldID(t, "Gate", "enter")).Text(text)
		})[wire.FrameHeader:])
	}
	c.say(t, clienttest.Frame(t, wire.ClientHello, func(w *wire.Writer) { w.Uint32(parkFile(t).Hash()).Text(version) })[wire.FrameHeader:])
	for range 200 {
		a.agent.enter()
		s.held.questions++
		a.agent.leave()
		say("first")
		a.agent.enter()
		s.unhold()
		a.agent.leave()
		say("second")
		a.said(&client{channel: s.channel}, "first")
		a.said(&client{channel: s.channel}, "second")
	}
}

// Rates hold for what a client sends while it waits; heartbeats need not come through.
func TestLimitsWhileWaiting(t *testing.T) {
	a := newAsking(t, listener{hears: func(s *Session, said string, _ []byte) bool {
		if said == "wait" {
			s.Wait(getName(s))
		}
		return said == "wait"
	}}, func(o *Options) { o.Limits.DatagramRate, o.Limits.Heartbeat = 10, time.Minute })
	c := a.anonymous()
	c.say("wait")
	a.asked()
	a.agent.sweep(time.Now().Add(time.Hour))
	for range 60 {
		c.say("again")
	}
	c.ExpectEject(wire.EjectGeneric)

	c = a.anonymous()
	c.say("wait")
	to, context := a.asked()
	a.answer(to, context, "Ada")
	c.told("Ada<nil>")
	a.agent.sweep(time.Now().Add(time.Hour))
	c.ExpectEject(wire.EjectNoHeartbeat)
}
