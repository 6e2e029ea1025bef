package bridge

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// connection is a sink that has something to tell.
type connection struct{ blackHole }

func (connection) Describe() (address string, queued int) { return "192.0.2.1:5", 77 }

func TestParticipantsTell(t *testing.T) {
	n := offline(t, Options{})
	p := join(t, n, connection{})
	must(t, p.Subscribe(5, 6))
	must(t, p.SubscribeRange(10, 20))
	must(t, p.AddPostRemove(9, datagram(t, "gone", 5)))
	turn := n.Begin()
	turn.SetName(p, "AI")
	turn.SetURL(p, "http://ai.example")
	turn.End()
	join(t, n, blackHole{})

	var got []ParticipantInfo
	for info := range n.Participants() {
		if info.Name == "AI" {
			got = append(got, info)
		}
	}
	want := []ParticipantInfo{{
		ID: p.ID(), Name: "AI", URL: "http://ai.example", Address: "192.0.2.1:5", Queued: 77,
		Channels: 2, Ranges: 1, PostRemoves: 1,
	}}
	same(t, want, got)
}

// Who was there all the time is told once, however many come and go meanwhile,
// and anyone who asks may take turns himself.
func TestParticipantsWhileTheyChange(t *testing.T) {
	n := offline(t, Options{})
	const stay = 10 * listAtOnce
	for i := range stay {
		_, err := n.Join(fmt.Sprint("stays ", i), blackHole{}, func(error) {})
		must(t, err)
	}
	stop := make(chan struct{})
	var churn sync.WaitGroup
	churn.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			for range 100 {
				p, err := n.Join("comes and goes", blackHole{}, func(error) {})
				if err == nil {
					p.Leave()
				}
			}
		}
	})
	for range 10 {
		seen := map[string]int{}
		for info := range n.Participants() {
			seen[info.Name]++
			n.Begin().End()
		}
		delete(seen, "comes and goes")
		if len(seen) != stay {
			t.Errorf("%d participants told of, want %d", len(seen), stay)
		}
		for name, times := range seen {
			if times != 1 {
				t.Errorf("%s was told of %d times", name, times)
			}
		}
	}
	for range n.Participants() {
		break // must leave the lock free
	}
	n.Begin().End()
	close(stop)
	churn.Wait()
}

func TestPeersTell(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	turn := n.Begin()
	n.perform(n.members.Step(membership.KindHeartbeat, "B1", []byte(`{"name": "second", "participants": 7}`), now))
	n.perform(n.members.Step(membership.KindHeartbeat, "A1", []byte(`{"name": "first"}`), now))
	turn.End()
	want := []PeerInfo{{Name: "first", Origin: "A1", Heard: now}, {Name: "second", Origin: "B1", Heard: now, Participants: 7}}
	same(t, want, n.Peers())
}

func BenchmarkParticipants(b *testing.B) {
	n := offline(b, Options{})
	for i := range 100_000 {
		p, err := n.Join("object", blackHole{}, func(error) {})
		must(b, err)
		must(b, p.Subscribe(wire.Channel(100_000_000+i)))
	}
	b.ReportAllocs()
	for b.Loop() {
		for range n.Participants() {
		}
	}
}

// A visitor sees each participant within a turn, and may ask it what it hears.
func TestVisit(t *testing.T) {
	n := offline(t, Options{})
	for range 3 * listAtOnce {
		join(t, n, blackHole{})
	}
	p := join(t, n, blackHole{})
	must(t, p.Subscribe(5))
	must(t, p.SubscribeRange(10, 20))
	visited := 0
	n.Visit(func(turn Turn, one *Participant) {
		visited++
		for _, c := range []wire.Channel{4, 5, 10, 20, 21} {
			if want := one == p && c != 4 && c != 21; turn.Hears(one, c) != want {
				t.Errorf("that one hears %d is not %v", c, want)
			}
		}
	})
	if visited != 3*listAtOnce+1 {
		t.Errorf("%d are visited", visited)
	}
	turn := n.Begin()
	turn.Claim(Claim{Service: ServesControl, Lo: 7, Hi: 7})
	turn.End()
	if all := n.Claims(); len(all) != 1 || all[0] != (Claim{Service: ServesControl, Lo: 7, Hi: 7}) {
		t.Errorf("it claims %v", all)
	}
}
