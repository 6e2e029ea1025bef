package foreign

import (
	"fmt"
	"slices"
	"testing"

	"natstron/bridge/wire"
)

const (
	parent = wire.DoID(5000)
	first  = wire.DoID(6000)
)

func zone(z wire.Zone) wire.Location { return wire.Location{Parent: parent, Zone: z} }

// arrive lets a datagram of a process arrive.
func arrive(t *testing.T, o *Objects[*string], from *string, w *wire.Writer) {
	t.Helper()
	d, err := w.Datagram()
	if err != nil {
		t.Fatal(err)
	}
	if gone, route := o.Arrive(from, d); len(gone) > 0 || !route {
		t.Errorf("%v: %d are gone; to be routed: %v", d, len(gone), route)
	}
}

func enter(id wire.DoID) *wire.Writer {
	return new(wire.Writer).Header(id.Channel(), wire.StateServerObjectEnterLocationWithRequired, zone(1).Channel()).
		DoID(id).Location(zone(1)).DClassID(1)
}

// What nobody here hears of any more is forgotten: there may be as many objects as doIds in
// the life of a process.
func TestObjectsAreForgotten(t *testing.T) {
	home := new(string)
	o := &Objects[*string]{
		Heard:   func(c wire.Channel) bool { return c == zone(1).Channel() },
		Handled: func(wire.Channel) bool { return false },
	}
	for i := range 10 * leastSweep {
		id := first + wire.DoID(i)
		arrive(t, o, home, enter(id))
		arrive(t, o, home, new(wire.Writer).Header(id.Channel(), wire.StateServerObjectChangingLocation, zone(1).Channel()).
			DoID(id).Location(zone(9)).Location(zone(1)))
	}
	if n := len(o.objects); n > leastSweep+1 {
		t.Errorf("%d objects are remembered that nobody can see", n)
	}
}

// The end of a process's objects is told in the order of their doIds.
func TestGoneInOrder(t *testing.T) {
	home, other := new(string), new(string)
	*other = "other"
	heard := func(wire.Channel) bool { return true }
	o := &Objects[*string]{Heard: heard, Handled: heard}
	const many = 100
	for i := range wire.DoID(many) {
		arrive(t, o, home, enter(first+i*7%many))
	}
	arrive(t, o, other, enter(first+many))
	count, gone := o.Gone(home, nil)
	var ids []string
	for _, d := range gone {
		m, err := d.Message()
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, fmt.Sprint(m.Payload.DoID()))
	}
	if count != many || len(gone) != 2*many || !slices.IsSorted(ids) {
		t.Errorf("%d objects, told: %q", count, ids)
	}
	o.Move(other, home, nil)
	if count, _ := o.Gone(home, nil); count != 1 || !o.Empty() || o.Vanished != many+1 {
		t.Errorf("%d objects were inherited, %d vanished", count, o.Vanished)
	}
}
