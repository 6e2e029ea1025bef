package e2e

import (
	"fmt"
	"path/filepath"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/otp"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/clientagent/clienttest"
)

// Processes and clients of Disney's dialect, together with Astron's.

// otpGame is the stored game of examples/hello, with a port for processes of Disney's
// kind, and the class that their state server is.
const otpGame = `
backbone: {embedded: {listen: '127.0.0.1:0'}}
messagedirector: {bind: '127.0.0.1:0', listeners: [{bind: '127.0.0.1:0', dialect: otp}]}
general: {dc_files: [hello.dc, otp.dc]}
uberdogs: [{id: 4665, class: LoginManager, anonymous: true}]
roles:
  - {type: stateserver, control: 402000, objects: [{id: 4619, class: World}]}
  - {type: clientagent, bind: '127.0.0.1:0', version: hello-1, channels: {min: 1000000000, max: 1009999999}}
  - {type: database, control: 402001, generate: {min: 100000000, max: 399999999}, objects: [{id: 2, class: Avatar}]}
  - {type: dbss, database: 402001, ranges: [{min: 100000000, max: 399999999}]}
`

const serverObject = `
dclass ObjectServer {
  setName(string) airecv ram required;
  setDcHash(uint32) ram required;
};
`

// The numbers of the dialect that a small AI needs.
const (
	otpSetChannel    wire.MsgType = 2001
	otpSetName       wire.MsgType = 2004
	otpAddPostRemove wire.MsgType = 2010
	otpGenerate      wire.MsgType = 2001
	otpUpdate        wire.MsgType = 2004
	otpDelete        wire.MsgType = 2007
	otpNotFound      wire.MsgType = 2015
	otpQueryAll      wire.MsgType = 2020
	otpQueryAllResp  wire.MsgType = 2030
	otpLeavingAI     wire.MsgType = 2033
	otpAddAI         wire.MsgType = 2045
	otpShardRest     wire.MsgType = 2061
	otpEnterAI       wire.MsgType = 2067

	otpCreateStored     wire.MsgType = 1003
	otpCreateStoredResp wire.MsgType = 1004
	otpGetStored        wire.MsgType = 1012
	otpGetStoredResp    wire.MsgType = 1013
	otpSetStored        wire.MsgType = 1014
	otpCreateContext    wire.MsgType = 2050
	otpCreateResp       wire.MsgType = 2052
)

// otpAI is an AI process as Disney's were.
type otpAI struct {
	*mdtest.Client
	t       testing.TB
	channel wire.Channel
}

func (a *otpAI) control(kind wire.MsgType, build func(w *wire.Writer)) {
	a.t.Helper()
	a.Send(mdtest.Datagram(a.t, func(w *wire.Writer) { build(w.Uint8(1).Channel(otp.Control).MsgType(kind)) }))
}

func (a *otpAI) tell(to wire.Channel, kind wire.MsgType, build func(w *wire.Writer)) {
	a.t.Helper()
	a.Send(mdtest.Datagram(a.t, func(w *wire.Writer) { build(w.Header(a.channel, kind, to)) }))
}

// expect is the next message, which must be of that kind.
func (a *otpAI) expect(kind wire.MsgType) wire.Message {
	a.t.Helper()
	d, err := a.Receive()
	if err != nil {
		a.t.Fatalf("waiting for %d: %v", kind, err)
	}
	m, err := d.Message()
	if err != nil || m.Type != kind {
		a.t.Fatalf("%d came (% x), want %d: %v", m.Type, m.Payload.Rest(), kind, err)
	}
	return m
}

// start is what an AI process does before it makes its world: it asks the state server
// for the hash of the DC files, and has it delete what an earlier process left.
func (a *otpAI) start(district wire.DoID, hash uint32) {
	t := a.t
	t.Helper()
	a.control(otpSetName, func(w *wire.Writer) { w.Text("district") })
	a.control(otpSetChannel, func(w *wire.Writer) { w.Channel(a.channel) })
	rest := mdtest.Datagram(t, func(w *wire.Writer) { w.Header(a.channel, otpShardRest, gameStateServer).Channel(a.channel) })
	a.control(otpAddPostRemove, func(w *wire.Writer) { w.Blob(rest) })
	a.tell(gameStateServer, otpDelete, func(w *wire.Writer) { w.DoID(district) })
	if r := a.expect(otpNotFound).Payload; r.DoID() != district || r.Done() != nil {
		t.Error("another object was not found")
	}
	a.tell(gameStateServer, otpQueryAll, func(w *wire.Writer) { w.Uint32(77) })
	r := a.expect(otpQueryAllResp).Payload
	context, at, class, id := r.Uint32(), r.Location(), r.DClassID(), r.DoID()
	name, got, other := r.Text(), r.Uint32(), r.Uint16()
	if r.Done() != nil || context != 77 || at != (wire.Location{}) || class != serverClass || id.Channel() != gameStateServer || name != "ObjectServer" || got != hash || other != 0 {
		t.Errorf("the state server is %d, class %d, at %v: %q, hash %d, in context %d: %v", id, class, at, name, got, context, r.Done())
	}
}

const (
	serverClass wire.DClassID = 3
	directory   wire.DoID     = 4619
)

func (a *otpAI) generate(do wire.DoID, at wire.Location, class wire.DClassID, fields func(w *wire.Writer)) {
	a.t.Helper()
	a.tell(gameStateServer, otpGenerate, func(w *wire.Writer) { fields(w.Location(at).DClassID(class).DoID(do)) })
}

// entered wants an avatar to enter, as the dialect tells it.
func (a *otpAI) entered(do wire.DoID, at wire.Location, name string) {
	a.t.Helper()
	r := a.expect(otpEnterAI).Payload
	context, location, class, id := r.Uint32(), r.Location(), r.DClassID(), r.DoID()
	got, x, y, other := r.Text(), r.Uint16(), r.Uint16(), r.Uint16()
	if r.Done() != nil || context != 0 || location != at || class != avatarClass || id != do || got != name || x != 0 || y != 0 || other != 0 {
		a.t.Fatalf("%d, class %d, enters at %v: %q, %v; want %d, %q at %v", id, class, location, got, r.Done(), do, name, at)
	}
}

// TestBothKindsOfProcesses: an AI of Disney's kind and one of Astron's are in one world.
// A client sees what either made, either hears of what the other does, and of an avatar
// that is activated. When the connection ends, its world does.
func TestBothKindsOfProcesses(t *testing.T) {
	t.Parallel()
	d := run(t, otpGame, helloDC(t), with(t, "otp.dc", serverObject))
	file, err := dc.ParseFiles("../examples/hello/hello.dc", filepath.Join(d.dir, "otp.dc"))
	must(t, err)
	disney := &otpAI{Client: mdtest.Dial(t, d.where("dialect=otp")), t: t, channel: 201_000_000}
	const world, birds = wire.DoID(201_100_000), 50
	at := wire.Location{Parent: world, Zone: gameZone}
	disney.start(world, file.Hash())
	disney.generate(world, wire.Location{Parent: directory, Zone: 3}, worldClass, func(*wire.Writer) {})
	disney.tell(world.Channel(), otpAddAI, func(w *wire.Writer) { w.Channel(disney.channel) })
	for i := range wire.DoID(birds) {
		disney.generate(world+1+i, at, avatarClass, func(w *wire.Writer) { w.Text(fmt.Sprint("bird ", i)).Uint16(0).Uint16(0) })
	}

	astron := &gameServer{Client: d.dial(), t: t}
	astron.Subscribe(gameAI, loginManager.Channel())
	poll(t, func() bool {
		r := astron.ask(world.Channel(), wire.StateServerObjectGetChildCount, wire.StateServerObjectGetChildCountResp, func(w *wire.Writer) { w.DoID(world) })
		return r.Uint32() == birds
	}, func() string { return "the birds" })

	r := astron.ask(directory.Channel(), wire.StateServerObjectGetChildCount, wire.StateServerObjectGetChildCountResp, func(w *wire.Writer) { w.DoID(directory) })
	if n := r.Uint32(); n != 1 {
		t.Errorf("%d districts are in the directory of the configuration", n)
	}

	// What the other makes enters at the AI; its own objects did not.
	const worm = wire.DoID(30_000)
	astron.create(worm, at, avatarClass, func(w *wire.Writer) { w.Text("worm").Uint16(0).Uint16(0) })
	disney.entered(worm, at, "worm")

	s := newGameSession(t, d.port(), d.where("listening for clients"))
	s.hash, s.name = file.Hash(), "Ada"
	r = astron.ask(gameDatabase, wire.DBServerCreateObject, wire.DBServerCreateObjectResp, func(w *wire.Writer) {
		w.DClassID(avatarClass).Uint16(1).FieldID(fieldName).Text(s.name)
	})
	s.avatar = r.DoID()
	player := s.login(astron, at)
	disney.entered(s.avatar, at, s.name)

	disney.tell((world + 1).Channel(), otpUpdate, func(w *wire.Writer) { w.DoID(world + 1).FieldID(fieldXY).Uint16(7).Uint16(9) })
	u := player.Until(wire.ClientObjectSetField)
	if do, field, x, y := u.DoID(), u.FieldID(), u.Uint16(), u.Uint16(); do != world+1 || field != fieldXY || x != 7 || y != 9 {
		t.Errorf("field %d of %d is %d, %d", field, do, x, y)
	}
	astron.tell(worm.Channel(), wire.StateServerObjectDeleteRAM, func(w *wire.Writer) { w.DoID(worm) })
	if r := disney.expect(otpLeavingAI).Payload; r.DoID() != worm || r.Done() != nil {
		t.Error("another object left")
	}

	// The district goes with its process, and all that is in it.
	must(t, disney.Conn.Close())
	gone := map[wire.DoID]bool{}
	for len(gone) < birds+1 {
		r := player.Until(wire.ClientObjectLeaving)
		gone[r.DoID()] = true
	}
	if !gone[worm] || gone[s.avatar] {
		t.Errorf("gone are %v", gone)
	}
}

// TestStoredValues: a process of Disney's kind creates, changes and reads objects of the
// database by names, and has one created and activated under its district.
func TestStoredValues(t *testing.T) {
	t.Parallel()
	d := run(t, otpGame, helloDC(t), with(t, "otp.dc", serverObject))
	a := &otpAI{Client: mdtest.Dial(t, d.where("dialect=otp")), t: t, channel: 201_000_000}
	a.control(otpSetChannel, func(w *wire.Writer) { w.Channel(a.channel) })
	text := func(s string) []byte { return append([]byte{byte(len(s)), 0}, s...) }

	a.tell(gameDatabase, otpCreateStored, func(w *wire.Writer) {
		w.Uint32(1).Text("").Uint16(2).Uint16(1).Text("setName").Blob(text("Tink"))
	})
	r := a.expect(otpCreateStoredResp).Payload
	if context, code := r.Uint32(), r.Uint8(); context != 1 || code != 0 {
		t.Fatalf("the answer in context %d has the code %d", context, code)
	}
	avatar := r.DoID()
	a.tell(gameDatabase, otpSetStored, func(w *wire.Writer) { w.DoID(avatar).Uint16(1).Text("setName").Blob(text("Bell")) })
	for name, want := range map[string]func(w *wire.Writer){
		"setName": func(w *wire.Writer) { w.Uint8(0).Blob(text("Bell")).Bool(true) },
		"nope":    func(w *wire.Writer) { w.Uint8(0).Blob(nil).Bool(false) },
	} {
		a.tell(gameDatabase, otpGetStored, func(w *wire.Writer) { w.Uint32(8).DoID(avatar).Uint16(1).Text(name) })
		a.Want(mdtest.Datagram(t, func(w *wire.Writer) {
			want(w.Header(gameDatabase, otpGetStoredResp, a.channel).Uint32(8).DoID(avatar).Uint16(1).Text(name))
		}))
	}
	a.tell(gameDatabase, otpGetStored, func(w *wire.Writer) { w.Uint32(9).DoID(5).Uint16(1).Text("setName") })
	a.Want(mdtest.Datagram(t, func(w *wire.Writer) {
		w.Header(gameDatabase, otpGetStoredResp, a.channel).Uint32(9).DoID(5).Uint16(1).Text("setName").Uint8(1)
	}))

	const world = wire.DoID(201_100_000)
	at := wire.Location{Parent: world, Zone: gameZone}
	a.generate(world, wire.Location{Parent: directory, Zone: 3}, worldClass, func(*wire.Writer) {})
	a.tell(world.Channel(), otpAddAI, func(w *wire.Writer) { w.Channel(a.channel) })
	a.tell(gameDatabase, otpCreateContext, func(w *wire.Writer) {
		w.Location(at).Channel(0).DClassID(avatarClass).Uint32(100_001).Text("Rosetta").Uint16(0).Uint16(0)
	})
	r = a.expect(otpCreateResp).Payload
	if context := r.Uint32(); context != 100_001 {
		t.Errorf("the answer has context %d", context)
	}
	a.entered(r.DoID(), at, "Rosetta")
}

// otpClientGame has a port for clients of the dialect, whose logins an UberDOG answers.
const otpClientGame = `
backbone: {embedded: {listen: '127.0.0.1:0'}}
messagedirector: {bind: '127.0.0.1:0', listeners: [{bind: '127.0.0.1:0', dialect: otp}]}
general: {dc_files: [hello.dc, otp.dc]}
roles:
  - {type: stateserver, control: 402000, objects: [{id: 4619, class: World}]}
  - type: clientagent
    bind: '127.0.0.1:0'
    channels: {min: 1000000000, max: 1009999999}
    client: {type: otp, uberdog: 4665, owner_entry: class, add_interest: enabled}
`

// TestClientsOfTheDialect: a client of Disney's kind logs in with a login that only its
// UberDOG knows, which is of the dialect, too, sees the objects of an Astron AI come,
// change, move and leave, owns its avatar, and is shown the door.
func TestClientsOfTheDialect(t *testing.T) {
	t.Parallel()
	d := run(t, otpClientGame, helloDC(t), with(t, "otp.dc", serverObject))
	uberdog := &otpAI{Client: mdtest.Dial(t, d.where("dialect=otp")), t: t, channel: loginManager.Channel()}
	uberdog.control(otpSetChannel, func(w *wire.Writer) { w.Channel(uberdog.channel) })
	astron := &gameServer{Client: d.dial(), t: t}
	astron.Subscribe(gameAI)
	const world = wire.DoID(20_000)
	at, elsewhere := wire.Location{Parent: world, Zone: gameZone}, wire.Location{Parent: world, Zone: gameZone + 1}
	astron.create(world, wire.Location{}, worldClass, func(*wire.Writer) {})
	astron.create(world+1, at, avatarClass, func(w *wire.Writer) { w.Text("bird").Uint16(0).Uint16(0) })

	player := clienttest.Dial(t, d.where("listening for clients"))
	const login, welcome = wire.ClientMsgType(16), wire.ClientMsgType(3) // 3 would be another in Astron
	player.Send(login, func(w *wire.Writer) { w.Text("a token") })
	m := uberdog.expect(wire.ClientAgentClientMessage)
	client := m.Sender
	if said := wire.NewReader(m.Payload.Blob()); said.ClientMsgType() != login || said.Text() != "a token" || said.Done() != nil {
		t.Fatalf("the UberDOG got % x", m.Payload.Rest())
	}
	uberdog.tell(client, 3002, func(w *wire.Writer) { w.Blob([]byte{byte(welcome), 0, 'h', 'i'}) })
	uberdog.tell(client, 3000, func(w *wire.Writer) { w.Uint16(2) })
	if r := player.Expect(welcome); string(r.Rest()) != "hi" {
		t.Error("the client was welcomed otherwise")
	}

	player.Send(97, func(w *wire.Writer) { w.Uint16(7).Uint32(55).DoID(world).Zone(gameZone).Zone(gameZone + 1) })
	enters := func(kind wire.ClientMsgType, do wire.DoID, name string) {
		t.Helper()
		r := player.Expect(kind)
		got, class, id := r.Location(), r.DClassID(), r.DoID()
		if text, _, _ := r.Text(), r.Uint16(), r.Uint16(); r.Done() != nil || got != at || class != avatarClass || id != do || text != name {
			t.Errorf("%d, class %d, enters at %v: %q, %v", id, class, got, text, r.Done())
		}
	}
	done := func(id uint16, context uint32) {
		t.Helper()
		if r := player.Expect(48); r.Uint16() != id || r.Uint32() != context || r.Done() != nil {
			t.Errorf("another interest than %d is done", id)
		}
	}
	enters(34, world+1, "bird")
	done(7, 55)
	astron.tell((world + 1).Channel(), wire.StateServerObjectSetFields, func(w *wire.Writer) {
		w.DoID(world + 1).Uint16(2).FieldID(fieldName).Text("Bird").FieldID(fieldXY).Uint16(7).Uint16(9)
	})
	for _, field := range []wire.FieldID{fieldName, fieldXY} {
		if r := player.Expect(24); r.DoID() != world+1 || r.FieldID() != field {
			t.Error("another update came")
		}
	}

	// An avatar of its own, and what it does with it.
	const avatar = world + 2
	astron.create(avatar, at, avatarClass, func(w *wire.Writer) { w.Text("Tink").Uint16(0).Uint16(0) })
	enters(34, avatar, "Tink")
	uberdog.tell(avatar.Channel(), 2070, func(w *wire.Writer) { w.Channel(client) })
	r := player.Expect(36)
	if class, id, where, name := r.DClassID(), r.DoID(), r.Location(), r.Text(); class != avatarClass || id != avatar || where != at || name != "Tink" {
		t.Errorf("the client owns %d, class %d, at %v: %q", id, class, where, name)
	}
	player.Send(24, func(w *wire.Writer) { w.DoID(avatar).FieldID(fieldName).Text("Bell") })
	astron.tell(avatar.Channel(), wire.StateServerObjectSetLocation, func(w *wire.Writer) { w.Location(elsewhere) })
	poll(t, func() bool {
		r := astron.ask(avatar.Channel(), wire.StateServerObjectGetField, wire.StateServerObjectGetFieldResp, func(w *wire.Writer) { w.DoID(avatar).FieldID(fieldName) })
		return r.Bool() && r.FieldID() == fieldName && r.Text() == "Bell"
	}, func() string { return "the avatar's new name" })
	if r := player.Expect(102); r.DoID() != avatar || r.Location() != elsewhere || r.Done() != nil {
		t.Error("another object moved")
	}

	// An interest of the cluster's, with the context that it gave.
	uberdog.tell(client, 3106, func(w *wire.Writer) { w.Uint16(1<<15 + 3).Uint32(66).DoID(world).Uint32(66).Zone(gameZone + 5) })
	done(1<<15+3, 66)
	astron.tell((world + 1).Channel(), wire.StateServerObjectDeleteRAM, func(w *wire.Writer) { w.DoID(world + 1) })
	if r := player.Expect(25); r.DoID() != world+1 || r.Done() != nil {
		t.Error("another object left")
	}
	player.Send(52, nil)
	player.Send(99, func(w *wire.Writer) { w.Uint16(7).Uint32(56) })
	if r := player.Expect(25); r.DoID() != avatar || r.Done() != nil {
		t.Error("another object left with the interest")
	}
	done(7, 56)
	uberdog.tell(client, 3004, func(w *wire.Writer) { w.Uint16(151).Text("the park closes") })
	if r := player.Expect(4); r.Uint16() != 151 || r.Text() != "the park closes" {
		t.Error("the client was ejected otherwise")
	}
}
