package config

import (
	"fmt"

	"natstron/bridge/wire"
)

// CheckKeys finds what two roles both claim.
func (c *Config) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	where := func(path string) string { return fmt.Sprintf("%s on line %d", path, c.Pos(path).Line) }
	checkClientChannels(c, where, report)
	checkGiven(c, where, report)
	checkOwn(c, where, report)

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
		if channel, ok := role.OwnChannel(); ok {
			take(RolePath(i), channel)
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

// checkGiven finds what has doIds that a state server is to give.
func checkGiven(c *Config, where func(string) string, report func(problem, fix string, keys ...string)) {
	type holding struct {
		wire.ChannelRange
		path string
	}
	var all []holding
	add := func(lo, hi wire.Channel, path string) {
		all = append(all, holding{wire.ChannelRange{Min: lo, Max: hi}, path})
	}
	addDoIDs := func(r wire.DoIDRange, path string) { add(r.Min.Channel(), r.Max.Channel(), path) }
	for i, u := range c.Uberdogs {
		add(u.ID.Channel(), u.ID.Channel(), fmt.Sprintf("uberdogs[%d].id", i))
	}
	for i, role := range c.Roles {
		path := RolePath(i)
		if channel, ok := role.OwnChannel(); ok {
			add(channel, channel, path)
		}
		switch {
		case role.ClientAgent != nil:
			add(role.ClientAgent.Channels.Min, role.ClientAgent.Channels.Max, path+".channels")
		case role.Database != nil:
			addDoIDs(wire.DoIDRange(role.Database.Generate), path+".generate")
		case role.DBSS != nil:
			for j, r := range role.DBSS.Ranges {
				addDoIDs(r, fmt.Sprintf("%s.ranges[%d]", path, j))
			}
		case role.StateServer != nil:
			s := role.StateServer
			add(s.Control, s.Control, path+".control")
			for j, r := range s.Ranges {
				addDoIDs(r, fmt.Sprintf("%s.ranges[%d]", path, j))
			}
			for j, o := range s.Objects {
				add(o.ID.Channel(), o.ID.Channel(), fmt.Sprintf("%s.objects[%d].id", path, j))
			}
			if s.Generate != (wire.DoIDRange{}) {
				addDoIDs(s.Generate, path+".generate")
			}
		}
	}
	for i, role := range c.Roles {
		if role.StateServer == nil || role.StateServer.Generate == (wire.DoIDRange{}) {
			continue
		}
		g, path := role.StateServer.Generate, RolePath(i)+".generate"
		for _, o := range all {
			if o.path != path && o.Overlaps(wire.ChannelRange{Min: g.Min.Channel(), Max: g.Max.Channel()}) {
				report(fmt.Sprintf("%d to %d includes what is at %s", g.Min, g.Max, where(o.path)),
					"choose doIds that nothing else has", path, o.path)
				break
			}
		}
	}
}

// checkOwn finds roles of the game's own that have the same channel.
func checkOwn(c *Config, where func(string) string, report func(problem, fix string, keys ...string)) {
	first := map[wire.Channel]string{}
	for i, role := range c.Roles {
		channel, ok := role.OwnChannel()
		if !ok {
			continue
		}
		if before, twice := first[channel]; twice {
			report(fmt.Sprintf("has channel %d, as %s has", channel, where(before)), "give each role a channel of its own", RolePath(i), before)
			continue
		}
		first[channel] = RolePath(i)
	}
}
