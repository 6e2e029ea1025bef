package membership

import (
	"maps"
	"slices"
	"time"

	"natstron/bridge/internal/identity"
)

// joining is how a node comes to a backbone, for the first time or after a gap: before it
// serves anybody, all others have settled those that were silent. It says hello, and waits
// until each node of which it hears has said so.
type joining struct {
	under    bool // way
	began    time.Time
	settled  map[string]bool // by origin: whether it has said so
	reminded int             // where the next reminders begin
}

const (
	// joinFor bounds it, in heartbeats; so long nodes that do not answer are waited for.
	joinFor = 4
	// aloneAfter is how many heartbeats a node waits until it is sure that nobody is there.
	aloneAfter = 2
)

// beginJoining says hello.
func (m *Members) beginJoining() {
	m.joining = joining{under: true, began: m.now, settled: map[string]bool{}}
	if m.config.Facts().Alone || m.left {
		m.endJoining()
		return
	}
	m.add(Send{Kind: KindHello, To: m.origin, Note: helloNote{Settle: true}, Answer: m.nextPing(everybody)})
}

func (m *Members) endJoining() {
	if m.joining.under {
		m.joining.under = false
		m.add(Joined{})
	}
}

// StopJoining ends it: the node serves, whatever it knows.
func (m *Members) StopJoining() []Effect {
	m.endJoining()
	return m.take()
}

// nobodyThere: nobody has heard this node's hello.
func (m *Members) nobodyThere() {
	if len(m.joining.settled) == 0 {
		m.endJoining()
	}
	m.checkJoining()
}

// hearSettled takes what a node says that has heard this one's hello.
func (m *Members) hearSettled(note settledNote) error {
	if !identity.IsOrigin(note.Origin) {
		return errOrigin
	}
	for _, origin := range note.Living[:min(len(note.Living), maxLiving)] {
		m.joining.heard(m, origin)
	}
	m.joining.heard(m, note.Origin)
	if m.joining.under {
		m.joining.settled[note.Origin] = true
	}
	m.checkJoining()
	return nil
}

// heard waits for a node, too.
func (j *joining) heard(m *Members, origin string) {
	if !j.under || origin == m.origin || j.settled[origin] || len(j.settled) >= MaxPeers || !identity.IsOrigin(origin) {
		return
	}
	if q := m.senders.Find(origin); q == nil || q.Info.dead == nil {
		j.settled[origin] = false
	}
}

// remind says hello again to some that have not settled: they may have come after the
// first one.
func (m *Members) remind() {
	j := &m.joining
	if !j.under {
		return
	}
	missing := slices.DeleteFunc(slices.Sorted(maps.Keys(j.settled)), func(origin string) bool { return j.settled[origin] })
	for range min(len(missing), strangersAtOnce) {
		m.tell(KindHello, helloNote{To: missing[j.reminded%len(missing)], Settle: true})
		j.reminded++
	}
}

// checkJoining ends it when all have settled, or it takes too long.
func (m *Members) checkJoining() {
	j := &m.joining
	if !j.under {
		return
	}
	missing := 0
	for _, ok := range j.settled {
		if !ok {
			missing++
		}
	}
	took := m.now.Sub(j.began)
	switch {
	case len(j.settled) > 0 && missing == 0, len(j.settled) == 0 && took > aloneAfter*m.config.Heartbeat:
		m.endJoining()
	case took > joinFor*m.config.Heartbeat:
		m.warn("serving without knowing whether all other nodes are alive", "nodes_silent", missing)
		m.endJoining()
	}
}
