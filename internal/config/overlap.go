package config

import (
	"fmt"

	"natstron/bridge/wire"
)

// checkOverlaps finds what two parts of one configuration both claim.
func checkOverlaps(d *decoder, c *Config) {
	checkUberdogs(d, c.Uberdogs)
	checkAddresses(d, c)
	checkControl(d, c.Roles)
	checkClientChannels(d, c)
	checkDBSS(d, c.Roles)
	checkStores(d, c.Roles)
}

// bound is an address that this process listens on.
type bound struct {
	path string
	Address
}

// checkAddresses finds two listeners on one address. UDP and TCP do not meet.
func checkAddresses(d *decoder, c *Config) {
	tcp := []bound{{"messagedirector.bind", c.MessageDirector.Bind}}
	for i, l := range c.MessageDirector.Listeners {
		tcp = append(tcp, bound{fmt.Sprintf("messagedirector.listeners[%d].bind", i), l.Bind})
	}
	var udp []bound
	if e := c.Backbone.Embedded; e != nil {
		if !e.Listen.Fallback {
			tcp = append(tcp, bound{"backbone.embedded.listen", e.Listen.Address})
		}
		tcp = append(tcp, bound{"backbone.embedded.monitor", e.Monitor})
		if e.Cluster != nil {
			tcp = append(tcp, bound{"backbone.embedded.cluster.listen", e.Cluster.Listen})
		}
		if e.Leaf != nil {
			tcp = append(tcp, bound{"backbone.embedded.leaf.listen", e.Leaf.Listen})
		}
	}
	for _, role := range c.Roles {
		switch r := role.(type) {
		case *ClientAgent:
			tcp = append(tcp, bound{r.Path() + ".bind", r.Bind})
			for i, l := range r.Listeners {
				tcp = append(tcp, bound{fmt.Sprintf("%s.listeners[%d].bind", r.Path(), i), l.Bind})
			}
		case *EventLogger:
			udp = append(udp, bound{r.Path() + ".bind", r.Bind})
		}
	}
	if c.Web != nil {
		tcp = append(tcp, bound{"web.bind", c.Web.Bind})
	}
	checkBound(d, tcp)
	checkBound(d, udp)
}

func checkBound(d *decoder, all []bound) {
	for i, b := range all {
		for _, other := range all[:i] {
			if b.clash(other.Address) && d.sound(b.path, other.path) {
				d.fault(b.path, fmt.Sprintf("%v cannot be listened on beside %v (%s on line %d)",
					b.Address, other.Address, other.path, d.doc.at(other.path).Line), "give each listener a port of its own")
				break
			}
		}
	}
}

// checkControl finds two roles that would both act on one control channel. State
// servers and databases know different messages, but both would take each other's
// for their own.
func checkControl(d *decoder, roles []Role) {
	first := map[wire.Channel]string{}
	for _, role := range roles {
		control, ok := controlOf(role)
		path := role.Path() + ".control"
		if !ok || !d.sound(path) {
			continue
		}
		if before, twice := first[control]; twice {
			d.fault(path, fmt.Sprintf("channel %d is %s on line %d already", control, before, d.doc.at(before).Line),
				"give each role a control channel of its own")
			continue
		}
		first[control] = path
	}
}

func controlOf(role Role) (wire.Channel, bool) {
	switch r := role.(type) {
	case *StateServer:
		return r.Control, true
	case *Database:
		return r.Control, true
	}
	return 0, false
}

// checkClientChannels finds channels that a client would be given although they
// are somebody else's. Two agents with the very same range share it; ranges that
// overlap in part are a mistake.
func checkClientChannels(d *decoder, c *Config) {
	var agents []*ClientAgent
	for _, role := range c.Roles {
		a, ok := role.(*ClientAgent)
		if !ok {
			continue
		}
		at := a.Path() + ".channels"
		if !d.sound(at, at+".min", at+".max") {
			continue
		}
		for _, other := range agents {
			if a.Channels != other.Channels && a.Channels.overlaps(other.Channels) {
				d.fault(at, fmt.Sprintf("%d to %d overlaps %d to %d (%s on line %d)",
					a.Channels.Min, a.Channels.Max, other.Channels.Min, other.Channels.Max,
					other.Path(), d.doc.at(other.Path()+".channels").Line),
					"write ranges that are apart, or the very same range, which is then shared")
				break
			}
		}
		agents = append(agents, a)
		checkClientRange(d, c, at, a.Channels)
	}
}

// checkClientRange finds control channels and uberdogs in a range for clients.
func checkClientRange(d *decoder, c *Config, at string, r ChannelRange) {
	report := func(path string, channel wire.Channel) {
		if d.sound(path) && r.has(channel) {
			d.fault(at, fmt.Sprintf("%d to %d takes in channel %d (%s on line %d)", r.Min, r.Max, channel, path, d.doc.at(path).Line),
				"choose a range that clients have for themselves")
		}
	}
	for i, u := range c.Uberdogs {
		report(fmt.Sprintf("uberdogs[%d].id", i), u.ID.Channel())
	}
	for _, role := range c.Roles {
		if control, ok := controlOf(role); ok {
			report(role.Path()+".control", control)
		}
	}
}

// checkStores finds two databases that would write to one local file or folder.
func checkStores(d *decoder, roles []Role) {
	first := map[string]string{}
	for _, role := range roles {
		db, ok := role.(*Database)
		if !ok {
			continue
		}
		store, path := localStore(db.Backend)
		at := join(db.Path(), "backend")
		if store == "" || !d.sound(at, join(at, typeKey), path) {
			continue
		}
		if before, twice := first[store]; twice {
			d.fault(path, fmt.Sprintf("%s is where %s on line %d keeps its objects", show(store), before, d.doc.at(before).Line),
				"give each database a place of its own")
			continue
		}
		first[store] = path
	}
}
