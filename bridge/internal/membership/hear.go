package membership

import (
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"natstron/bridge/internal/identity"
)

// Step takes in a note of another node: its kind, the origin that its subject ends with,
// and its payload. What cannot be read is counted and logged.
func (m *Members) Step(kind, origin string, payload []byte, now time.Time) []Effect {
	m.now = now
	if err := m.hear(kind, origin, payload); err != nil {
		m.stats.BadNotes++
		m.complain("bad notes", "cannot take a note of another node", "kind", Cut(kind), "origin", Cut(origin), "error", err)
	}
	return m.take()
}

func (m *Members) hear(kind, origin string, payload []byte) error {
	if len(payload) > MaxNote(kind) {
		return errNoteTooLong
	}
	switch kind {
	case KindDead:
		return read(payload, m.hearDead)
	case KindHere:
		return read(payload, m.hearHere)
	case KindDone:
		return read(payload, m.hearDone)
	case KindSettled:
		return read(payload, m.hearSettled)
	case KindHeld:
		return read(payload, m.hearHeld)
	}
	if origin == m.origin || m.isDead(origin) {
		return nil
	}
	switch kind {
	case KindBye:
		if p := m.find(origin); p != nil {
			m.logPeer(slog.LevelInfo, "node left the cluster", p)
		}
		m.drop(origin)
		m.changed()
		return nil
	case KindTick:
		if p := m.find(origin); p != nil {
			return readOf(p, payload, m.hearTick)
		}
		return nil
	}
	p, err := m.meetOrigin(origin)
	if err != nil {
		return err
	}
	switch kind {
	case KindHello:
		return readOf(p, payload, m.hearHello)
	case KindPostRemove:
		return readOf(p, payload, m.hearPostRemove)
	case KindEcho:
		return readOf(p, payload, m.hearEcho)
	case KindHeartbeat:
		return readOf(p, payload, m.hearHeartbeat)
	case KindSession:
		return readOf(p, payload, m.hearSession)
	case KindGreet:
		return readOf(p, payload, m.hearGreet)
	}
	return nil
}

// read reads a note, and takes it.
func read[N any](payload []byte, take func(N) error) error {
	var note N
	if err := json.Unmarshal(payload, &note); err != nil {
		return err
	}
	return take(note)
}

// readOf is read for a note of a peer.
func readOf[N any](p *Peer, payload []byte, take func(*Peer, N)) error {
	return read(payload, func(note N) error { take(p, note); return nil })
}

// hearHello answers a newcomer, or a node that misses post-removes.
func (m *Members) hearHello(p *Peer, note helloNote) {
	if note.To != "" && note.To != m.origin {
		return
	}
	m.tellPostRemoves()
	if m.hellos.AllowN(m.now, 1) { // else heartbeats tell it that it has not heard the greeting
		m.greet()
		m.heartbeat()
	}
	if note.Settle {
		m.sayWhenSettled(p.origin)
	}
}

// hearHeartbeat takes in what p says of itself, and compares what it keeps with what is
// known of it.
func (m *Members) hearHeartbeat(p *Peer, note HeartbeatNote) {
	p.participants = note.Participants
	p.joining, p.keeps = note.Joining, note.Keeps
	p.every = min(max(m.config.Heartbeat, time.Duration(note.Every)*time.Millisecond), m.Slowest())
	if p.name == "" {
		p.name = Cut(note.Name)
		m.logPeer(slog.LevelInfo, "node joined the cluster", p)
	}
	p.place = note.Place.bounded()
	p.claims = note.Claims[:min(len(note.Claims), maxClaims)]
	p.objects = servesObjects(p.claims)
	if serves, away := p.Survivors(); len(serves)+len(away) > 0 {
		if len(away) > 0 {
			m.add(Pause{p, away})
		}
		if len(serves) > 0 {
			m.add(Serves{p, serves})
		}
	}
	followed := false
	for _, was := range note.Was[:min(len(note.Was), wasMax)] {
		old := m.find(was)
		followed = followed || old != nil
		if note.Kept {
			m.isDead(was) // it went on, but its post-removes are out
			if old != nil {
				m.add(MoveObjects{From: old, To: p})
			}
		} else if old != nil {
			m.keepSessions(old)
		}
		m.drop(was)
	}
	m.hearNumber(p, note.Beat)
	if forged := p.sender.Told(note.Seq); forged > 0 {
		m.stats.Leaps++
		m.complain("leaps", "a datagram with another node's origin and a sequence of the future: another program sent it",
			"node", p.name, "origin", p.origin, "sequence", forged, "last", note.Seq)
	}
	m.meet(p)
	if followed {
		m.changed()
	}
	p.told, p.greetSerial = note.PostRemoves, note.Greeting
	same := len(p.postRemoves.bySeq) == note.PostRemoves && p.postRemoves.check == note.Check
	if !same && !p.refused && m.now.Sub(p.asked) > 2*m.config.Heartbeat {
		p.asked = m.now
		m.peerBytes -= p.postRemoves.bytes
		p.postRemoves = postRemoves{}
		m.tell(KindHello, helloNote{To: p.origin})
	}
	if same && p.greetingMissed() && m.now.Sub(p.asked) > 2*m.config.Heartbeat {
		p.asked = m.now
		m.tell(KindHello, helloNote{To: p.origin})
	}
}

// meet takes note of a peer that is heard for the first time on the present link: the
// present round waits for it, too.
func (m *Members) meet(p *Peer) {
	if !p.joining {
		m.joining.heard(m, p.origin)
	}
	if p.met == m.origin {
		return
	}
	p.met, p.since = m.origin, m.now
	if m.strangers.AllowN(m.now, 1) {
		m.ping(p.origin, true)
	}
	if e := &m.effective; e.asking && m.waitsFor(p) {
		e.missing[p.place.Server] = struct{}{} // it is asked with the next heartbeat
	}
}

// Arrive looks at the identity of a datagram from NATS: whether it is to be routed, and
// which peer sent it, nil if that is not known.
func (m *Members) Arrive(id identity.Identity, now time.Time) (from *Peer, verdict identity.Verdict, effects []Effect) {
	if strings.HasSuffix(id.Origin, identity.PostRemoveSuffix) {
		if !m.senders.FreshPostRemove(id) {
			verdict = identity.Copy
		}
		return nil, verdict, nil
	}
	q := m.senders.Get(id.Origin)
	if q == nil {
		return nil, identity.Fresh, nil
	}
	if q.Info.dead != nil {
		m.now = now
		m.isDead(id.Origin)
		return nil, Dead, m.take()
	}
	return q.Info.peer, m.senders.Take(q, id.Seq), nil
}

// Dead is the verdict about a datagram of a node that was declared dead.
const Dead identity.Verdict = 255

// FreshPostRemove reports whether the identity of a post-remove comes for the first time.
func (m *Members) FreshPostRemove(id identity.Identity) bool { return m.senders.FreshPostRemove(id) }

// isDead reports whether an origin has been declared dead, and if so tells it, once in a
// while.
func (m *Members) isDead(origin string) bool {
	q := m.senders.Find(origin)
	if q == nil || q.Info.dead == nil {
		return false
	}
	d := q.Info.dead
	if m.now.Sub(d.told) > m.config.Heartbeat {
		d.told = m.now
		m.tell(KindDead, deadNote{Origin: d.origin, Silent: d.silent})
	}
	return true
}
