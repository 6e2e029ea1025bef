package clientagent

import (
	"log/slog"
	"time"

	"natstron/bridge/wire"
)

// operation is an interest on its way to being open: the zones' parent was asked
// for their objects (document 12, GET_ZONES_OBJECTS), and each of these answers
// for itself. Until all have answered, the client is shown none of it.
//
// The wait ends when all have answered, or when its time is up. Then the client
// is shown what there is, told that the interest is open, and given what was
// queued. An operation whose time was up goes on: what answers later is shown
// when it comes.
type operation struct {
	session  *session
	interest uint16
	request  uint32 // the context of our own request; 0: nothing was asked for
	context  uint32 // the client's, or the one that the client was told
	caller   wire.Channel
	zones    map[wire.Location]*zone // that it asked for; a zone that is opened again is another one
	open     int                     // of zones, those that still wait for this operation

	began    time.Time
	deadline time.Time
	counted  bool
	total    uint32 // objects that will answer, once counted
	answered uint32

	entries []*incoming // answers, in order
	queue   []queued    // what happened meanwhile, in order
	objects []wire.DoID // whose datagrams are queued

	after   int          // operations that must be done first: they ask for zones of this one, or hold answers to it
	waiting []*operation // operations that this one must be done for
	done    bool
	late    bool // its time was up
}

// queued is a datagram that waits for an operation to be done.
type queued struct {
	*incoming
	answers *operation // not nil: it is an answer to another operation
}

// open asks for the objects of new zones, and ends when they are there, and those
// of the other zones that are still on their way.
func (s *session) open(i *interest, fresh []wire.Zone, context uint32, caller wire.Channel) {
	op := &operation{session: s, interest: i.id, context: context, caller: caller, began: time.Now()}
	for _, z := range i.zones {
		if other := s.zones[i.at(z)].op; other != nil {
			op.follow(other)
		}
	}
	if len(fresh) > 0 && !s.ask(op, i, fresh) {
		return
	}
	if op.ready() {
		s.finish(op)
		return
	}
	s.role.expire(op)
}

// follow makes o be done after other, unless that is done already. It may be
// called several times for the same two.
func (o *operation) follow(other *operation) {
	if n := len(other.waiting); o == other || other.done || n > 0 && other.waiting[n-1] == o {
		return
	}
	other.waiting = append(other.waiting, o)
	o.after++
}

// ask subscribes to new zones, then asks their parent who is there. What answers
// says how it is at that moment, and whatever changes from then on must find its
// way here: so the question waits until the subscriptions are in force at every
// node.
func (s *session) ask(op *operation, i *interest, fresh []wire.Zone) bool {
	r := s.role
	if s.request++; s.request == 0 {
		s.request++ // 0 is none
	}
	op.request = s.request
	op.zones = make(map[wire.Location]*zone, len(fresh))
	op.open = len(fresh)
	t := r.turn
	channels := append(make([]wire.Channel, 0, len(fresh)+1), s.channel) // where they answer to
	for _, z := range fresh {
		at := i.at(z)
		channels = append(channels, at.Channel())
		op.zones[at] = s.zones[at]
		s.zones[at].op = op
		if err := t.Subscribe(s.p, at.Channel()); err != nil {
			s.eject(wire.EjectForbiddenInterest, "The client has too many channels.")
			return false
		}
	}
	if s.requests == nil {
		s.requests = map[uint32]*operation{}
	}
	s.requests[op.request] = op
	inForce := func() {
		r.enter()
		defer r.leave()
		if !s.ended && s.requests[op.request] == op { // its zones may be closed meanwhile
			s.query(op, i.parent, fresh)
		}
	}
	return !t.Effective(inForce, channels...) || s.query(op, i.parent, fresh)
}

// query asks a parent who is in some of its zones.
func (s *session) query(op *operation, parent wire.DoID, zones []wire.Zone) bool {
	w := &s.role.w
	w.Reset()
	w.Header(s.channel, wire.StateServerObjectGetZonesObjects, parent.Channel()).
		Uint32(op.request).DoID(parent).Uint16(uint16(len(zones)))
	for _, z := range zones {
		w.Zone(z)
	}
	if err := s.sendCluster(w); err != nil {
		s.eject(wire.EjectOversizedDatagram, "The interest does not fit a datagram of the cluster: %v.", err)
		return false
	}
	return true
}

// ready says whether there is nothing left to wait for.
func (o *operation) ready() bool {
	return o.after == 0 && (o.request == 0 || o.counted && o.answered >= o.total)
}

// entersInterest: an object answers.
func (s *session) entersInterest(in *incoming, r *wire.Reader) error {
	context, do, at := r.Uint32(), r.DoID(), r.Location()
	if r.Err() != nil {
		return nil
	}
	op := s.requests[context]
	if op == nil {
		return nil // of an interest that is closed
	}
	op.answered++
	err := s.answers(in, op, do, at)
	if op.done {
		s.role.stats.LateEntries++
		s.settle(op)
	} else if op.ready() {
		s.finish(op)
	}
	return err
}

// answers shows an answer to op if the client has been told that op is done, and
// keeps it otherwise. Where the object waits for another operation, its answer
// gets in line there: it may be out of date before its turn comes, and what made
// it so is in the line, too.
func (s *session) answers(in *incoming, op *operation, do wire.DoID, at wire.Location) error {
	switch other := s.pending[do]; {
	case other != nil && other != op:
		other.queue = append(other.queue, queued{in.keep(), op})
		if !op.done {
			op.follow(other)
		}
	case !s.shows(op, at, in) || s.objects[do].known&visible != 0:
	case op.done:
		return s.show(in, entry(in), contextSize)
	default:
		op.entries = append(op.entries, in.keep())
		s.expect(do, op)
	}
	return nil
}

// contextSize is the size of the context before an answering object.
const contextSize = 4

// entry is the client's message for an object that answers.
func entry(in *incoming) wire.ClientMsgType {
	if in.kind == wire.StateServerObjectEnterInterestWithRequiredOther {
		return wire.ClientEnterObjectRequiredOther
	}
	return wire.ClientEnterObjectRequired
}

// shows says whether an answer to op from a place is to be shown: if a zone was
// closed since, and perhaps opened again, the answer may be out of date.
func (s *session) shows(op *operation, at wire.Location, in *incoming) bool {
	if z, asked := op.zones[at]; asked {
		return s.zones[at] == z
	}
	return s.saw(at, in)
}

// expect makes what concerns an object wait for an operation.
func (s *session) expect(do wire.DoID, op *operation) {
	if s.pending == nil {
		s.pending = map[wire.DoID]*operation{}
	}
	if s.pending[do] == nil {
		s.pending[do] = op
		op.objects = append(op.objects, do)
	}
}

// counted: the parent says how many objects will answer.
func (s *session) counted(r *wire.Reader) {
	context, n := r.Uint32(), r.Uint32()
	op := s.requests[context]
	if r.Err() != nil || op == nil || op.counted {
		return
	}
	op.counted, op.total = true, n
	switch {
	case op.done:
		s.settle(op)
	case op.ready():
		s.finish(op)
	}
}

// finish ends the wait: entries, done, then what was queued.
func (s *session) finish(op *operation) {
	if op.done || s.ended {
		return
	}
	op.done = true
	entries, queue := op.entries, op.queue
	op.entries, op.queue = nil, nil
	for _, do := range op.objects {
		if s.pending[do] == op {
			delete(s.pending, do)
		}
	}
	op.objects = nil
	for _, in := range entries {
		if _, at := in.object(); s.shows(op, at, in) {
			if err := s.show(in, entry(in), contextSize); err != nil {
				s.refuse(in, err)
			}
		}
	}
	if s.ended {
		return
	}
	s.settle(op)
	s.tellDone(op.interest, op.caller)
	s.sendDone(op.interest, op.context)
	for _, q := range queue {
		if s.ended {
			return
		}
		s.replay(q)
	}
	waiting := op.waiting
	op.waiting = nil
	for _, next := range waiting {
		if next.after--; next.ready() {
			s.finish(next)
		}
	}
}

// replay handles a datagram that has waited.
func (s *session) replay(q queued) {
	if q.answers == nil {
		s.handle(q.incoming)
		return
	}
	do, at := q.object()
	if err := s.answers(q.incoming, q.answers, do, at); err != nil {
		s.refuse(q.incoming, err)
	}
}

// object reads which object answers, and where it is.
func (in *incoming) object() (wire.DoID, wire.Location) {
	r := wire.NewReader(in.payload[contextSize:])
	return r.DoID(), r.Location()
}

// settle forgets a request that is done and that everything has answered.
func (s *session) settle(op *operation) {
	if !op.done || op.request == 0 || !op.counted || op.answered < op.total {
		return
	}
	if !op.late {
		s.role.interestTime.Observe(time.Since(op.began))
	}
	s.forgetRequest(op)
}

func (s *session) forgetRequest(op *operation) {
	delete(s.requests, op.request)
	for _, z := range op.zones {
		if z.op == op {
			z.op = nil
		}
	}
}

// dropInterests forgets all interests of a session that has ended.
func (s *session) dropInterests() {
	s.interests, s.zones, s.requests, s.pending = nil, nil, nil, nil
}

// expire gives an operation its time.
func (r *Role) expire(op *operation) {
	op.deadline = op.began.Add(r.o.InterestTimeout)
	r.opening = append(r.opening, op)
	if len(r.opening) == 1 {
		r.timer.Reset(r.o.InterestTimeout)
	}
}

// timeUp ends the wait of the operations whose time is up.
func (r *Role) timeUp() {
	r.enter()
	defer r.leave()
	now := time.Now()
	i := 0
	for ; i < len(r.opening) && (r.opening[i].done || !r.opening[i].deadline.After(now)); i++ {
		op := r.opening[i]
		r.opening[i] = nil
		if op.done || op.session.ended {
			continue
		}
		r.stats.InterestTimeout++
		op.late = true
		op.session.log(slog.LevelWarn, "an interest waited too long for its objects; they are shown as they come",
			"interest", op.interest, "answered", op.answered, "total", op.total, "counted", op.counted)
		op.session.finish(op)
		r.settle()
	}
	r.opening = r.opening[i:]
	if len(r.opening) > 0 {
		r.timer.Reset(time.Until(r.opening[0].deadline))
	}
}
