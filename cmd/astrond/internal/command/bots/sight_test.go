package bots

import (
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

const testDC = `
dclass Login { login(string name) clsend; welcome(string text); ticket(uint32 id, string code); };
dclass Avatar {
  setName(string name) required broadcast;
  setXY(int16 x, int16 y) required broadcast ram ownsend;
  setChat(string(1-20) text) broadcast ownsend;
};
dclass Bird { setState(uint8 number, uint64 time) required broadcast ram; };
`

// world is two bots of a fleet that are connected to nothing: what they receive is given to them.
type world struct {
	t             *testing.T
	f             *fleet
	owner, viewer *bot
	avatar, bird  *dc.Class
}

func newWorld(t *testing.T) *world {
	t.Helper()
	file, err := dc.Parse([]dc.Source{{Name: "test.dc", Text: testDC}})
	if err != nil {
		t.Fatal(err)
	}
	script, err := ParseScript("bots.yml", []byte("sequences: [{class: Bird, field: setState, time: time}]"), file)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, f: newFleet(Options{File: file, Script: script, Clients: 2, Addresses: []string{"nowhere"}})}
	w.owner, w.viewer = w.f.bots[0], w.f.bots[1]
	w.avatar, _ = file.DClassByName("Avatar")
	w.bird, _ = file.DClassByName("Bird")
	return w
}

// hears gives a message to a bot.
func (w *world) hears(b *bot, t wire.ClientMsgType, build func(w *wire.Writer)) {
	w.t.Helper()
	var out wire.Writer
	build(&out)
	d, err := out.Datagram()
	if err != nil {
		w.t.Fatal(err)
	}
	r := wire.NewReader(d)
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := b.handle(t, &r); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) enters(b *bot, t wire.ClientMsgType, do wire.DoID, zone wire.Zone) {
	w.t.Helper()
	class, _ := w.avatar.ID()
	w.hears(b, t, func(w *wire.Writer) {
		w.DoID(do).Location(wire.Location{Parent: 1000, Zone: zone}).Uint16(class).Text("Ada").Uint16(0).Uint16(0)
	})
}

func (w *world) opens(zones ...wire.Zone) {
	w.hears(w.viewer, wire.ClientAddInterestMultiple, func(w *wire.Writer) {
		w.Uint32(0).Uint16(1).DoID(1000).Uint16(uint16(len(zones)))
		for _, z := range zones {
			w.Zone(z)
		}
	})
}

func xy(n int) []byte { return []byte{byte(n), byte(n >> 8), 7, 0} }

func (w *world) field(name string) wire.FieldID {
	f, _ := w.avatar.FieldByName(name)
	return wire.FieldID(f.ID())
}

// sends notes that the owner has sent its nth place, and sees that the viewer sees it.
func (w *world) sends(do wire.DoID, n int) {
	w.f.ledger.get(do).sends(w.field("setXY"), maphash.Bytes(w.f.ledger.seed, xy(n)), w.f.now())
}

func (w *world) sees(do wire.DoID, n int) {
	w.t.Helper()
	w.hears(w.viewer, wire.ClientObjectSetField, func(out *wire.Writer) { out.DoID(do).FieldID(w.field("setXY")).Raw(xy(n)) })
}

func (w *world) faults() Faults { return w.f.faults() }

// What a bot sees of another one's updates, in which order, and what is wrong with it. s sends the
// next one, a number is that update at the viewer, e is the entrance, l the leaving.
func TestUpdates(t *testing.T) {
	for _, test := range []struct {
		script string
		want   Faults
	}{
		{"e s 1 s 2 s 3", Faults{}},
		{"e s s s 1 2 3", Faults{}},
		{"e s s s 1 3", Faults{Lost: 1}},
		{"e s s s 2 3", Faults{Lost: 1}},
		{"e s s s s 4", Faults{Lost: 3}},
		{"e s s s 1 2", Faults{Stale: 1}},
		{"e s s", Faults{Stale: 1}},
		{"e s 1 1", Faults{Doubled: 1}},
		{"e s s s 1 2 3 1", Faults{Doubled: 1}},
		{"e s s s 1 3 2", Faults{Reordered: 1}},
		{"e s s s 1 3 2 2", Faults{Reordered: 1, Doubled: 1}},
		{"e s s s 2 1 3", Faults{Reordered: 1}},
		{"s s e 1 2", Faults{}}, // they were on their way
		{"s s e 2", Faults{}},   // the first one is in what came at the entrance
		{"s s e", Faults{}},     // both are
		{"s s e s 3", Faults{}}, // likewise
		{"s s e s s 4", Faults{Lost: 1}},
		{"s s e 1 s 3", Faults{Lost: 1}}, // 2 cannot be in it if 1 is not
		{"e s 1 l s s e s 4", Faults{}},
		{"e s 1 l s s e s s 5", Faults{Lost: 1}},
		{"e s 1 l s 2", Faults{Strays: 1}},
		{"e s 1 e s 2", Faults{Doubled: 1}}, // entered twice
		{"e l l", Faults{Strays: 1}},
	} {
		w := newWorld(t)
		const do = 5000
		w.enters(w.owner, wire.ClientEnterObjectRequiredOwner, do, 1)
		w.opens(1)
		sent := 0
		in := false
		for _, word := range strings.Fields(test.script) {
			switch word {
			case "e":
				w.enters(w.viewer, wire.ClientEnterObjectRequired, do, 1)
				in = true
			case "l":
				w.hears(w.viewer, wire.ClientObjectLeaving, func(w *wire.Writer) { w.DoID(do) })
				in = false
			case "s":
				sent++
				w.sends(do, sent)
			default:
				n, err := strconv.Atoi(word)
				if err != nil {
					t.Fatal(err)
				}
				w.sees(do, n)
			}
		}
		if in {
			w.f.judge(time.Now())
		}
		if got := w.faults(); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.script, got, test.want)
		}
	}
}

// A bot must see the objects in its zones in the end, and no others.
func TestPlaces(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(w *world)
		want Faults
	}{
		{"in sight", func(w *world) { w.enters(w.viewer, wire.ClientEnterObjectRequired, 5000, 1) }, Faults{}},
		{"missing", func(*world) {}, Faults{Missing: 1}},
		{"a ghost: it went to another zone", func(w *world) {
			w.enters(w.viewer, wire.ClientEnterObjectRequired, 5000, 1)
			w.f.ledger.get(5000).goes(wire.Location{Parent: 1000, Zone: 9})
		}, Faults{Ghosts: 1}},
		{"it went to another zone in sight", func(w *world) {
			w.enters(w.viewer, wire.ClientEnterObjectRequired, 5000, 1)
			w.f.ledger.get(5000).goes(wire.Location{Parent: 1000, Zone: 2})
		}, Faults{}},
		{"a ghost: its owner has gone", func(w *world) {
			w.enters(w.viewer, wire.ClientEnterObjectRequired, 5000, 1)
			w.owner.end(errMalformed)
		}, Faults{Ghosts: 1}},
		{"its owner has gone, and it too", func(w *world) { w.owner.end(errMalformed) }, Faults{}},
		{"the interest is closed", func(w *world) {
			w.hears(w.viewer, wire.ClientRemoveInterest, func(w *wire.Writer) { w.Uint32(0).Uint16(1) })
		}, Faults{}},
		{"another interest", func(w *world) { w.opens(7) }, Faults{}},
	} {
		w := newWorld(t)
		w.enters(w.owner, wire.ClientEnterObjectRequiredOwner, 5000, 1)
		w.opens(1, 2)
		test.do(w)
		w.f.judge(time.Now())
		if got := w.faults(); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

// A sequence tells what is wrong with updates that nobody in the process has sent. It wraps.
func TestSequence(t *testing.T) {
	for _, test := range []struct {
		numbers string // the first one is at the entrance
		want    Faults
	}{
		{"5 6 7 8", Faults{}},
		{"254 255 0 1", Faults{}},
		{"254 255 1 2", Faults{Lost: 1}},
		{"5 5 6", Faults{}}, // it was on its way
		{"5 6 6", Faults{Doubled: 1}},
		{"5 6 8 7", Faults{Reordered: 1}},
		{"5 9", Faults{Lost: 3}},
	} {
		w := newWorld(t)
		class, _ := w.bird.ID()
		f, _ := w.bird.FieldByName("setState")
		for i, word := range strings.Fields(test.numbers) {
			number, err := strconv.ParseUint(word, 10, 8)
			if err != nil {
				t.Fatal(err)
			}
			n := uint8(number)
			if i == 0 {
				w.hears(w.viewer, wire.ClientEnterObjectRequired, func(w *wire.Writer) {
					w.DoID(6000).Location(wire.Location{Parent: 1000, Zone: 1}).Uint16(class).Uint8(n).Uint64(0)
				})
				continue
			}
			w.hears(w.viewer, wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(6000).FieldID(wire.FieldID(f.ID())).Uint8(n).Uint64(0) })
		}
		w.f.judge(time.Now())
		if got := w.faults(); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.numbers, got, test.want)
		}
	}
}

// Who has not seen what another one has seen is behind.
func TestSequenceStale(t *testing.T) {
	w := newWorld(t)
	class, _ := w.bird.ID()
	f, _ := w.bird.FieldByName("setState")
	for _, b := range w.f.bots {
		w.hears(b, wire.ClientEnterObjectRequired, func(w *wire.Writer) {
			w.DoID(6000).Location(wire.Location{Parent: 1000, Zone: 1}).Uint16(class).Uint8(1).Uint64(0)
		})
	}
	w.hears(w.viewer, wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(6000).FieldID(wire.FieldID(f.ID())).Uint8(2).Uint64(0) })
	w.f.judge(time.Now())
	if got := w.faults(); got != (Faults{Stale: 1}) {
		t.Errorf("%+v", got)
	}
}

// Values that recur cannot be told apart: nothing is checked, and nothing is wrong.
func TestUnclear(t *testing.T) {
	w := newWorld(t)
	w.enters(w.owner, wire.ClientEnterObjectRequiredOwner, 5000, 1)
	w.opens(1)
	w.enters(w.viewer, wire.ClientEnterObjectRequired, 5000, 1)
	for _, n := range []int{1, 2, 1, 2} {
		w.sends(5000, n)
	}
	w.sees(5000, 2)
	w.sees(5000, 1)
	w.f.judge(time.Now())
	if got := w.faults(); got != (Faults{}) || w.f.others.Load() != 2 {
		t.Errorf("%+v, %d unchecked", got, w.f.others.Load())
	}
}

// A stream finds what was sent, also when its ring has grown or turned.
func TestStream(t *testing.T) {
	s := &stream{next: 1, ring: make([]sent, minRing)}
	const many = maxRing + 1000
	for n := uint64(1); n <= many; n++ {
		s.append(n*7, int64(n))
		if got, at, ok := s.find(n*7, n-1); !ok || got != n || at != int64(n) {
			t.Fatalf("%d: found %d, %d, %v", n, got, at, ok)
		}
	}
	if _, _, ok := s.find(7, 0); ok || s.oldest() != many+1-maxRing || len(s.ring) != maxRing {
		t.Errorf("the oldest is %d, of %d", s.oldest(), len(s.ring))
	}
	if n := s.due(many - 10); n != many-10 {
		t.Errorf("due is %d", n)
	}
	slow := &stream{next: 1, ring: make([]sent, minRing)}
	for n := range int64(1000) {
		slow.append(uint64(n), n*int64(time.Second))
	}
	if len(slow.ring) != minRing {
		t.Errorf("%d updates are kept for %v", len(slow.ring), ringTime)
	}
}

// Whatever a server sends, a bot neither panics nor grows without bounds.
func FuzzBot(f *testing.F) {
	f.Add(uint16(wire.ClientEnterObjectRequiredOther), []byte{1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 1, 0, 1, 0, 65, 0, 0, 0, 0, 1, 0, 4, 0, 1, 0, 65})
	f.Add(uint16(wire.ClientObjectSetFields), []byte{1, 0, 0, 0, 255, 255, 3, 0, 1, 0, 1, 0})
	f.Add(uint16(wire.ClientAddInterestMultiple), []byte{0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 255, 255, 1, 0, 0, 0})
	for _, t := range wire.ClientMsgTypes() {
		f.Add(uint16(t), []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
	}
	f.Fuzz(func(t *testing.T, kind uint16, payload []byte) {
		w := newWorld(t)
		w.enters(w.owner, wire.ClientEnterObjectRequiredOwner, 5000, 1)
		w.enters(w.viewer, wire.ClientEnterObjectRequired, 5000, 1)
		for range 3 {
			r := wire.NewReader(payload)
			_, _ = w.viewer.handle(wire.ClientMsgType(kind), &r)
		}
		w.f.judge(time.Now())
	})
}

// The steps of a grid stay inside it.
func TestGrid(t *testing.T) {
	g, all := Grid{Width: 3, Sight: 1}, wire.ZoneRange{Min: 10, Max: 17} // the last row has two
	if got := fmt.Sprint(g.around(all, 14)); got != "[10 11 12 13 14 15 16 17]" {
		t.Errorf("around the middle: %s", got)
	}
	if got := fmt.Sprint(g.around(all, 10)); got != "[10 11 13 14]" {
		t.Errorf("around the corner: %s", got)
	}
	r := rand.New(rand.NewPCG(1, 2))
	at := wire.Zone(99) // it is nowhere
	for range 1000 {
		at = g.beside(all, at, r.IntN(3)-1, r.IntN(3)-1)
		if at < all.Min || at > all.Max {
			t.Fatalf("it went to %d", at)
		}
	}
}
