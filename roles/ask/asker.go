package ask

import (
	"errors"
	"math/rand/v2"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Why a question has no answer. Others name what is wrong with it, or with its answer.
var (
	// ErrNoAnswer: there was no answer in time.
	ErrNoAnswer = errors.New("ask: there was no answer in time")
	// ErrTooMany: the asker has as many open questions as it may have.
	ErrTooMany = errors.New("ask: too many questions are open")
	// ErrNotFound: the answer is that there is no such object, or no such value of it, or
	// that it could not be read or written.
	ErrNotFound error = refusal("there is no such object or value")
	// ErrChanged: the stored values are not those that the question expected.
	ErrChanged error = refusal("the stored values are others")
	// ErrTaken: another object has a value that can belong to one alone.
	ErrTaken error = refusal("another object has the value")
)

// refusal is what an answer says that was not done, and why.
type refusal string

func (r refusal) Error() string { return "ask: " + string(r) }

// Options are those of [New]. What is zero takes the default named here.
type Options struct {
	File *dc.File // the DC files; required
	// Timeout is how long an answer may take, if the question does not say; default 10 s.
	Timeout time.Duration
	// MaxOpen is how many questions of one asker may be open at once, timers and work
	// included; default 64.
	MaxOpen int
	// MaxWork is how many goroutines work at once for all askers, see [Do]; default 64.
	MaxWork int
}

// Askers are what all askers of a role have in common. They belong to the node's turn.
type Askers struct {
	o     Options
	slots chan struct{}
	calls map[wire.FieldID]struct{} // fields that answer, see [Call]
	stats Stats
}

// Stats are counters, and how many questions are open now.
type Stats struct {
	Asked      uint64
	Unanswered uint64 // ended with [ErrNoAnswer]
	Refused    uint64 // ended with [ErrTooMany], or were wrong in themselves
	Open       int
}

// New returns the askers of a role.
func New(o Options) *Askers {
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.MaxOpen <= 0 {
		o.MaxOpen = 64
	}
	if o.MaxWork <= 0 {
		o.MaxWork = 64
	}
	return &Askers{o: o, slots: make(chan struct{}, o.MaxWork), calls: map[wire.FieldID]struct{}{}}
}

// Stats must be called in a turn.
func (as *Askers) Stats() Stats { return as.stats }

// Host is the participant that an [Asker] asks for. All but Turn and Go are called in a turn.
type Host interface {
	// Channel is the sender of the questions. The participant must be subscribed to it.
	Channel() wire.Channel
	// Send sends a datagram as the participant, see [bridge.Turn.Send].
	Send(d wire.Datagram) error
	// Later calls do in the same turn, after what the participant is in the middle of.
	Later(do func())
	// Turn calls do in a turn of its own. It is called by goroutines that have none, also when
	// the participant has left.
	Turn(do func())
	// Go calls work in a goroutine.
	Go(work func())
}

// Patient is a [Host] that may wait for answers for longer than questions do: as one that
// starts does for a server that is not there yet.
type Patient interface {
	// Waits is called when a question to a channel was not answered in time. wait: it goes on,
	// for the same time; again: it is asked again, too.
	Waits(kind wire.MsgType, to wire.Channel) (wait, again bool)
}

// Asker asks in the name of one participant. It belongs to the node's turn: all its methods
// must be called in one.
type Asker struct {
	all   *Askers
	host  Host
	open  map[uint32]*open // by context
	count int              // of open, and of work that goes on though its question has ended
	next  uint32           // the next context
	ended bool
}

// New returns an asker that has asked nothing. Its contexts begin anywhere: the last asker on
// the channel may still be answered.
func (as *Askers) New(h Host) *Asker { return &Asker{all: as, host: h, next: rand.Uint32()} }

// Open is how many questions are open.
func (a *Asker) Open() int { return len(a.open) }

// Ask asks a question. over, which may be nil, is called in a turn when the question has ended
// in any way but by Close: after the question's own function, if that is called. cancel ends
// the question without an answer, unless it has ended; it must be called in a turn.
//
// If the asker has ended, Ask does nothing.
func (a *Asker) Ask(q Question, over func()) (cancel func()) {
	if a.ended {
		return func() {}
	}
	all := a.all
	all.stats.Asked++
	o := &open{asker: a, question: q, over: over}
	for o.context = a.next; a.open[o.context] != nil; o.context++ { // it comes round after 2³²
	}
	a.next = o.context + 1
	if a.open == nil {
		a.open = map[uint32]*open{}
	}
	tooMany := a.count >= all.o.MaxOpen
	a.open[o.context] = o
	a.count++
	all.stats.Open++
	err := ErrTooMany
	if !tooMany {
		err = q.begin(o)
	}
	if err != nil {
		all.stats.Refused++
		a.host.Later(func() { o.fail(err) })
	}
	return o.cancel
}

// Tell sends a message that has no answer. An error says that nothing was sent. It works as
// long as the participant can send, also when the asker has ended.
func (a *Asker) Tell(m Message) error { return a.send(m, 0) }

func (a *Asker) send(m Message, context uint32) error {
	d, err := m.datagram(a.all.o.File, a.host.Channel(), context)
	if err != nil {
		return err
	}
	return a.host.Send(d)
}

// Handle takes a message of the cluster if it answers a question of the asker, and calls the
// question's function. It reports whether the message is for no one else. So is an update of a
// field that answers a [Call] when it comes too late.
func (a *Asker) Handle(m wire.Message) bool {
	r := m.Payload
	if m.Type == wire.StateServerObjectSetField {
		do, field := r.DoID(), r.FieldID()
		if _, answers := a.all.calls[field]; !answers {
			return false
		}
		value := r
		if o := a.open[r.Uint32()]; o != nil && r.Err() == nil && o.answer == m.Type && o.do == do && o.field == field {
			o.answered(&value)
		}
		return true
	}
	if len(a.open) == 0 {
		return false
	}
	o := a.open[r.Uint32()]
	if o == nil || r.Err() != nil || o.answer != m.Type || o.from != m.Sender {
		return false
	}
	o.answered(&r)
	return true
}

// Close ends the asker: it forgets its questions, and tells work to end.
func (a *Asker) Close() {
	a.ended = true
	for _, o := range a.open {
		o.forget()
	}
}
