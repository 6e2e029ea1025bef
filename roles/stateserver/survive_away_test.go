package stateserver

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/msgtext"
	"natstron/internal/race"
	"natstron/roles/rolestest/script"
)

// TestJetStreamAway: while JetStream does not answer, nothing is announced, and when too much
// waits it is refused, counted and logged. When JetStream is back, all that was not refused is
// announced, in order.
func TestJetStreamAway(t *testing.T) {
	if race.Enabled {
		t.Skip("NOT TESTED: the NATS server does not lock what it writes when JetStream is switched on again")
	}
	dir := t.TempDir()
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: dir})
	must(t, err)
	go srv.Start()
	if !srv.ReadyForConnections(20 * time.Second) {
		t.Fatal("the NATS server did not start")
	}
	defer srv.Shutdown()
	c := &cluster{Cluster: script.On(t, townFile(t), script.Start(t, bridge.Options{Name: "hub", External: &bridge.External{URLs: []string{srv.ClientURL()}}})), markers: map[string]*actor{}}
	c.Nodes = map[string]*bridge.Node{"hub": c.Node}
	c.markers["hub"] = c.JoinAt("hub", "marker", firstMarker)
	c.Actors = nil
	defer c.Leave()
	r := c.survivor(t, "hub", Options{Control: 402000})
	defer r.Stop(context.Background(), errKilled)
	maker, watcher := c.Join("maker", 8000), c.Join("watcher", wire.Location{Parent: 5000, Zone: 1}.Channel())
	c.Say(maker, `402000 CREATE_OBJECT_WITH_REQUIRED do_id=6000 location=5000:1 dclass=Pebble setA(0) setB(2) setC(3)`)
	c.quiet(t, r)
	watcher.Take()

	r.space.survival.most = 16 << 10
	must(t, srv.DisableJetStream())
	maker = c.Join("another", 8000) // what it says waits for nothing that it has ordered
	sent := 0
	for r.Stats().Refused[NotKept] < 10 {
		sent++
		c.Say(maker, fmt.Sprintf("6000 SET_FIELD 6000 setA(%d)", sent))
	}
	c.Say(maker, "6000 GET_FIELD 1 6000 setA") // refused, too
	accepted := sent - 10
	c.Record()
	if got := watcher.Take(); len(got) > 0 {
		t.Errorf("%d messages were announced", len(got))
	}
	for deadline := time.Now().Add(20 * time.Second); r.Ready(t.Context()) == nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is ready")
		}
	}
	if !strings.Contains(strings.Join(c.Log.Take(), ""), "reason=not_kept") {
		t.Error("it is not logged")
	}
	must(t, srv.EnableJetStream(&server.JetStreamConfig{StoreDir: dir}))
	c.quiet(t, r)
	c.Record()
	for n := 1; n <= accepted; n++ {
		want := fmt.Sprintf("8000: SET_FIELD do_id=6000 setA(%d)", n)
		if got := watcher.Take(); len(got) == 0 || msgtext.Text(c.File, got[0]) != want {
			t.Fatalf("%d messages, the first is not %s", len(got), want)
		} else {
			watcher.Received = got[1:]
		}
	}
	if got := watcher.Take(); len(got) > 0 {
		t.Errorf("%d messages more", len(got))
	}
	must(t, r.Ready(t.Context()))
	c.Say(maker, "6000 SET_FIELD 6000 setA(7)")
	c.quiet(t, r)
	if got := watcher.Take(); len(got) != 1 {
		t.Errorf("%d messages", len(got))
	}
}
