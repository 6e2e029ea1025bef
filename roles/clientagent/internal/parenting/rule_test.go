package parenting

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
)

func TestParse(t *testing.T) {
	many := make([]string, MaxZones+1)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for _, c := range []struct {
		kind, text string
		want       Rule
		wrong      string
	}{
		{"", "", Rule{}, ""},
		{"Stated", "anything", Rule{}, ""},
		{"Follow", "", Rule{Kind: Follow}, ""},
		{"Cartesian", "1000:4:1", Rule{Kind: Cartesian, Start: 1000, Size: 4, Radius: 1}, ""},
		{"CartesianStated", "1000:4:1", Rule{Kind: Cartesian, Start: 1000, Size: 4, Radius: 1}, ""},
		{"Cartesian", "0:65536:31", Rule{Kind: Cartesian, Size: 65536, Radius: 31}, ""},
		{"Cartesian", "0:64:4294967295", Rule{Kind: Cartesian, Size: 64, Radius: math.MaxUint32}, ""},
		{"Cartesian", "4294967295:1:0", Rule{Kind: Cartesian, Start: math.MaxUint32, Size: 1}, ""},
		{"Auto", "2000:2003|2001||2001", Rule{Kind: Auto, Origin: 2000, Extra: []wire.Zone{2001, 2003}}, ""},

		{"cartesian", "1000:4:1", Rule{}, "no type"},
		{"Cartesian", "", Rule{}, "startZone:gridSize:radius"},
		{"Cartesian", "1000:4", Rule{}, "startZone:gridSize:radius"},
		{"Cartesian", "1000:4:1:1", Rule{}, "startZone:gridSize:radius"},
		{"Cartesian", "not:a:number", Rule{}, "not a number"},
		{"Cartesian", "1000:-4:1", Rule{}, "not a number"},
		{"Cartesian", "1000:+4:1", Rule{}, "not a number"},
		{"Cartesian", "1000:4294967296:1", Rule{}, "not a number"},
		{"Cartesian", "1000: 4:1", Rule{}, "not a number"},
		{"Cartesian", "1000:0:1", Rule{}, "does not fit"},
		{"Cartesian", "1:65536:0", Rule{}, "does not fit"},
		{"Cartesian", "0:4294967295:0", Rule{}, "does not fit"},
		{"Cartesian", "0:65536:32", Rule{}, "at most 4096"},
		{"Cartesian", "0:65:4294967295", Rule{}, "at most 4096"},
		{"Auto", "2000", Rule{}, "originZone:zone"},
		{"Auto", "2000:", Rule{}, "no zone"},
		{"Auto", ":2000", Rule{}, "not a number"},
		{"Auto", "2000:x", Rule{}, "not a number"},
		{"Auto", "0:" + strings.Join(many, "|"), Rule{}, "at most 4096"},
	} {
		got, err := Parse(c.kind, c.text)
		if !got.Equal(c.want) || (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s %.40q: %+v, %v; want %+v, %q", c.kind, c.text, got, err, c.want, c.wrong)
		}
		if err != nil && len(err.Error()) > 300 {
			t.Errorf("%s %.40q: an error of %d bytes", c.kind, c.text, len(err.Error()))
		}
	}
}

// zones are the zones of an area, as they follow from what the rule means.
func zones(r Rule, at wire.Location) (all []wire.Location) {
	if r.Kind == Follow {
		return []wire.Location{at}
	}
	size, cell := int64(r.Size), int64(at.Zone)-int64(r.Start)
	if cell < 0 || cell >= size*size {
		return nil
	}
	radius := int64(r.Radius)
	for row := range size {
		for column := range size {
			if abs(row-cell/size) <= radius && abs(column-cell%size) <= radius {
				all = append(all, wire.Location{Parent: at.Parent, Zone: r.Start + wire.Zone(row*size+column)})
			}
		}
	}
	return all
}

func abs(n int64) int64 { return max(n, -n) }

// An area is what the rule means, and the difference of two areas what is in one of them
// alone: in one grid, at its edges, in two grids whose zones overlap, in two parents.
func TestAreas(t *testing.T) {
	draw := func(t *rapid.T, name string) (Rule, wire.Location) {
		r := Rule{Kind: Follow}
		if rapid.IntRange(0, 5).Draw(t, name+" kind") > 0 {
			r = Rule{
				Kind: Cartesian, Start: wire.Zone(rapid.SampledFrom([]uint32{0, 100, math.MaxUint32 - 35}).Draw(t, name+" start")),
				Size: rapid.Uint32Range(1, 6).Draw(t, name+" size"), Radius: rapid.SampledFrom([]uint32{0, 1, 2, 5, math.MaxUint32}).Draw(t, name+" radius"),
			}
		}
		at := wire.Location{Parent: wire.DoID(rapid.Uint32Range(1000, 1001).Draw(t, name+" parent"))}
		at.Zone = r.Start + wire.Zone(rapid.Uint32Range(0, min(40, math.MaxUint32-uint32(r.Start))).Draw(t, name+" zone"))
		return r, at
	}
	rapid.Check(t, func(t *rapid.T) {
		from, there := draw(t, "from")
		to, here := draw(t, "to")
		if rapid.Bool().Draw(t, "same grid") {
			to, here.Parent = from, there.Parent
		}
		old, now := zones(from, there), zones(to, here)
		a, b := from.Around(there), to.Around(here)
		if got := slices.Collect(b.Minus(Area{})); !slices.Equal(got, now) || b.Len() != len(now) {
			t.Fatalf("%+v at %v is %v, %d zones; want %v", to, here, got, b.Len(), now)
		}
		for _, at := range slices.Concat(old, now) {
			if b.Has(at) != slices.Contains(now, at) {
				t.Fatalf("%+v at %v has %v: %v", to, here, at, b.Has(at))
			}
		}
		want := slices.DeleteFunc(slices.Clone(now), func(at wire.Location) bool { return slices.Contains(old, at) })
		if got := slices.Collect(b.Minus(a)); !slices.Equal(got, want) {
			t.Fatalf("%+v at %v without %+v at %v is %v, want %v", to, here, from, there, got, want)
		}
	})
}

// An area arrives as it left, if a rule can show it, and is refused otherwise.
func TestMovedAreas(t *testing.T) {
	const most = math.MaxUint32
	for _, a := range []Area{
		{},
		{parent: 7000, start: most, size: 1, bottom: 1, right: 1},
		{parent: 7000, start: 10, size: 65535, top: 60000, bottom: 60064, left: 1, right: 65},
	} {
		b, err := a.MarshalBinary()
		var got Area
		if err == nil {
			err = got.UnmarshalBinary(b)
		}
		if err != nil || got != a {
			t.Errorf("%+v is %+v (%v)", a, got, err)
		}
	}
	for _, a := range []Area{
		{size: 1, top: 1},
		{size: 4, bottom: 1, right: 5},
		{size: 4, bottom: most},
		{size: most, bottom: most, right: most},
		{size: 65, bottom: 64, right: 65},
		{start: most - 1, size: 3, bottom: 1, right: 3},
	} {
		b, err := a.MarshalBinary()
		if err == nil {
			err = a.UnmarshalBinary(b)
		}
		if err == nil {
			t.Errorf("%+v is an area", a)
		}
	}
}

// Nothing is shown where a location's channel belongs to somebody else.
func TestReservedParents(t *testing.T) {
	for _, parent := range []wire.DoID{0, 1, wire.LastReservedDoID} {
		if n := (Rule{Kind: Follow}).Around(wire.Location{Parent: parent, Zone: 7}).Len(); n != 0 {
			t.Errorf("%d zones of %d are shown", n, parent)
		}
	}
}

// However large the grid, a step costs what it changes.
func BenchmarkStep(b *testing.B) {
	for _, radius := range []uint32{1, 4, 31} {
		b.Run(fmt.Sprint("radius ", radius), func(b *testing.B) {
			r := Rule{Kind: Cartesian, Size: 1000, Radius: radius}
			from := r.Around(wire.Location{Parent: 1000, Zone: 500_500})
			to := r.Around(wire.Location{Parent: 1000, Zone: 500_501})
			n := 0
			for b.Loop() {
				for range to.Minus(from) {
					n++
				}
			}
			b.ReportMetric(float64(n)/float64(b.N), "zones/op")
		})
	}
}
