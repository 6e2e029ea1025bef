package clientagent

import (
	"maps"
	"slices"
	"strings"
	"time"

	"natstron/bridge/wire"
	"natstron/roles/inspect"
)

// String is the state for people.
func (s State) String() string { return [...]string{"new", "anonymous", "established"}[s] }

// How an operator looks at the clients. Each of these methods may be called by any
// goroutine at any time, but not in a turn.

// Clients is how many there are.
func (r *Role) Clients() int {
	r.enter()
	defer r.leave()
	return len(r.sessions)
}

// listed is a client that may be in a list.
type listed struct {
	inspect.Row
	session *session
}

// List is a page of the clients whose channels, address, session objects or state have a
// text, without regard to case.
func (r *Role) List(q inspect.Question) *inspect.Page[inspect.Row] {
	c := inspect.Collector[listed]{From: q.From, Rows: q.Rows()}
	find := strings.ToLower(q.Find)
	r.each(func(s *session) {
		row := s.row()
		if find == "" || strings.Contains(row.Text(s.view.SessionObjects()), find) {
			c.Add(listed{row, s})
		}
	})
	found := c.Page()
	page := &inspect.Page[inspect.Row]{Rows: []inspect.Row{}, Total: found.Total, More: found.More}
	for _, l := range found.Rows {
		page.Rows = append(page.Rows, r.counted(l))
	}
	return page
}

// counted is the row with what takes time to count.
func (r *Role) counted(l listed) inspect.Row {
	r.enter()
	defer r.leave()
	l.session.count(&l.Row)
	return l.Row
}

// row is the client in a list, without what takes time to count.
func (s *session) row() inspect.Row {
	row := inspect.Row{
		Channel: s.allocated, Sender: s.channel, State: s.state.String(), Address: s.peer.Remote.String(),
		Since: s.limits.connected, Queued: s.stream.Waiting(), Owns: []uint32{}, Agent: s.role.o.Label,
	}
	if s.channel != s.allocated {
		row.Account = uint32(s.channel >> 32)
	}
	return row
}

func (s *session) count(row *inspect.Row) (zones int) {
	sizes, owns := s.view.Sizes(inspect.MaxOwned)
	row.Interests, row.Sees, row.Owns = sizes.Interests, sizes.Sees, owns
	return sizes.Zones
}

// Inspect is all of the client with a channel: its own, the one that the cluster gave it,
// or one that was opened for it.
func (r *Role) Inspect(c wire.Channel) (all []inspect.Session) {
	r.each(func(s *session) {
		if s.has(c) {
			all = append(all, s.inspect())
		}
	})
	return all
}

// has says whether a channel is one of the client's.
func (s *session) has(c wire.Channel) bool { return s.allocated == c || s.channel == c || s.Opened(c) }

// inspect is all of the client.
func (s *session) inspect() inspect.Session {
	all := inspect.Session{
		Row: s.row(), Time: time.Now(), Local: s.peer.Local.String(), Opened: slices.Sorted(maps.Keys(s.opened)),
		In: s.in, Out: s.out, Open: s.view.Interests(), Channels: s.role.turn.Info(s.participant).Channels,
	}
	all.Zones = s.count(&all.Row)
	all.Known, all.Unlisted = s.view.Known(inspect.MaxKnown)
	return all
}

// Viewers are a page of the clients that know an object or hear its location; or the one
// client that is asked for, whether it does or not.
func (r *Role) Viewers(q inspect.Question) *inspect.Page[inspect.Viewer] {
	c := inspect.Collector[inspect.Viewer]{From: q.From, Rows: q.Rows()}
	at := q.Location()
	r.each(func(s *session) {
		chosen := q.Client != 0 && s.has(q.Client)
		v := inspect.Viewer{Channel: s.allocated, Sender: s.channel, State: s.state.String(), Agent: r.o.Label, Relation: s.view.Relation(q.Object)}
		uberdog := v.Uberdog
		v.Uberdog = false
		if !chosen && (q.Client != 0 || !v.Any() && !s.view.Hears(at)) {
			return
		}
		v.Uberdog = uberdog
		v.Interests, v.Rule, v.Opening, v.Near = s.view.At(at)
		if !chosen {
			v.Near = nil
		}
		c.Add(v)
	})
	return c.Page()
}
