package otp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
	"natstron/internal/doctest"
)

// ai is the channel that the participants of these tests have subscribed to.
const ai wire.Channel = 200_000_000

func translator() *Translator {
	return New(Options{Subscribed: func(c wire.Channel) bool { return c == ai }})
}

// all returns everything that a translation emits.
func all(t require, translate func(wire.Datagram, func(wire.Datagram) error) error, d wire.Datagram) []wire.Datagram {
	t.Helper()
	var out []wire.Datagram
	err := translate(d, func(d wire.Datagram) error {
		out = append(out, bytes.Clone(d))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// one returns the one datagram that a translation emits.
func one(t require, translate func(wire.Datagram, func(wire.Datagram) error) error, d wire.Datagram) wire.Datagram {
	t.Helper()
	out := all(t, translate, d)
	if len(out) != 1 {
		t.Fatalf("%x became %d datagrams: %x", []byte(d), len(out), out)
	}
	return out[0]
}

type require interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// datagram is one of the dialect, from the participant to an object.
func datagram(number MsgType, payload []byte, recipients ...wire.Channel) wire.Datagram {
	var w wire.Writer
	d, err := w.Header(ai, wire.MsgType(number), recipients...).Raw(payload).Datagram()
	if err != nil {
		panic(err)
	}
	return d
}

// drawPayload draws a payload of a row, as it is in one of the protocols.
func drawPayload(t *rapid.T, front []part, object wire.DoID) (payload []byte) {
	var v values
	for p := range v {
		v[p] = rapid.Uint64().Draw(t, "part")
	}
	v[toID], v[fromID] = uint64(object), uint64(object)
	v[unread], v[magic] = 0, 0xDEADBEEF
	v[again] = v[context]
	v[success] = 1
	rest := rapid.SliceOfN(rapid.Byte(), 0, 10).Draw(t, "rest")
	for _, p := range front {
		if each := elements(p); each > 0 {
			rest = rest[:len(rest)/each*each]
			v[p] = uint64(len(rest) / each)
		}
		if p == channel || p == channel2 {
			v[p] = v[p]%16<<high | v[p]>>high
		}
	}
	return append(v.append(nil, front), rest...)
}

// whole cuts a payload of the dialect whose rest is a list to whole elements.
func whole(m *Message, payload []byte) []byte {
	for _, p := range m.astron {
		if each := elements(p); each > 0 {
			front := 0
			for _, q := range m.otp {
				front += size[q]
			}
			return payload[:front+(len(payload)-front)/each*each]
		}
	}
	return payload
}

// There and back is what it was, for each message that both protocols have.
func TestThereAndBack(t *testing.T) {
	for i := range table {
		m := &table[i]
		if m.way != both {
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				object := wire.DoID(rapid.Uint32Min(5000).Draw(t, "object"))
				payload := whole(m, drawPayload(t, m.otp, object))
				var w wire.Writer
				switch m.Type {
				case 3005:
					payload = nil
				case 3006:
					payload = append(payload, 1, 2, 3, 4)[:4]
				case openChannels, closeChannels:
					payload = payload[:8]
				case addAI:
					payload = binary.LittleEndian.AppendUint64(nil, uint64(rapid.Uint32().Draw(t, "ai")))
				case queryAll:
					payload = payload[:4]
				case setZone:
					payload = append(payload, make([]byte, 8)...)[:8]
				case 3107:
					copy(payload[2:], "\x00\x00\x00\x00")
				}
				d, err := w.Header(object.Channel(), wire.MsgType(m.Type), object.Channel()).Raw(payload).Datagram()
				if err != nil {
					t.Fatal(err)
				}
				tr := translator()
				there := one(t, tr.ToAstron, d)
				if got, err := there.Message(); err != nil || got.Type != m.Astron {
					t.Fatalf("it became %s, not %s: %v", got.Type, m.Astron, err)
				}
				if back := one(t, translator().FromAstron, there); !bytes.Equal(back, d) {
					t.Fatalf("%x became %x, and that %x", []byte(d), []byte(there), []byte(back))
				}
			})
		})
	}
}

// The other way round, for what Astron sends.
func TestThereAndBackFromAstron(t *testing.T) {
	for i := range table {
		m := &table[i]
		if m.way != both {
			continue
		}
		t.Run(m.Astron.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				object := wire.DoID(rapid.Uint32Min(5000).Draw(t, "object"))
				payload := drawPayload(t, m.astron, object)
				switch m.Type {
				case 3005:
					payload = nil
				case 3006:
					payload = append(payload, 1, 2, 3, 4)[:4]
				case setInterest:
					payload = append(payload, 9, 0, 0, 0) // the context
				case openChannels, closeChannels:
					payload = payload[:8]
				case queryAll:
					payload = payload[:8]
				case setZone:
					payload = append(payload, make([]byte, 8)...)[:8]
				case addAI:
					payload = binary.LittleEndian.AppendUint64(nil, uint64(rapid.Uint32().Draw(t, "ai")))
				}
				// A channel that is the dialect's name of a client is none in Astron.
				for _, p := range m.astron {
					if p == channel || p == channel2 {
						payload = one(t, translator().ToAstron, datagram(m.Type, one(t, translator().FromAstron, datagram(MsgType(m.Astron), payload, object.Channel()))[19:], object.Channel()))[19:]
						break
					}
				}
				var w wire.Writer
				d, err := w.Header(object.Channel(), m.Astron, object.Channel()).Raw(payload).Datagram()
				if err != nil {
					t.Fatal(err)
				}
				there := one(t, translator().FromAstron, d)
				if back := one(t, translator().ToAstron, there); !bytes.Equal(back, d) {
					t.Fatalf("%x became %x, and that %x", []byte(d), []byte(there), []byte(back))
				}
			})
		})
	}
}

// A message of one participant of the dialect to another arrives as it was sent,
// whatever its number: a game's own are not mistaken for those to client agents.
func TestFromOneToAnother(t *testing.T) {
	special := map[MsgType]bool{
		bundle: true, setZone: true, openChannel: true, openChannels: true, closeChannels: true, queryZones: true, queryChildren: true,
		1204:  true, // an answer of client agents, which nothing tells from a game's own
		addAI: true, setInterest: true, 3107: true, 2075: true, queryFieldResp: true, 2020: true, deleteStored: true, enterAI: true,
	}
	rapid.Check(t, func(t *rapid.T) {
		number := MsgType(rapid.Uint16Max(5000).Draw(t, "number"))
		m := byOTP.find(uint16(number))
		ours := m == nil && number >= 3000 && byAstron.find(uint16(number)) != nil // databases speak of stored values in Astron's numbers
		if special[number] || ours || number >= 2000 && number < 3000 && m == nil {
			t.Skip()
		}
		d := datagram(number, rapid.SliceOfN(rapid.Byte(), 40, 40).Draw(t, "payload"), 4711, 1<<32+100)
		if got := one(t, translator().FromAstron, one(t, translator().ToAstron, d)); !bytes.Equal(got, d) {
			t.Fatalf("%x became %x", []byte(d), []byte(got))
		}
	})
}

// No two messages of Astron's become one of the dialect, but for those without other
// fields.
func TestTableIsOneToOne(t *testing.T) {
	otp, astron := map[MsgType]bool{}, map[wire.MsgType]bool{}
	for _, m := range table {
		if otp[m.Type] {
			t.Errorf("%d is in the table twice", m.Type)
		}
		otp[m.Type] = true
		if m.way == toOnly {
			continue
		}
		if astron[m.Astron] {
			t.Errorf("%s is in the table twice", m.Astron)
		}
		astron[m.Astron] = true
		if !m.Astron.Known() {
			t.Errorf("%s becomes the unknown message %d", m.Name, m.Astron)
		}
	}
	for _, a := range wire.MsgTypes() {
		toDatabase := a >= wire.DBServerCreateObject && a <= wire.DBServerObjectGetAllResp
		if !toDatabase && byAstron.find(uint16(a)) == nil && otp[MsgType(a)] {
			t.Errorf("%s passes as %s", a, MsgType(a))
		}
	}
}

// The messages of the dialect are in docs/otp.md: -update writes them there. Only commit
// a change if you know where the fact comes from.
func TestDocs(t *testing.T) {
	const name, heading = "../../docs/otp.md", "| number | message | here |\n"
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(got), heading)
	var page strings.Builder
	page.WriteString(text + heading + "| --- | --- | --- |\n")
	for _, m := range Messages() {
		fmt.Fprintf(&page, "| %d | `%s` | %d `%s` |\n", m.Type, m.Layout(), m.Astron, m.Astron)
	}
	page.WriteString("\n## Messages of clients\n\nThose that the games share; all others are a game's own.\n\n| number | message | here |\n| --- | --- | --- |\n")
	for _, m := range ClientMessages() {
		fmt.Fprintf(&page, "| %d | `%s` | %d `%s` |\n", m.Type, m.Name, m.Astron, m.Astron)
	}
	doctest.Compare(t, name, page.String())
}

func TestLayoutOf(t *testing.T) {
	if l, ok := LayoutOf(2004); !ok || l.Name != "STATESERVER_OBJECT_UPDATE_FIELD" || MsgType(2004).String() != l.Name {
		t.Errorf("the layout of 2004 is %s", l)
	}
	if _, ok := LayoutOf(9999); ok || MsgType(9999).String() != "9999" {
		t.Errorf("9999 is a message, %s", MsgType(9999))
	}
}

// What is cut off is an error, never a panic, and so is what is too long then.
// Messages that the dialect never had pass as they are, both ways: an AI that speaks it can
// use them.
func TestNewMessagesPass(t *testing.T) {
	tr := translator()
	for _, kind := range []wire.MsgType{
		wire.ClientAgentSetObjectRelocatable, wire.ClientAgentSetObjectRelocatableTo,
		wire.StateServerObjectGetClass, wire.StateServerObjectGetClassResp,
	} {
		d := datagram(MsgType(kind), []byte{1, 2, 3, 4, 0, 0, 5, 6}, 5000)
		if got := one(t, tr.ToAstron, d); !bytes.Equal(got, d) {
			t.Errorf("%v to Astron becomes %x, want %x", kind, got, d)
		}
		if got := one(t, tr.FromAstron, d); !bytes.Equal(got, d) {
			t.Errorf("%v from Astron becomes %x, want %x", kind, got, d)
		}
	}
}

func TestTruncated(t *testing.T) {
	for i := range table {
		m := &table[i]
		for n := range 30 {
			d := datagram(m.Type, make([]byte, n), 5)
			err := translator().ToAstron(d, func(wire.Datagram) error { return nil })
			if err != nil && !errors.Is(err, wire.ErrTruncated) && !errors.Is(err, wire.ErrExcess) {
				t.Errorf("%s of %d bytes: %v", m.Name, n, err)
			}
			a := datagram(MsgType(m.Astron), make([]byte, n), 5)
			err = translator().FromAstron(a, func(wire.Datagram) error { return nil })
			if err != nil && !errors.Is(err, wire.ErrTruncated) && !errors.Is(err, wire.ErrExcess) {
				t.Errorf("%s of %d bytes: %v", m.Astron, n, err)
			}
		}
	}
	long := datagram(MsgType(wire.StateServerObjectEnterAIWithRequired), make([]byte, wire.MaxLength-19), ai)
	if err := translator().FromAstron(long, func(wire.Datagram) error { return nil }); !errors.Is(err, wire.ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
}

// A field update costs no allocation, neither way.
func TestUpdateDoesNotAllocate(t *testing.T) {
	tr := translator()
	sent := 0
	emit := func(d wire.Datagram) error { sent += len(d); return nil }
	up := datagram(2004, make([]byte, 40), 5)
	down := datagram(MsgType(wire.StateServerObjectSetField), make([]byte, 40), ai)
	enter := datagram(MsgType(wire.StateServerObjectEnterLocationWithRequired), make([]byte, 40), ai)
	run := func() {
		for _, err := range []error{tr.ToAstron(up, emit), tr.FromAstron(down, emit), tr.FromAstron(enter, emit)} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("it allocates %v times", n)
	}
}

func BenchmarkUpdate(b *testing.B) {
	tr := translator()
	emit := func(wire.Datagram) error { return nil }
	for _, c := range []struct {
		name string
		d    wire.Datagram
		f    func(wire.Datagram, func(wire.Datagram) error) error
	}{
		{"to_astron", datagram(2004, make([]byte, 20), 5), tr.ToAstron},
		{"from_astron", datagram(MsgType(wire.StateServerObjectSetField), make([]byte, 20), ai), tr.FromAstron},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = c.f(c.d, emit)
			}
		})
	}
}

func FuzzToAstron(f *testing.F) {
	for i := range table {
		f.Add([]byte(datagram(table[i].Type, make([]byte, 24), 5)))
	}
	for _, m := range controls {
		f.Add(append(binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint64([]byte{1}, uint64(Control)), uint16(m.Type)), 2, 0, 1, 2))
	}
	f.Fuzz(func(t *testing.T, d []byte) {
		if wire.Datagram(d).Check() != nil {
			return // the port refuses it before
		}
		before := bytes.Clone(d)
		tr := translator()
		_ = tr.ToAstron(d, func(out wire.Datagram) error { // errors are fine, panics are not
			if err := out.Check(); err != nil {
				t.Errorf("%x became %x: %v", d, []byte(out), err)
			}
			return tr.FromAstron(out, func(wire.Datagram) error { return nil })
		})
		if !bytes.Equal(d, before) {
			t.Errorf("%x was changed to %x", before, d)
		}
	})
}

func FuzzFromAstron(f *testing.F) {
	for i := range table {
		f.Add([]byte(datagram(MsgType(table[i].Astron), make([]byte, 24), ai)))
		f.Add([]byte(datagram(MsgType(table[i].Plain), make([]byte, 24), ai)))
	}
	f.Fuzz(func(t *testing.T, d []byte) {
		if wire.Datagram(d).Check() != nil {
			return
		}
		before := bytes.Clone(d)
		_ = translator().FromAstron(d, func(out wire.Datagram) error {
			if err := out.Check(); err != nil {
				t.Errorf("%x became %x: %v", d, []byte(out), err)
			}
			return nil
		})
		if !bytes.Equal(d, before) {
			t.Errorf("%x was changed to %x", before, d)
		}
	})
}
