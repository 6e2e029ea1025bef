package membership

import (
	"slices"
	"time"

	"natstron/bridge/internal/identity"
)

// A process that is asked whether it is done with what it was told answers when
//
//   - its roles have handled it, which they do as it comes, and their subscriptions are
//     in force;
//   - the other processes that its roles told or asked something are done with that,
//     too: it asks them in turn, and what the roles tell others because of the answers
//     counts as well; and
//   - what it sent has arrived at every node.
//
// Two state servers may ask each other. So each question says over how many further
// processes it may go, and the last one does not ask.
//
// A process that does not answer for OrderTimeout is late: that is logged and counted, and
// nothing waits for it until it answers. It is asked again with each heartbeat.

// Farthest is over how many processes a question goes beyond the one that is asked. An
// interest takes three: the client agent asks a parent, the parent asks its children on
// another state server, these answer the client agent.
const Farthest = 4

// orders is what processes were told that may not have taken effect.
type orders struct {
	serial uint64 // counts the orders, and what roles here send to those elsewhere
	awaits []await
	self   Peer // stands for this process among those that act on orders
}

// questions are what a process has been asked and has not answered, the oldest one first. What is
// asked of it later need not wait for that: else each of the processes that are asked in turn would
// double the time.
type questions []question

// question asks whether a process has done all up to a serial.
type question struct {
	serial uint64
	since  time.Time
	within time.Duration // it is to be answered
}

// askedAtOnce is how many questions to a process may be on their way; what would be one more is
// asked when one of them is answered, together with what else has come by then.
const askedAtOnce = 4

// on reports whether there is no answer yet.
func (q questions) on() bool { return len(q) > 0 }

// last is the serial of the last question; 0 if there is none.
func (q questions) last() uint64 {
	if len(q) == 0 {
		return 0
	}
	return q[len(q)-1].serial
}

// await is something that waits until processes are done.
type await struct {
	need []need
	then func()
}

// need is a process that must be done with all up to a serial.
type need struct {
	p      *Peer
	serial uint64
	far    int
	sure   bool // it is waited for though it is late
}

func (w need) met() bool {
	return w.p.gone || w.p.late && !w.sure || w.p.proven[w.far] >= w.serial
}

// Self stands for this process among those that act on orders.
func (m *Members) Self() *Peer { return &m.orders.self }

// Order counts an order, and returns its serial.
func (m *Members) Order() uint64 {
	m.orders.serial++
	return m.orders.serial
}

// Pass notes that a role here has told or asked something to roles of other processes.
func (m *Members) Pass(at []*Peer) {
	if len(at) == 0 {
		return
	}
	serial := m.Order()
	for _, p := range at {
		p.passed = serial
	}
}

// Peers appends to at the peers that fit, and reports whether there are any.
func (m *Members) Peers(at []*Peer, fits func(*Peer) bool) (_ []*Peer, any bool) {
	for _, p := range m.peers {
		if !fits(p) {
			continue
		}
		any = true
		if !slices.Contains(at, p) {
			at = append(at, p)
		}
	}
	return at, any
}

// Exists reports whether a peer fits.
func (m *Members) Exists(fits func(*Peer) bool) bool { return slices.ContainsFunc(m.peers, fits) }

// Unproven reports whether the orders to a process, the first and the last of which have these
// serials, may not have taken effect yet, there and in so many processes behind it.
func (m *Members) Unproven(p *Peer, far int, first, last uint64) bool {
	if p == &m.orders.self {
		return p.proven[Farthest] < last && (p.questions[Farthest].on() || m.unfinished(first))
	}
	return !p.gone && !p.late && p.proven[far] < last
}

// Ask asks a process whether it has done all that was sent to it up to a serial, and so many
// processes behind it what came of that.
func (m *Members) Ask(p *Peer, far int, serial uint64, now time.Time) []Effect {
	m.now = now
	if p == &m.orders.self {
		m.finishHere()
	} else {
		m.ask(p, far, serial, m.config.OrderTimeout)
	}
	return m.take()
}

// ask asks a process whether it has done all up to a serial, and what has come since, unless it is
// being asked that, or too much. It is late if it takes longer than within.
func (m *Members) ask(p *Peer, far int, serial uint64, within time.Duration) {
	q := &p.questions[far]
	switch {
	case q.last() < serial && len(*q) < askedAtOnce:
		*q = append(*q, question{m.orders.serial, m.now, within})
		m.tellQuestion(p, far)
	case q.on():
		last := &(*q)[len(*q)-1]
		last.within = min(last.within, within)
	}
}

func (m *Members) tellQuestion(p *Peer, far int) {
	m.tellTo(p.origin, KindDone, doneNote{Serial: p.questions[far].last(), Far: far, Origin: m.origin})
}

// hearDone takes a question or an answer.
func (m *Members) hearDone(note doneNote) error {
	if !identity.IsOrigin(note.Origin) {
		return errOrigin
	}
	note.Far = min(max(note.Far, 0), Farthest)
	if !note.Done {
		answer := doneNote{Serial: note.Serial, Far: note.Far, Origin: m.origin, Done: true}
		m.finish(note.Far, true, func() { m.tellTo(note.Origin, KindDone, answer) })
		return nil
	}
	p := m.find(note.Origin)
	if p == nil {
		return nil
	}
	q := &p.questions[note.Far]
	i := slices.IndexFunc(*q, func(q question) bool { return q.serial == note.Serial })
	if i < 0 {
		return nil
	}
	p.heard = m.now
	*q = slices.Delete(*q, 0, i+1)
	p.late = p.late && m.overdue(p)
	for i := range note.Far + 1 {
		p.proven[i] = max(p.proven[i], note.Serial)
	}
	m.checkAwaits()
	return nil
}

// checkAwaits goes on with what waited for processes that are done now, or are gone.
func (m *Members) checkAwaits() {
	waiting := m.orders.awaits
	m.orders.awaits = nil
	for _, w := range waiting {
		w.need = slices.DeleteFunc(w.need, need.met)
		if len(w.need) == 0 {
			w.then()
			continue
		}
		m.orders.awaits = append(m.orders.awaits, w)
		m.askAll(w.need) // those that have only answered what they were asked before
	}
	m.add(Release{})
}

// WhenHeard calls then, as a step, when all other nodes have heard what this one has said so
// far, and what they had sent before has arrived; those that do not answer are not waited
// for.
func (m *Members) WhenHeard(then func(), now time.Time) []Effect {
	m.now = now
	return m.whenHeard(then, false)
}

// WhenSurelyHeard is WhenHeard that waits for all that are not dead, however late they are.
func (m *Members) WhenSurelyHeard(then func(), now time.Time) []Effect {
	m.now = now
	return m.whenHeard(then, true)
}

func (m *Members) whenHeard(then func(), sure bool) []Effect {
	var all []need
	serial := m.Order()
	for _, p := range m.peers {
		if m.online && (sure || !p.late) {
			all = append(all, need{p, serial, 0, sure})
		}
	}
	if len(all) == 0 {
		then()
		return m.take()
	}
	m.orders.awaits = append(m.orders.awaits, await{all, then})
	m.askAll(all)
	return m.take()
}

func (m *Members) askAll(all []need) {
	for _, w := range all {
		// A node that asks for another one waits less, so that it is not late itself.
		m.ask(w.p, w.far, w.serial, m.config.OrderTimeout*time.Duration(w.far+1)/(Farthest+1))
	}
}

// finish calls then when all that has been handled here so far has had its effects: in
// this step if it has. With arrive, what was sent from here must have arrived, too.
func (m *Members) finish(far int, arrive bool, then func()) {
	m.inForce(false, func() {
		m.finishElsewhere(far, func() { m.inForce(arrive, then) })
	})
}

// whenReleased calls then when what roles here have done so far may be known to others: in
// this step if nothing is kept. What is released may make another role here do something
// that it keeps, so that is waited for in turn, as often as a question may go on.
func (m *Members) whenReleased(then func()) { m.released(Farthest, then) }

func (m *Members) released(times int, then func()) {
	again := func() { m.released(times-1, then) }
	if times == 0 || m.config.WhenReleased == nil || !m.config.WhenReleased(again) {
		then()
	}
}

// inForce calls then when the subscriptions made here so far are in force everywhere, and
// with arrive, what was sent from here so far has arrived.
func (m *Members) inForce(arrive bool, then func()) {
	if arrive && m.elsewhere() {
		m.config.Coverage.Advance() // as for a subscription: only a new round proves it
	}
	later := Call{Do: then, Step: true}
	switch {
	case !m.inForceUpTo(m.config.Coverage.Serial(), later):
	case m.calling: // what is called before may have waited to pass something on
		m.calls = append(m.calls, later)
	default:
		then()
	}
}

// finishElsewhere calls then when other processes are done with what roles here have
// passed on to them, and with what these pass on because of the answers.
func (m *Members) finishElsewhere(far int, then func()) {
	m.whenReleased(func() {
		all := m.unfinishedAt(0, far)
		if len(all) == 0 {
			then()
			return
		}
		m.orders.awaits = append(m.orders.awaits, await{all, func() { m.finishElsewhere(far-1, then) }})
		m.askAll(all)
	})
}

// unfinishedAt is the processes to which roles here have passed something on since a
// serial, and that may not be done with it. They are asked over one process less.
func (m *Members) unfinishedAt(since uint64, far int) (all []need) {
	if far == 0 {
		return nil
	}
	for _, p := range m.peers {
		if w := (need{p: p, serial: p.passed, far: far - 1}); p.passed > since && !w.met() {
			all = append(all, w)
		}
	}
	return all
}

// unfinished reports whether what was ordered here since a serial may not have had all of its
// effects.
func (m *Members) unfinished(since uint64) bool {
	return len(m.unfinishedAt(since, Farthest)) > 0 || m.calling || m.config.Holding != nil && m.config.Holding() ||
		m.config.Coverage.Serial() > m.effective.settled && m.elsewhere()
}

// finishHere waits for the effects of orders to roles of this process.
func (m *Members) finishHere() {
	self := &m.orders.self
	q := &self.questions[Farthest]
	if q.on() {
		return
	}
	*q = questions{{serial: m.orders.serial}}
	asking := true
	release := func() {
		self.proven[Farthest], *q = q.last(), nil
		m.add(Release{})
	}
	m.finish(Farthest, false, func() {
		if asking { // what is asked about is not held yet
			m.callSoon(Call{Do: release, Step: true})
		} else {
			release()
		}
	})
	asking = false
}

// checkOrders gives up on processes that do not answer, asks them again, and forgets those
// that are gone.
func (m *Members) checkOrders() {
	for _, p := range m.peers {
		if !p.late && m.overdue(p) {
			p.late = true
			m.stats.OrdersLate++
			m.warn("a node does not say that it has done what it was told: until it does, what is sent next may overtake that",
				"node", p.name)
		}
		for far, q := range p.questions {
			if q.on() {
				m.tellQuestion(p, far)
			}
		}
	}
	m.checkAwaits()
}

// overdue reports whether p has not answered a question in time.
func (m *Members) overdue(p *Peer) bool {
	late := func(q question) bool { return m.now.Sub(q.since) > q.within }
	return slices.ContainsFunc(p.questions[:], func(q questions) bool { return slices.ContainsFunc(q, late) })
}

// forgetOrders takes all orders up to a serial for done: the node that gave them is gone.
func (p *Peer) forgetOrders(serial uint64) {
	p.late, p.questions = false, [Farthest + 1]questions{}
	for i := range p.proven {
		p.proven[i] = serial
	}
}
