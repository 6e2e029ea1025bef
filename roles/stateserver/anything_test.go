package stateserver

import (
	"testing"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
	"natstron/dc"
)

// TestAnything: whatever messages of this protocol come, in whatever order, to
// any recipient, valid, damaged or of mixed-up meaning, on two servers: their books
// agree, and no message goes round forever.
func TestAnything(t *testing.T) {
	c := newCluster(t, "one")
	rapid.Check(t, func(t *rapid.T) {
		servers := []*Role{c.server("one", 402000), c.server("one", 402001)}
		a := c.Join("anyone", 8000)
		defer func() {
			for _, r := range servers {
				r.Stop(c.T.Context(), nil)
			}
			c.Leave()
			c.servers = nil
			c.Log.Take()
		}()
		for range rapid.IntRange(1, 60).Draw(t, "messages") {
			d := anyMessage(c.File).Draw(t, "message")
			if err := a.Send(d); err != nil {
				t.Fatal(err)
			}
			if rapid.Bool().Draw(t, "handle") {
				settled(t, c)
			}
		}
		settled(t, c)
	})
}

// settled checks the books. Everything has been handled already: that anything ever
// ends is tested by this test ending.
func settled(t *rapid.T, c *cluster) {
	t.Helper()
	for _, r := range c.servers {
		if err := r.space.Enter(r.space.check); err != nil {
			t.Fatal(err)
		}
	}
}

// anyMessage draws a datagram of the state server's protocol, about few objects,
// zones and channels, so that they have to do with each other.
func anyMessage(file *dc.File) *rapid.Generator[wire.Datagram] {
	var types []wire.MsgType
	for _, t := range wire.MsgTypes() {
		if t >= 2000 && t < 2200 {
			types = append(types, t)
		}
	}
	do := rapid.SampledFrom([]wire.DoID{0, 1, 2001, 2002, 2003, 2004, 2005})
	zone := rapid.SampledFrom([]wire.Zone{0, 1, 2, 2001})
	channel := rapid.Custom(func(t *rapid.T) wire.Channel {
		d := do.Draw(t, "object")
		return rapid.SampledFrom([]wire.Channel{0, 8000, 12, 402000, 402001, d.Channel(), d.Channel(), d.ChildrenChannel(),
			wire.Location{Parent: d, Zone: 1}.Channel()}).Draw(t, "channel")
	})
	return rapid.Custom(func(t *rapid.T) wire.Datagram {
		kind := rapid.OneOf(rapid.SampledFrom(types), rapid.SampledFrom([]wire.MsgType{
			wire.StateServerCreateObjectWithRequired, wire.StateServerObjectSetLocation,
			wire.StateServerObjectSetAI, wire.StateServerObjectSetField,
		})).Draw(t, "type")
		to := rapid.SliceOfN(channel, 1, 3).Draw(t, "to")
		if kind <= wire.StateServerDeleteAIObjects && rapid.Bool().Draw(t, "to a server") {
			to[0] = rapid.SampledFrom([]wire.Channel{402000, 402001}).Draw(t, "server")
		}
		var w wire.Writer
		w.Header(channel.Draw(t, "sender"), kind, to...)

		var class *dc.Class
		var field *dc.Field
		pack := func(f *dc.Field) { w.Raw(anyValue(f).Draw(t, "value")) }
		var write func(parts []wire.Part)
		write = func(parts []wire.Part) {
			for _, p := range parts {
				var inner []wire.Part
				for part := range p.Parts() {
					inner = append(inner, part)
				}
				switch p.Kind {
				case wire.KindBool:
					w.Uint8(rapid.Uint8().Draw(t, p.Name))
				case wire.KindUint16:
					w.Uint16(rapid.Uint16().Draw(t, p.Name))
				case wire.KindUint32:
					w.Uint32(rapid.SampledFrom([]uint32{1, contextWakeChildren}).Draw(t, p.Name))
				case wire.KindDoID:
					w.DoID(do.Draw(t, p.Name))
				case wire.KindZone:
					w.Zone(zone.Draw(t, p.Name))
				case wire.KindLocation:
					w.DoID(do.Draw(t, p.Name)).Zone(zone.Draw(t, p.Name))
				case wire.KindChannel:
					w.Channel(channel.Draw(t, p.Name))
				case wire.KindDClass:
					class = rapid.SampledFrom(file.Classes()).Draw(t, p.Name)
					id, _ := class.ID()
					w.DClassID(wire.DClassID(id))
				case wire.KindField:
					id := rapid.IntRange(0, file.NumFields()).Draw(t, p.Name)
					field, _ = file.FieldByID(uint16(id))
					w.FieldID(wire.FieldID(id))
				case wire.KindValue:
					if field != nil {
						pack(field)
					}
				case wire.KindRequired, wire.KindRequiredBroadcast, wire.KindRequiredOwner:
					for _, f := range class.RequiredFields() {
						pack(f)
					}
				case wire.KindList:
					n := rapid.IntRange(0, 3).Draw(t, p.Name)
					w.Uint16(uint16(n))
					for range n {
						write(inner)
					}
				default:
					if rapid.Bool().Draw(t, p.Name) {
						write(inner)
					}
				}
			}
		}
		layout, _ := wire.LayoutOf(kind)
		var parts []wire.Part
		for p := range layout.Parts() {
			parts = append(parts, p)
		}
		write(parts)
		d, err := w.Datagram()
		if err != nil {
			t.Fatal(err)
		}
		switch rapid.IntRange(0, 20).Draw(t, "damage") {
		case 0:
			cut := rapid.IntRange(0, len(d)-1-8*len(to)).Draw(t, "cut")
			d = d[:len(d)-cut]
		case 1:
			d = append(d, rapid.Byte().Draw(t, "excess"))
		}
		return d
	})
}
