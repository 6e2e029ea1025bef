package bridge

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"

	"natstron/bridge/internal/identity"
	"natstron/bridge/internal/link"
	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// perform does what a step of the membership asks for. It may begin further steps.
func (n *Node) perform(effects []membership.Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case membership.Send:
			n.sendNote(e)
		case membership.Ping:
			n.sendPing(e)
		case membership.AskServer:
			n.outbox.Ping(func() { n.perform(n.members.ServerAnswered(e.Round, time.Now())) })
		case membership.Log:
			n.logLater(e.Level, e.Message, e.Args...)
		case membership.Publish:
			n.pauses.wait(n, e.PostRemove.Datagram, func(Turn) { n.publish(e.PostRemove.Datagram, e.PostRemove.Identity()) })
		case membership.SendPostRemoves:
			n.sendInOrder(e.PostRemoves, nil, nil)
			n.waiting.then(func(Turn) { n.perform(n.members.PostRemovesSent(e.Origin, time.Now())) })
		case membership.KeepSession:
			n.keepSession(e.LostSession)
		case membership.HeardSession:
			n.heardSession(e)
		case membership.TellSessions:
			n.tellSessions(e.To)
		case membership.EndObjects:
			if e.Peer.OutliveIt() {
				n.keepSurvivors(e.Peer)
			} else {
				n.endObjects(e.Peer, nil)
			}
		case membership.Pause:
			n.pause(e.Peer, e.Survivors)
		case membership.Serves:
			for _, c := range e.Survivors {
				n.goOn(c, e.Peer)
			}
		case membership.MoveObjects:
			n.foreign.Move(e.From, e.To, nil)
		case membership.Verify:
			if _, err := n.transport.Healthy(time.Now()); err != nil {
				n.lose(err)
			} else {
				n.perform(n.members.Disconnected(e.Peer, time.Now()))
			}
		case membership.Lose:
			n.loseAfter(e)
		case membership.Release:
			n.releaseHeld(false)
		case membership.CallWaiting:
			n.after = append(n.after, n.callWaiting)
		case membership.SettleLater:
			time.AfterFunc(e.Pause, func() {
				t := n.Begin()
				defer t.End()
				n.perform(n.members.SettleNow(time.Now()))
			})
		case membership.Joined:
			close(n.joined)
		case membership.Reserved:
			close(n.reserved)
		case membership.GiveWay:
			select {
			case n.givesWay <- e.Cause:
			default: // it has been told
			}
		}
	}
	n.members.Reuse(effects)
}

// sendNote queues a note to the other nodes. Where there can be none, nothing is written: a
// newcomer asks for what it missed.
func (n *Node) sendNote(e membership.Send) {
	if n.outbox.Alone(n.turn) {
		return
	}
	payload, err := json.Marshal(e.Note)
	if err != nil { // notes are made of numbers and strings
		n.logLater(slog.LevelError, "cannot encode a note to the other nodes", "kind", e.Kind, "error", err)
		return
	}
	n.outbox.Note(n.controlSubject(e.Kind, e.To), n.answerSubject(e.Answer), payload)
}

// pingAnswered is the payload of a ping that wants an answer.
const pingAnswered = "?"

func (n *Node) sendPing(e membership.Ping) {
	if n.outbox.Alone(n.turn) {
		return
	}
	var payload []byte
	if e.Wanted {
		payload = []byte(pingAnswered)
	}
	n.outbox.Note(n.options.Subjects.ping()+"."+e.To, n.answerSubject(e.Answer), payload)
}

// controlSubject is that of a note of a kind, or to an origin.
func (n *Node) controlSubject(kind, origin string) string {
	return n.options.Subjects.Control() + "." + kind + "." + origin
}

// answerSubject is where an answer to this node goes; empty if there is to be none.
func (n *Node) answerSubject(end string) string {
	if end == "" {
		return ""
	}
	return n.controlSubject(membership.KindPong, n.members.Origin()) + "." + end
}

// lose ends the present link. The turn must be taken.
func (n *Node) lose(cause error) {
	if n.link != nil {
		n.link.Lose(cause)
	}
}

func (n *Node) loseAfter(e membership.Lose) {
	l := n.link
	if !e.Drain || l == nil {
		n.lose(e.Cause)
		return
	}
	l.Go(func() {
		l.Drain(n.options.ConnectTimeout)
		l.Lose(e.Cause)
	})
}

// quickCalls is how many calls the goroutine that has ended the turn makes itself, if they do
// not wait: no other one has to wake up for them.
const quickCalls = 8

// callWaiting makes the calls that waited, in order, until there are none.
func (n *Node) callWaiting() {
	for {
		t := n.Begin()
		calls := n.members.TakeCalls()
		t.End()
		switch {
		case len(calls) == 0:
			return
		case len(calls) > quickCalls || slices.ContainsFunc(calls, func(c membership.Call) bool { return !c.Quick && !c.Step }):
			go func() {
				n.call(calls)
				n.callWaiting()
			}()
			return
		}
		n.call(calls)
	}
}

func (n *Node) call(calls []membership.Call) {
	for _, c := range calls {
		if !c.Step {
			c.Do()
			continue
		}
		t := n.Begin()
		n.perform(n.members.Continue(c, time.Now()))
		t.End()
	}
}

// controlSubjects is what a node with an origin listens to besides datagrams.
func (n *Node) controlSubjects(origin string) (subjects []string) {
	s := n.options.Subjects
	subjects = append(subjects, s.ping()+"."+origin, n.controlSubject(membership.KindPong, origin)+".>",
		n.controlSubject(kindAnswer, origin)+".>")
	for _, kind := range membership.ToOne {
		subjects = append(subjects, n.controlSubject(kind, origin))
	}
	for _, kind := range append([]string{kindAsk}, membership.ToAll...) {
		subjects = append(subjects, n.controlSubject(kind, "*"))
	}
	return subjects
}

// message handles one message from NATS. The turn must be taken.
func (n *Node) message(m *link.Message, now time.Time) {
	rest, ok := strings.CutPrefix(m.Subject, n.options.Subjects.Control()+".")
	if !ok {
		if strings.HasPrefix(m.Subject, n.options.Subjects.ping()+".") {
			n.answerPing(m)
		} else {
			n.arrive(m.Reply, m.Data, now)
		}
		return
	}
	switch kind, origin, _ := strings.Cut(rest, "."); kind {
	case kindEvents:
		n.events.Arrive(m.Data)
	case kindAsk:
		n.asked(origin, m.Reply, m.Data)
	case kindAnswer:
		n.answered(origin, m.Data)
	case membership.KindPong:
		if n.nobodyHeard(origin, m) {
			return
		}
		n.perform(n.members.Pong(origin, m.Unanswered, now))
	default:
		n.perform(n.members.Step(kind, origin, m.Data, now))
	}
}

// maxPongSubject is the longest subject of an answer to a ping.
const maxPongSubject = 300

func (n *Node) answerPing(m *link.Message) {
	if string(m.Data) == pingAnswered && len(m.Reply) <= maxPongSubject && !n.members.Left() &&
		strings.HasPrefix(m.Reply, n.options.Subjects.Control()+"."+membership.KindPong+".") && !n.outbox.Alone(n.turn) {
		n.outbox.Note(m.Reply, "", nil)
	}
}

// arrive routes a datagram from NATS. The turn must be taken.
func (n *Node) arrive(reply string, d wire.Datagram, now time.Time) {
	n.stats.Received++
	if err := check(d); err != nil {
		n.stats.Malformed++
		n.complain("malformed", "malformed datagram from the backbone", "identity", membership.Cut(reply), "bytes", len(d), "error", err)
		return
	}
	t := Turn{n}
	if id, ok := identity.Parse(reply); ok {
		from, verdict, effects := n.members.Arrive(id, now)
		n.perform(effects)
		switch verdict {
		case membership.Dead:
			n.stats.Zombies++
			return
		case identity.Copy:
			n.stats.Duplicates++
			return
		case identity.Leap:
			n.stats.Leaps++
			n.complain("leap", "a datagram with another node's origin and a sequence that leaps: it is dropped", "identity", membership.Cut(reply))
			return
		}
		if from != nil && from.ServesObjects() {
			gone, route := n.foreign.Arrive(from, d)
			t.tellGone(gone)
			if !route {
				n.stats.Zombies++
				return
			}
		}
		t.complete(func() { t.routeArrived(id, d) })
		return
	}
	t.complete(func() { t.route(nil, d) })
}

// tellGone routes datagrams that tell of the end of objects of other processes to the
// participants of this one: before the one that is about to be routed, if there is one, or
// else behind what waits.
func (t Turn) tellGone(gone []wire.Datagram) {
	for _, d := range gone {
		do := func(t Turn) {
			if up := t.n.up; up != nil {
				up.datagram(d)
			}
			t.n.audience = link.Nobody // see [Turn.Arrival]
			t.route(nil, d)
		}
		if t.n.settling {
			do(t)
		} else {
			t.n.waiting.then(do)
		}
	}
}

// endObjects tells of the end of the objects of a process that is gone: of all, or of some.
func (n *Node) endObjects(p *membership.Peer, which func(wire.DoID) bool) {
	count, gone := n.foreign.Gone(p, which)
	Turn{n}.tellGone(gone)
	if count > 0 {
		n.logLater(slog.LevelWarn, "objects are gone with the node that had them", "node", p.Name(), "objects", count)
	}
}

// watchPayload takes note of what the server takes now: it may be another server, or have
// another configuration. The turn must be taken.
func (n *Node) watchPayload(payload int64) {
	if payload == n.payload {
		return
	}
	n.payload = payload
	n.outbox.Payload = payload
	n.members.SetPayload(payload)
	if payload < link.WantedPayload {
		n.logLater(slog.LevelWarn, "the NATS server takes less than a datagram or a post-remove may need: what is longer is refused; raise its max_payload",
			"max_payload", payload, "needed", link.WantedPayload, "longest_datagram", wire.MaxLength)
	}
}

// tooLong is told of a message that the server would not take.
func (n *Node) tooLong(subject string, bytes int) {
	n.counters.TooLong.Add(1)
	if others, ok := n.complaints.Due("too long", time.Now()); ok {
		n.logLater(slog.LevelError, "a message does not reach the other processes: it is longer than the NATS server takes", "subject", subject,
			"bytes", bytes, "max_payload", n.payload, others)
	}
}

// logLater logs when the turn has ended: a log that blocks must not stop the traffic.
func (n *Node) logLater(level slog.Level, message string, args ...any) {
	n.after = append(n.after, func() { n.log.Log(context.Background(), level, message, args...) })
}

// complain logs a warning, unless the same was logged within the last second.
func (n *Node) complain(kind, message string, args ...any) {
	if others, ok := n.complaints.Due(kind, time.Now()); ok {
		n.logLater(slog.LevelWarn, message, append(args, others)...)
	}
}

// WhenSettled calls do when all other nodes that this one knows have just been seen alive,
// or their post-removes have been sent; also when it cannot know, or has lost the backbone.
// It calls it once, without a lock, at once or from another goroutine; do must not wait for
// anything. It is for a role
// that serves a newcomer which may have been connected to another process before.
func (n *Node) WhenSettled(do func()) {
	t := n.Begin()
	settled, effects := n.members.WhenSettled(do, time.Now())
	n.perform(effects)
	t.End()
	if settled {
		do()
	}
}

// Effective reports whether the process's subscriptions to some channels are in force at every
// node: whether nothing that any participant sends from now on can miss them. If they are
// not yet, it returns false, and then is called as soon as they are: once, without a lock,
// by a goroutine of its own; never if the node ends before.
//
// Only a routed mesh of servers needs it, and there only a role that must not miss what
// third parties say. In other topologies it costs little or nothing: with one server it is
// always true; otherwise, where a channel was subscribed recently, a round trip to all
// other nodes, which all that ask at the same time share.
//
// A node that does not answer for [Options.DeadAfter] is not waited for any longer; that is
// logged and counted in [Stats]. Nor is one that this node has not heard of yet, which is a
// matter of one round trip after either has started, nor a program that is not a node. When
// this node is back on a lost backbone, those that it knew before and does not hear again
// are waited for during two heartbeats only: they ended, or come back later as newcomers.
func (t Turn) Effective(then func(), channels ...wire.Channel) bool {
	var need uint64
	for _, c := range channels {
		need = max(need, t.n.table.Coverage.Since(c))
	}
	ok, effects := t.n.members.Effective(need, then, time.Now())
	t.n.perform(effects)
	return ok
}
