package config

import (
	"fmt"

	"natstron/bridge/wire"
)

// DBSS is a role: state-server behaviour for objects that live in a database.
type DBSS struct {
	place
	// Database is the control channel of the database server behind it.
	Database wire.Channel
	// Ranges are the doIds that it takes care of. There is at least one, and they
	// do not overlap.
	Ranges []DoIDRange
	// Timeout is how long the database may take for an answer.
	Timeout Duration
}

// maxDoIDRanges is how many ranges one dbss may have: each costs subscriptions on
// the backbone.
const maxDoIDRanges = 1000

// Type is dbss.
func (*DBSS) Type() string { return TypeDBSS }

func (s *DBSS) keys() []key {
	return []key{
		{name: "database", value: channel(&s.Database), required: true,
			effect: "The control channel of the database server that keeps the objects."},
		{name: "ranges", value: sections[DoIDRange, *DoIDRange]{&s.Ranges, "range"}, required: true,
			effect: "The doIds that it takes care of; no two dbss may share one."},
		{name: "timeout", value: duration(&s.Timeout, 10*second, 100*millisecond, hour), ours: true,
			effect: "How long the database may take for an answer. Then an object is not activated, and who asked for fields is told that there are none."},
	}
}

func (s *DBSS) check(d *decoder, path string) {
	at := join(path, "ranges")
	if !d.sound(at) {
		return
	}
	switch n := len(s.Ranges); {
	case n == 0:
		d.fault(at, "is empty", "write at least one range, such as - min: 100000000")
	case n > maxDoIDRanges:
		d.fault(at, fmt.Sprintf("has %d ranges", n), fmt.Sprintf("write at most %d: join those that touch", maxDoIDRanges))
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
