package view

import (
	"cmp"
	"maps"
	"slices"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/parenting"
	"natstron/roles/inspect"
)

// Sizes is how much a view has.
type Sizes struct{ Interests, Zones, Sees int }

// Sizes is how much the view has at the moment; owns are some objects that the client
// owns, at most most.
func (v *View) Sizes(most int) (s Sizes, owns []uint32) {
	s = Sizes{Interests: len(v.interests), Zones: len(v.zones)}
	owns = []uint32{}
	for do, o := range v.objects {
		if o.known&visible != 0 {
			s.Sees++
		}
		if o.known&owned != 0 {
			owns = append(owns, uint32(do))
		}
	}
	slices.Sort(owns)
	return s, owns[:min(len(owns), most)]
}

// Interests are the interests as an operator sees them, by number, and what a rule shows.
func (v *View) Interests() []inspect.Interest {
	all := []inspect.Interest{}
	for _, id := range slices.Sorted(maps.Keys(v.interests)) {
		all = append(all, v.interest(v.interests[id]))
	}
	if v.avatar.area.Len() > 0 {
		all = append(all, v.byRule())
	}
	return all
}

// byRule are the zones that a rule shows because of the avatar.
func (v *View) byRule() inspect.Interest {
	i := &Interest{Parent: v.avatar.area.Parent()}
	for at := range v.avatar.area.Minus(parenting.Area{}) {
		i.Zones = append(i.Zones, at.Zone)
	}
	shown := v.interest(i)
	shown.Rule = true
	return shown
}

func (v *View) interest(i *Interest) inspect.Interest {
	listed := min(len(i.Zones), inspect.MaxZones)
	shown := inspect.Interest{ID: i.ID, Parent: i.Parent, Zones: slices.Clone(i.Zones[:listed]), Unlisted: len(i.Zones) - listed}
	for _, z := range i.Zones {
		if op := v.zones[i.at(z)].op; op != nil {
			shown.Opening = v.opening(op)
			break
		}
	}
	return shown
}

func (v *View) opening(op *operation) *inspect.Opening {
	return &inspect.Opening{For: v.views.Now().Sub(op.began), Counted: op.headcount.counted, Total: uint32(op.headcount.total), Answered: uint32(op.headcount.answered()), Late: op.late}
}

// Relation is how the client stands to an object.
func (v *View) Relation(do wire.DoID) inspect.Relation {
	known := v.objects[do].known
	_, uberdog := v.views.Uberdogs[do]
	return inspect.Relation{
		Sees: known&visible != 0, Owns: known&owned != 0, Declared: known&declared != 0,
		Session: v.isSessionObject(do), Uberdog: uberdog, Knew: v.Knew(do),
	}
}

// Known are the objects that the client knows, at most most: what it owns and its session
// objects first.
func (v *View) Known(most int) (all []inspect.Known, unlisted int) {
	all = []inspect.Known{}
	for do, o := range v.objects {
		k := inspect.Known{DoID: do, Parent: o.location.Parent, Zone: o.location.Zone, Relation: v.Relation(do)}
		if o.class != nil {
			k.Class = o.class.Name()
		}
		all = append(all, k)
	}
	for do := range v.sessionObjects {
		if v.objects[do].known == 0 {
			all = append(all, inspect.Known{DoID: do, Relation: v.Relation(do)})
		}
	}
	rank := func(k inspect.Known) int {
		switch {
		case k.Owns:
			return 0
		case k.Session:
			return 1
		}
		return 2
	}
	slices.SortFunc(all, func(a, b inspect.Known) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.DoID, b.DoID))
	})
	listed := min(len(all), most)
	return all[:listed], len(all) - listed
}

// At are the interests in a location, by number, whether a rule shows it, and what its
// objects wait for. near are the other interests in its parent.
func (v *View) At(at wire.Location) (ids []uint16, byRule bool, opening *inspect.Opening, near []inspect.Interest) {
	if z := v.zones[at]; z != nil && z.op != nil {
		opening = v.opening(z.op)
	}
	for _, id := range slices.Sorted(maps.Keys(v.interests)) {
		i := v.interests[id]
		if i.Parent != at.Parent {
			continue
		}
		if _, ok := slices.BinarySearch(i.Zones, at.Zone); ok {
			ids = append(ids, id)
		} else {
			near = append(near, v.interest(i))
		}
	}
	switch area := v.avatar.area; {
	case area.Has(at):
		byRule = true
	case area.Len() > 0 && area.Parent() == at.Parent:
		near = append(near, v.byRule())
	}
	return ids, byRule, opening, near
}

// Hears says whether an interest shows a location.
func (v *View) Hears(at wire.Location) bool { return v.zones[at] != nil }
