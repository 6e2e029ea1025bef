package e2e

import (
	"fmt"
	"strconv"
	"testing"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/clienttest"
	"natstron/storage/mongo/wiretest"
)

// Stored objects on each storage backend, activated again after a kill.

// storedGame is the game of examples/hello, with objects that are stored.
const storedGame = `
backbone: {embedded: {listen: '127.0.0.1:0'}}
messagedirector: {bind: '127.0.0.1:0'}
general: {dc_files: [hello.dc]}
uberdogs: [{id: 4665, class: LoginManager, anonymous: true}]
roles:
  - {type: stateserver, control: 402000}
  - {type: clientagent, bind: '127.0.0.1:0', version: hello-1, channels: {min: 1000000000, max: 1009999999}}
  - {type: database, control: 402001, generate: {min: 100000000, max: 399999999}, backend: %s}
  - {type: dbss, database: 402001, ranges: [{min: 100000000, max: 399999999}]}
`

func helloDC(t testing.TB) func(dir string) {
	t.Helper()
	return with(t, "hello.dc", read(t, "../examples/hello/hello.dc"))
}

// TestStoredObjects: on each storage backend, an object of the database is activated, a
// client changes it, and the daemon is killed: when it is back and activates the object
// again, what the client wrote is there.
func TestStoredObjects(t *testing.T) {
	t.Parallel()
	backends := map[string]func(t *testing.T) string{
		"embedded": func(*testing.T) string { return "{type: embedded, file: objects.db}" },
		"yaml":     func(*testing.T) string { return "{type: yaml, directory: objects}" },
		"mongodb": func(t *testing.T) string {
			return "{type: mongodb, server: '" + wiretest.Start(t, true).URI("objects") + "'}"
		},
	}
	if uri, ok := wiretest.Real(); ok {
		backends["mongodb, a real server"] = func(t *testing.T) string { return "{type: mongodb, server: '" + uri(t) + "'}" }
	}
	for name, backend := range backends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := run(t, fmt.Sprintf(storedGame, backend(t)), helloDC(t))
			s := newGameSession(t, d.port(), d.where("listening for clients"))
			for range 2 {
				s.play()
				d = d.killed()
				s.director, s.gate = d.port(), d.where("listening for clients")
			}
			s.play()
			flooded(t, s, d)
		})
	}
}

// flooded has the player write one name after the other, kills the daemon among them,
// and wants the last one that the database has announced, or a later one.
func flooded(t *testing.T, s *gameSession, d *daemon) {
	t.Helper()
	const names, enough = 2000, 20
	a := &gameServer{Client: d.dial(), t: t}
	a.Subscribe(gameAI, loginManager.Channel())
	world := wire.DoID(20_000)
	at := wire.Location{Parent: world, Zone: gameZone}
	a.create(world, wire.Location{}, worldClass, func(*wire.Writer) {})
	a.create(world+1, at, avatarClass, func(w *wire.Writer) { w.Text("bird").Uint16(0).Uint16(0) })
	player := s.login(a, at)

	a.Subscribe(s.avatar.DatabaseChannel())
	var flood []byte
	for i := range names {
		flood = append(flood, clienttest.Frame(t, wire.ClientObjectSetField, func(w *wire.Writer) {
			w.DoID(s.avatar).FieldID(fieldName).Text(strconv.Itoa(i))
		})...)
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = player.Conn.Write(flood) // until the daemon is killed
	}()
	last := -1
	for last < enough {
		last = announcedName(t, a, s.avatar, last)
	}
	d = d.killed()
	<-written
	for { // what was announced before the end counts, too
		b, err := a.Receive()
		if err != nil {
			break
		}
		if m, err := b.Message(); err == nil && m.Type == wire.DBServerObjectSetField {
			last = nameOf(t, m, last)
		}
	}

	a = &gameServer{Client: d.dial(), t: t}
	a.Subscribe(gameAI)
	a.tell(s.avatar.Channel(), wire.DBSSObjectActivateWithDefaults, func(w *wire.Writer) { w.DoID(s.avatar).Location(wire.Location{}) })
	r := a.ask(s.avatar.Channel(), wire.StateServerObjectGetField, wire.StateServerObjectGetFieldResp, func(w *wire.Writer) { w.DoID(s.avatar).FieldID(fieldName) })
	success, field, name := r.Bool(), r.FieldID(), r.Text()
	if got, err := strconv.Atoi(name); !success || field != fieldName || err != nil || got < last {
		t.Fatalf("after %d was announced, the name is %q (%v, field %d)", last, name, success, field)
	}
	r = a.ask(s.avatar.Channel(), wire.DBSSObjectGetActivated, wire.DBSSObjectGetActivatedResp, func(w *wire.Writer) { w.DoID(s.avatar) })
	if r.DoID() != s.avatar || !r.Bool() {
		t.Error("it is not active")
	}
	t.Logf("killed after %d of %d names were announced, %s was there", last+1, names, name)
}

// announcedName waits for the next name that the database announces.
func announcedName(t *testing.T, a *gameServer, avatar wire.DoID, last int) int {
	t.Helper()
	d, err := a.Receive()
	must(t, err)
	m, err := d.Message()
	if err != nil || m.Type != wire.DBServerObjectSetField || m.Sender != avatar.Channel() {
		return last
	}
	return nameOf(t, m, last)
}

// nameOf is the name in an announcement, which must not be older than the last one.
func nameOf(t *testing.T, m wire.Message, last int) int {
	t.Helper()
	m.Payload.DoID()
	if m.Payload.FieldID() != fieldName {
		return last
	}
	got, err := strconv.Atoi(m.Payload.Text())
	if err != nil || got < last {
		t.Fatalf("after %d, %d is announced (%v)", last, got, err)
	}
	return got
}
