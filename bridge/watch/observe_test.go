package watch

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// observedNode is a node with a participant, and a NATS server to observe it at.
func observedNode(t *testing.T) (*bridge.Node, *bridge.Participant) {
	t.Helper()
	n, err := bridge.Start(t.Context(), bridge.Options{Embedded: bridge.Embedded{Listen: "127.0.0.1:0"}})
	if err != nil {
		t.Fatal(err)
	}
	inbox := bridge.NewInbox(1 << 20)
	p, err := n.Join("talker", inbox, func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Leave()
		n.Stop(context.Background())
	})
	return n, p
}

func observe(t *testing.T, n *bridge.Node, o Options) *Observer {
	t.Helper()
	o.Server.URLs = []string{n.URL()}
	ob, err := Observe(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ob.Close)
	return ob
}

// observable is a datagram with the number n for a payload.
func observable(t *testing.T, n uint32, recipients ...wire.Channel) wire.Datagram {
	t.Helper()
	d, err := new(wire.Writer).Header(4000, wire.StateServerObjectSetField, recipients...).Uint32(n).Datagram()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// numbersSeen runs ob until it has seen the datagram with the number last, and
// returns the numbers of all that it saw.
func numbersSeen(t *testing.T, ob *Observer, last uint32) []uint32 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var got []uint32
	err := ob.Run(ctx, func(o Observed) {
		m, err := o.Datagram.Message()
		if err != nil {
			t.Error(err)
		}
		n := m.Payload.Uint32()
		got = append(got, n)
		if n == last {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 || got[len(got)-1] != last {
		t.Fatalf("saw %v, and then nothing for 10 s; want %d at the end", got, last)
	}
	return got
}

func sendObserved(t *testing.T, p *bridge.Participant, d wire.Datagram) {
	t.Helper()
	if err := p.Send(d); err != nil {
		t.Fatal(err)
	}
}

func TestObserverSeesEachDatagramOnce(t *testing.T) {
	n, p := observedNode(t)
	ob := observe(t, n, Options{})
	sendObserved(t, p, observable(t, 1, 5000))
	sendObserved(t, p, observable(t, 2, 5000, 402000000, 7<<32|9, 5000))
	sendObserved(t, p, observable(t, 3, 7<<32|9))
	if diff := cmp.Diff([]uint32{1, 2, 3}, numbersSeen(t, ob, 3)); diff != "" {
		t.Error(diff)
	}
	if s := ob.Stats(); s.Datagrams != 3 || s.Messages != 5 || s.Missed != 0 {
		t.Errorf("stats %+v, want 3 datagrams in 5 messages", s)
	}
}

func TestObserverToldWhoSent(t *testing.T) {
	n, p := observedNode(t)
	ob := observe(t, n, Options{})
	d := observable(t, 1, 5000)
	sendObserved(t, p, d)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var seen Observed
	if err := ob.Run(ctx, func(o Observed) { seen = o; cancel() }); err != nil {
		t.Fatal(err)
	}
	want := Observed{Time: seen.Time, Datagram: d, Origin: seen.Origin, Seq: 1, Participant: p.ID()}
	if diff := cmp.Diff(want, seen); diff != "" || seen.Origin == "" {
		t.Error(diff)
	}
}

// The covers of the filters overlap and take in more than was asked for.
func TestObserverFiltersExactly(t *testing.T) {
	n, p := observedNode(t)
	ob := observe(t, n, Options{Only: []wire.ChannelRange{
		{Min: 5000, Max: 5000}, {Min: 5010, Max: 6000}, {Min: 5990, Max: 2_500_000}, {Min: 7 << 32, Max: 7<<32 | 10},
		{Min: 7<<32 | 20, Max: 7<<32 | 20}, {Min: 9, Max: 8},
	}})
	for i, c := range []wire.Channel{4999, 5000, 5001, 5009, 5010, 2_500_000, 2_500_001, 7<<32 | 9, 7<<32 | 11, 7<<32 | 20, 8} {
		sendObserved(t, p, observable(t, uint32(i), c))
	}
	sendObserved(t, p, observable(t, 100, 4999, 8, 5000))
	if diff := cmp.Diff([]uint32{1, 4, 5, 7, 9, 100}, numbersSeen(t, ob, 100)); diff != "" {
		t.Error(diff)
	}
}

func TestObserverOfNothing(t *testing.T) {
	only, covers := narrowTo([]wire.ChannelRange{{Min: 9, Max: 8}})
	if len(covers) != 0 || only == nil {
		t.Errorf("covers %v, only %v: want none, and not all", covers, only)
	}
}

// What others than nodes publish has no identity: every copy counts.
func TestObserverSeesStrangers(t *testing.T) {
	n, _ := observedNode(t)
	ob := observe(t, n, Options{Only: []wire.ChannelRange{{Min: 5000, Max: 5000}, {Min: 0, Max: math.MaxUint32}}})
	nc, err := nats.Connect(n.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	for _, payload := range [][]byte{nil, {200}, observable(t, 1, 5000), observable(t, 2, 5000)} {
		if err := nc.Publish(bridge.Subjects{}.Subject(5000), payload); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]uint32{1, 2}, numbersSeen(t, ob, 2)); diff != "" {
		t.Error(diff)
	}
	if s := ob.Stats(); s.Malformed != 2 {
		t.Errorf("stats %+v, want 2 malformed", s)
	}
}

// Nobody takes what comes: the queue fills, and what does not fit is counted.
func TestObserverSaysWhatItMissed(t *testing.T) {
	n, p := observedNode(t)
	ob := observe(t, n, Options{MaxQueue: 3 * (observedSize + len(observable(t, 0, 5000)))})
	const sent = 100
	for i := range sent {
		sendObserved(t, p, observable(t, uint32(i), 5000))
	}
	waitForObserver(t, func() bool { return ob.Stats().Messages == sent })
	if diff := cmp.Diff([]uint32{0, 1, 2}, numbersSeen(t, ob, 2)); diff != "" {
		t.Error(diff)
	}
	if s := ob.Stats(); s.Missed != sent-3 {
		t.Errorf("stats %+v, want %d missed", s, sent-3)
	}
	sendObserved(t, p, observable(t, sent, 5000))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var missed uint64
	if err := ob.Run(ctx, func(o Observed) { missed += o.Missed; cancel() }); err != nil {
		t.Fatal(err)
	}
	if missed != 0 { // the three that were seen told it
		t.Errorf("%d missed were told again", missed)
	}
}

// waitForObserver polls until done holds.
func waitForObserver(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for !done() {
		select {
		case <-poll.C:
		case <-deadline.C:
			t.Fatal("waited for 10 s")
		}
	}
}

func TestObserverLosesItsServer(t *testing.T) {
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("no server")
	}
	ob, err := Observe(t.Context(), Options{Server: bridge.External{URLs: []string{srv.ClientURL()}}})
	if err != nil {
		t.Fatal(err)
	}
	defer ob.Close()
	srv.Shutdown()
	if err := ob.Run(t.Context(), func(Observed) {}); err == nil {
		t.Error("the server is gone, and that was no error")
	}
}

func TestObserverRefused(t *testing.T) {
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		Users: []*server.User{{Username: "blind", Password: "x", Permissions: &server.Permissions{
			Subscribe: &server.SubjectPermission{Deny: []string{"astron.>"}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	defer srv.Shutdown()
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("no server")
	}
	at := bridge.External{URLs: []string{srv.ClientURL()}, Login: bridge.Login{User: "blind", Password: "x"}}
	if _, err := Observe(t.Context(), Options{Server: at}); !errors.Is(err, nats.ErrPermissionViolation) {
		t.Errorf("got %v, want a permission violation", err)
	}
	at.Password = "y"
	if _, err := Observe(t.Context(), Options{Server: at}); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("got %v, want an authorization error", err)
	}
}
