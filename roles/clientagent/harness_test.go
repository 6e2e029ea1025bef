package clientagent

import (
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/roles/rolestest/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// parkFile is the DC file of all tests.
var parkFile = script.DCFile("testdata/park.dc")

// What the tests know of the DC file and of the configuration.
const (
	gate        wire.DoID = 5000 // an anonymous UberDOG
	office      wire.DoID = 5001 // one for established clients
	pond        wire.DoID = 7000 // a parent
	version               = "park 1"
	firstClient           = wire.Channel(100_000)
	patience              = 10 * time.Second
)

func classID(t testing.TB, name string) wire.DClassID {
	t.Helper()
	c, ok := parkFile(t).ClassByName(name)
	if !ok {
		t.Fatalf("no class %s", name)
	}
	id, _ := c.ID()
	return wire.DClassID(id)
}

func fieldID(t testing.TB, class, name string) wire.FieldID {
	t.Helper()
	c, _ := parkFile(t).ClassByName(class)
	f, ok := c.FieldByName(name)
	if !ok {
		t.Fatalf("no field %s.%s", class, name)
	}
	return wire.FieldID(f.ID())
}

// parkOptions are those of an agent on a free port.
func parkOptions(t testing.TB) Options {
	t.Helper()
	f := parkFile(t)
	return Options{
		File:      f,
		Version:   version,
		Pool:      NewChannelPool(firstClient, firstClient+9999),
		Uberdogs:  []Uberdog{{ID: gate, Class: "Gate", Anonymous: true}, {ID: office, Class: "Gate"}},
		Listeners: []Listener{{Bind: "127.0.0.1:0"}},
		Relocate:  true,
		Interests: InterestsEnabled,

		InterestTimeout: patience,
	}
}

// startNode is a node that nobody else reaches.
func startNode(t testing.TB) *bridge.Node { return script.New(t, parkFile(t), "test").Node }

// startAgent is an agent that runs until the test ends.
func startAgent(t testing.TB, node *bridge.Node, o Options) *Role {
	t.Helper()
	if os.Getenv("CLIENTAGENT_TEST_LOG") != "" {
		o.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	r, err := New(node, o)
	if err != nil {
		t.Fatal(err)
	}
	script.Serve(t, r)
	return r
}

// stage is a node with an agent and somebody in the cluster.
type stage struct {
	t     testing.TB
	node  *bridge.Node
	agent *Role
	actor *actor
}

func newStage(t testing.TB, change ...func(*Options)) *stage {
	t.Helper()
	o := parkOptions(t)
	for _, c := range change {
		c(&o)
	}
	node := startNode(t)
	s := &stage{t: t, node: node, agent: startAgent(t, node, o)}
	s.actor = s.join(gate.Channel(), office.Channel(), pond.Channel())
	return s
}

// actor is a participant that the test speaks for.
type actor struct {
	t     testing.TB
	p     *bridge.Participant
	inbox *bridge.Inbox
	got   []wire.Datagram
}

func (s *stage) join(channels ...wire.Channel) *actor {
	s.t.Helper()
	a := &actor{t: s.t, inbox: bridge.NewInbox(64 << 20)}
	var err error
	if a.p, err = s.node.Join("actor", a.inbox, func(error) {}); err != nil {
		s.t.Fatal(err)
	}
	if err := a.p.Subscribe(channels...); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(a.p.Leave)
	return a
}

// send routes a datagram of an actor.
func (a *actor) send(sender wire.Channel, kind wire.MsgType, to wire.Channel, build func(w *wire.Writer)) {
	a.t.Helper()
	var w wire.Writer
	w.Header(sender, kind, to)
	if build != nil {
		build(&w)
	}
	d, err := w.Datagram()
	if err != nil {
		a.t.Fatal(err)
	}
	if err := a.p.Send(d); err != nil {
		a.t.Fatal(err)
	}
}

// nextRaw is the next datagram that the actor gets.
func (a *actor) nextRaw() wire.Datagram {
	a.t.Helper()
	deadline := time.After(patience)
	for len(a.got) == 0 {
		select {
		case <-a.inbox.Ready:
			for _, d := range a.inbox.Take() {
				a.got = append(a.got, append(wire.Datagram(nil), d.Datagram...))
			}
		case <-deadline:
			a.t.Fatal("nothing came")
		}
	}
	d := a.got[0]
	a.got = a.got[1:]
	return d
}

// next is the next message that the actor gets.
func (a *actor) next() wire.Message {
	a.t.Helper()
	m, err := a.nextRaw().Message()
	if err != nil {
		a.t.Fatal(err)
	}
	return m
}

// expect is the payload of the next datagram, which must be of that kind.
func (a *actor) expect(kind wire.MsgType) (sender wire.Channel, payload wire.Reader) {
	a.t.Helper()
	m := a.next()
	if m.Type != kind {
		a.t.Fatalf("%v came, want %v", m.Type, kind)
	}
	return m.Sender, m.Payload
}

// client is a game client.
type client struct {
	t       testing.TB
	conn    net.Conn
	channel wire.Channel
}

// dial connects, and says nothing.
func (s *stage) dial() *client {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.agent.Addrs()[0].String())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return &client{t: s.t, conn: conn}
}

// hello says hello.
func (c *client) hello() {
	c.t.Helper()
	c.send(wire.ClientHello, func(w *wire.Writer) { w.Uint32(parkFile(c.t).Hash()).Text(version) })
	c.expect(wire.ClientHelloResp)
}

// anonymous is a client that has said hello, and found out its channel.
func (s *stage) anonymous() *client {
	s.t.Helper()
	c := s.dial()
	c.hello()
	c.send(wire.ClientObjectSetField, func(w *wire.Writer) {
		w.DoID(gate).FieldID(fieldID(s.t, "Gate", "enter")).Text("who am I?")
	})
	c.channel, _ = s.actor.expect(wire.StateServerObjectSetField)
	return c
}

// established is a client that has been let in.
func (s *stage) established() *client {
	s.t.Helper()
	c := s.anonymous()
	s.order(c, wire.ClientAgentSetState, func(w *wire.Writer) { w.Uint16(uint16(StateEstablished)) })
	s.settled(c)
	return c
}

// order tells the client's session something.
func (s *stage) order(c *client, kind wire.MsgType, build func(w *wire.Writer)) {
	s.t.Helper()
	s.actor.send(gate.Channel(), kind, c.channel, build)
}

// settled waits until the session has handled what was sent to it so far.
func (s *stage) settled(c *client) {
	s.t.Helper()
	s.order(c, wire.ClientAgentGetTLVs, func(w *wire.Writer) { w.Uint32(4711) })
	s.actor.expect(wire.ClientAgentGetTLVsResp)
}

func (c *client) send(kind wire.ClientMsgType, build func(w *wire.Writer)) {
	c.t.Helper()
	var w wire.Writer
	w.ClientMsgType(kind)
	if build != nil {
		build(&w)
	}
	d, err := w.Datagram()
	if err != nil {
		c.t.Fatal(err)
	}
	c.raw(d)
}

// raw sends a message as it is.
func (c *client) raw(message []byte) {
	c.t.Helper()
	frame := binary.LittleEndian.AppendUint16(nil, uint16(len(message)))
	if _, err := c.conn.Write(append(frame, message...)); err != nil {
		c.t.Fatal(err)
	}
}

// receive is the next message to the client.
func (c *client) receive() (wire.ClientMsgType, wire.Reader, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return 0, wire.Reader{}, err
	}
	var size [2]byte
	if _, err := io.ReadFull(c.conn, size[:]); err != nil {
		return 0, wire.Reader{}, err
	}
	message := make([]byte, binary.LittleEndian.Uint16(size[:]))
	if _, err := io.ReadFull(c.conn, message); err != nil {
		return 0, wire.Reader{}, err
	}
	r := wire.NewReader(message)
	return r.ClientMsgType(), r, r.Err()
}

// expect is the payload of the next message, which must be of that kind.
func (c *client) expect(kind wire.ClientMsgType) wire.Reader {
	c.t.Helper()
	got, payload, err := c.receive()
	if err != nil {
		c.t.Fatalf("%v, want %v", err, kind)
	}
	if got != kind {
		if got == wire.ClientEject {
			code, reason := payload.Uint16(), payload.Text()
			c.t.Fatalf("ejected with %d %q, want %v", code, reason, kind)
		}
		c.t.Fatalf("%v came, want %v", got, kind)
	}
	return payload
}

// expectDo is expect for a message about an object.
func (c *client) expectDo(kind wire.ClientMsgType, do wire.DoID) wire.Reader {
	c.t.Helper()
	r := c.expect(kind)
	if got := r.DoID(); got != do {
		c.t.Fatalf("%v of %d came, want %d", kind, got, do)
	}
	return r
}

// expectEject wants the client to be ejected, with a reason, and hung up.
func (c *client) expectEject(code wire.EjectCode) {
	c.t.Helper()
	r := c.expect(wire.ClientEject)
	if got, reason := wire.EjectCode(r.Uint16()), r.Text(); got != code || reason == "" || r.Done() != nil {
		c.t.Fatalf("ejected with %d %q, want %d", got, reason, code)
	}
	if _, _, err := c.receive(); !errors.Is(err, io.EOF) {
		c.t.Fatalf("after the eject: %v, want the end", err)
	}
}

// done wants an interest to be open, or closed.
func (c *client) done(context uint32, id uint16) {
	c.t.Helper()
	r := c.expect(wire.ClientDoneInterestResp)
	if gotContext, gotID := r.Uint32(), r.Uint16(); gotContext != context || gotID != id {
		c.t.Fatalf("done with context %d, interest %d; want %d, %d", gotContext, gotID, context, id)
	}
}

// quiet wants that nothing has been sent to the client by now.
func (s *stage) quiet(c *client) {
	s.t.Helper()
	s.order(c, wire.ClientAgentSendDatagram, func(w *wire.Writer) { w.Blob([]byte{0xff, 0xff}) })
	c.expect(0xffff)
}

// interest asks for zones under the pond.
func (c *client) interest(context uint32, id uint16, zones ...wire.Zone) {
	c.t.Helper()
	c.send(wire.ClientAddInterestMultiple, func(w *wire.Writer) {
		w.Uint32(context).Uint16(id).DoID(pond).Uint16(uint16(len(zones)))
		for _, z := range zones {
			w.Zone(z)
		}
	})
}

func (c *client) removeInterest(context uint32, id uint16) {
	c.t.Helper()
	c.send(wire.ClientRemoveInterest, func(w *wire.Writer) { w.Uint32(context).Uint16(id) })
}

// asked is the context and zones of the next question for a zone's objects.
func (s *stage) asked() (context uint32, zones []wire.Zone) {
	s.t.Helper()
	_, r := s.actor.expect(wire.StateServerObjectGetZonesObjects)
	context = r.Uint32()
	if parent := r.DoID(); parent != pond {
		s.t.Fatalf("asked about %d", parent)
	}
	for range r.Uint16() {
		zones = append(zones, r.Zone())
	}
	if err := r.Done(); err != nil {
		s.t.Fatal(err)
	}
	return context, zones
}

// count answers how many objects will answer.
func (s *stage) count(c *client, context, n uint32) {
	s.t.Helper()
	s.order(c, wire.StateServerObjectGetZonesCountResp, func(w *wire.Writer) { w.Uint32(context).Uint32(n) })
}

// duck writes an object that enters.
func duck(t testing.TB, w *wire.Writer, do wire.DoID, zone wire.Zone, name string) {
	w.DoID(do).Location(wire.Location{Parent: pond, Zone: zone}).DClassID(classID(t, "Duck")).Text(name)
}

// answer is an object's answer to an interest.
func (s *stage) answer(c *client, context uint32, do wire.DoID, zone wire.Zone) {
	s.t.Helper()
	s.order(c, wire.StateServerObjectEnterInterestWithRequired, func(w *wire.Writer) { duck(s.t, w.Uint32(context), do, zone, "duck") })
}

// toZone sends a datagram to those that see a zone.
func (s *stage) toZone(zone wire.Zone, kind wire.MsgType, build func(w *wire.Writer)) {
	s.t.Helper()
	s.actor.send(gate.Channel(), kind, wire.Location{Parent: pond, Zone: zone}.Channel(), build)
}

// own makes the client the owner of an object.
func (s *stage) own(c *client, do wire.DoID, zone wire.Zone) {
	s.t.Helper()
	s.order(c, wire.StateServerObjectEnterOwnerWithRequired, func(w *wire.Writer) { duck(s.t, w, do, zone, "mine") })
	c.expectDo(wire.ClientEnterObjectRequiredOwner, do)
}

// setField is a client's update.
func (c *client) setField(do wire.DoID, class, field string, build func(w *wire.Writer)) {
	c.t.Helper()
	c.send(wire.ClientObjectSetField, func(w *wire.Writer) {
		w.DoID(do).FieldID(fieldID(c.t, class, field))
		build(w)
	})
}
