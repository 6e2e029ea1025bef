package stateserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/complaint"
)

// A Space holds distributed objects, and sends and receives for them. A state server is a
// Space and a control channel; a database-state server is a Space, ranges of channels and
// a database.
//
// It belongs to the node's turn, see [bridge.Turn]. All methods may only be called
// from within the functions of [SpaceOptions], but for those that say otherwise.
type Space struct {
	node    *bridge.Node
	options SpaceOptions

	party bridge.Party // of all participants
	lost  chan error   // why the node dropped the participants
	joins []*bridge.Participant

	objects  map[wire.DoID]*Object
	families map[wire.DoID]*family       // by parent
	byAI     map[wire.Channel]objectList // objects whose AI was set explicitly
	known    int                         // entries in all objects' offspring
	survival *survival                   // nil: nothing survives
	given    *doIDs                      // those that the state server chooses; nil: none

	turn    bridge.Turn
	to      []*bridge.Participant // recipients of the datagram that is being handled
	context uint32                // of the next question

	names      []string // of participants, by class
	complaints complaint.Limiter
	count      counters

	// What follows is used again and again, to save allocations.
	w       wire.Writer
	targets []wire.Channel
	zones   []wire.Zone
	fields  []wire.FieldID
	updates []dc.FieldValue
	parsed  Values
}

// SpaceOptions say what a [Space] works with.
type SpaceOptions struct {
	// Label names the role in logs and in the names of participants.
	Label string
	File  *dc.File
	Log   *slog.Logger // default: discard

	// LogEvery is the least time between two logs of refused messages for one
	// reason; what comes in between is only counted. Default one second.
	LogEvery time.Duration
	// MaxObjects is how many objects there may be; default ten million. Four
	// times as many children may be known to the objects.
	MaxObjects int
	// Survival says what is kept when the process ends, see [Space.Restore].
	Survival SurviveOptions
	// Has, if set, says which objects may be here. Others that were kept are left out.
	Has func(wire.DoID) bool
	// Restored, if set, is called for each object that has survived, when the space serves.
	Restored func(*Object)

	// Control handles what arrives for a participant of [Space.Join] that is no
	// object's. An error is logged and counted as a refused message.
	Control func(p *bridge.Participant, d wire.Datagram, m wire.Message) error
	// Other, if set, is asked about messages to an object that this package
	// does not know.
	Other func(o *Object, m wire.Message) (handled bool, err error)
	// Updated, if set, is called when an object has applied a SET_FIELD or
	// SET_FIELDS, t, and before it is announced. The updates are all those of the
	// message, also of fields that objects do not keep, and valid until it returns.
	Updated func(o *Object, t wire.MsgType, updates []dc.FieldValue)
	// Deleted, if set, is called when an object is gone.
	Deleted func(o *Object)
	// Tick, if set, is called about once in every Every, which must be positive.
	Tick  func(now time.Time)
	Every time.Duration
}

// Defaults of [SpaceOptions].
const (
	defaultMaxObjects = 10_000_000
	childrenPerObject = 4
)

// NewSpace returns an empty space. Nothing happens before [Space.Enter].
func NewSpace(node *bridge.Node, o SpaceOptions) *Space {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Log, o.MaxObjects = o.Log.With("role", o.Label), cmp.Or(o.MaxObjects, defaultMaxObjects)
	s := &Space{
		node:       node,
		options:    o,
		complaints: complaint.Limiter{Every: o.LogEvery},
		lost:       make(chan error, 1),
		objects:    map[wire.DoID]*Object{},
		families:   map[wire.DoID]*family{},
		byAI:       map[wire.Channel]objectList{},
		names:      make([]string, len(o.File.All())),
	}
	s.party = bridge.Party{Handler: s, Dropped: s.dropped}
	if o.Survival.isOn() {
		s.survival = &survival{
			space: s, options: o.Survival, most: mostHeld,
			wake: make(chan struct{}, 1), much: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		}
		s.survival.write, s.survival.quit = context.WithCancel(context.Background())
		s.party.Hold = &s.survival.hold
	}
	s.count.classes = make([]classCounters, len(o.File.All()))
	for i, c := range o.File.All() {
		s.names[i] = c.Name() + " of " + o.Label
	}
	return s
}

func (s *Space) className(c *dc.Class) string {
	id, _ := c.ID()
	return s.names[id]
}

// dropped is called by the node, from any goroutine, for each participant that
// it cuts off. Objects that miss messages are no state to rely on, so one is
// enough to end the space.
func (s *Space) dropped(_ *bridge.Participant, cause error) {
	if v := s.survival; v != nil && v.quit != nil && errors.Is(cause, bridge.ErrBackboneLost) {
		v.quit() // what is not written was not announced, and the next process waits for the end of this one
	}
	select {
	case s.lost <- cause:
	default:
	}
}

// Enter does something in a turn of the node: it joins the role's own participants,
// say. It may be called by any goroutine, but not in a turn.
func (s *Space) Enter(do func() error) error {
	s.turn = s.node.Begin()
	defer s.turn.End()
	return do()
}

// Join adds a participant of the space. What it receives goes to
// [SpaceOptions.Control], unless value is one of the space's own.
func (s *Space) Join(name string, value any) (*bridge.Participant, error) {
	p, err := s.turn.JoinParty(&s.party, name)
	if err != nil {
		return nil, err
	}
	p.Value = value
	switch value.(type) {
	case *Object, *family:
	default:
		s.joins = append(s.joins, p)
	}
	return p, nil
}

// Claim tells the other nodes what the role serves.
func (s *Space) Claim(claims ...bridge.Claim) { s.turn.Claim(claims...) }

// Unclaim takes that back.
func (s *Space) Unclaim(claims ...bridge.Claim) { s.turn.Unclaim(claims...) }

// Subscribe lets a participant of the space receive what is sent to c.
func (s *Space) Subscribe(p *bridge.Participant, c wire.Channel) error { return s.turn.Subscribe(p, c) }

// Unsubscribe takes that back.
func (s *Space) Unsubscribe(p *bridge.Participant, c wire.Channel) { s.turn.Unsubscribe(p, c) }

// SubscribeRange does so for the channels from lo to hi, both included.
func (s *Space) SubscribeRange(p *bridge.Participant, lo, hi wire.Channel) error {
	return s.turn.SubscribeRange(p, lo, hi)
}

// Object returns the object of that doId.
func (s *Space) Object(id wire.DoID) (*Object, bool) {
	o, ok := s.objects[id]
	return o, ok
}

// Serve calls [SpaceOptions.Tick]. It returns nil when ctx is done, or an error when the
// node has cut a participant off: objects have missed messages then, and cannot be relied
// on. It must not be called in a turn.
func (s *Space) Serve(ctx context.Context) error {
	var ticks <-chan time.Time
	if s.options.Tick != nil {
		ticker := time.NewTicker(s.options.Every)
		defer ticker.Stop()
		ticks = ticker.C
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case cause := <-s.lost:
			return fmt.Errorf("with %d objects: %w", s.Stats().Objects(), cause)
		case now := <-ticks:
			s.Tick(now)
		}
	}
}

// Tick calls [SpaceOptions.Tick] in a turn of the node.
func (s *Space) Tick(now time.Time) {
	s.turn = s.node.Begin()
	defer s.turn.End()
	s.options.Tick(now)
}

// closeAtOnce is how many objects Close ends in one turn.
const closeAtOnce = 1000

// Close ends all objects, in the name of sender: their locations, AIs and owners are
// told, and parents elsewhere; children elsewhere live on. If they survive, nobody is told.
// Then it gives back all participants. It must not be called while Serve runs, nor in a turn. The context
// bounds it.
func (s *Space) Close(ctx context.Context, sender wire.Channel) {
	s.survival.close(ctx)
	for more := true; more && ctx.Err() == nil; {
		_ = s.Enter(func() error { // which cannot fail
			more = s.leaveSome(sender)
			return nil
		})
		s.node.Pace()
	}
}

// leaveSome has some participants leave the node: the role's own first, so that no
// more objects are created. It reports whether there are more.
func (s *Space) leaveSome(sender wire.Channel) bool {
	for _, p := range s.joins {
		s.turn.Leave(p)
	}
	s.joins = nil
	left := closeAtOnce
	for _, o := range s.objects {
		if left--; left < 0 {
			return true
		}
		if s.survival != nil { // it lives on
			s.forget(o)
			continue
		}
		if parent := o.location.Parent; parent != wire.InvalidDoID && s.objects[parent] == nil {
			s.message(sender, wire.StateServerObjectChangingLocation, parent.Channel()).
				DoID(o.doID).Location(wire.Location{}).Location(o.location)
			s.send(o.participant)
		}
		s.Tell(o, sender, wire.StateServerObjectDeleteRAM)
		s.forget(o)
	}
	for id, f := range s.families {
		if left--; left < 0 {
			return true
		}
		s.turn.Leave(f.participant)
		delete(s.families, id)
	}
	return false
}
