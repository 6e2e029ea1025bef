package clientagent

import (
	"context"
	"log/slog"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/clientagent/internal/parenting"
)

// rules is the agent's participant that asks parents for their rules and hears of new
// ones. It is the [parenting.Backbone] of their table, and belongs to the node's turn.
type rules struct {
	role        *Role
	channel     wire.Channel // of the pool
	participant *bridge.Participant
}

// joinRules begins to know the rules of parents, if there are avatars.
func (r *Role) joinRules() error {
	if r.views.Avatar == nil {
		return nil
	}
	c, ok := r.o.Pool.takeChannel()
	if !ok {
		return errFull
	}
	u := &rules{role: r, channel: c}
	var err error
	if u.participant, err = r.turn.JoinParty(&r.party, r.o.Label+" rules"); err == nil {
		u.participant.Value = u
		err = r.turn.Subscribe(u.participant, c)
	}
	r.rules = u
	if err != nil {
		r.quitRules()
		return err
	}
	r.views.Rules = u.table()
	return nil
}

// leastPatience is how long a parent is not asked again that has not answered, at least.
const leastPatience = 100 * time.Millisecond

// table is an empty one.
func (u *rules) table() *parenting.Table {
	o := &u.role.o
	return &parenting.Table{File: o.File, Backbone: u, Patience: max(o.InterestTimeout, leastPatience), Now: time.Now}
}

// quitRules gives up the participant. What sessions that are left still ask of their table
// goes nowhere.
func (r *Role) quitRules() {
	u := r.rules
	if u == nil {
		return
	}
	r.rules = nil
	if u.participant != nil {
		r.turn.Leave(u.participant)
	}
	r.o.Pool.returnChannel(u.channel)
	if r.views.Rules != nil {
		r.stats.RulesRefused += r.views.Rules.Refused
		r.views.Rules = u.table()
	}
}

// handle handles what parents say.
func (u *rules) handle(kind wire.MsgType, payload []byte) {
	if err := u.role.views.Rules.Hear(kind, payload); err != nil {
		u.role.stats.Malformed++
		u.Log(slog.LevelWarn, "ignored a message", "msgtype", kind, "error", err)
	}
}

// Channel implements [parenting.Backbone].
func (u *rules) Channel() wire.Channel { return u.channel }

// Tell implements [parenting.Backbone].
func (u *rules) Tell(w *wire.Writer) {
	if d, err := w.Datagram(); err == nil {
		_ = u.role.turn.Send(u.participant, d) // without a backbone all sessions end
	}
}

// Subscribe implements [parenting.Backbone].
func (u *rules) Subscribe(c wire.Channel) error { return u.role.turn.Subscribe(u.participant, c) }

// Unsubscribe implements [parenting.Backbone].
func (u *rules) Unsubscribe(c wire.Channel) { u.role.turn.Unsubscribe(u.participant, c) }

// WhenInForce implements [parenting.Backbone].
func (u *rules) WhenInForce(channels []wire.Channel, do func()) { u.role.whenInForce(channels, do) }

// Log implements [parenting.Backbone]: a parent can say what it likes as often as it likes.
func (u *rules) Log(level slog.Level, message string, args ...any) {
	r := u.role
	if others, ok := r.complaints.Due("rules", time.Now()); ok {
		r.turn.Later(func() { r.log.Log(context.Background(), level, message, append(args, others)...) })
	}
}

// warnOfRules tells of dclasses whose default is no rule.
func (r *Role) warnOfRules() {
	if r.views.Avatar == nil {
		return
	}
	parenting.CheckClasses(r.o.File, func(class *dc.Class, err error) {
		r.log.Warn("a parenting rule is refused: its parent's zones are stated", "dclass", class.Name(), "error", err)
	})
}
