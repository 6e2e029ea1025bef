package view

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/clientagent/internal/parenting"
)

// Views is what the views of one client agent have in common. All exported fields but
// Stats are to be set before the first view is made.
type Views struct {
	File *dc.File
	// Uberdogs are objects that every client knows.
	Uberdogs map[wire.DoID]*dc.Class
	// Timeout is how long the objects of new zones have to answer.
	Timeout time.Duration
	// Alarm asks for a call of [Views.Expire] after a while. It replaces the alarm
	// before.
	Alarm func(after time.Duration)
	// Opened is called with the time that an interest took whose objects all answered
	// before its time was up.
	Opened func(took time.Duration)
	Now    func() time.Time
	// Avatar is the class of the objects whose place decides what their owners see, by the
	// rules of their parents, which Rules knows. nil: rules mean nothing.
	Avatar *dc.Class
	Rules  *parenting.Table

	Stats Stats

	datagram Datagram     // the last one read
	number   uint64       // its number
	queue    []*operation // that have to answer in time, by deadline
	message  wire.Writer  // to clients
	cluster  wire.Writer  // to the cluster
}

// Stats count what all views have done.
type Stats struct {
	Interests   uint64 // opened or altered
	Timeouts    uint64 // of these, those whose time was up before all objects had answered
	LateEntries uint64 // objects that answered after that
	Shifts      uint64 // times that rules opened or closed zones
}

// Session is what a view acts on. A session may end in any of these calls; it calls
// [View.Close] then.
type Session interface {
	// Channel is the sender of what the client sends.
	Channel() wire.Channel
	// Opened reports whether the cluster has opened a channel for the client: what enters
	// there is shown, and the subscription is not the view's alone.
	Opened(wire.Channel) bool
	// Send sends a frame to the client. Its bytes are valid during the call, and may be
	// shared with other sessions.
	Send(frame []byte)
	// Tell sends a datagram to the cluster.
	Tell(*wire.Writer)
	Subscribe(wire.Channel) error
	Unsubscribe(wire.Channel)
	// WhenInForce calls do when nothing that anybody sends to the channels can miss the
	// session any more: at once, or later, as others call the view.
	WhenInForce(channels []wire.Channel, do func())
	// Lost ends the session, because it lost a session object.
	Lost(do wire.DoID, how Loss)
	// Deaf ends the session, because it cannot hear of a zone that a rule opens.
	Deaf(error)
	// Refuse takes note of a datagram that makes no sense.
	Refuse(*Datagram, error)
	Log(level slog.Level, message string, args ...any)
}

// Loss is how a client loses a session object.
type Loss uint8

const (
	// OutOfSight is an object that left the client's interests.
	OutOfSight Loss = iota
	// GivenAway is an object that the client owned.
	GivenAway
	// Deleted is an object that does not exist any more.
	Deleted
)

// String says what the object did, without a subject.
func (l Loss) String() string {
	return [...]string{"left the client's interests", "no longer belongs to the client", "was deleted"}[l]
}

// View is what one client sees.
type View struct {
	// What each update needs comes first, in one cache line.
	views   *Views
	session Session
	objects map[wire.DoID]object
	pending map[wire.DoID]*operation // objects whose entrance waits in one; nil: none
	closed  bool

	past           past
	moving         map[wire.DoID]wire.Location // where the client asked to move what it owns
	sessionObjects map[wire.DoID]struct{}

	interests map[uint16]*Interest
	named     int // the sizes of all interests together
	// openedByRules is how many zones rules have opened because of what the client did, as far
	// as nobody has asked for it yet.
	openedByRules int

	zones    map[wire.Location]*zone
	strays   map[wire.DoID]struct{} // visible objects whose location is not in zones
	avatar   avatar
	requests map[uint32]*operation // by context

	changed  bool      // what [View.Keep] returns may have
	recovery *recovery // not nil: the client is brought up to date

	request uint32 // the context of the last request to the cluster
	places  uint32 // of that for the objects of places without an interest; 0: none
	context uint32 // of the last interest that the cluster ordered
}

// New returns the view of a client that has just connected. The contexts of its
// requests follow request: a channel that had another client before should not begin
// where that one did, as its last requests may still be answered.
func (vs *Views) New(s Session, request uint32) *View {
	return &View{views: vs, session: s, request: request}
}

// Close ends the view: from now on it does nothing. The participants that ordered interests
// which are still being opened are told that these are done.
func (v *View) Close() {
	for _, context := range slices.Sorted(maps.Keys(v.requests)) {
		v.requests[context].abandon()
	}
	v.unwatchAll()
	*v = View{views: v.views, session: v.session, closed: true}
}

// begin starts a message to the client, to be completed and given to send before the
// next one is started.
func (v *View) begin(t wire.ClientMsgType) *wire.Writer {
	return v.views.message.BeginFrame().ClientMsgType(t)
}

func (v *View) send(w *wire.Writer) {
	if v.closed {
		return
	}
	frame, err := w.Frame()
	if err != nil {
		v.session.Log(slog.LevelError, "a message is too long for the client", "error", err)
		return
	}
	v.session.Send(frame)
}

// tell starts a datagram to the cluster.
func (v *View) tell(t wire.MsgType, to wire.Channel) *wire.Writer {
	w := &v.views.cluster
	w.Reset()
	return w.Header(v.session.Channel(), t, to)
}
