package dbss

import (
	"fmt"
	"math/rand/v2"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
	"natstron/roles/stateserver"
)

// question is one that the database has been asked.
type question struct {
	do      wire.DoID
	answer  wire.MsgType // what the database answers with
	context uint32       // of the question to the database
	load    *loading     // not nil: the object that the answer activates
	catchup bool         // of an active object that has survived
	behind  []behind     // the writes of it that the answer comes behind

	// If it is passed on: the asker and its context, the fields that the database
	// keeps, and the values of the others.
	asker    wire.Channel
	asked    uint32
	fields   []*dc.Field
	defaults []dc.FieldValue

	deadline   time.Time
	prev, next *question
}

// questions are those that are open. All have the same time to be answered, so
// they run out in the order in which they were asked.
type questions struct {
	byContext map[uint32]*question
	// shared is, for each doId, the question for all of an object whose answer may
	// serve to activate it: nothing of the object has been changed since.
	shared map[wire.DoID]*question
	// ends is before the first and behind the last.
	ends *question
}

func newQuestions() questions {
	ends := new(question)
	ends.prev, ends.next = ends, ends
	return questions{map[uint32]*question{}, map[wire.DoID]*question{}, ends}
}

func (all *questions) add(q *question) {
	all.byContext[q.context] = q
	q.prev, q.next = all.ends.prev, all.ends
	q.prev.next, q.next.prev = q, q
	if q.answer == wire.DBServerObjectGetAllResp {
		all.shared[q.do] = q
	}
}

func (all *questions) remove(q *question) {
	delete(all.byContext, q.context)
	q.prev.next, q.next.prev = q.next, q.prev
	if all.shared[q.do] == q {
		delete(all.shared, q.do)
	}
}

// first is the question that runs out first, or nil.
func (all *questions) first() *question {
	if q := all.ends.next; q != all.ends {
		return q
	}
	return nil
}

// randomContext is any number. AI processes that use an object's channel as their
// own get their answers on it, too, and count their contexts up from 0 or 1.
func randomContext() uint32 { return rand.Uint32() }

// ask asks the database.
func (r *Role) ask(q question) error {
	if r.unanswered {
		return stateserver.Refuse(stateserver.Failed, "the database does not answer")
	}
	if len(r.questions.byContext) >= r.options.MaxQuestions {
		return stateserver.Refuse(stateserver.Full, "%d questions to the database are open, which is the limit",
			len(r.questions.byContext))
	}
	for q.context = r.random(); r.questions.byContext[q.context] != nil; {
		q.context = r.random()
	}
	w := r.toDatabase(q.do, q.answer-1).Uint32(q.context).DoID(q.do)
	switch q.answer {
	case wire.DBServerObjectGetFieldResp:
		w.FieldID(wire.FieldID(q.fields[0].ID()))
	case wire.DBServerObjectGetFieldsResp:
		fieldlist.WriteIDs(w.Uint16(uint16(len(q.fields))), q.fields)
	}
	if err := r.send(); err != nil {
		return err
	}
	q.deadline = r.now().Add(r.options.Timeout)
	r.questions.add(&q)
	r.gauge()
	return nil
}

// isAnswer reports whether a message is one that a database answers with.
func isAnswer(t wire.MsgType) bool {
	switch t {
	case wire.DBServerObjectGetFieldResp, wire.DBServerObjectGetFieldsResp, wire.DBServerObjectGetAllResp:
		return true
	}
	return false
}

// answered handles an answer. One that matches no question is for another participant
// that uses the object's channel, or came too late.
func (r *Role) answered(id wire.DoID, m wire.Message) {
	q := r.questions.byContext[m.Payload.Uint32()]
	if m.Payload.Err() != nil || q == nil || q.do != id || q.answer != m.Type || m.Sender != r.options.Database {
		r.count.unexpected.Add(1)
		return
	}
	r.questions.remove(q)
	r.gauge()
	switch q.answer {
	case wire.DBServerObjectGetAllResp:
		r.answerAll(q, m)
	case wire.DBServerObjectGetFieldResp:
		r.answerField(q, m)
	case wire.DBServerObjectGetFieldsResp:
		r.answerFields(q, m)
	}
}

// tick gives up on questions that have waited too long, and on echoes.
func (r *Role) tick(time.Time) {
	now := r.now()
	for q := r.questions.first(); q != nil && !now.Before(q.deadline); q = r.questions.first() {
		r.questions.remove(q)
		r.gauge()
		r.giveUp(q)
	}
	if now.Sub(r.expired) >= r.options.Timeout {
		r.expired = now
		r.expireEchoes()
	}
	r.catchUp()
}

// giveUp tells the asker that there is no answer. Messages that waited for an object to
// be activated are handled without asking the database again.
func (r *Role) giveUp(q *question) {
	r.unanswered = true
	defer func() { r.unanswered = false }()
	r.answerFailure(q)
	if q.catchup {
		r.catchup.asked--
		r.catchUpLater(q.do)
	}
	err := fmt.Errorf("the database on channel %d has not answered in %v", r.options.Database, r.options.Timeout)
	if q.load != nil {
		r.failed(q.load, Unanswered, err)
	} else {
		r.fail(Unanswered, q.do, err)
	}
}
