package e2e

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/clientagent/clienttest"
)

// The game of examples/hello, played by made-up clients and AIs.

// What the game of examples/hello needs to know.
const (
	gameAI          wire.Channel = 401000
	gameStateServer wire.Channel = 402000
	gameDatabase    wire.Channel = 402001
	loginManager    wire.DoID    = 4665
	gameZone        wire.Zone    = 1

	avatarClass wire.DClassID = 1
	worldClass  wire.DClassID = 2
	fieldLogin  wire.FieldID  = 0
	fieldName   wire.FieldID  = 1
	fieldXY     wire.FieldID  = 2
)

// gameSession is a game with one player, played again and again through a cluster
// whose processes come and go.
type gameSession struct {
	t              testing.TB
	director, gate string // where the AI and the player connect
	hash           uint32
	avatar         wire.DoID // in the database
	name           string    // that the database should know it by
	rounds, logins int
}

func newGameSession(t testing.TB, director, gate string) *gameSession {
	t.Helper()
	file, err := dc.ParseFiles("../examples/hello/hello.dc")
	must(t, err)
	return &gameSession{t: t, director: director, gate: gate, hash: file.Hash()}
}

// gameServer is the AI's connection.
type gameServer struct {
	*mdtest.Client
	t       testing.TB
	context uint32
}

func (a *gameServer) tell(to wire.Channel, kind wire.MsgType, build func(w *wire.Writer)) {
	a.t.Helper()
	a.Send(mdtest.Datagram(a.t, func(w *wire.Writer) {
		w.Header(gameAI, kind, to)
		build(w)
	}))
}

// ask repeats a question with a context until one of them is answered: what is sent
// to an object that was just created in another process may reach nobody yet.
func (a *gameServer) ask(to wire.Channel, kind, answer wire.MsgType, build func(w *wire.Writer)) wire.Reader {
	a.t.Helper()
	asked := a.context
	for deadline := time.Now().Add(mdtest.Patience); time.Now().Before(deadline); {
		a.question(to, kind, build)
		for until := time.Now().Add(100 * time.Millisecond); ; {
			d, err := a.ReceiveUntil(until)
			if err != nil {
				break
			}
			if m, err := d.Message(); err == nil && m.Type == answer && m.Payload.Uint32() > asked {
				return m.Payload
			}
		}
	}
	a.t.Fatalf("%v has not answered %v", to, kind)
	return wire.Reader{}
}

// question asks a question once.
func (a *gameServer) question(to wire.Channel, kind wire.MsgType, build func(w *wire.Writer)) (context uint32) {
	a.t.Helper()
	a.context++
	a.tell(to, kind, func(w *wire.Writer) {
		w.Uint32(a.context)
		build(w)
	})
	return a.context
}

// answer waits for the answer to a question. Those to earlier ones, which ask may have repeated,
// can come late; nothing else may come.
func (a *gameServer) answer(kind wire.MsgType, context uint32) wire.Reader {
	a.t.Helper()
	for {
		d, err := a.Receive()
		if err != nil {
			a.t.Fatalf("waiting for %v: %v", kind, err)
		}
		m, err := d.Message()
		switch got := m.Payload.Uint32(); {
		case err == nil && m.Type == kind && got == context:
			return m.Payload
		case err != nil || got >= context:
			a.t.Fatalf("received %v %d (%v), want %v %d", m.Type, got, err, kind, context)
		}
	}
}

// there waits until an object answers.
func (a *gameServer) there(do wire.DoID) {
	a.t.Helper()
	a.ask(do.Channel(), wire.StateServerObjectGetLocation, wire.StateServerObjectGetLocationResp, func(*wire.Writer) {})
}

// create makes an object on the state server.
func (a *gameServer) create(do wire.DoID, at wire.Location, class wire.DClassID, fields func(w *wire.Writer)) {
	a.t.Helper()
	a.tell(gameStateServer, wire.StateServerCreateObjectWithRequired, func(w *wire.Writer) {
		fields(w.DoID(do).Location(at).DClassID(class))
	})
	a.there(do)
}

// play is one round: the AI connects and makes a world, the player logs in, sees
// it move, changes a name, leaves, and finds that name when it is back.
func (s *gameSession) play() {
	t := s.t
	t.Helper()
	s.rounds++
	a := &gameServer{Client: mdtest.Dial(t, s.director), t: t}
	defer a.Conn.Close()
	a.Subscribe(gameAI, loginManager.Channel())
	a.PostRemove(gameAI, mdtest.Datagram(t, func(w *wire.Writer) {
		w.Header(gameAI, wire.StateServerDeleteAIObjects, gameStateServer).Channel(gameAI)
	}))
	world := wire.DoID(10_000 + 10*s.rounds)
	bird := world + 1
	at := wire.Location{Parent: world, Zone: gameZone}
	a.create(world, wire.Location{}, worldClass, func(*wire.Writer) {})
	a.create(bird, at, avatarClass, func(w *wire.Writer) { w.Text("bird").Uint16(0).Uint16(0) })
	if s.avatar == 0 {
		s.name = "Ada"
		r := a.ask(gameDatabase, wire.DBServerCreateObject, wire.DBServerCreateObjectResp, func(w *wire.Writer) {
			w.DClassID(avatarClass).Uint16(1).FieldID(fieldName).Text(s.name)
		})
		if s.avatar = r.DoID(); s.avatar < 100_000_000 {
			t.Fatalf("the database made object %d", s.avatar)
		}
	}

	player := s.login(a, at)
	a.tell(bird.Channel(), wire.StateServerObjectSetField, func(w *wire.Writer) { w.DoID(bird).FieldID(fieldXY).Uint16(7).Uint16(9) })
	r := player.Until(wire.ClientObjectSetField)
	if do, field, x, y := r.DoID(), r.FieldID(), r.Uint16(), r.Uint16(); do != bird || field != fieldXY || x != 7 || y != 9 {
		t.Fatalf("round %d: field %d of %d is %d, %d", s.rounds, field, do, x, y)
	}

	// What the player changes goes to the database.
	s.name = fmt.Sprint("Ada of round ", s.rounds)
	player.SetField(s.avatar, fieldName, s.name)
	poll(t, func() bool {
		r := a.ask(gameDatabase, wire.DBServerObjectGetField, wire.DBServerObjectGetFieldResp, func(w *wire.Writer) { w.DoID(s.avatar).FieldID(fieldName) })
		return r.Bool() && r.FieldID() == fieldName && r.Text() == s.name
	}, func() string { return "the name in the database" })

	player.Send(wire.ClientDisconnect, nil)
	a.tell(s.avatar.Channel(), wire.StateServerObjectDeleteRAM, func(w *wire.Writer) { w.DoID(s.avatar) })
	poll(t, func() bool {
		r := a.ask(s.avatar.Channel(), wire.DBSSObjectGetActivated, wire.DBSSObjectGetActivatedResp, func(w *wire.Writer) { w.DoID(s.avatar) })
		return r.DoID() == s.avatar && !r.Bool()
	}, func() string { return "the avatar to sleep" })
	again := s.login(a, at)
	again.Send(wire.ClientDisconnect, nil)

	// The avatar sleeps until the next round; the bird of this one stays.
	a.tell(s.avatar.Channel(), wire.StateServerObjectDeleteRAM, func(w *wire.Writer) { w.DoID(s.avatar) })
	a.there(bird)
}

// login has a player log in, and returns when it owns its avatar, with the name
// of the database, and sees the bird.
func (s *gameSession) login(a *gameServer, at wire.Location) *clienttest.Client {
	t := s.t
	t.Helper()
	s.logins++
	player := clienttest.Dial(t, s.gate)
	player.Hello(s.hash, "hello-1")
	client := s.known(a, player)
	a.tell(client, wire.ClientAgentSetState, func(w *wire.Writer) { w.Uint16(2) })
	a.tell(s.avatar.Channel(), wire.DBSSObjectActivateWithDefaults, func(w *wire.Writer) { w.DoID(s.avatar).Location(at) })
	a.there(s.avatar)
	a.tell(s.avatar.Channel(), wire.StateServerObjectSetOwner, func(w *wire.Writer) { w.Channel(client) })
	r := player.Until(wire.ClientEnterObjectRequiredOwner)
	do, _, _, name := r.DoID(), r.Location(), r.DClassID(), r.Text()
	if do != s.avatar || name != s.name || r.Err() != nil {
		t.Fatalf("round %d: the player owns %d, %q (%v), want %d, %q", s.rounds, do, name, r.Err(), s.avatar, s.name)
	}
	a.tell(client, wire.ClientAgentAddInterest, func(w *wire.Writer) { w.Uint16(1).Location(at) })
	// On a cluster that is still finding itself again the bird may come late.
	for bird, seen, open := at.Parent+1, false, false; !seen || !open; {
		kind, r, err := player.Receive()
		switch {
		case err != nil || kind == wire.ClientEject:
			t.Fatalf("round %d: %s, %v; seen %t, open %t", s.rounds, clienttest.Told(kind, r), err, seen, open)
		case kind == wire.ClientEnterObjectRequired:
			seen = seen || r.DoID() == bird
		case kind == wire.ClientDoneInterestResp:
			open = true
		}
	}
	return player
}

// known sends a login until the AI has it, and returns who it came from: the
// first one after a process came back may find nobody.
func (s *gameSession) known(a *gameServer, player *clienttest.Client) (client wire.Channel) {
	s.t.Helper()
	name := fmt.Sprint("login ", s.logins)
	poll(s.t, func() bool {
		player.SetField(loginManager, fieldLogin, name)
		for until := time.Now().Add(200 * time.Millisecond); ; {
			d, err := a.ReceiveUntil(until)
			if err != nil {
				return false
			}
			m, err := d.Message()
			r := m.Payload
			if err == nil && m.Type == wire.StateServerObjectSetField && r.DoID() == loginManager && r.FieldID() == fieldLogin && r.Text() == name {
				client = m.Sender
				return true
			}
		}
	}, func() string { return "the AI to hear of " + name })
	return client
}

// readAll is the text of an answer.
func readAll(t testing.TB, answer *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	return string(text)
}
