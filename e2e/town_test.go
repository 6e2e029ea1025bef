package e2e

import (
	"fmt"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/roles/clientagent/clienttest"
)

// The cluster of five processes that these tests look at.

// A town is a cluster of five processes, each with a page of its own, for tests of what an
// operator sees.
type town struct {
	t                    testing.TB
	bridge, north, south *daemon
	world, vault         *daemon
	ai                   *mdtest.Client
	hash                 uint32
	players              []*clienttest.Client
	channels             []wire.Channel // of the players
	folder               func(dir string)
	backbone, web        string
}

const (
	townDC = `dclass Gate { enter(string name) clsend; };
dclass District { setTitle(string title) required broadcast ram; };
dclass Toon {
  setName(string name) required broadcast ram db;
  setGold(uint32 gold) required ram ownrecv;
  setXY(int16/10 x, int16/10 y) ram broadcast;
  setChat(string text) ram broadcast ownsend;
  setSecret(string text) ram;
};
`
	townGate     wire.DoID    = 5000
	townServer   wire.Channel = 402000
	townDistrict wire.DoID    = 4618
	townAI       wire.Channel = 6000
	firstToon    wire.DoID    = 200000001
	firstAccount              = 100000001
	northFirst                = 1000000
	southFirst                = 1010000
)

func newTown(t testing.TB) *town {
	t.Helper()
	w := &town{t: t, web: "web: {bind: '127.0.0.1:0'}\n", folder: func(dir string) { write(t, dir+"/game.dc", townDC) }}
	const general = "general: {dc_files: [game.dc]}\n"
	w.bridge = run(t, "daemon: {name: Bridge}\nbackbone: {embedded: {listen: '127.0.0.1:0'}}\n"+general+port+w.web, w.folder)
	w.backbone = "backbone: {urls: ['" + w.bridge.nats() + "']}\n" + general + w.web
	w.world = run(t, "daemon: {name: World, url: 'http://world.example/'}\nroles: [{type: stateserver, control: 402000}]\n"+w.backbone, w.folder)
	w.vault = run(t, `daemon: {name: Vault}
roles:
  - {type: database, control: 4003, generate: {min: 100000000, max: 100999999}, backend: {type: embedded, file: objects.db}}
  - {type: dbss, database: 4003, ranges: [{min: 100000000, max: 100999999}]}
`+w.backbone, w.folder)
	w.north, w.south = w.gate("Gate North", northFirst), w.gate("Gate South", southFirst)
	w.hash = gameHash(t, w.north.dir)
	w.ai = w.bridge.dial()
	w.ai.Control(wire.Control{Type: wire.ControlSetConName, Data: []byte("Login AI")})
	w.ai.Subscribe(townGate.Channel(), townAI, wire.Location{Parent: townDistrict, Zone: 2000}.Channel())
	w.create(townDistrict, wire.Location{}, 1, func(o *wire.Writer) { o.Text("Toon Valley") })
	w.ask(townDistrict)
	return w
}

// gate is a client agent with 10,000 channels.
func (w *town) gate(name string, first int) *daemon {
	w.t.Helper()
	return run(w.t, w.gateConfiguration(name, first), w.folder)
}

func (w *town) gateConfiguration(name string, first int) string {
	return fmt.Sprintf(`daemon: {name: %s, url: 'http://gates.example/%d/'}
uberdogs: [{id: 5000, class: Gate, anonymous: true}]
roles: [{type: clientagent, bind: '127.0.0.1:0', channels: {min: %d, max: %d}}]
`, name, first, first, first+9999) + w.backbone
}

func (w *town) send(to wire.Channel, kind wire.MsgType, build func(*wire.Writer)) {
	w.t.Helper()
	w.ai.Send(mdtest.Datagram(w.t, func(d *wire.Writer) { build(d.Header(townAI, kind, to)) }))
}

func (w *town) create(do wire.DoID, at wire.Location, class wire.DClassID, fields func(*wire.Writer)) {
	w.t.Helper()
	w.send(townServer, wire.StateServerCreateObjectWithRequired, func(d *wire.Writer) { fields(d.DoID(do).Location(at).DClassID(class)) })
}

// ask waits until an object answers.
func (w *town) ask(do wire.DoID) {
	w.t.Helper()
	w.send(do.Channel(), wire.StateServerObjectGetLocation, func(d *wire.Writer) { d.Uint32(7) })
	for {
		d, err := w.ai.Receive()
		if err != nil {
			w.t.Fatal(err)
		}
		if m, err := d.Message(); err == nil && m.Type == wire.StateServerObjectGetLocationResp && m.Sender == do.Channel() {
			return
		}
	}
}

// enter has a player log in at a gate: the AI gives it an account, a Toon that it owns and
// that ends with its session, and an interest in the Toon's zone.
func (w *town) enter(at *daemon) (*clienttest.Client, wire.Channel, wire.DoID) {
	w.t.Helper()
	i := len(w.players)
	c := clienttest.Dial(w.t, at.where("listening for clients"))
	c.Hello(w.hash, "dev")
	c.SetField(townGate, 0, "me")
	var client wire.Channel
	for client == 0 {
		d, err := w.ai.Receive()
		if err != nil {
			w.t.Fatal(err)
		}
		if m, err := d.Message(); err == nil && m.Type == wire.StateServerObjectSetField {
			client = m.Sender
		}
	}
	toon, zone := firstToon+wire.DoID(i), wire.Zone(2000+i%5)
	own := wire.Channel(firstAccount+i)<<32 | toon.Channel()
	w.send(client, wire.ClientAgentSetState, func(d *wire.Writer) { d.Uint16(2) })
	w.send(client, wire.ClientAgentSetClientID, func(d *wire.Writer) { d.Channel(own) })
	w.create(toon, wire.Location{Parent: townDistrict, Zone: zone}, 2, func(d *wire.Writer) { d.Text(fmt.Sprintf("Flippy %d", i+1)).Uint32(100) })
	w.send(toon.Channel(), wire.StateServerObjectSetAI, func(d *wire.Writer) { d.Channel(townAI) })
	w.send(toon.Channel(), wire.StateServerObjectSetOwner, func(d *wire.Writer) { d.Channel(own) })
	w.send(client, wire.ClientAgentAddSessionObject, func(d *wire.Writer) { d.DoID(toon) })
	w.send(client, wire.ClientAgentAddInterest, func(d *wire.Writer) { d.Uint16(1).Location(wire.Location{Parent: townDistrict, Zone: zone}) })
	c.Until(wire.ClientDoneInterestResp)
	w.players, w.channels = append(w.players, c), append(w.channels, client)
	return c, client, toon
}
