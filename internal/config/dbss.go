package config

import (
	"fmt"

	"natstron/internal/wire"
)

// DBSS is a role: state-server behaviour for objects that live in a database.
type DBSS struct {
	place
	// Database is the control channel of the database server behind it.
	Database wire.Channel
	// Ranges are the doIds that it takes care of. There is at least one, and they
	// do not overlap.
	Ranges []DoIDRange
}

// Type is dbss.
func (*DBSS) Type() string { return TypeDBSS }

func (s *DBSS) keys() []key {
	return []key{
		{name: "database", value: channel(&s.Database), required: true,
			effect: "The control channel of the database server that keeps the objects."},
		{name: "ranges", value: sections[DoIDRange, *DoIDRange]{&s.Ranges, "range"}, required: true,
			effect: "The doIds that it takes care of; no two dbss may share one."},
	}
}

func (s *DBSS) check(d *decoder, path string) {
	if at := join(path, "ranges"); d.sound(at) && len(s.Ranges) == 0 {
		d.fault(at, "is empty", "write at least one range, such as - min: 100000000")
	}
}

// checkDBSS finds ranges that overlap, in one dbss or in two of this process.
func checkDBSS(d *decoder, roles []Role) {
	type claimed struct {
		DoIDRange
		path string
	}
	var all []claimed
	for _, role := range roles {
		dbss, ok := role.(*DBSS)
		if !ok {
			continue
		}
		for i, r := range dbss.Ranges {
			path := fmt.Sprintf("%s.ranges[%d]", dbss.Path(), i)
			if !d.sound(path, path+".min", path+".max") {
				continue
			}
			for _, other := range all {
				if r.overlaps(other.DoIDRange) {
					d.fault(path, fmt.Sprintf("%d to %d overlaps %d to %d (%s on line %d)",
						r.Min, r.Max, other.Min, other.Max, other.path, d.doc.at(other.path).Line),
						"give each doId to one dbss")
					break
				}
			}
			all = append(all, claimed{r, path})
		}
	}
}
