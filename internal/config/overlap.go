package config

import (
	"fmt"

	"natstron/bridge/wire"
)

// CheckKeys finds what two roles both claim.
func (c *Config) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	where := func(path string) string { return fmt.Sprintf("%s on line %d", path, c.Pos(path).Line) }
	checkClientChannels(c, where, report)

	type claim struct {
		wire.DoIDRange
		path string
	}
	var all []claim
	for i, role := range c.Roles {
		if role.DBSS == nil {
			continue
		}
		for j, r := range role.DBSS.Ranges {
			path := fmt.Sprintf("%s.ranges[%d]", RolePath(i), j)
			for _, other := range all {
				if r.Overlaps(other.DoIDRange) {
					report(fmt.Sprintf("%d to %d overlaps %d to %d (%s)", r.Min, r.Max, other.Min, other.Max, where(other.path)),
						"give each doId to one dbss", path, other.path)
					break
				}
			}
			all = append(all, claim{r, path})
		}
	}
}

// checkClientChannels finds channels that a client would be given although something
// else has them. Two agents with the very same range share it; ranges that overlap in
// part are a mistake.
func checkClientChannels(c *Config, where func(string) string, report func(problem, fix string, keys ...string)) {
	taken := map[string]wire.Channel{}
	var order []string
	take := func(path string, channel wire.Channel) { taken[path], order = channel, append(order, path) }
	for i, u := range c.Uberdogs {
		take(fmt.Sprintf("uberdogs[%d].id", i), u.ID.Channel())
	}
	for i, role := range c.Roles {
		switch {
		case role.StateServer != nil:
			take(RolePath(i)+".control", role.StateServer.Control)
		case role.Database != nil:
			take(RolePath(i)+".control", role.Database.Control)
		}
	}
	for i, role := range c.Roles {
		if role.ClientAgent == nil {
			continue
		}
		r, path := role.ClientAgent.Channels, RolePath(i)+".channels"
		for j, other := range c.Roles[:i] {
			if other.ClientAgent == nil || r == other.ClientAgent.Channels || !r.Overlaps(other.ClientAgent.Channels) {
				continue
			}
			o, at := other.ClientAgent.Channels, RolePath(j)+".channels"
			report(fmt.Sprintf("%d to %d overlaps %d to %d (%s)", r.Min, r.Max, o.Min, o.Max, where(at)),
				"write ranges that are apart, or the very same range, which is then shared", path, at)
			break
		}
		for _, at := range order {
			if r.Contains(taken[at]) {
				report(fmt.Sprintf("%d to %d includes channel %d (%s)", r.Min, r.Max, taken[at], where(at)),
					"choose a range that clients have for themselves", path, at)
			}
		}
	}
}
