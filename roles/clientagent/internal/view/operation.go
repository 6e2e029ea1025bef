package view

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"natstron/bridge/wire"
)

// operation is an interest on its way to being open: the zones' parent was asked
// for their objects (document 12, GET_ZONES_OBJECTS), and each of these answers
// for itself. Until all have answered or left, the client is shown none of it.
//
// The wait ends then, or when its time is up. Then the client is shown what there is,
// told that the interest is open, and given what was queued. An operation whose time
// was up goes on: what answers later is shown when it comes.
type operation struct {
	view     *View
	recovers bool // the client is brought up to date
	silent   bool // a rule opened the zones: nobody is told that they are open
	interest uint16
	request  uint32 // the context of our own request; 0: nothing was asked for
	context  uint32 // the client's, or the one that the client was told
	caller   wire.Channel
	parent   wire.DoID
	zones    map[wire.Location]*zone // that it asked for; a zone that is opened again is another one
	open     int                     // of zones, those that still wait for this operation

	began     time.Time
	headcount headcount

	entries []*Datagram            // answers, in order
	has     map[wire.DoID]struct{} // those that entries are of; nil: nobody was asked twice
	queue   []queued               // what happened meanwhile, in order
	objects []wire.DoID            // whose datagrams are queued

	after   int          // operations that must be done first: they ask for zones of this one, or hold answers to it
	waiting []*operation // operations that this one must be done for
	done    bool
	late    bool   // its time was up
	then    func() // not nil: nothing but that is to be done when its time is up
}

// queued is a datagram that waits for an operation to be done.
type queued struct {
	*Datagram
	answers *operation // not nil: it is an answer to another operation
}

// open asks for the objects of new zones, and ends when they are there, and those
// of the other zones that are still on their way.
func (v *View) open(i *Interest, fresh []wire.Zone, context uint32, caller wire.Channel) error {
	op := &operation{view: v, interest: i.ID, context: context, caller: caller, began: v.views.Now()}
	for _, z := range i.Zones {
		if other := v.zones[i.at(z)].op; other != nil {
			op.follow(other)
		}
	}
	return v.begins(op, i.Parent, fresh)
}

// openByRule asks for the objects of new zones that a rule opens.
func (v *View) openByRule(parent wire.DoID, fresh []wire.Zone) error {
	return v.begins(&operation{view: v, silent: true, began: v.views.Now()}, parent, fresh)
}

// begins asks for the objects of new zones, if there are any.
func (v *View) begins(op *operation, parent wire.DoID, fresh []wire.Zone) error {
	if len(fresh) > 0 {
		if err := v.ask(op, parent, fresh); err != nil {
			return err
		}
	}
	if op.ready() {
		v.finish(op)
	} else {
		v.views.expect(op)
	}
	return nil
}

// name is what the operation is called in the log.
func (o *operation) name() any {
	if o.silent {
		return "of the avatar's parent"
	}
	return o.interest
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

// ErrChannels says that the session cannot subscribe to the zones.
var ErrChannels = errors.New("too many channels")

// maxAsked is how many zones fit in one question.
const maxAsked = (wire.MaxLength - (1 + 8 + 8 + 2) - (4 + 4 + 2)) / 4

// ask subscribes to new zones, then asks their parent for their objects. Those
// answer how they are at that moment, and whatever changes from then on must find
// its way here: so the question waits until the subscriptions are in force at every
// node.
func (v *View) ask(op *operation, parent wire.DoID, fresh []wire.Zone) error {
	if len(fresh) > maxAsked {
		return fmt.Errorf("an interest in %d zones is %w", len(fresh), wire.ErrTooLong)
	}
	if v.request++; v.request == 0 {
		v.request++ // 0 is none
	}
	op.request, op.parent = v.request, parent
	op.zones = make(map[wire.Location]*zone, len(fresh))
	op.open = len(fresh)
	if v.requests == nil {
		v.requests = map[uint32]*operation{}
	}
	v.requests[op.request] = op
	channels := append(make([]wire.Channel, 0, len(fresh)+1), v.session.Channel()) // where they answer to
	for _, z := range fresh {
		at := wire.Location{Parent: parent, Zone: z}
		channels = append(channels, at.Channel())
		op.zones[at] = v.zones[at]
		v.zones[at].op, v.zones[at].request = op, op.request
		if err := v.session.Subscribe(at.Channel()); err != nil {
			return fmt.Errorf("%w: %w", ErrChannels, err)
		}
	}
	if op.recovers {
		v.recovery.asking++
	}
	v.session.WhenInForce(channels, func() {
		defer v.asked(op)
		if v.requests[op.request] != op {
			return // its zones were closed meanwhile, or the session ended
		}
		v.question(op)
	})
	return nil
}

// question asks the parent for the objects of op's zones, as far as they are still open.
func (v *View) question(op *operation) {
	if op.headcount.counted && op.has == nil {
		op.has = map[wire.DoID]struct{}{}
		for _, d := range op.entries {
			if do, _, _, err := d.entry(); err == nil {
				op.has[do] = struct{}{}
			}
		}
	}
	op.headcount.ask()
	var zones []wire.Zone
	for at := range op.zones {
		if op.asks(at) {
			zones = append(zones, at.Zone)
		}
	}
	slices.Sort(zones)
	w := v.tell(wire.StateServerObjectGetZonesObjects, op.parent.Channel()).
		Uint32(op.request).DoID(op.parent).Uint16(uint16(len(zones)))
	for _, z := range zones {
		w.Zone(z)
	}
	v.session.Tell(w)
}

// asks reports whether op has asked for a zone that has not been closed since.
func (o *operation) asks(at wire.Location) bool {
	z := o.zones[at]
	return z != nil && o.view.zones[at] == z
}

// ready reports whether there is nothing left to wait for.
func (o *operation) ready() bool {
	return o.after == 0 && (o.request == 0 || !o.headcount.lacks())
}

// entersInterest: an object answers.
func (v *View) entersInterest(d *Datagram) error {
	r := wire.NewReader(d.Payload)
	context := r.Uint32()
	do, at, _, err := d.entry()
	if err != nil {
		return err
	}
	op := v.requests[context]
	if op == nil {
		return v.answersAfterAll(d, context, do, at)
	}
	if _, asked := op.zones[at]; !asked || op.asks(at) {
		op.headcount.answers(do, at)
	}
	err = v.answers(d, op, do, at)
	if op.done {
		v.views.Stats.LateEntries++
	}
	v.advance(op)
	return err
}

// answersAfterAll shows the answer of an object that nobody waited for any more. Where
// messages may overtake each other, as in a mesh, fewer may have been waited for than answer.
func (v *View) answersAfterAll(d *Datagram, request uint32, do wire.DoID, at wire.Location) error {
	z := v.zones[at]
	if z == nil || z.request != request {
		return nil // of an interest that is closed
	}
	if v.wait(do, d) || v.Sees(do) {
		return nil
	}
	v.views.Stats.LateEntries++
	return v.show(do, d)
}

// answers shows an answer to op if the client has been told that op is done, and
// keeps it otherwise. Where the object waits for another operation, its answer
// gets in line there: it may be out of date before its turn comes, and what made
// it so is in the line, too.
func (v *View) answers(d *Datagram, op *operation, do wire.DoID, at wire.Location) error {
	switch other := v.pending[do]; {
	case other != nil && other != op:
		other.queue = append(other.queue, queued{d.keep(), op})
		if !op.done {
			op.follow(other)
		}
	case !v.shows(op, at, d) || v.Sees(do):
	case op.done:
		return v.show(do, d)
	default:
		if op.answeredBefore(do) {
			return nil // what happened since is queued
		}
		if other == op {
			op.outdate(do)
		}
		op.entries = append(op.entries, d.keep())
		v.expect(do, op)
	}
	return nil
}

// answeredBefore notes that an object answers a question that was asked again, and reports
// whether it has answered already.
func (o *operation) answeredBefore(do wire.DoID) bool {
	if o.has == nil {
		return false
	}
	_, before := o.has[do]
	o.has[do] = struct{}{}
	return before
}

// outdate forgets what was queued of an object that answers now: that is how it is behind all
// of it, and it is shown first.
func (o *operation) outdate(do wire.DoID) {
	o.queue = slices.DeleteFunc(o.queue, func(q queued) bool {
		r := wire.NewReader(q.Payload)
		return q.answers == nil && r.DoID() == do
	})
}

// shows reports whether an answer to op from a place is to be shown: if a zone was
// closed since, and perhaps opened again, the answer may be out of date.
func (v *View) shows(op *operation, at wire.Location, d *Datagram) bool {
	if z, asked := op.zones[at]; asked {
		return v.zones[at] == z
	}
	return v.saw(at, d)
}

// expect makes what concerns an object wait for an operation.
func (v *View) expect(do wire.DoID, op *operation) {
	if v.pending == nil {
		v.pending = map[wire.DoID]*operation{}
	}
	if v.pending[do] == nil {
		v.pending[do] = op
		op.objects = append(op.objects, do)
	}
}

// counted: the parent says how many objects will answer.
func (v *View) counted(d *Datagram) error {
	r := wire.NewReader(d.Payload)
	context, n := r.Uint32(), r.Uint32()
	op := v.requests[context]
	if r.Err() != nil || op == nil || !op.headcount.asked {
		return r.Err()
	}
	if op.headcount.count(int(n), op.asks) {
		v.question(op)
	}
	v.advance(op)
	return nil
}

// askFewer asks again after a zone was closed, as those that it had need not answer.
func (v *View) askFewer(op *operation) {
	switch {
	case op.headcount.asked:
		op.headcount.unsure = true
	case op.headcount.counted && op.headcount.lacks():
		v.question(op)
	}
}

// noLongerPending notes that no entrance of an object waits.
func (v *View) noLongerPending(do wire.DoID) {
	delete(v.pending, do)
	if len(v.pending) == 0 {
		v.pending = nil // so that an update need not look into it
	}
}

// finish ends the wait: entries, done, then what was queued.
func (v *View) finish(op *operation) {
	if op.done || v.closed {
		return
	}
	op.done = true
	entries, queue := op.entries, op.queue
	op.entries, op.queue = nil, nil
	for _, do := range op.objects {
		if v.pending[do] == op {
			v.noLongerPending(do)
		}
	}
	op.objects = nil
	for _, d := range entries {
		do, at, _, err := d.entry()
		if err == nil && v.shows(op, at, d) {
			err = v.show(do, d)
		}
		v.check(d, err)
	}
	if v.closed {
		return
	}
	v.settle(op)
	if op.recovers {
		defer v.checkRecovery()
		if op.request == 0 {
			v.recoveredOne()
		}
	}
	if !op.silent {
		op.tellCaller()
		v.sendDone(op.interest, op.context)
	}
	for _, q := range queue {
		if v.closed {
			return
		}
		v.check(q.Datagram, v.replay(q))
	}
	waiting := op.waiting
	op.waiting = nil
	for _, next := range waiting {
		if next.after--; next.ready() {
			v.finish(next)
		}
	}
}

// tellCaller tells the participant that ordered the interest that it is done, once.
func (o *operation) tellCaller() {
	caller := o.caller
	o.caller = 0
	o.view.tellDone(o.interest, caller)
}

// abandon tells the same though there is no client any more, also of the operations that
// wait for this one. Each is visited once from here: a client can have every operation wait
// for all before it, and then there are as many ways to the last as subsets of them.
func (o *operation) abandon() {
	o.tellCaller()
	waiting := o.waiting
	o.waiting = nil
	for _, next := range waiting {
		next.abandon()
	}
}

func (v *View) check(d *Datagram, err error) {
	if err != nil {
		v.session.Refuse(d, err)
	}
}

// replay handles a datagram that has waited.
func (v *View) replay(q queued) error {
	if q.answers == nil {
		return q.kind.handle(v, q.Datagram)
	}
	do, at, _, err := q.entry()
	if err != nil {
		return err
	}
	return v.answers(q.Datagram, q.answers, do, at)
}

// settle forgets a request that is done and that everything has answered.
func (v *View) settle(op *operation) {
	if !op.done || op.request == 0 || op.headcount.lacks() {
		return
	}
	if !op.late {
		v.views.Opened(v.views.Now().Sub(op.began))
	}
	v.forgetRequest(op)
}

func (v *View) forgetRequest(op *operation) {
	if op.recovers {
		v.recoveredOne()
	}
	delete(v.requests, op.request)
	for _, z := range op.zones {
		if z.op == op {
			z.op = nil
		}
	}
}

// expect gives an operation its time.
func (vs *Views) expect(op *operation) {
	vs.queue = append(vs.queue, op)
	if len(vs.queue) == 1 {
		vs.Alarm(vs.Timeout)
	}
}

// Expire ends the wait of one operation whose time is up, and reports whether there was
// one. Call it again then, when what it did has had its effects. Otherwise it asks
// for the next alarm.
func (vs *Views) Expire() bool {
	now := vs.Now()
	for len(vs.queue) > 0 {
		op := vs.queue[0]
		left := op.began.Add(vs.Timeout).Sub(now)
		if !op.done && !op.view.closed && left > 0 {
			vs.Alarm(left)
			return false
		}
		vs.queue[0] = nil
		vs.queue = vs.queue[1:]
		if op.done || op.view.closed {
			continue
		}
		if op.then != nil {
			op.done = true
			op.then()
			return true
		}
		vs.Stats.Timeouts++
		op.late = true
		op.view.session.Log(slog.LevelWarn, "an interest waited too long for its objects; they are shown as they come",
			"interest", op.name(), "answered", op.headcount.answered(), "total", op.headcount.total, "counted", op.headcount.counted)
		op.view.finish(op)
		return true
	}
	return false
}
