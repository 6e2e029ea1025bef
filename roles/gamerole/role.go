package gamerole

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/complaint"
	"natstron/roles/ask"
)

// Role is what a game's code has of its role: its place on the backbone. It is a roles.Role;
// Name, Type, Log and File may be called at any time, by any goroutine.
type Role struct {
	setup   Setup
	node    *bridge.Node
	name    string
	channel wire.Channel
	log     *slog.Logger
	game    Game
	lost    chan error // why the node cut it off

	// All below belongs to the turn, once the role is started.
	turn        bridge.Turn
	participant *bridge.Participant // nil before the start
	askers      *ask.Askers
	asker       *ask.Asker
	objects     map[wire.DoID]*Object
	deferred    []func()
	ended       bool
	starting    starting
	tidied      map[wire.Channel]bool // state servers that are told of the role's end
	drain       drain
	count       Stats
	metrics     []*Metric
	complaints  complaint.Limiter
}

// maxQuestions is how many questions, timers and work a role may have open at once.
const maxQuestions = 100_000

func newRole(s Setup, channel wire.Channel) *Role {
	name := fmt.Sprintf("%s[%d]", s.Type, channel)
	return &Role{
		setup: s, node: s.Node, name: name, channel: channel, log: s.Log.With("role", name),
		lost:    make(chan error, 1),
		askers:  ask.New(ask.Options{File: s.File, MaxOpen: maxQuestions}),
		objects: map[wire.DoID]*Object{},
		tidied:  map[wire.Channel]bool{},
		drain:   newDrain(),
	}
}

// Name is the role's label in logs and metrics: its type and channel.
func (r *Role) Name() string { return r.name }

// Type is the word that chooses the role in astrond.yml.
func (r *Role) Type() string { return r.setup.Type }

// Log is the role's log. It never waits for its reader, so it may be used in a turn.
func (r *Role) Log() *slog.Logger { return r.log }

// File is the DC files.
func (r *Role) File() *dc.File { return r.setup.File }

// Channel is the role's own channel. It may be called at any time, by any goroutine.
func (r *Role) Channel() wire.Channel { return r.channel }

// Start implements roles.Role.
func (r *Role) Start(ctx context.Context) error {
	ready := make(chan error, 1)
	err := r.join(func(err error) {
		select {
		case ready <- err:
		default: // it was called before
		}
	})
	if err == nil {
		select {
		case err = <-ready:
		case cause := <-r.lost:
			err = cutOff(cause)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err != nil {
		r.Stop(ctx, err)
	}
	return err
}

func (r *Role) join(ready func(error)) (err error) {
	r.Turn(func() {
		party := &bridge.Party{Handler: r, InOrder: true, Dropped: func(_ *bridge.Participant, cause error) { r.lost <- cause }}
		if r.participant, err = r.turn.JoinParty(party, r.name); err != nil {
			return
		}
		if err = r.turn.Subscribe(r.participant, r.channel); err != nil {
			return
		}
		r.asker = r.askers.New(r)
		r.start(ready)
	})
	return err
}

// Run implements roles.Role.
func (r *Role) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case cause := <-r.lost:
		return cutOff(cause)
	}
}

func cutOff(cause error) error { return fmt.Errorf("it has missed messages: %w", cause) }

// Stop implements roles.Role.
func (r *Role) Stop(context.Context, error) {
	r.Turn(func() {
		if r.asker != nil {
			r.game.Stop()
		}
		r.leave()
	})
}

// leave takes the role off the backbone.
func (r *Role) leave() {
	r.ended = true
	if r.asker != nil {
		r.asker.Close()
	}
	if r.participant != nil {
		r.turn.Leave(r.participant)
	}
	r.drain.end()
	r.starting = starting{}
}

// Ready implements roles.Checked.
func (r *Role) Ready(context.Context) (err error) {
	r.Turn(func() {
		game, ok := r.game.(Readier)
		switch {
		case r.draining():
			err = fmt.Errorf("it begins nothing new, and %d are left", r.busy())
		case ok:
			err = game.Ready()
		}
	})
	return err
}

// Turn calls do in a turn of the node, and returns when all that it sent has been routed. It is
// for goroutines of the game's own, such as those of an HTTP server. It must not be called in a
// turn: it would wait for ever. When the role has ended, do is called all the same, and cannot
// send. If do panics, the turn ends: the process goes on if the caller recovers, as an HTTP
// server does.
func (r *Role) Turn(do func()) {
	t := r.node.Begin()
	defer t.End()
	r.act(t, do)
}

// act does something in a turn, and then what that put off.
func (r *Role) act(t bridge.Turn, do func()) {
	r.turn = t
	do()
	for len(r.deferred) > 0 {
		do := r.deferred[0]
		r.deferred = r.deferred[1:]
		do()
	}
	r.checkDrained()
}

// Later calls do in the same turn, when the function that is being called has returned.
func (r *Role) Later(do func()) { r.deferred = append(r.deferred, do) }

// Go implements ask.Host: it calls work in a goroutine. Use ask.Do, which is bounded.
func (r *Role) Go(work func()) { go work() }

// Handle implements bridge.Handler.
func (r *Role) Handle(t bridge.Turn, d wire.Datagram, _ []*bridge.Participant) {
	r.act(t, func() {
		r.count.Received++
		m, err := d.Message()
		if err == nil {
			err = r.receive(m)
		}
		if err != nil {
			r.refuse(m, err)
		}
	})
}

var errUnknown = errors.New("the role has no handler for it")

func (r *Role) receive(m wire.Message) error {
	if r.ended || r.asker.Handle(m) {
		return nil
	}
	handled, err := r.update(m)
	if handled || err != nil {
		return err
	}
	if game, ok := r.game.(Receiver); ok {
		game.Receive(m)
		return nil
	}
	r.count.Unhandled++
	r.refused(slog.LevelDebug, m, errUnknown)
	return nil
}

// refuse counts and logs a message that nobody gets because of err.
func (r *Role) refuse(m wire.Message, err error) {
	r.count.Refused++
	r.refused(slog.LevelWarn, m, err)
}

func (r *Role) refused(level slog.Level, m wire.Message, err error) {
	others, ok := r.complaints.Due(level.String(), time.Now())
	if !ok {
		return
	}
	text := err.Error()
	r.turn.Later(func() {
		r.log.Log(context.Background(), level, "a game's own role ignored a message", "sender", uint64(m.Sender), "msgtype", m.Type.String(), "error", text, others)
	})
}
