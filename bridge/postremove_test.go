package bridge

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// On leaving, first the subscriptions end, then the post-removes go out in the
// order in which they were added, to everybody but their own participant.
func TestPostRemovesOnLeave(t *testing.T) {
	n := online(t, Options{})
	inbox := NewInbox(1 << 20)
	watcher := join(t, n, inbox)
	noErr(t, watcher.Subscribe(5))
	p := join(t, n, blackHole{})
	noErr(t, p.Subscribe(5))
	noErr(t, p.AddPostRemove(1, datagram(t, "first", 5)))
	noErr(t, p.AddPostRemove(2, datagram(t, "cleared", 5)))
	noErr(t, p.AddPostRemove(1, datagram(t, "second", 5)))
	noErr(t, p.AddPostRemove(2, datagram(t, "cleared, too", 5)))
	p.ClearPostRemoves(2)
	p.ClearPostRemoves(9)
	noErr(t, p.AddPostRemove(2, datagram(t, "third", 5)))
	queued(n)
	p.Leave()
	p.Leave()
	var got []string
	for _, d := range inbox.Take() {
		got = append(got, text(d.Datagram))
	}
	if diff := cmp.Diff([]string{"first", "second", "third"}, got); diff != "" {
		t.Errorf("delivered: (-want +got)\n%s", diff)
	}
	want := []string{
		"publish astron.0.0.0.5 self-pr.1.2 first",
		"publish astron.0.0.0.5 self-pr.3.2 second",
		"publish astron.0.0.0.5 self-pr.5.2 third",
		`note astronctl.pr.self {"clear":[1,3,5]}`,
	}
	if diff := cmp.Diff(want, queued(n)); diff != "" {
		t.Errorf("queued: (-want +got)\n%s", diff)
	}
	if n.Stats().PostRemoveBytes != 0 {
		t.Error("the node still keeps post-removes that were sent")
	}
	if err := p.AddPostRemove(1, datagram(t, "too late", 5)); err == nil {
		t.Error("a post-remove of a participant that has left was taken")
	}
}

func TestPostRemovesThatCannotBeKept(t *testing.T) {
	n := offline(t, Options{ParticipantLimits: ParticipantLimits{MaxPostRemoves: 2}})
	p := join(t, n, blackHole{})
	if err := p.AddPostRemove(1, wire.Datagram{2, 0}); !errors.Is(err, wire.ErrTruncated) {
		t.Errorf("truncated: %v", err)
	}
	if err := p.AddPostRemove(1, nil); !errors.Is(err, wire.ErrTruncated) {
		t.Errorf("empty: %v", err)
	}
	// The longest that still fits into CONTROL_ADD_POST_REMOVE, and one byte more.
	longest := append(datagram(t, "", 5), make([]byte, membership.MaxPostRemove-21)...)
	var w wire.Writer
	if _, err := w.Control(wire.ControlAddPostRemove).Channel(1).Blob(longest).Datagram(); err != nil {
		t.Fatalf("%d bytes do not fit: %v", len(longest), err)
	}
	if err := p.AddPostRemove(1, append(longest, 0)); !errors.Is(err, wire.ErrTooLong) {
		t.Errorf("%d bytes: %v", len(longest)+1, err)
	}
	noErr(t, p.AddPostRemove(1, longest))
	noErr(t, p.AddPostRemove(1, datagram(t, "second", 5)))
	if err := p.AddPostRemove(1, datagram(t, "third", 5)); !errors.Is(err, ErrTooManyPostRemoves) {
		t.Errorf("third of two: %v", err)
	}
	if got := n.Stats().Malformed; got != 2 {
		t.Errorf("%d malformed datagrams counted, want 2", got)
	}
}

// Post-removes are bounded by their bytes, of one participant and of all, and what is
// sent or cleared makes room.
func TestPostRemoveBytes(t *testing.T) {
	d := datagram(t, strings.Repeat("x", 1000-membership.PostRemoveSize-len(datagram(t, "", 5))), 5) // 1,000 in all
	n := online(t, Options{MaxPostRemoveBytes: 5000, ParticipantLimits: ParticipantLimits{MaxParticipantPostRemoveBytes: 3000}})
	a, b := join(t, n, blackHole{}), join(t, n, blackHole{})
	fill := func(p *Participant, want int) {
		t.Helper()
		for range want {
			noErr(t, p.AddPostRemove(1, d))
		}
		if err := p.AddPostRemove(1, d); !errors.Is(err, ErrTooManyPostRemoves) {
			t.Errorf("one more than %d: %v", want, err)
		}
	}
	fill(a, 3)
	fill(b, 2)
	a.ClearPostRemoves(1)
	fill(b, 1)
	b.Leave()
	fill(a, 3)
	if s := n.Stats(); s.PostRemovesRefused != 4 || s.PostRemoveBytes != 3000 {
		t.Errorf("%d refused, %d bytes kept", s.PostRemovesRefused, s.PostRemoveBytes)
	}
}

// What was lent for AddPostRemove is the caller's again.
func TestPostRemoveIsCopied(t *testing.T) {
	n := offline(t, Options{})
	inbox := NewInbox(1 << 10)
	noErr(t, join(t, n, inbox).Subscribe(5))
	p := join(t, n, blackHole{})
	d := datagram(t, "as it was", 5)
	noErr(t, p.AddPostRemove(1, d))
	clear(d)
	p.Leave()
	if got := inbox.Take(); len(got) != 1 || text(got[0].Datagram) != "as it was" {
		t.Errorf("got %v", got)
	}
}

// NATS takes messages of at most one megabyte: no note may be longer, however
// many post-removes one participant leaves behind.
func TestClearingManyPostRemovesFitsIntoMessages(t *testing.T) {
	n := online(t, Options{})
	p := join(t, n, blackHole{})
	const many = 200_000
	d := datagram(t, "x", 5)
	for turn := n.Begin(); ; turn = n.Begin() {
		for range many / 10 {
			noErr(t, turn.AddPostRemove(p, 1, d))
		}
		turn.End()
		queued(n)
		if len(p.postRemoves) == many {
			break
		}
	}
	p.ClearPostRemoves(1)
	for _, line := range queued(n) {
		if len(line) > 1<<20-1<<10 {
			t.Errorf("a note has %d bytes: %.60s…", len(line), line)
		}
	}
}

// Without a backbone post-removes are kept for when there is one again.
func TestPostRemovesAreOwed(t *testing.T) {
	n := online(t, Options{})
	p := join(t, n, blackHole{})
	noErr(t, p.AddPostRemove(1, datagram(t, "owed", 5)))
	loseLink(n)
	p.Leave()
	n.attach(&fakeLink{origin: "next"}, membership.Place{}, 0)
	var sent []string
	for _, line := range queued(n) {
		if !strings.HasPrefix(line, "note astronctl.h") {
			sent = append(sent, line)
		}
	}
	want := []string{"publish astron.0.0.0.5 self-pr.1.1 owed"}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The post-removes of participants that were kept are the new origin's, and the
// others are told which one it continues; but each keeps its identity, so that it
// is known if it was sent already.
func TestKeptPostRemovesKeepTheirIdentity(t *testing.T) {
	n := online(t, Options{})
	p := join(t, n, blackHole{})
	noErr(t, p.AddPostRemove(1, datagram(t, "kept", 5)))
	loseLink(n)
	noErr(t, p.AddPostRemove(1, datagram(t, "meanwhile", 5)))
	n.attach(&fakeLink{origin: "next"}, membership.Place{}, 0)
	lines := strings.Join(queued(n), "\n")
	for _, want := range []string{`"was":["self"]`, `note astronctl.pr.next {"add":{"origin":"self","seq":1,`, `note astronctl.pr.next {"add":{"origin":"self","seq":2,`} {
		if !strings.Contains(lines, want) {
			t.Errorf("not told: %s, in\n%s", want, lines)
		}
	}
	p.Leave()
	want := []string{
		"publish astron.0.0.0.5 self-pr.1.1 kept",
		"publish astron.0.0.0.5 self-pr.2.1 meanwhile",
		`note astronctl.pr.next {"clear":[1,2]}`,
	}
	if diff := cmp.Diff(want, queued(n)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// loseLink is what a gap does to a node.
func loseLink(n *Node) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.detach()
}
