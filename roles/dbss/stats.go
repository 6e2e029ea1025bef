package dbss

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/latency"
	"natstron/roles/stateserver"
)

// Stats are the counters of a database-state server since its start, and what it
// holds at the moment.
type Stats struct {
	// Stats are those of the space: the active objects, all messages that came, and
	// what was refused.
	stateserver.Stats

	Loading      int // objects
	Questions    int // to the database that are open
	WaitingBytes int // of datagrams for objects that are loading

	// Activation is how long activations took that succeeded, from ACTIVATE to the
	// object.
	Activation latency.Snapshot
	// Failed is how many activations, questions, writes and changes failed, by why.
	Failed map[Failure]uint64

	Unexpected uint64 // answers of a database to no open question
	Ignored    uint64 // messages to inactive objects that only an active one handles
	Written    uint64 // messages with changes that went to the database
}

// Failure says why an activation failed, or what else did.
type Failure uint8

// The failures.
const (
	// NoObject: the database does not have the object, or could not read it: its answer is
	// the same.
	NoObject Failure = iota
	// WrongClass: it is of another dclass than the activation says.
	WrongClass
	// Unanswered: the database did not answer a question in time, for an activation
	// or for an asker.
	Unanswered
	// BadAnswer: what the database answered cannot be read, or does not fit the DC
	// file.
	BadAnswer
	// NotCreated: the object could not be created, for lack of room for example.
	NotCreated
	// NotWritten: what an active object took could not be sent to the database.
	NotWritten
	// NotTaken: what the database announced could not be taken over.
	NotTaken

	failures = int(NotTaken) + 1
)

var failureNames = [failures]string{
	"no_object", "wrong_class", "unanswered", "bad_answer", "not_created", "not_written", "not_taken",
}

// String is the failure as metrics have it.
func (f Failure) String() string { return failureNames[f] }

// counters are written in turns of the node, and read at any time.
type counters struct {
	loading, questions, waiting  atomic.Int64
	unexpected, ignored, written atomic.Uint64
	activation                   latency.Histogram
	failed                       [failures]atomic.Uint64
}

// gauge notes what the role holds.
func (r *Role) gauge() {
	r.count.loading.Store(int64(len(r.loading)))
	r.count.questions.Store(int64(len(r.questions.byContext)))
	r.count.waiting.Store(int64(r.waiting))
	if r.idled != nil && len(r.loading) == 0 && len(r.questions.byContext) == r.catchup.asked {
		close(r.idled)
		r.idled = nil
	}
}

// whenIdle is closed when all objects that were loading are active, and all questions are
// answered but those of objects that catch up, which the next process asks for. It must not
// be called in a turn.
func (r *Role) whenIdle() <-chan struct{} {
	idle := make(chan struct{})
	_ = r.space.Enter(func() error { // which cannot fail
		r.idled, r.catchup.left = idle, nil
		r.gauge()
		return nil
	})
	return idle
}

// Stats may be called by any goroutine at any time.
func (r *Role) Stats() Stats {
	c := &r.count
	s := Stats{
		Stats:        r.space.Stats(),
		Loading:      int(c.loading.Load()),
		Questions:    int(c.questions.Load()),
		WaitingBytes: int(c.waiting.Load()),
		Activation:   c.activation.Snapshot(),
		Failed:       map[Failure]uint64{},
		Unexpected:   c.unexpected.Load(),
		Ignored:      c.ignored.Load(),
		Written:      c.written.Load(),
	}
	for i := range c.failed {
		s.Failed[Failure(i)] = c.failed[i].Load()
	}
	return s
}

// fail counts a failure, and logs it, each kind at most once a second. A missing object
// is logged for debugging only: the asker may only want to know whether it exists.
func (r *Role) fail(why Failure, id wire.DoID, err error) {
	r.count.failed[why].Add(1)
	level := slog.LevelWarn
	if why == NoObject {
		level = slog.LevelDebug
	}
	if others, ok := r.complaints.Due(why.String(), time.Now()); ok {
		r.space.Later(func() {
			r.log.Log(context.Background(), level, why.complaint(), "do_id", uint32(id), "reason", why.String(), "error", err, others)
		})
	}
}

// complaint is the message in the log.
func (f Failure) complaint() string {
	switch f {
	case NotWritten:
		return "cannot write a change to the database"
	case NotTaken:
		return "cannot take over a change in the database"
	}
	return "cannot load an object from the database"
}
