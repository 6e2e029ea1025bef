package e2e

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// keptCluster is three processes with NATS servers that have JetStream, in a full mesh.
type keptCluster struct {
	t       *testing.T
	servers []*daemon
	urls    []string
}

func newKeptCluster(t *testing.T) *keptCluster {
	t.Helper()
	c := &keptCluster{t: t}
	var clients, routes []string
	for range 3 {
		clients, routes = append(clients, freeAddress(t)), append(routes, freeAddress(t))
	}
	for i := range 3 {
		c.urls = append(c.urls, "nats://"+clients[i])
		c.servers = append(c.servers, newcomer(t, fmt.Sprintf(
			"daemon: {name: nats%d}\nbackbone: {embedded: {listen: '%s', server_name: n%d, store_dir: '%s', cluster: {name: test, listen: '%s', routes: ['nats://%s', 'nats://%s']}}}\n",
			i, clients[i], i, t.TempDir(), routes[i], routes[(i+1)%3], routes[(i+2)%3])))
	}
	for _, d := range c.servers {
		d.waitFor("ready took")
	}
	return c
}

// leader is which server leads the stream, and whether all three have all of it.
func (c *keptCluster) leader(js jetstream.JetStream, stream string) (leader int, whole bool) {
	c.t.Helper()
	until(c.t, "a leader of the stream", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s, err := js.Stream(ctx, stream)
		if err != nil {
			return false
		}
		info := s.CachedInfo().Cluster
		whole = len(info.Replicas) == 2 && !slices.ContainsFunc(info.Replicas, func(p *jetstream.PeerInfo) bool { return !p.Current || p.Offline })
		_, err = fmt.Sscanf(info.Leader, "n%d", &leader)
		return err == nil
	})
	return leader, whole
}

// A state server keeps its log on three NATS servers. One that does not lead the stream is
// killed, then one that leads it, and the state server while one is missing: no update that
// AIs send while it lives is lost, and nothing that anybody was told is forgotten.
func TestThreeServers(t *testing.T) {
	t.Parallel()
	c := newKeptCluster(t)
	const stream = "astron-stateserver-402000"
	h := newKeptHost(t, c.urls[0], townPath(t), "") // at the first server, which is not killed
	serves := run(t, h.config("state", keptServer))
	nc, err := nats.Connect(c.urls[0])
	must(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	must(t, err)
	until(t, "three replicas", func() bool { _, whole := c.leader(js, stream); return whole })
	for leader := 0; leader == 0; {
		if leader, _ = c.leader(js, stream); leader == 0 {
			_, _ = nc.Request("$JS.API.STREAM.LEADER.STEPDOWN."+stream, nil, time.Second)
		}
	}

	h.createPebble()
	heard := counting{speaker: h.watch, update: "8000: SET_FIELD do_id=6000 setA(%d)"}
	// while has an AI send updates while something happens, and until all have been heard.
	while := func(what string, lossless bool, happens func()) {
		first, happened := heard.highest, make(chan struct{})
		heard.missing = 0
		stop := h.ai.countUp("setA", 6000, first+1)
		heard.until(first + 200)
		heard.pause, heard.last = 0, time.Now()
		go func() {
			happens()
			close(happened)
		}()
		for more := true; more; heard.next() {
			select {
			case <-happened:
				more = false
			default:
			}
		}
		heard.until(heard.highest + 200)
		heard.until(stop())
		t.Logf("%s: %d updates, %d missing, the longest pause %v", what, heard.highest-first, heard.missing, heard.pause.Round(time.Millisecond))
		if lossless && heard.missing > 0 {
			t.Errorf("%s: %d updates are missing", what, heard.missing)
		}
	}
	kill := func(i int) func() {
		return func() {
			c.servers[i].signal(os.Kill)
			c.servers[i].wait()
		}
	}
	leader, _ := c.leader(js, stream)
	follower := 3 - leader
	while("a follower is killed", true, kill(follower))
	while("the state server is killed, with two servers", false, func() {
		serves.signal(os.Kill)
		serves.wait()
		serves = run(t, h.config("state2", keptServer))
	})
	while("the follower comes back", true, func() {
		c.servers[follower] = c.servers[follower].again()
		until(t, "three replicas", func() bool { _, whole := c.leader(js, stream); return whole })
	})
	leader, _ = c.leader(js, stream)
	if leader == 0 {
		return // it is the one that the others are connected to
	}
	while("the leader is killed", true, kill(leader))
	if got := serves.text(); strings.Contains(got, "cannot be kept") {
		t.Error("the state server has given up")
	}
}
