package bridge

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// logTo logs all levels.
func logTo(log *msgtext.Log) *slog.Logger {
	return slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// unheardLines is what the log says of messages that nobody received.
func unheardLines(log *msgtext.Log) []string {
	var lines []string
	for _, m := range regexp.MustCompile(`level=(\w+) msg="nobody received a message" msgtype=(.*)\n`).FindAllStringSubmatch(log.String(), -1) {
		lines = append(lines, m[1]+" "+m[2])
	}
	return lines
}

// counted is what the node has counted, as text.
func counted(n *Node) (all []string) {
	for _, u := range n.Stats().Unheard {
		if u.Count > 0 {
			all = append(all, fmt.Sprint(u.Message, " ", u.Kind, " ", u.Count))
		}
	}
	return all
}

// What nobody receives is counted by type and kind of channel, and the first of each is
// logged, with what is probably meant.
func TestUnheard(t *testing.T) {
	var log msgtext.Log
	n, err := Start(t.Context(), Options{Log: logTo(&log), Embedded: Embedded{Listen: "127.0.0.1:0"}})
	must(t, err)
	defer n.Stop(t.Context())
	must(t, n.Reserve(t.Context(), Greeting{Holdings: []Holding{{Kind: HoldsControl, Lo: 402000, Hi: 402000, By: "state server"}}}))
	turn := n.Begin()
	turn.Claim(Claim{Service: ServesClients, Lo: 1_000_000, Hi: 1_999_999})
	turn.End()
	p, there := join(t, n, blackHole{}), join(t, n, blackHole{})
	defer p.Leave()
	defer there.Leave()
	must(t, there.Subscribe(5000))

	give(t, p, wire.StateServerCreateObjectWithRequired, 4002)
	give(t, p, wire.StateServerCreateObjectWithRequired, 4002)
	give(t, p, wire.DBServerObjectGetAll, 4003)
	give(t, p, wire.StateServerObjectSetField, 100_000_001)
	give(t, p, wire.ClientAgentEject, 1_000_001)
	give(t, p, wire.StateServerObjectSetField, 1_000_001)     // as an owner gets it
	give(t, p, wire.StateServerObjectSetField, 77<<32, 70_00) // a place, and an AI
	give(t, p, wire.StateServerObjectSetField, 77<<32)
	give(t, p, wire.StateServerObjectGetFieldResp, 6000)
	give(t, p, wire.DBServerObjectGetAll, 77) // its own channel: is there another one?
	give(t, p, 12345, 7001)
	give(t, p, wire.StateServerObjectSetField, 100_000_001, 5000) // one hears it
	give(t, p, wire.StateServerCreateObjectWithRequired, 5000)

	want := []string{
		"0 other 1", "CLIENTAGENT_EJECT client 1", "STATESERVER_CREATE_OBJECT_WITH_REQUIRED control 2",
		"STATESERVER_OBJECT_GET_FIELD_RESP other 1", "STATESERVER_OBJECT_SET_FIELD object 2", "STATESERVER_OBJECT_SET_FIELD client 1",
		"STATESERVER_OBJECT_SET_FIELD broadcast 1", "DBSERVER_OBJECT_GET_ALL control 1",
	}
	if diff := cmp.Diff(want, counted(n)); diff != "" {
		t.Errorf("counted (-want +got)\n%s", diff)
	}
	want = []string{
		`WARN STATESERVER_CREATE_OBJECT_WITH_REQUIRED channel=4002 sender=77 hint="nobody serves control channel 4002; state servers here: 402000"`,
		`WARN DBSERVER_OBJECT_GET_ALL channel=4003 sender=77 hint="nobody serves control channel 4003; database servers here: none"`,
		`INFO STATESERVER_OBJECT_SET_FIELD channel=100000001 sender=77 hint="there is no object 100000001: it was never created, or is deleted, or its database-state server or UberDOG does not run"`,
		`INFO CLIENTAGENT_EJECT channel=1000001 sender=77 hint="there is no client 1000001: it has left, or its client agent does not run"`,
		`INFO STATESERVER_OBJECT_SET_FIELD channel=1000001 sender=77 hint="there is no client 1000001: it has left, or its client agent does not run"`,
		`DEBUG STATESERVER_OBJECT_GET_FIELD_RESP channel=6000 sender=77 hint="nobody is subscribed to channel 6000"`,
		`DEBUG 12345 channel=7001 sender=77 hint="nobody is subscribed to channel 7001"`,
	}
	if diff := cmp.Diff(want, unheardLines(&log)); diff != "" {
		t.Errorf("logged (-want +got)\n%s", diff)
	}
	for _, u := range n.Stats().Unheard {
		if u.Message == wire.DBServerObjectGetAll && (u.To != 4003 || u.From != 77 || time.Since(u.Last) > time.Minute) {
			t.Errorf("the last one is %+v", u)
		}
	}
}

// Somebody who watches everything is no receiver.
func TestUnheardThoughWatched(t *testing.T) {
	n := embeddedNode(t, "127.0.0.1:0")
	p := join(t, n, blackHole{})
	defer p.Leave()
	nc, err := nats.Connect(n.URL())
	must(t, err)
	defer nc.Close()
	program, err := nc.SubscribeSync(Subjects{}.Subject(4002))
	must(t, err)
	must(t, nc.Flush())
	give(t, p, wire.StateServerDeleteAIObjects, 4002)
	if got := counted(n); len(got) > 0 {
		t.Errorf("a program that is no node received it, and %v are counted", got)
	}
	must(t, program.Unsubscribe())
	_, err = nc.SubscribeSync(Subjects{}.All())
	must(t, err)
	must(t, nc.Flush())
	give(t, p, wire.StateServerDeleteAIObjects, 4002)
	if got := counted(n); len(got) != 1 {
		t.Errorf("an operator watches, and %v are counted", got)
	}
}

// A node on an external server asks NATS, and takes nobody's word for it who has none.
func TestUnheardOnAnExternalServer(t *testing.T) {
	server := embeddedNode(t, "127.0.0.1:0")
	var log msgtext.Log
	n, err := Start(t.Context(), Options{Log: logTo(&log), External: &External{URLs: []string{server.URL()}}})
	must(t, err)
	defer n.Stop(t.Context())
	p, there := join(t, n, blackHole{}), join(t, server, blackHole{})
	defer p.Leave()
	defer there.Leave()
	must(t, there.Subscribe(5000))
	eventually(t, "NATS has the subscription", func() bool { return server.transport.Listeners().Heard(Subjects{}.Subject(5000)) })

	give(t, p, wire.StateServerCreateObjectWithRequired, 5000)
	give(t, p, wire.DBServerObjectGetAll, 4003) // NATS answers in order
	eventually(t, "NATS has answered", func() bool { return len(counted(n)) > 0 })
	if diff := cmp.Diff([]string{"DBSERVER_OBJECT_GET_ALL control 1"}, counted(n)); diff != "" {
		t.Errorf("counted (-want +got)\n%s\nlog: %s", diff, log.String())
	}
	eventually(t, "it is logged", func() bool { return len(unheardLines(&log)) > 0 })
	if lines := unheardLines(&log); len(lines) != 1 || !strings.HasPrefix(lines[0], "WARN DBSERVER_OBJECT_GET_ALL channel=4003 sender=77") {
		t.Errorf("logged %q", lines)
	}
	eventually(t, "the question arrives that somebody hears", func() bool { return server.Stats().Received >= 2 })
	if s := server.Stats(); s.Malformed > 0 {
		t.Errorf("the question that somebody did hear counts as malformed: %d", s.Malformed)
	}
}

// Counting allocates nothing.
func TestUnheardDoesNotAllocate(t *testing.T) {
	n := embeddedNode(t, "127.0.0.1:0")
	p := join(t, n, blackHole{})
	defer p.Leave()
	for _, to := range []wire.Channel{5, 77 << 32, 402000} {
		var w wire.Writer
		d, err := w.Header(77, wire.StateServerCreateObjectWithRequired, to).Datagram()
		must(t, err)
		_ = p.Send(d) // it is logged
		if got := testing.AllocsPerRun(1000, func() { _ = p.Send(d) }); got > 0 {
			t.Errorf("%v allocations for each datagram to %d", got, to)
		}
	}
}

// At the level packet each datagram is a line; the level may change while the node runs.
func TestPacketLog(t *testing.T) {
	var log msgtext.Log
	var level slog.LevelVar
	level.Set(levelPacket)
	n, err := Start(t.Context(), Options{
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: &level})), Heartbeat: 10 * time.Millisecond,
		Embedded: Embedded{Listen: "127.0.0.1:0"},
	})
	must(t, err)
	defer n.Stop(t.Context())
	p, there := join(t, n, blackHole{}), join(t, n, blackHole{})
	defer p.Leave()
	defer there.Leave()
	must(t, there.Subscribe(5000))
	give(t, p, wire.StateServerObjectSetField, 5000, 6000)
	must(t, p.Send(wire.Datagram{0}))
	for _, want := range []string{
		"msg=routed msgtype=STATESERVER_OBJECT_SET_FIELD sender=77 to=5000,6000 by=TestPacketLog receivers_here=1 bytes=27\n",
		`msg=routed to="" by=TestPacketLog receivers_here=0 bytes=1`,
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not in the log:\n%s", want, log.String())
		}
	}
	level.Set(slog.LevelInfo)
	eventually(t, "no packet is logged any more", func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return !n.packets
	})
}
