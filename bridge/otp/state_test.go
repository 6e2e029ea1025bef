package otp

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"natstron/bridge/wire"
)

// build is a datagram, or a payload, in a test.
func build(t require, w *wire.Writer) wire.Datagram {
	t.Helper()
	d, err := w.Datagram()
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(d)
}

func header(sender wire.Channel, number uint16, to ...wire.Channel) *wire.Writer {
	return new(wire.Writer).Header(sender, wire.MsgType(number), to...)
}

func control(number MsgType) *wire.Writer {
	return new(wire.Writer).Uint8(1).Channel(Control).Uint16(uint16(number))
}

// same compares what was emitted with what should have been.
func same(t *testing.T, got []wire.Datagram, want ...*wire.Writer) {
	t.Helper()
	text := func(d wire.Datagram) string { return fmt.Sprintf("%x", []byte(d)) }
	var g, w []string
	for _, d := range got {
		g = append(g, text(d))
	}
	for _, d := range want {
		w = append(w, text(build(t, d)))
	}
	if a, b := strings.Join(g, "\n"), strings.Join(w, "\n"); a != b {
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
}

var place = wire.Location{Parent: 5, Zone: 7}

// generated has the translator see the creation of an object.
func generated(t require, tr *Translator, id wire.DoID) {
	t.Helper()
	d := build(t, header(ai, 2001, 402000).Location(place).DClassID(3).DoID(id).Raw([]byte("req")))
	got := one(t, tr.ToAstron, d)
	want := build(t, header(ai, 2000, 402000).DoID(id).Location(place).DClassID(3).Raw([]byte("req")))
	if !bytes.Equal(got, want) {
		t.Fatalf("got %x, want %x", []byte(got), []byte(want))
	}
}

func enter(t require, id wire.DoID) wire.Datagram {
	return build(t, header(id.Channel(), 2052, ai).DoID(id).Location(place).DClassID(3).Raw([]byte("req")))
}

func TestOwnObjectsAreNotAnnounced(t *testing.T) {
	tr := translator()
	generated(t, tr, 100)
	same(t, all(t, tr.FromAstron, enter(t, 100)))
	same(t, all(t, tr.FromAstron, enter(t, 101)),
		header(101, 2067, ai).Uint32(0).Location(place).DClassID(3).DoID(101).Raw([]byte("req")).Uint16(0))

	// Another takes it, and gives it back.
	taken := build(t, header(100, 2051, ai).DoID(100).Channel(9).Channel(ai))
	same(t, all(t, tr.FromAstron, taken), header(100, 2033, ai).DoID(100).Channel(9).Channel(ai))
	if n := len(all(t, tr.FromAstron, enter(t, 100))); n != 1 {
		t.Errorf("it was announced %d times after it had left", n)
	}

	// Deleted by the participant, and then made by somebody else.
	generated(t, tr, 102)
	all(t, tr.ToAstron, build(t, header(ai, 2007, 102).DoID(102)))
	if n := len(all(t, tr.FromAstron, enter(t, 102))); n != 1 {
		t.Errorf("it was announced %d times after its end", n)
	}

	// What is to be done later has not been done.
	generated(t, tr, 103)
	all(t, tr.ToAstron, build(t, control(addPostRemove).Blob(build(t, header(ai, 2007, 103).DoID(103)))))
	same(t, all(t, tr.FromAstron, enter(t, 103)))
}

func TestDeletion(t *testing.T) {
	zone := place.Channel()
	tr := New(Options{Subscribed: func(c wire.Channel) bool { return c == ai || c == zone || c == 100 }})
	for name, c := range map[string]struct {
		to   []wire.Channel
		want uint16
	}{
		"as its AI":                  {[]wire.Channel{9<<32 + 1, ai}, 2033},
		"in a zone":                  {[]wire.Channel{zone, 300}, 2007},
		"in a zone, and as its AI":   {[]wire.Channel{zone, ai}, 2033},
		"as one that plays the role": {[]wire.Channel{100}, 2007},
	} {
		t.Run(name, func(t *testing.T) {
			same(t, all(t, tr.FromAstron, build(t, header(4, 2032, c.to...).DoID(100))), header(4, c.want, c.to...).DoID(100))
		})
	}
}

func TestQuestions(t *testing.T) {
	tr := translator()
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2024, 100).DoID(100).FieldID(17).Uint32(55))),
		header(ai, 2010, 100).Uint32(55).DoID(100).FieldID(17))
	same(t, all(t, tr.FromAstron, build(t, header(100, 2011, ai).Uint32(55).Bool(true).FieldID(17).Raw([]byte("v")))),
		header(100, 2062, ai).DoID(100).FieldID(17).Uint32(55).Bool(true).Raw([]byte("v")))
	same(t, all(t, tr.FromAstron, build(t, header(100, 2011, ai).Uint32(55).Bool(false))),
		header(100, 2062, ai).DoID(100).FieldID(17).Uint32(55).Bool(false))
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2080, 100).DoID(100).Uint32(56).FieldID(17).FieldID(18))),
		header(ai, 2012, 100).Uint32(56).DoID(100).Uint16(2).FieldID(17).FieldID(18))
	same(t, all(t, tr.FromAstron, build(t, header(100, 2013, ai).Uint32(56).Bool(true).Uint16(1).FieldID(17).Raw([]byte("v")))),
		header(100, 2081, ai).DoID(100).Uint32(56).Bool(true).FieldID(17).Raw([]byte("v")))
	same(t, all(t, tr.FromAstron, build(t, header(100, 2013, ai).Uint32(56).Bool(false))),
		header(100, 2081, ai).DoID(100).Uint32(56).Bool(false))
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2020, 402000).Uint32(57))),
		header(ai, 2014, 402000).Uint32(57).DoID(402000))
	// However many are open.
	for i := range uint32(3 * maxAsked) {
		tr.asked.add(i, wire.FieldID(i))
	}
	if n := len(tr.asked.fields); n != maxAsked {
		t.Errorf("%d contexts are remembered, not %d", n, maxAsked)
	}
	if f := tr.asked.field(3*maxAsked - 1); f != 3*maxAsked-1 {
		t.Errorf("the last one asked for field %d", f)
	}
}

func TestObjectsOfZonesAndChildren(t *testing.T) {
	entry := func(number uint16) *wire.Writer {
		return header(100, number, ai).Uint32(55).DoID(100).Location(place).DClassID(3).Raw([]byte("req"))
	}
	for _, countFirst := range []bool{true, false} {
		tr := translator()
		same(t, all(t, tr.ToAstron, build(t, header(ai, 2021, 402000).Uint16(9).Uint32(55).DoID(5).Zone(7).Zone(8))),
			header(ai, 2102, 5).Uint32(55).DoID(5).Uint16(2).Zone(7).Zone(8))
		count := build(t, header(5, 2113, ai).Uint32(55).Uint32(2))
		var got []wire.Datagram
		if countFirst {
			got = append(got, all(t, tr.FromAstron, count)...)
		}
		got = append(got, all(t, tr.FromAstron, build(t, entry(2066)))...)
		got = append(got, all(t, tr.FromAstron, build(t, entry(2067).Uint16(0)))...)
		last := uint64(100)
		if !countFirst {
			got = append(got, all(t, tr.FromAstron, count)...)
			last = 5
		}
		object := func() *wire.Writer {
			return header(100, 2066, ai).Location(place).DClassID(3).DoID(100).Raw([]byte("req")).Uint16(0)
		}
		same(t, got, object(), object(), header(wire.Channel(last), 2046, ai).Uint16(9).Uint32(55))
	}

	tr := translator()
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2087, 402000).DoID(5).Uint32(55))),
		header(ai, 2104, 5).Uint32(55).DoID(5))
	got := append(all(t, tr.FromAstron, build(t, entry(2066))), all(t, tr.FromAstron, build(t, header(5, 2115, ai).Uint32(55).Uint32(1)))...)
	same(t, got,
		header(100, 2087, ai).Uint32(55).Location(place).DClassID(3).DoID(100).Raw([]byte("req")).Uint16(0),
		header(5, 2089, ai).Uint16(5).Uint32(55))
	same(t, all(t, tr.FromAstron, build(t, entry(2066))), header(100, 2071, ai).Uint32(55).DoID(100).Location(place).DClassID(3).Raw([]byte("req")))
}

func TestControl(t *testing.T) {
	tr := translator()
	want := func(number wire.MsgType) *wire.Writer { return new(wire.Writer).Control(number) }
	same(t, all(t, tr.ToAstron, build(t, control(setChannel).Channel(ai))), want(9000).Channel(ai))
	same(t, all(t, tr.ToAstron, build(t, control(setChannel).Channel(1<<32+7))), want(9000).Channel(1001<<32+7))
	same(t, all(t, tr.ToAstron, build(t, control(removeChannel).Channel(3<<32+7))), want(9001).Channel(1003<<32+7))
	same(t, all(t, tr.ToAstron, build(t, control(addRange).Channel(1).Channel(2))), want(9002).Channel(1).Channel(2))
	same(t, all(t, tr.ToAstron, build(t, control(setConName).Text("x"))), want(9012).Text("x"))

	left := build(t, header(ai, 2061, 402000).Channel(ai))
	inAstron := build(t, header(ai, 2009, 402000).Channel(ai))
	same(t, all(t, tr.ToAstron, build(t, control(addPostRemove).Blob(left))), want(9010).Channel(ai).Blob(inAstron))
	same(t, all(t, tr.ToAstron, build(t, control(addPostRemove).Raw(left))), want(9010).Channel(ai).Blob(inAstron))
	all(t, tr.ToAstron, build(t, control(addPostRemove).Blob(build(t, header(7, 2007, 100).DoID(100)))))
	same(t, all(t, tr.ToAstron, build(t, control(clearPostRemoves))), want(9011).Channel(7), want(9011).Channel(ai))
	same(t, all(t, tr.ToAstron, build(t, control(clearPostRemoves))))

	none := func(wire.Datagram) error { t.Error("something was emitted"); return nil }
	for d, want := range map[string]error{
		string(build(t, control(2003))): wire.ErrUnknownControl,
		string(build(t, control(addPostRemove).Blob(build(t, control(setChannel).Channel(1))))): errControlLater,
		string(build(t, new(wire.Writer).Control(9000).Channel(5))):                             ErrAstron,
		string(build(t, new(wire.Writer).Uint8(1).Channel(Control))):                            wire.ErrTruncated,
	} {
		if err := tr.ToAstron(wire.Datagram(d), none); !errors.Is(err, want) {
			t.Errorf("%x: %v, want %v", d, err, want)
		}
	}
}

func TestBundle(t *testing.T) {
	move := build(t, header(ai, 2008, 100).Location(place))
	update := build(t, header(ai, 2004, 100).DoID(100).FieldID(1).Raw([]byte("v")))
	tr := translator()
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2086, 5).Blob(move).Blob(update))),
		header(ai, 2040, 100).Location(place),
		header(ai, 2020, 100).DoID(100).FieldID(1).Raw([]byte("v")))
	nested := update
	for range maxDepth {
		nested = build(t, header(ai, 2086, 5).Blob(nested))
	}
	if err := tr.ToAstron(nested, func(wire.Datagram) error { return nil }); !errors.Is(err, ErrNested) {
		t.Errorf("bundles in bundles: %v", err)
	}
}

func TestClients(t *testing.T) {
	tr := translator()
	const puppet, inAstron = 1<<32 + 100, 1001<<32 + 100
	same(t, all(t, tr.ToAstron, build(t, header(402000, 3104, puppet).Channel(7).Channel(3<<32+1))),
		header(402000, 1100, inAstron).Channel(7), header(402000, 1100, inAstron).Channel(1003<<32+1))
	same(t, all(t, tr.ToAstron, build(t, header(402000, 3106, puppet).Uint16(1<<15+2).Uint32(6).DoID(5).Uint32(6).Zone(7))),
		header(402000, 1201, inAstron).Uint16(1<<15+2).DoID(5).Uint16(1).Zone(7).Uint32(6))
	same(t, all(t, tr.ToAstron, build(t, header(402000, 120, puppet).DoID(5).FieldID(6).FieldID(7))),
		header(402000, 1014, inAstron).DoID(5).Uint16(2).FieldID(6).FieldID(7))
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2004, puppet).DoID(5).FieldID(6))), header(ai, 2020, inAstron).DoID(5).FieldID(6))
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2070, 100).Channel(puppet))), header(ai, 2060, 100).Channel(inAstron))
	same(t, all(t, tr.FromAstron, build(t, header(100, 2061, ai).DoID(100).Channel(0).Channel(inAstron))),
		header(100, 2069, ai).DoID(100).Channel(0).Channel(puppet))
	same(t, all(t, tr.FromAstron, build(t, header(inAstron, 1204, ai).Channel(inAstron).Uint16(2))), header(puppet, 3106, ai).Channel(puppet).Uint16(2))
	// Accounts of usage are no order to a client.
	same(t, all(t, tr.ToAstron, build(t, header(ai, 3005, 4004))), header(ai, 3005, 4004))
	same(t, all(t, tr.ToAstron, build(t, header(ai, 3005, puppet))), header(ai, 1005, inAstron))
}

func TestAIReceiver(t *testing.T) {
	want := func() *wire.Writer { return header(ai, 2050, 100).Channel(ai) }
	tr := translator()
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2045, 100).Channel(ai))), want())
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2045, 402000).DoID(100).Uint32(uint32(ai)))), want())
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2045, 402000).DoID(100).Channel(ai))), want())
}

// oneClass is DC files with class 3, whose only required field has three bytes, as has
// every other field.
type oneClass struct{}

func (oneClass) RequiredFields(c wire.DClassID, _ wire.Audience) ([]wire.FieldID, error) {
	if c != 3 {
		return nil, errors.New("there is only class 3")
	}
	return []wire.FieldID{9}, nil
}

func (oneClass) ValueSize(_ wire.FieldID, b []byte) (int, error) {
	if len(b) < 3 {
		return 0, wire.ErrTruncated
	}
	return 3, nil
}

// What the DC files tell about messages of older code.
func TestOlderForms(t *testing.T) {
	tr := New(Options{Subscribed: func(wire.Channel) bool { return false }, DC: oneClass{}})
	nowhere := wire.Location{Zone: 7}
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2001, 402000).Zone(7).DClassID(3).DoID(100).Raw([]byte("req")))),
		header(ai, 2000, 402000).DoID(100).Location(nowhere).DClassID(3).Raw([]byte("req")))
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2001, 402000).Location(place).DClassID(3).DoID(100).Raw([]byte("req")))),
		header(ai, 2000, 402000).DoID(100).Location(place).DClassID(3).Raw([]byte("req")))

	// Astron's numbers and layouts, which Panda3D's own code has.
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2000, 402000).DoID(101).Location(place).DClassID(3).Raw([]byte("req")))),
		header(ai, 2000, 402000).DoID(101).Location(place).DClassID(3).Raw([]byte("req")))
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2001, 402000).DoID(102).Location(place).DClassID(3).Raw([]byte("req")).Uint16(0))),
		header(ai, 2001, 402000).DoID(102).Location(place).DClassID(3).Raw([]byte("req")).Uint16(0))
	same(t, all(t, tr.ToAstron, build(t, header(ai, 2020, 100).DoID(100).FieldID(1))), header(ai, 2020, 100).DoID(100).FieldID(1))
	for id := wire.DoID(100); id <= 102; id++ {
		same(t, all(t, tr.FromAstron, enter(t, id)))
	}

	for name, c := range map[string]struct {
		sent *wire.Writer
		want *wire.Writer
	}{
		"with an owner": {
			header(ai, 2050, 4003).Location(place).Channel(1<<32 + 9).DClassID(3).Uint32(55).Raw([]byte("req")),
			header(ai, 3045, 4003).Uint32(55).Location(place).Channel(1001<<32 + 9).DClassID(3).Raw([]byte("req"))},
		"without": {
			header(ai, 2050, 4003).Location(place).DClassID(3).Uint32(100_001).Raw([]byte("req")),
			header(ai, 3045, 4003).Uint32(100_001).Location(place).Channel(0).DClassID(3).Raw([]byte("req"))},
		"with other fields": {
			header(ai, 2050, 4003).Location(place).Channel(0).DClassID(3).Uint32(55).Raw([]byte("req")).Uint16(0),
			header(ai, 3046, 4003).Uint32(55).Location(place).Channel(0).DClassID(3).Raw([]byte("req")).Uint16(0)},
	} {
		t.Run(name, func(t *testing.T) { same(t, all(t, tr.ToAstron, build(t, c.sent)), c.want) })
	}
}

func TestLooksLike(t *testing.T) {
	for d, want := range map[string]bool{
		string(build(t, control(setChannel).Channel(ai))):                 true,
		string(build(t, control(clearPostRemoves))):                       true,
		string(build(t, header(ai, 2020, Control).DoID(4001).FieldID(1))): false,
		string(build(t, header(ai, 2001, 5))):                             false,
	} {
		if got := LooksLike(wire.Datagram(d)); got != want {
			t.Errorf("%x: %v", d, got)
		}
	}
}
