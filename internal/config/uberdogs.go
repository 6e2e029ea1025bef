package config

import (
	"fmt"

	"natstron/bridge/wire"
)

// Uberdog is an object with a fixed doId that is taken to exist always. The path of
// the first is uberdogs[0].
type Uberdog struct {
	ID wire.DoID
	// Class is a name of a class; whether the DC files have it is not checked here.
	Class string
	// Anonymous objects take messages from clients that have not logged in.
	Anonymous Bool
}

func (s *Uberdog) keys() []key {
	return []key{
		{name: "id", value: doID(&s.ID), required: true,
			effect: "The object's doId."},
		{name: "class", value: className(&s.Class), required: true,
			effect: "The object's class, which the DC files must have."},
		{name: "anonymous", value: boolean(&s.Anonymous, false),
			effect: "Whether clients that have not logged in may send to it."},
	}
}

func className(into *string) *scalar[string] {
	return anyText(into).but("a name as DC files have it", func(v string) *wrong {
		for i, c := range v {
			if c != '_' && !isAlphanumeric(c) || i == 0 && c >= '0' && c <= '9' {
				return &wrong{show(v) + " is not the name of a class", "write letters, digits and underscores, no digit first"}
			}
		}
		return notEmpty(v)
	})
}

// checkUberdogs finds ids that are given twice.
func checkUberdogs(d *decoder, uberdogs []Uberdog) {
	first := map[wire.DoID]string{}
	for i, u := range uberdogs {
		path := fmt.Sprintf("uberdogs[%d].id", i)
		if !d.sound(path) {
			continue
		}
		if before, twice := first[u.ID]; twice {
			d.fault(path, fmt.Sprintf("doId %d is taken by %s on line %d", u.ID, before, d.doc.at(before).Line), "give each uberdog an id of its own")
			continue
		}
		first[u.ID] = path
	}
}
