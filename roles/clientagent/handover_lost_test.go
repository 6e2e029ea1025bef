package clientagent

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/resume"
)

func isDrained(r *Role) bool {
	select {
	case <-r.Drained():
		return true
	default:
		return false
	}
}

// onStep has something done when the first agent's process has answered a step, before the
// answer goes out; it is lost if that returns false.
func (m *moving) onStep(step handoverStep, then func(n int) (goesOut bool)) {
	n := 0
	m.nodes[0].Answer(handoverQuestion, func(request []byte) []byte {
		answer := m.agents[0].o.Handovers.answer(request)
		var q handoverRequest
		if json.Unmarshal(request, &q) == nil && q.Step == step && answer != nil {
			if n++; !then(n) {
				return nil
			}
		}
		return answer
	})
}

// leavePostRemove has a client leave one behind.
func (m *moving) leavePostRemove(channel wire.Channel) {
	m.t.Helper()
	m.tell(channel, wire.ClientAgentAddPostRemove, func(w *wire.Writer) {
		var d wire.Writer
		d.Header(7, 7777, 900)
		datagram, _ := d.Datagram()
		w.Blob(datagram)
	})
}

// expectRemoved expects the post-remove as often as that.
func (m *moving) expectRemoved(times int) {
	m.t.Helper()
	for range times {
		m.actor.expect(7777)
	}
	m.join().send(1, 8888, 900, nil)
	m.actor.expect(8888)
}

// The answer that has the session may be lost, or late: an agent that drains stays until it has
// come.
func TestHandoverAnswerLost(t *testing.T) {
	t.Parallel()
	m := newMoving(t, nil)
	drained := make(chan bool, 1)
	m.onStep(stepCommit, func(n int) bool {
		if n == 1 {
			drained <- isDrained(m.agents[0])
		}
		return n > 1
	})
	_, channel, p := m.player()
	m.agents[0].Drain(time.Hour)
	if <-drained {
		t.Error("it is drained, and nobody has the session")
	}
	<-m.agents[0].Drained()
	m.say(channel, 1)
	p.until(t, "it goes on", func() bool { return p.letters == 2 })
	if stats := m.agents[1].Stats(); stats.Clients != 1 || stats.TakenOver != 1 {
		t.Errorf("%d clients, %d taken over", stats.Clients, stats.TakenOver)
	}
}

// An agent that begins to drain takes the sessions over that it has asked for: they go on from
// there.
func TestHandoverToOneThatDrains(t *testing.T) {
	t.Parallel()
	m := newMoving(t, nil)
	m.onStep(stepCommit, func(int) bool {
		m.agents[1].Drain(time.Hour)
		return true
	})
	_, channel, p := m.player()
	m.agents[0].each(func(s *session) { s.cutOff("the test cuts it") })
	<-m.agents[1].Drained()
	m.say(channel, 1)
	p.until(t, "it goes on", func() bool { return p.letters == 2 })
	if first, second := m.agents[0].Stats(), m.agents[1].Stats(); first.Clients != 1 || second.Clients != 0 || second.HandedOver != 1 {
		t.Errorf("%d and %d clients, %d handed over", first.Clients, second.Clients, second.HandedOver)
	}
}

// If the agent that had a session is gone, and its answer was lost, the session is over.
func TestHandoverLostWithItsProcess(t *testing.T) {
	m := newMoving(t, nil)
	_, channel, _ := m.player()
	m.leavePostRemove(channel)
	m.onStep(stepCommit, func(int) bool {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		go m.nodes[0].Stop(ctx) // at once
		return false
	})
	m.agents[0].Drain(time.Hour)
	m.expectRemoved(1)
	eventually(t, "the other agent has no client", func() bool { return m.agents[1].Stats().Clients == 0 })
}

// What a node has sent may still be on its way to the agent that has the session, from the one NATS
// server, when that knows already that the other agent hears it: the agent waits until the node
// has answered.
func TestHandoverWaitsForWhatWasSent(t *testing.T) {
	m := newMoving(t, nil)
	q := m.prepared()
	q.Step = stepCommit
	turn := m.nodes[2].Begin()
	done := make(chan struct{})
	go func() {
		m.agents[0].handOver(q)
		close(done)
	}()
	select {
	case <-done:
		t.Error("the session is handed over, and a node has not answered")
	case <-time.After(100 * time.Millisecond):
	}
	turn.End()
	<-done
}

// prepared is a client, which does not come back, whose session another agent is about to take over.
func (m *moving) prepared() (q handoverRequest) {
	m.t.Helper()
	c, _ := m.token()
	m.leavePostRemove(firstClient)
	c.Conn.Close()
	first := m.agents[0]
	first.enter()
	for session, s := range first.resumes.tickets {
		q = handoverRequest{Step: stepPrepare, Session: session, Number: s.ticket.Token().Number, Received: s.ticket.Sent(), Asker: 1, Origin: m.nodes[1].Origin()}
	}
	first.leave()
	if a := first.handOver(q); a == nil || a.Code != 0 {
		m.t.Fatalf("it is not prepared: %+v", a)
	}
	return q
}

// Another client agent may say that it has taken clients of a range over while this one asks: then
// it asks for the session there. Until the other one says that it has it, the first says that it
// is on its way.
func TestHandoverIsHeardOf(t *testing.T) {
	m := newMoving(t, nil)
	q := m.prepared()
	q.Step = stepCommit
	m.agents[0].handOver(q)
	token := resume.Token{Channel: firstClient, Session: q.Session, Number: q.Number}
	c := (&stage{t: t, agent: m.agents[1]}).dial()
	eventually(t, "it is connected", func() bool { return m.agents[1].Stats().Clients == 1 })
	m.agents[1].each(func(s *session) { go m.agents[1].lookFor(s, token, q.Received) })
	c.ExpectEject(wire.EjectSessionAway)
}

// A session that was handed over, and that nobody says to have, ends where it was; if the one
// that asked for it is dead, the others send its post-removes.
func TestHandoverThatNobodyTakes(t *testing.T) {
	for _, alive := range []bool{true, false} {
		m := newMoving(t, nil)
		q, first, want := m.prepared(), m.agents[0], 1
		if !alive {
			q.Origin, want = "nobody", 0
		}
		q.Step = stepCommit
		if a := first.handOver(q); a == nil || a.Code != 0 {
			t.Fatalf("it is not handed over: %+v", a)
		}
		free := first.Stats().FreeChannels
		first.forgetOutgoing(time.Now().Add(outgoingFor))
		m.expectRemoved(want)
		if now := first.Stats().FreeChannels; now != free+1 {
			t.Errorf("%d channels are free, and %d before", now, free)
		}
	}
}
