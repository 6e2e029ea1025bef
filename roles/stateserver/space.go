package stateserver

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"natstron/bridge"
	"natstron/dc"
	"natstron/internal/wire"
)

// A Space holds distributed objects: their books, and their life on the
// backbone. A state server is a Space and a control channel; a database-state
// server is a Space, a range of channels and a database.
//
// One goroutine owns it: the one that calls [Space.Serve]. All other methods
// may only be called from within the functions of [SpaceOptions], but for those
// that say otherwise.
type Space struct {
	node       *bridge.Node
	file       *dc.File
	log        *slog.Logger
	label      string
	maxObjects int
	control    func(p *bridge.Participant, d wire.Datagram, m wire.Message) error
	other      func(o *Object, m wire.Message) (handled bool, err error)
	deleted    func(o *Object)

	inbox *bridge.Inbox
	lost  chan error // why the node dropped the participants
	joins []*bridge.Participant

	objects  map[wire.DoID]*Object
	families map[wire.DoID]*family // by parent
	byAI     map[wire.Channel]bag  // objects whose AI was set explicitly
	known    int                   // entries in all objects' offspring

	turn    bridge.Turn
	spent   int                   // what this turn has done
	to      []*bridge.Participant // who gets the datagram that is being handled
	late    []*Object             // who got it late
	context uint32                // of the next question

	names      []string // of participants, by class
	complaints complaints
	count      counters

	// What follows is used again and again, to save allocations.
	w       wire.Writer
	targets []wire.Channel
	zones   []wire.Zone
	fields  []wire.FieldID
	updates []update
	parsed  Values
}

// SpaceOptions say what a [Space] works with.
type SpaceOptions struct {
	// Label names the role in logs and in the names of participants.
	Label string
	File  *dc.File
	Log   *slog.Logger // default: discard

	// MaxQueued is how many bytes of datagrams may wait to be handled; past it
	// the space fails with [bridge.ErrOverflow]. Default 1 GiB.
	MaxQueued int
	// MaxObjects is how many objects there may be; default ten million. Four
	// times as many children may be known to the objects.
	MaxObjects int

	// Control handles what arrives for a participant of [Space.Join] that is no
	// object's. An error is logged and counted as a refused message.
	Control func(p *bridge.Participant, d wire.Datagram, m wire.Message) error
	// Other, if set, is asked about messages to an object that this package
	// does not know.
	Other func(o *Object, m wire.Message) (handled bool, err error)
	// Deleted, if set, is called when an object is gone.
	Deleted func(o *Object)
}

// Defaults of [SpaceOptions].
const (
	defaultMaxQueued  = 1 << 30
	defaultMaxObjects = 10_000_000
	childrenPerObject = 4
)

// NewSpace returns an empty space. Nothing happens before [Space.Serve].
func NewSpace(node *bridge.Node, o SpaceOptions) *Space {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxQueued == 0 {
		o.MaxQueued = defaultMaxQueued
	}
	if o.MaxObjects == 0 {
		o.MaxObjects = defaultMaxObjects
	}
	s := &Space{
		node:       node,
		file:       o.File,
		log:        o.Log.With("role", o.Label),
		label:      o.Label,
		maxObjects: o.MaxObjects,
		control:    o.Control,
		other:      o.Other,
		deleted:    o.Deleted,
		inbox:      bridge.NewInbox(o.MaxQueued),
		lost:       make(chan error, 1),
		objects:    map[wire.DoID]*Object{},
		families:   map[wire.DoID]*family{},
		byAI:       map[wire.Channel]bag{},
		names:      make([]string, len(o.File.All())),
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
func (s *Space) dropped(cause error) {
	select {
	case s.lost <- cause:
	default:
	}
}

// Enter does something in a turn of the node before the space is served: it
// joins the role's own participants, say.
func (s *Space) Enter(do func() error) error {
	s.begin()
	defer s.turn.End()
	return do()
}

// Join adds a participant of the space. What it receives goes to
// [SpaceOptions.Control], unless value is one of the space's own.
func (s *Space) Join(name string, value any) (*bridge.Participant, error) {
	p, err := s.turn.Join(name, s.inbox, s.dropped)
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

// Serve handles what arrives. It returns nil when ctx is done, or the reason why
// the node cannot go on serving the objects: they have missed messages then, and
// are no more to be relied on.
func (s *Space) Serve(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case cause := <-s.lost:
			return fmt.Errorf("with %d objects: %w", len(s.objects), cause)
		case <-s.inbox.Ready:
			s.handleBatch()
		}
	}
}

// handleBatch handles what has arrived, and says whether there was anything.
func (s *Space) handleBatch() bool {
	batch := s.inbox.Take()
	if len(batch) == 0 {
		return false
	}
	s.begin()
	defer s.turn.End()
	for _, d := range batch {
		s.handle(d)
		s.spend()
	}
	return true
}

// handle handles one datagram: each of the space's participants that gets it
// does, once.
func (s *Space) handle(d bridge.Delivery) {
	m, err := d.Datagram.Message()
	if err != nil {
		s.refused(m, nil, err)
		return
	}
	s.count.message(m.Type)
	s.to, s.late = d.To, s.late[:0]
	for _, p := range d.To {
		var err error
		switch v := p.Value.(type) {
		case *Object:
			if v.gone {
				s.handleLate(v.doID, m)
			} else {
				err = s.object(v, m)
			}
		case *family:
			if len(v.zones) > 0 {
				err = s.toChildren(v, m)
			}
		default:
			err = s.control(p, d.Datagram, m)
		}
		if err != nil {
			s.refused(m, p.Value, err)
		}
	}
	s.to = nil
}

// handleLate hands a message to the object that has a doId now, though it had
// not joined when the message was routed: the message came behind the one that
// creates the object, and has waited in the inbox as long as that one.
func (s *Space) handleLate(id wire.DoID, m wire.Message) {
	o, ok := s.objects[id]
	if !ok || slices.Contains(s.to, o.participant) || slices.Contains(s.late, o) {
		return
	}
	s.late = append(s.late, o)
	if err := s.object(o, m); err != nil {
		s.refused(m, o, err)
	}
}

// perTurn is how many datagrams are handled or sent in one turn of the node.
// Others wait meanwhile, so it bounds how long: well below a millisecond.
const perTurn = 256

func (s *Space) begin() {
	s.turn = s.node.Begin()
	s.spent = 0
}

// spend gives the turn back, and takes the next, if this one has been long
// enough. Nobody else can touch the objects in between.
func (s *Space) spend() {
	if s.spent++; s.spent >= perTurn {
		s.turn.End()
		s.begin()
	}
}

// message starts a message in the space's writer; send sends it.
func (s *Space) message(sender wire.Channel, t wire.MsgType, to ...wire.Channel) *wire.Writer {
	s.w.Reset()
	return s.w.Header(sender, t, to...)
}

// tell starts a message to an object's location and to others, each once, those
// left out that are channel 0. Send does nothing if nobody is left.
func (s *Space) tell(o *Object, sender wire.Channel, t wire.MsgType, others ...wire.Channel) *wire.Writer {
	s.targets = s.targets[:0]
	if o.location.Parent != wire.InvalidDoID {
		s.targets = append(s.targets, o.location.Channel())
	}
	for _, c := range others {
		s.target(c)
	}
	return s.message(sender, t, s.targets...)
}

// target adds c to the recipients that are being collected.
func (s *Space) target(c wire.Channel) {
	if c != wire.InvalidChannel && !slices.Contains(s.targets, c) {
		s.targets = append(s.targets, c)
	}
}

// send sends the message in the space's writer for p.
func (s *Space) send(p *bridge.Participant) {
	d, err := s.w.Datagram()
	if err != nil {
		s.count.refused[TooLarge].Add(1)
		s.turn.Later(func() { s.log.Error("cannot send a message", "participant", p.ID(), "error", err) })
		return
	}
	s.Send(p, d)
}

// Send sends a datagram for a participant of the space. One without recipients
// is not sent.
func (s *Space) Send(p *bridge.Participant, d wire.Datagram) {
	if d.RecipientCount() == 0 {
		return
	}
	// An error means that the node has cut us off; Serve hears of that.
	if err := s.turn.Send(p, d); err == nil {
		s.count.sent.Add(1)
	}
	s.spend()
}

// Close gives back all participants, the objects' too. Nobody is told of the
// objects' end. It must not be called while Serve runs. The context bounds it.
func (s *Space) Close(ctx context.Context) {
	defer s.inbox.Close()
	s.begin()
	defer s.turn.End()
	for id, o := range s.objects {
		if ctx.Err() != nil {
			return
		}
		s.turn.Leave(o.participant)
		delete(s.objects, id)
		s.spend()
	}
	for id, f := range s.families {
		if ctx.Err() != nil {
			return
		}
		s.turn.Leave(f.participant)
		delete(s.families, id)
		s.spend()
	}
	for _, p := range s.joins {
		s.turn.Leave(p)
	}
	s.joins = nil
}
