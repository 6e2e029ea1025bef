package clientagent

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
)

// What the tests with a state server know of their world.
const (
	worldControl = wire.Channel(402_000)
	bird         = wire.DoID(10_001)
	nest         = wire.Zone(6)
)

// newWorld is a stage with a state server, which has the pond and a bird in the
// nest.
func newWorld(t *testing.T, change ...func(*Options)) *stage {
	t.Helper()
	o := parkOptions(t)
	for _, c := range change {
		c(&o)
	}
	node := startNode(t)
	startServer(t, node, worldControl)
	s := &stage{t: t, node: node, agent: startAgent(t, node, o)}
	s.actor = s.join(gate.Channel(), office.Channel())
	s.together(
		creation(t, pond, wire.Location{}, "Pond", func(w *wire.Writer) { w.Uint8(3) }),
		creation(t, bird, wire.Location{Parent: pond, Zone: nest}, "Duck", func(w *wire.Writer) { w.Text("duck") }),
	)
	return s
}

// datagram is one that an actor sends.
func datagram(t testing.TB, kind wire.MsgType, to wire.Channel, build func(w *wire.Writer)) wire.Datagram {
	t.Helper()
	var w wire.Writer
	w.Header(gate.Channel(), kind, to)
	if build != nil {
		build(&w)
	}
	d, err := w.Datagram()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func creation(t testing.TB, do wire.DoID, at wire.Location, class string, required func(w *wire.Writer)) wire.Datagram {
	return datagram(t, wire.StateServerCreateObjectWithRequired, worldControl, func(w *wire.Writer) {
		required(w.DoID(do).Location(at).DClassID(classID(t, class)))
	})
}

// together routes datagrams of the actor in one turn, as a message director does
// with what came in one write.
func (s *stage) together(all ...wire.Datagram) {
	s.t.Helper()
	turn := s.node.Begin()
	defer turn.End()
	for _, d := range all {
		if err := turn.Route(s.actor.p, d); err != nil {
			s.t.Fatal(err)
		}
	}
}

// The marker ends what a client is told in a test.
const marker wire.ClientMsgType = 0xffff

// toldUntil is what the client is told before the marker: the type, the object if
// it is about one, and the field or the number behind it.
func (c *client) toldUntil(marker wire.ClientMsgType) (told []string) {
	c.t.Helper()
	for {
		kind, r, err := c.receive()
		if err != nil {
			c.t.Fatalf("%v, after %q", err, told)
		}
		switch kind {
		case marker:
			return told
		case wire.ClientObjectSetField:
			do, id := r.DoID(), r.FieldID()
			field, ok := parkFile(c.t).FieldByID(uint16(id))
			if !ok {
				c.t.Fatalf("the client is told of field %d", id)
			}
			told = append(told, fmt.Sprint(kind, " ", do, " ", field.Name()))
		case wire.ClientEnterObjectRequired, wire.ClientEnterObjectRequiredOwner, wire.ClientObjectLeaving, wire.ClientObjectLeavingOwner, wire.ClientObjectLocation:
			told = append(told, fmt.Sprint(kind, " ", r.DoID()))
		case wire.ClientEject:
			told = append(told, fmt.Sprint(kind, " ", r.Uint16()))
			return told
		default:
			told = append(told, kind.String())
		}
	}
}

// What one participant sends in one write takes effect in this order: an order to a
// session is done when the next datagram is routed, and so is what comes of it.
func TestOrdersTakeEffectAtOnce(t *testing.T) {
	const (
		channel = wire.Channel(900_900)
		plain   = wire.ClientMsgType(0xfffe)
	)
	here, away := wire.Location{Parent: pond, Zone: nest}, wire.Location{Parent: pond, Zone: nest + 1}
	say := func(to wire.Channel) wire.Datagram {
		return datagram(t, wire.ClientAgentSendDatagram, to, func(w *wire.Writer) { w.Blob([]byte{0xfe, 0xff}) })
	}
	order := func(c *client, kind wire.MsgType, build func(w *wire.Writer)) wire.Datagram {
		return datagram(t, kind, c.channel, build)
	}
	addInterest := func(c *client) wire.Datagram {
		return order(c, wire.ClientAgentAddInterest, func(w *wire.Writer) { w.Uint16(1).Location(here) })
	}
	ofChannel := func(c *client, kind wire.MsgType) wire.Datagram {
		return order(c, kind, func(w *wire.Writer) { w.Channel(channel) })
	}
	set := func(to wire.Channel, field string, value func(w *wire.Writer)) wire.Datagram {
		return datagram(t, wire.StateServerObjectSetField, to, func(w *wire.Writer) {
			value(w.DoID(bird).FieldID(fieldID(t, "Duck", field)))
		})
	}
	rename := set(bird.Channel(), "setName", func(w *wire.Writer) { w.Text("swan") })
	wet := set(here.Channel(), "wet", func(w *wire.Writer) { w.Uint8(1) }) // past the state server
	whisper := set(bird.Channel(), "whisper", func(w *wire.Writer) { w.Text("it is you") })
	own := func(c *client) wire.Datagram {
		return datagram(t, wire.StateServerObjectSetOwner, bird.Channel(), func(w *wire.Writer) { w.Channel(c.channel) })
	}
	move := func(do wire.DoID, to wire.Location) wire.Datagram {
		return datagram(t, wire.StateServerObjectSetLocation, do.Channel(), func(w *wire.Writer) { w.Location(to) })
	}
	remove := datagram(t, wire.StateServerObjectDeleteRAM, bird.Channel(), func(w *wire.Writer) { w.DoID(bird) })
	const (
		told   = "CLIENT_ADD_INTEREST"
		closes = "CLIENT_REMOVE_INTEREST"
		done   = "CLIENT_DONE_INTEREST_RESP"
		enters = "CLIENT_ENTER_OBJECT_REQUIRED 10001"
		owned  = "CLIENT_ENTER_OBJECT_REQUIRED_OWNER 10001"
		leaves = "CLIENT_OBJECT_LEAVING 10001"
	)
	name := "CLIENT_OBJECT_SET_FIELD 10001 setName"
	for title, test := range map[string]struct {
		send func(c *client) []wire.Datagram
		want []string
	}{
		"an interest, then a field of what is in it": {
			func(c *client) []wire.Datagram { return []wire.Datagram{addInterest(c), rename} },
			[]string{told, enters, done, name}},
		"an interest, then a broadcast in its zone": {
			func(c *client) []wire.Datagram { return []wire.Datagram{addInterest(c), wet} },
			[]string{told, enters, done, "CLIENT_OBJECT_SET_FIELD 10001 wet"}},
		"an interest, then a word to the client": {
			func(c *client) []wire.Datagram { return []wire.Datagram{addInterest(c), say(c.channel)} },
			[]string{told, enters, done, plain.String()}},
		"an interest, then the ownership": {
			func(c *client) []wire.Datagram { return []wire.Datagram{addInterest(c), own(c), rename} },
			[]string{told, enters, done, owned, name}},
		"an interest, then a new object": {
			func(c *client) []wire.Datagram {
				return []wire.Datagram{addInterest(c), creation(t, 10_002, here, "Duck", func(w *wire.Writer) { w.Text("duck") }), say(c.channel)}
			},
			[]string{told, enters, done, "CLIENT_ENTER_OBJECT_REQUIRED 10002", plain.String()}},
		"an interest, then one goes and comes back": {
			func(c *client) []wire.Datagram {
				return []wire.Datagram{addInterest(c), move(bird, away), say(c.channel), move(bird, here), say(c.channel)}
			},
			[]string{told, enters, done, leaves, plain.String(), enters, plain.String()}},
		"an interest, then the end of what is in it": {
			func(c *client) []wire.Datagram { return []wire.Datagram{addInterest(c), remove, say(c.channel)} },
			[]string{told, enters, done, leaves, plain.String()}},
		"the end of an interest, then a field": {
			func(c *client) []wire.Datagram {
				return []wire.Datagram{addInterest(c), order(c, wire.ClientAgentRemoveInterest, func(w *wire.Writer) { w.Uint16(1) }), rename, wet}
			},
			[]string{told, enters, done, closes, leaves, done}},
		"the ownership, then what only owners hear": {
			func(c *client) []wire.Datagram { return []wire.Datagram{own(c), whisper} },
			[]string{owned, "CLIENT_OBJECT_SET_FIELD 10001 whisper"}},
		"a channel, then a word to it": {
			func(c *client) []wire.Datagram {
				return []wire.Datagram{say(channel), ofChannel(c, wire.ClientAgentOpenChannel), say(channel)}
			},
			[]string{plain.String()}},
		"the end of a channel, then a word to it": {
			func(c *client) []wire.Datagram {
				return []wire.Datagram{ofChannel(c, wire.ClientAgentOpenChannel), ofChannel(c, wire.ClientAgentCloseChannel), say(channel)}
			},
			nil},
		"an id, then a word to it": {
			func(c *client) []wire.Datagram {
				return []wire.Datagram{ofChannel(c, wire.ClientAgentSetClientID), say(channel)}
			},
			[]string{plain.String()}},
		"another id, then a word to the one before": {
			func(c *client) []wire.Datagram {
				return []wire.Datagram{
					ofChannel(c, wire.ClientAgentSetClientID),
					order(c, wire.ClientAgentSetClientID, func(w *wire.Writer) { w.Channel(channel + 1) }),
					say(channel), say(channel + 1),
				}
			},
			[]string{plain.String()}},
		"an object declared, then a field of it": {
			func(c *client) []wire.Datagram {
				return []wire.Datagram{
					order(c, wire.ClientAgentDeclareObject, func(w *wire.Writer) { w.DoID(bird).DClassID(classID(t, "Duck")) }),
					set(c.channel, "setName", func(w *wire.Writer) { w.Text("swan") }),
				}
			},
			[]string{name}},
	} {
		t.Run(title, func(t *testing.T) {
			s := newWorld(t)
			c := s.established()
			end := datagram(t, wire.ClientAgentSendDatagram, c.channel, func(w *wire.Writer) { w.Blob([]byte{0xff, 0xff}) })
			s.together(append(test.send(c), end)...)
			if diff := cmp.Diff(test.want, c.toldUntil(marker)); diff != "" {
				t.Errorf("the client is told (-want +got):\n%s", diff)
			}
		})
	}
}

// write sends several messages at once.
func (c *client) write(messages ...func(w *wire.Writer)) {
	c.t.Helper()
	var all bytes.Buffer
	for _, build := range messages {
		var w wire.Writer
		build(&w)
		d, err := w.Datagram()
		if err != nil {
			c.t.Fatal(err)
		}
		all.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(d))))
		all.Write(d)
	}
	if _, err := c.conn.Write(all.Bytes()); err != nil {
		c.t.Fatal(err)
	}
}

// What a client says in one write takes effect in this order, too.
func TestClientsMessagesTakeEffectAtOnce(t *testing.T) {
	s := newWorld(t)
	c := s.established()
	interest := func(w *wire.Writer) {
		w.ClientMsgType(wire.ClientAddInterest).Uint32(1).Uint16(1).DoID(pond).Zone(nest)
	}
	rename := func(w *wire.Writer) { // a client that does not know the bird would be ejected
		w.ClientMsgType(wire.ClientObjectSetField).DoID(bird).FieldID(fieldID(t, "Duck", "setName")).Text("swan")
	}
	enter := func(w *wire.Writer) {
		w.ClientMsgType(wire.ClientObjectSetField).DoID(gate).FieldID(fieldID(t, "Gate", "enter")).Text("are you there?")
	}
	c.write(interest, rename, enter)
	s.actor.expect(wire.StateServerObjectSetField)
	s.together(
		datagram(t, wire.StateServerObjectGetField, bird.Channel(), func(w *wire.Writer) { w.Uint32(1).DoID(bird).FieldID(fieldID(t, "Duck", "setName")) }),
		datagram(t, wire.ClientAgentSendDatagram, c.channel, func(w *wire.Writer) { w.Blob([]byte{0xff, 0xff}) }),
	)
	want := []string{"CLIENT_ENTER_OBJECT_REQUIRED 10001", "CLIENT_DONE_INTEREST_RESP"}
	if diff := cmp.Diff(want, c.toldUntil(marker)); diff != "" {
		t.Errorf("the client is told (-want +got):\n%s", diff)
	}
	_, r := s.actor.expect(wire.StateServerObjectGetFieldResp)
	r.Uint32()
	if ok := r.Bool(); !ok {
		t.Fatal("the bird has no name")
	}
	if r.FieldID(); r.Text() != "swan" {
		t.Error("the bird was not renamed")
	}
}
