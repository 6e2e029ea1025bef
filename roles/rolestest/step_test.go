package rolestest

import (
	"encoding/binary"
	"fmt"
	"testing"

	"natstron/bridge/wire"
)

// direct is the type of a message that is for a participant itself, and means
// nothing to any role.
const direct wire.MsgType = 1234

// step is one datagram of a sequence.
type step struct {
	name  string
	place string // where it goes, in words
	kind  wire.MsgType
	to    func(w *world) wire.Channel
	build func(w *world, p *wire.Writer, n int)
}

// datagram is the step as the n-th of a sequence.
func (s step) datagram(w *world, n int) wire.Datagram {
	var p wire.Writer
	sender := gate.Channel()
	if w != nil && w.sender != nil {
		sender = w.speaker()
	}
	p.Header(sender, s.kind, s.to(w))
	if s.build != nil {
		s.build(w, &p, n)
	}
	d, err := p.Datagram()
	if err != nil {
		panic(err) // a mistake in the table of steps
	}
	return d
}

func toDo(kind wire.MsgType, do wire.DoID, build func(p *wire.Writer)) step {
	return step{kind: kind, to: func(*world) wire.Channel { return do.Channel() },
		build: func(_ *world, p *wire.Writer, _ int) { build(p) }}
}

func toClient(kind wire.MsgType, c *client, build func(p *wire.Writer)) step {
	return step{kind: kind, to: func(*world) wire.Channel { return c.channel },
		build: func(_ *world, p *wire.Writer, _ int) { build(p) }}
}

func create(class string, control wire.Channel, do wire.DoID, at wire.Location, depth uint8) step {
	return step{kind: wire.StateServerCreateObjectWithRequired, to: func(*world) wire.Channel { return control },
		build: func(_ *world, p *wire.Writer, _ int) { creation(p, class, do, at, depth) }}
}

func creation(p *wire.Writer, class string, do wire.DoID, at wire.Location, depth uint8) {
	f, _ := pond()
	c, _ := f.ClassByName(class)
	id, _ := c.ID()
	p.DoID(do).Location(at).DClassID(wire.DClassID(id))
	if class == "Pond" {
		p.Uint8(depth)
	} else {
		p.Text("duck")
	}
}

func fieldID(t testing.TB, class, name string) wire.FieldID {
	t.Helper()
	c, _ := pondFile(t).ClassByName(class)
	f, ok := c.FieldByName(name)
	if !ok {
		t.Fatalf("no field %s.%s", class, name)
	}
	return wire.FieldID(f.ID())
}

func duckField(name string) wire.FieldID {
	f, _ := pond()
	c, _ := f.ClassByName("Duck")
	field, _ := c.FieldByName(name)
	return wire.FieldID(field.ID())
}

// frame appends a client's message with its length.
func frame(t testing.TB, to []byte, build func(w *wire.Writer)) []byte {
	t.Helper()
	var w wire.Writer
	build(&w)
	d, err := w.Datagram()
	must(t, err)
	return append(binary.LittleEndian.AppendUint16(to, uint16(len(d))), d...)
}

// object names an object of a world.
type object struct {
	name string
	do   func(w *world) wire.DoID
}

var (
	ann    = object{"ann", (*world).ann}
	bob    = object{"bob", (*world).bob}
	cat    = object{"cat", (*world).cat}
	dan    = object{"dan", (*world).dan}
	eve    = object{"eve", (*world).eve}
	ponds  = object{"pond", (*world).pond}
	lake   = object{"lake", (*world).lake}
	newOne = object{"newOne", (*world).newOne}
	newTwo = object{"newTwo", (*world).newTwo}
)

func (o object) order(name string, kind wire.MsgType, build func(w *world, p *wire.Writer, n int)) step {
	return step{name + " " + o.name, o.name, kind, func(w *world) wire.Channel { return o.do(w).Channel() }, build}
}

func (o object) set(field string) step {
	return o.order(field, wire.StateServerObjectSetField, func(w *world, p *wire.Writer, n int) {
		p.DoID(o.do(w)).FieldID(duckField(field))
		switch field {
		case "setName", "setHat":
			p.Text("hat" + string(rune('a'+n)))
		default:
			p.Uint8(uint8(n))
		}
	})
}

func (o object) setBoth() step {
	return o.order("name and hat", wire.StateServerObjectSetFields, func(w *world, p *wire.Writer, n int) {
		p.DoID(o.do(w)).Uint16(2).FieldID(duckField("setName")).Text("name" + string(rune('a'+n))).
			FieldID(duckField("setHat")).Text("hat" + string(rune('a'+n)))
	})
}

func (o object) move(name string, to func(w *world) wire.Location) step {
	return o.order("move to "+name, wire.StateServerObjectSetLocation, func(w *world, p *wire.Writer, _ int) { p.Location(to(w)) })
}

func (o object) setAI(name string, to func(w *world) wire.Channel) step {
	return o.order(name+" is AI of", wire.StateServerObjectSetAI, func(w *world, p *wire.Writer, _ int) { p.Channel(to(w)) })
}

func (o object) setOwner(name string, to func(w *world) wire.Channel) step {
	return o.order(name+" is owner of", wire.StateServerObjectSetOwner, func(w *world, p *wire.Writer, _ int) { p.Channel(to(w)) })
}

func (o object) ask(name string, kind wire.MsgType, build func(w *world, p *wire.Writer)) step {
	return o.order(name, kind, func(w *world, p *wire.Writer, n int) {
		p.Uint32(uint32(n))
		if build != nil {
			build(w, p)
		}
	})
}

func xAt(w *world) wire.Channel { return w.x.channel }
func yAt(w *world) wire.Channel { return w.y.channel }

// forX is an order to client x's session, forY one to y's.
func forX(name string, kind wire.MsgType, build func(w *world, p *wire.Writer, n int)) step {
	return step{name + " x", "x", kind, xAt, build}
}

func forY(name string, kind wire.MsgType, build func(w *world, p *wire.Writer, n int)) step {
	return step{name + " y", "y", kind, yAt, build}
}

func say(name string, to func(w *world) wire.Channel) step {
	return step{"say to " + name, name, wire.ClientAgentSendDatagram, to, func(_ *world, p *wire.Writer, n int) {
		var w wire.Writer
		d, _ := w.ClientMsgType(plain).Uint32(uint32(n)).Datagram()
		p.Blob(d)
	}}
}

func tell(name string, to func(w *world) wire.Channel) step {
	return step{"tell " + name, name, direct, to, func(_ *world, p *wire.Writer, n int) { p.Uint32(uint32(n)) }}
}

func creates(o object, control wire.Channel, at func(w *world) wire.Location, other bool) step {
	kind, name := wire.StateServerCreateObjectWithRequired, "create "+o.name
	if other {
		kind, name = wire.StateServerCreateObjectWithRequiredOther, name+" with a hat"
	}
	return step{name, fmt.Sprint(control), kind, func(*world) wire.Channel { return control }, func(w *world, p *wire.Writer, n int) {
		creation(p, "Duck", o.do(w), at(w), 0)
		if other {
			p.Uint16(1).FieldID(duckField("setHat")).Text("hat" + string(rune('a'+n)))
		}
	}}
}

// orders are the datagrams that change what others see or hear.
func orders() []step {
	return []step{
		forX("interest in the nest for", wire.ClientAgentAddInterest, func(w *world, p *wire.Writer, _ int) { p.Uint16(7).Location(w.nest()) }),
		forX("interest in the bay for", wire.ClientAgentAddInterest, func(w *world, p *wire.Writer, _ int) { p.Uint16(8).Location(w.bay()) }),
		forX("interest in two zones for", wire.ClientAgentAddInterestMultiple, func(w *world, p *wire.Writer, _ int) {
			p.Uint16(9).DoID(w.pond()).Uint16(2).Zone(nest).Zone(away)
		}),
		forY("no interest for", wire.ClientAgentRemoveInterest, func(w *world, p *wire.Writer, _ int) { p.Uint16(1) }),
		forX("open channel for", wire.ClientAgentOpenChannel, func(w *world, p *wire.Writer, _ int) { p.Channel(w.other()) }),
		forY("close channel for", wire.ClientAgentCloseChannel, func(w *world, p *wire.Writer, _ int) { p.Channel(w.open()) }),
		forX("id for", wire.ClientAgentSetClientID, func(w *world, p *wire.Writer, _ int) { p.Channel(w.name()) }),
		forX("declare bob for", wire.ClientAgentDeclareObject, func(w *world, p *wire.Writer, _ int) {
			f, _ := pond()
			c, _ := f.ClassByName("Duck")
			id, _ := c.ID()
			p.DoID(w.bob()).DClassID(wire.DClassID(id))
		}),
		forY("session object ann for", wire.ClientAgentAddSessionObject, func(w *world, p *wire.Writer, _ int) { p.DoID(w.ann()) }),
		forY("no session object for", wire.ClientAgentRemoveSessionObject, func(w *world, p *wire.Writer, _ int) { p.DoID(w.eve()) }),
		forY("eject", wire.ClientAgentEject, func(w *world, p *wire.Writer, _ int) { p.Uint16(150).Text("out") }),
		forY("drop", wire.ClientAgentDrop, nil),
		creates(newOne, firstControl, (*world).nest, false),
		creates(newTwo, secondControl, (*world).nest, true),
		ann.set("setName"), cat.setBoth(), ann.set("wet"), cat.set("feed"),
		ann.order("no hat for", wire.StateServerObjectDeleteFieldRAM, func(w *world, p *wire.Writer, _ int) {
			p.DoID(w.ann()).FieldID(duckField("setHat"))
		}),
		ann.move("the bay", (*world).bay), bob.move("the nest", (*world).nest), cat.move("zone 7", (*world).away),
		ann.setAI("ai2", (*world).ai2At), ponds.setAI("ai2", (*world).ai2At), lake.setAI("ai", (*world).aiAt),
		ann.setOwner("x", xAt), bob.setOwner("x", xAt), cat.setOwner("y", yAt),
		ann.order("delete", wire.StateServerObjectDeleteRAM, func(w *world, p *wire.Writer, _ int) { p.DoID(w.ann()) }),
		cat.order("delete", wire.StateServerObjectDeleteRAM, func(w *world, p *wire.Writer, _ int) { p.DoID(w.cat()) }),
		ponds.order("delete", wire.StateServerObjectDeleteRAM, func(w *world, p *wire.Writer, _ int) { p.DoID(w.pond()) }),
		ponds.order("delete the nest of", wire.StateServerObjectDeleteZone, func(w *world, p *wire.Writer, _ int) { p.DoID(w.pond()).Zone(nest) }),
		ponds.order("delete two zones of", wire.StateServerObjectDeleteZones, func(w *world, p *wire.Writer, _ int) {
			p.DoID(w.pond()).Uint16(2).Zone(nest).Zone(away)
		}),
		ponds.order("delete the children of", wire.StateServerObjectDeleteChildren, func(w *world, p *wire.Writer, _ int) { p.DoID(w.pond()) }),
		{"delete the objects of ai", fmt.Sprint(firstControl), wire.StateServerDeleteAIObjects, func(*world) wire.Channel { return firstControl },
			func(w *world, p *wire.Writer, _ int) { p.Channel(w.aiAt()) }},
	}
}

// probes are the datagrams whose effect tells whether an order has taken effect.
func probes() []step {
	return []step{
		ann.set("setHat"), bob.set("wet"), cat.set("wet"), dan.set("wet"),
		ann.set("feed"), cat.set("feed"), dan.set("feed"), newOne.set("feed"), newTwo.set("feed"), newTwo.set("wet"),
		ann.set("whisper"), bob.set("whisper"),
		say("x", xAt), say("y", yAt), say("a channel to be opened", (*world).other), say("an open channel", (*world).open), say("an id", (*world).name),
		tell("ai", (*world).aiAt), tell("ai2", (*world).ai2At),
		ann.ask("where is", wire.StateServerObjectGetLocation, nil), cat.ask("whose is", wire.StateServerObjectGetAI, nil),
		newTwo.ask("whose is", wire.StateServerObjectGetAI, nil), eve.ask("whom has", wire.StateServerObjectGetOwner, nil),
		cat.ask("how is", wire.StateServerObjectGetAll, func(w *world, p *wire.Writer) { p.DoID(w.cat()) }),
		ponds.ask("who is in the nest of", wire.StateServerObjectGetZonesObjects, func(w *world, p *wire.Writer) { p.DoID(w.pond()).Uint16(1).Zone(nest) }),
		ponds.ask("how many are in", wire.StateServerObjectGetChildCount, func(w *world, p *wire.Writer) { p.DoID(w.pond()) }),
		{"wet in the nest", "nest", wire.StateServerObjectSetField, func(w *world) wire.Channel { return w.nest().Channel() },
			func(w *world, p *wire.Writer, n int) { p.DoID(w.ann()).FieldID(duckField("wet")).Uint8(uint8(n)) }},
		{"where are all", "children", wire.StateServerObjectGetLocation, func(w *world) wire.Channel { return w.pond().ChildrenChannel() },
			func(w *world, p *wire.Writer, n int) { p.Uint32(uint32(n)) }},
	}
}

// ends are sent behind every sequence: what comes behind them has come too late.
func ends() []step {
	return []step{say("x", xAt), say("y", yAt), tell("ai", (*world).aiAt), tell("ai2", (*world).ai2At)}
}
