package e2e

import (
	"fmt"
	"slices"
	"strings"

	"natstron/bridge/wire"
)

// The parts that messages of the sequences are made of.

// The objects of the sequences.
const (
	firstRoot, lastRoot = 10001, 10002
	firstDuck, lastDuck = 10011, 10014
	nobody              = 10019 // does not exist
)

// The fields of the classes in compare.dc.
var (
	duckRequired = []string{"setName", "setHealth", "setSecret", "setColor", "setX", "setY"}
	duckRAM      = []string{"setMood", "setPurse", "setNotes", "setPlan"}
	duckFields   = slices.Concat(duckRequired, duckRAM, []string{"setXY", "wave", "whisper", "shout", "think"})
	bookStored   = []string{"setLabel", "setPages", "setPrice", "setReader", "setMark", "setNote"}
	bookFields   = slices.Concat(bookStored, []string{"setShelf", "setLight", "open"})
)

// part is what may stand for a part of a line; ok is false if there is nothing.
func (g *generator) part(name string) (text string, ok bool) {
	number := func(do wire.DoID) string { return fmt.Sprint(uint32(do)) }
	switch name {
	// Objects. The object of a step is the same wherever it is named.
	case "duck":
		g.do = pick[wire.DoID](g, firstDuck, firstDuck, firstDuck, firstDuck+1, firstDuck+2, lastDuck)
		return number(g.do), true
	case "root":
		if g.do == 0 {
			g.do = pick[wire.DoID](g, firstRoot, lastRoot)
		}
		return number(g.do), true
	case "do":
		return number(g.object()), true
	case "at": // where an object hears something, now and then with others
		switch g.IntN(50) {
		case 0:
			return "10001,10013", true
		case 1:
			g.tags = append(g.tags, "to children")
			return pick(g, "1:10001", "1:10002"), true
		}
		return number(g.object()), true
	case "own", "known":
		sees := slices.ContainsFunc(g.opened, func(i interest) bool { return i.client == g.by })
		switch mine := g.owned["{"+g.by+"}"]; {
		case len(mine) > 0 && (name == "own" || !sees || g.one(2)):
			g.do = pick(g, mine...)
		case name == "own" || !sees:
			return "", false
		}
		return number(g.object()), true
	case "stored":
		if g.stored == 0 {
			return "", false
		}
		if g.do == 0 {
			g.do = wire.DoID(1 + g.IntN(min(g.stored, 6)))
			if g.one(20) {
				g.do = lastStored // which does not exist
			}
		}
		if g.do == lastStored {
			return "{db0}", true
		}
		return fmt.Sprintf("{db%d}", g.do), true

	// Places.
	case "place":
		return g.place(), true
	case "parent":
		return number(g.parent()), true
	case "zone":
		return pick(g, "10", "10", "10", "11", "11", "12"), true
	case "zones":
		return pick(g, "10", "11", "10 11", "10 11 12", "12"), true

	// Channels.
	case "client":
		return pick(g, "{c1}", "{c1}", "{c2}", "{c3}"), true
	case "channel", "owner":
		to := pick(g, "5001", "5002", "5011", "5012", "{c1}", "{c1}", "{c2}", "{c3}", "0", "10012")
		if name == "owner" {
			g.owned[to] = append(g.owned[to], g.object())
		}
		return to, true
	case "ai":
		return g.aiChannel(), true
	case "id":
		return pick(g, "7000", "7001"), true
	case "state":
		return pick(g, "2", "2", "1", "0"), true

	// Interests.
	case "new":
		g.by = pick(g, "c1", "c1", "c2", "c3")
		return g.by, true
	case "interest":
		if g.number == 0 {
			g.number = 1 + g.IntN(3)
			if i := (interest{g.by, g.number}); !slices.Contains(g.opened, i) {
				g.opened = append(g.opened, i)
			}
		}
		return fmt.Sprint(g.number), true
	case "open", "mine":
		for i, open := range g.opened {
			if name == "open" || open.client == g.by {
				g.opened = slices.Delete(g.opened, i, i+1)
				g.by, g.number = open.client, open.id
				return map[string]string{"open": open.client, "mine": fmt.Sprint(open.id)}[name], true
			}
		}
		return "", false

	// Fields and values.
	case "required":
		return g.values(duckRequired...), true
	case "other":
		var some []string
		for _, i := range g.Perm(len(duckRAM))[:g.IntN(4)] {
			some = append(some, duckRAM[i])
		}
		if g.one(25) {
			odd := pick(g, duckFields...)
			if !slices.Contains(duckRAM, odd) {
				some, g.tags = append(some, odd), append(g.tags, "other "+odd)
			}
		}
		return g.values(some...), true
	case "field":
		return g.field(), true
	case "value":
		return g.values(g.field()), true
	case "clientvalue":
		field := pick(g, "setName", "wave", "whisper", "setX", "setXY", "setPlan")
		if slices.Contains(g.owned["{"+g.by+"}"], g.do) && g.one(3) {
			field = pick(g, "setMood", "shout")
		}
		return g.values(field), true
	case "bookfield":
		return pick(g, bookFields...), true
	case "bookvalue":
		return g.values(pick(g, bookFields...)), true
	case "storedfield", "storedvalue":
		field := pick(g, bookStored...)
		if g.one(20) {
			field = "setShelf" // which is not stored
		}
		if name == "storedvalue" {
			field = g.values(field)
		}
		return field, true
	case "newbook":
		g.stored++
		return g.values("setPrice", pick(g, "setLabel", "setPages"), pick(g, "setReader", "setMark", "setNote")), true
	case "forget": // an object that has nothing
		g.stored++
		return "", true
	case "n":
		g.context++
		return fmt.Sprint(1000 + g.context), true
	}
	panic(name)
}

// object is the object of the step.
func (g *generator) object() wire.DoID {
	if g.do == 0 {
		g.do = pick[wire.DoID](g, firstRoot, lastRoot, firstDuck, firstDuck, firstDuck, firstDuck, firstDuck+1, firstDuck+1, firstDuck+2, lastDuck, nobody)
	}
	return g.do
}

func (g *generator) parent() wire.DoID {
	if g.one(8) {
		return pick[wire.DoID](g, firstDuck, firstDuck+1, firstDuck+2, nobody)
	}
	return pick[wire.DoID](g, firstRoot, firstRoot, lastRoot)
}

// place is where the object of the step, if it has one, may go: hardly ever below itself.
func (g *generator) place() string {
	parent, do := g.parent(), g.do
	if do >= firstRoot && do < nobody && parent >= do && parent != nobody {
		switch {
		case g.one(60):
			g.tags = append(g.tags, "cycle")
		case do == firstRoot:
			return "0:0"
		default:
			parent = firstRoot
		}
	}
	if g.one(10) {
		return "0:0"
	}
	return fmt.Sprintf("%d:%d", parent, 10+min(2, g.IntN(5)/2))
}

// aiChannel is an AI for the object of the step: hardly ever that of its parent.
func (g *generator) aiChannel() string {
	do := g.object()
	switch {
	case g.one(30):
		g.tags = append(g.tags, "same AI")
		return pick(g, "5001", "0")
	case do == firstRoot:
		return pick(g, "5001", "5001", "{c1}")
	case do == lastRoot:
		return pick(g, "5002", "5002", "{c2}")
	}
	return pick(g, "5011", "5012", "{c3}")
}

// field is a field of the object of the step, or of another class.
func (g *generator) field() string {
	switch {
	case g.one(40):
		g.tags = append(g.tags, "foreign field")
		return "setPages"
	case g.object() <= lastRoot:
		return "setTitle"
	}
	return pick(g, duckFields...)
}

// values are fields with values. Some are not allowed.
func (g *generator) values(fields ...string) string {
	var all []string
	for _, field := range fields {
		n := g.IntN(4)
		value := fmt.Sprint(n)
		bad := func(of int, hex string) {
			if g.one(of) {
				value, g.tags = hex, append(g.tags, "bad value")
			}
		}
		switch field {
		case "setTitle", "setLabel", "setName", "setMood", "whisper", "shout", "setReader", "setNote":
			value = fmt.Sprintf("%q", strings.Repeat("x", n))
		case "setNotes":
			value = fmt.Sprintf("hex %02x00%s", n, strings.Repeat("ab", n))
		case "setXY":
			value = fmt.Sprintf("%d, %d", n, n+1)
		case "setPrice":
			value = fmt.Sprint(5 + n)
			bad(200, "hex 0a")
		case "setHealth":
			bad(200, "hex ff")
		case "setPlan":
			bad(50, "hex ff")
		}
		all = append(all, field+"("+value+")")
	}
	return strings.Join(all, " ")
}
