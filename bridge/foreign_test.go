package bridge

import (
	"fmt"
	"testing"
	"time"

	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// Of the tests below: a zone, an AI, an owner, and the objects that they hear of.
const (
	parent = wire.DoID(5000)
	thing  = wire.DoID(6000)
	theAI  = wire.Channel(401000)
	anyone = wire.Channel(402000)
)

func zone(z wire.Zone) wire.Location { return wire.Location{Parent: parent, Zone: z} }

// shown is a sink that writes down what is said of objects.
type shown struct{ got []string }

func (s *shown) Deliver(_ uint64, _ *Participant, d wire.Datagram) bool {
	m, err := d.Message()
	if err != nil {
		return false
	}
	if m.Type == wire.StateServerObjectEnterInterestWithRequired {
		m.Payload.Uint32()
	}
	s.got = append(s.got, fmt.Sprintf("%v %d", m.Type, m.Payload.DoID()))
	return true
}

func (s *shown) Wake() {}

func (s *shown) take() []string {
	got := s.got
	s.got = nil
	return got
}

// homes is a node that hears of two state servers elsewhere.
type homes struct {
	t   *testing.T
	n   *Node
	now time.Time
	seq map[string]int
}

func newHomes(t *testing.T) *homes {
	t.Helper()
	h := &homes{t: t, n: online(t, Options{}), now: time.Now(), seq: map[string]int{}}
	for _, origin := range []string{"one", "two"} {
		serverBeats(h.n, origin, Claim{Service: ServesAnyObject})
	}
	return h
}

// says lets a datagram arrive from an origin.
func (h *homes) says(origin string, w *wire.Writer) {
	h.t.Helper()
	d, err := w.Datagram()
	must(h.t, err)
	h.seq[origin]++
	arrive(h.n, fmt.Sprintf("%s.%d.1", origin, h.seq[origin]), d, h.now)
}

func entry(kind wire.MsgType, to wire.Channel, at wire.Location) *wire.Writer {
	w := new(wire.Writer).Header(thing.Channel(), kind, to)
	if kind == wire.StateServerObjectEnterInterestWithRequired {
		w.Uint32(1)
	}
	return w.DoID(thing).Location(at).DClassID(1)
}

func moving(to wire.Channel, from, at wire.Location) *wire.Writer {
	return new(wire.Writer).Header(thing.Channel(), wire.StateServerObjectChangingLocation, to).DoID(thing).Location(at).Location(from)
}

func (h *homes) watch(channels ...wire.Channel) *shown {
	h.t.Helper()
	s := &shown{}
	must(h.t, join(h.t, h.n, s).Subscribe(channels...))
	return s
}

// die lets the node find out that an origin is gone.
func (h *homes) die(origin string) {
	hear(h.n, membership.KindBye, origin, "{}", h.now)
}

const gone = "STATESERVER_OBJECT_DELETE_RAM 6000"

func want(t *testing.T, who string, s *shown, lines ...string) {
	t.Helper()
	same(t, lines, s.take(), who)
}

// The objects of a process that is gone leave the sight of all who saw them: in their
// zone, to which they may have moved since, as their AI, and as their owner.
func TestObjectsGoWithTheirHome(t *testing.T) {
	h := newHomes(t)
	old, present, elsewhere := h.watch(zone(1).Channel()), h.watch(zone(2).Channel()), h.watch(zone(3).Channel())
	ai, owner := h.watch(theAI), h.watch(anyone)
	h.says("one", entry(wire.StateServerObjectEnterAIWithRequired, theAI, zone(1)))
	h.says("one", entry(wire.StateServerObjectEnterLocationWithRequired, zone(1).Channel(), zone(1)))
	h.says("one", entry(wire.StateServerObjectEnterOwnerWithRequired, anyone, zone(1)))
	h.says("one", moving(zone(1).Channel(), zone(1), zone(2)))
	for _, s := range []*shown{old, present, elsewhere, ai, owner} {
		s.take()
	}
	h.die("two")
	want(t, "another process's end, the AI", ai)
	h.die("one")
	want(t, "the old zone", old)
	want(t, "the new zone", present, gone)
	want(t, "another zone", elsewhere)
	want(t, "the AI", ai, gone)
	want(t, "the owner", owner, gone)
	if s := h.n.Stats(); s.Vanished != 1 || !h.n.foreign.Empty() {
		t.Errorf("%d vanished, and some are remembered", s.Vanished)
	}
}

// An object that answers to an interest, and one that was deleted in order.
func TestObjectsThatAnswer(t *testing.T) {
	h := newHomes(t)
	z := h.watch(zone(1).Channel())
	h.watch(anyone)
	h.says("one", entry(wire.StateServerObjectEnterInterestWithRequired, anyone, zone(1)))
	h.die("one")
	want(t, "the zone", z, gone)

	h = newHomes(t)
	z = h.watch(zone(1).Channel())
	h.says("one", entry(wire.StateServerObjectEnterLocationWithRequired, zone(1).Channel(), zone(1)))
	h.says("one", new(wire.Writer).Header(anyone, wire.StateServerObjectDeleteRAM, zone(1).Channel()).DoID(thing))
	z.take()
	h.die("one")
	want(t, "the zone of a deleted object", z)
}

// An object that another process brings into the world replaces the one before, also
// if that one's process, which nobody knows to be gone, speaks up once more.
func TestObjectReplaced(t *testing.T) {
	h := newHomes(t)
	z := h.watch(zone(1).Channel())
	enter := func() *wire.Writer {
		return entry(wire.StateServerObjectEnterLocationWithRequired, zone(1).Channel(), zone(1))
	}
	entered := "STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED 6000"
	h.says("one", enter())
	h.says("two", enter())
	h.says("one", new(wire.Writer).Header(anyone, wire.StateServerObjectDeleteRAM, zone(1).Channel()).DoID(thing))
	want(t, "the zone", z, entered, gone, entered)
	h.die("one")
	want(t, "the zone after the first one's end", z)
	h.die("two")
	want(t, "the zone after the second one's end", z, gone)

	// By a state server of this process.
	h = newHomes(t)
	z = h.watch(zone(1).Channel())
	h.says("one", enter())
	d, err := enter().Datagram()
	must(t, err)
	must(t, join(t, h.n, blackHole{}).Send(d))
	want(t, "the zone", z, entered, gone, entered)
	h.die("one")
	want(t, "the zone after the end", z)
}

// parentRole is a role with one object, which writes down what its children say.
type parentRole struct{ shown }

func (p *parentRole) Handle(_ Turn, d wire.Datagram, _ []*Participant) { p.Deliver(0, nil, d) }

// A parent here hears that its child elsewhere is gone.
func TestParentHears(t *testing.T) {
	h := newHomes(t)
	role := &parentRole{}
	turn := h.n.Begin()
	p, err := turn.JoinParty(&Party{Handler: role, Dropped: func(*Participant, error) {}}, "parent")
	must(t, err)
	must(t, turn.Subscribe(p, parent.Channel()))
	turn.End()
	h.says("one", moving(parent.Channel(), wire.Location{}, zone(1)))
	role.take()
	h.die("one")
	want(t, "the parent", &role.shown, "STATESERVER_OBJECT_CHANGING_LOCATION 6000")
}

// Objects that survive go on in the process that serves them next, whichever process had them: after
// a lost backbone, a node waits for the process that had them then and for those before it, which
// it has not found dead. None of them is told to be gone when it shows itself again.
func TestObjectsOfAllBeforeGoOn(t *testing.T) {
	claims := []Claim{{Service: ServesAnyObject}, {Service: Survives, Lo: controlAt, Hi: controlAt, For: time.Minute}}
	enter := func() *wire.Writer {
		return entry(wire.StateServerObjectEnterLocationWithRequired, zone(1).Channel(), zone(1))
	}
	for _, last := range []string{"one", "two"} { // had it
		h := newHomes(t)
		for _, origin := range []string{"one", "two"} {
			serverBeats(h.n, origin, claims...)
		}
		z := h.watch(zone(1).Channel())
		h.says(last, enter())
		z.take()
		turn := h.n.Begin()
		h.n.detach()
		turn.End()
		attach(h.n, "later")
		serverBeats(h.n, "three", claims...)
		h.says("three", enter())
		want(t, "the zone", z, "STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED 6000")
		turn = h.n.Begin()
		if turn.ServersAway() {
			t.Error("one is waited for though another one serves")
		}
		turn.End()
	}
}

// When a process is found dead whose objects another one serves already, nothing waits for it, and
// its objects are the other one's. So they are before it is found dead.
func TestServedAlready(t *testing.T) {
	for _, early := range []bool{false, true} {
		servedAlready(t, early)
	}
}

func servedAlready(t *testing.T, early bool) {
	t.Helper()
	h := newHomes(t)
	z := h.watch(zone(1).Channel())
	survives := Claim{Service: Survives, Lo: controlAt, Hi: controlAt, For: time.Minute}
	serverBeats(h.n, "one", Claim{Service: ServesAnyObject}, survives)
	h.says("one", entry(wire.StateServerObjectEnterLocationWithRequired, zone(1).Channel(), zone(1)))
	z.take()
	enter := func() {
		t.Helper()
		h.says("two", entry(wire.StateServerObjectEnterLocationWithRequired, zone(1).Channel(), zone(1)))
		want(t, "the zone", z, "STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED 6000")
	}
	serverBeats(h.n, "two", Claim{Service: ServesAnyObject}, survives)
	if early {
		enter()
	}
	h.die("one")
	if s := h.n.Stats(); s.Pauses != 0 {
		t.Errorf("it waits %d times", s.Pauses)
	}
	enter()
	h.die("two")
	want(t, "the zone when both are gone", z)
	serverBeats(h.n, "three", Claim{Service: ServesAnyObject}, survives)
	h.says("three", new(wire.Writer).Header(anyone, wire.StateServerObjectDeleteRAM, zone(1).Channel()).DoID(thing))
	want(t, "the zone when it is deleted", z, gone)
	if s := h.n.Stats(); s.Pauses != 1 {
		t.Errorf("it waits %d times", s.Pauses)
	}
}
