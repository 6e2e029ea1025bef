package bridge

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/transport"
	"natstron/bridge/wire"
)

func TestStartRefuses(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	nobody := ln.Addr().String()
	ln.Close()
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"a prefix with a wildcard":       {Options{Subjects: Subjects{"a.*"}}, "prefix"},
		"too few heartbeats":             {Options{Heartbeat: time.Second, DeadAfter: time.Second}, "heartbeats"},
		"no URL":                         {Options{External: &External{}}, "no URL"},
		"nobody at the URL":              {Options{External: &External{URLs: []string{"nats://user:secret@" + nobody}}}, "connect"},
		"no port":                        {Options{Embedded: Embedded{Listen: "127.0.0.1"}}, "listen"},
		"a cluster that listens nowhere": {Options{Embedded: Embedded{Listen: "none", Cluster: Cluster{Listen: "127.0.0.1:0"}}}, "never joins a cluster"},
		"no such file":                   {Options{Embedded: Embedded{Listen: "none", Config: "/does/not/exist"}}, "exist"},
		"a hub that is not there": {Options{ConnectTimeout: 100 * time.Millisecond, Embedded: Embedded{
			Listen: "none", Leaf: Leaf{Remotes: []Remote{{URLs: []string{"nats-leaf://" + nobody}}}},
		}}, "hubs"},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(test.options.ConnectTimeout, 10*time.Second))
		n, err := Start(ctx, test.options)
		cancel()
		if err == nil {
			n.Stop(context.Background())
			t.Errorf("%s: started", name)
		} else if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Stop tells every participant, waits until they have left, and sends what they
// left behind. Nobody joins any more.
func TestStop(t *testing.T) {
	n := embeddedNode(t, "127.0.0.1:0")
	nc, err := nats.Connect(n.URL())
	must(t, err)
	defer nc.Close()
	sub, err := nc.SubscribeSync("astron.>")
	must(t, err)
	must(t, nc.Flush())
	causes := make(chan error, 2)
	for i := range 2 {
		dropped := make(chan error, 1)
		p, err := n.Join("p", blackHole{}, func(cause error) { dropped <- cause })
		must(t, err)
		must(t, p.AddPostRemove(1, datagram(t, fmt.Sprint("post-remove ", i), 5)))
		go func() {
			causes <- <-dropped // told, and only then
			p.Leave()
		}()
	}
	n.Stop(context.Background())
	for range 2 {
		if cause := <-causes; !errors.Is(cause, ErrStopped) {
			t.Errorf("told %v", cause)
		}
		m, err := sub.NextMsg(10 * time.Second)
		must(t, err)
		if !strings.HasPrefix(text(m.Data), "post-remove") {
			t.Errorf("got %q", text(m.Data))
		}
	}
	<-n.Ended()
	if err := n.Err(); err != nil {
		t.Errorf("ended with %v", err)
	}
	if _, err := n.Join("late", blackHole{}, func(error) {}); !errors.Is(err, ErrStopped) {
		t.Errorf("joined after the end: %v", err)
	}
	n.Stop(context.Background())
}

// A participant whose owner never leaves does not keep a node from ending.
func TestStopIsBounded(t *testing.T) {
	n := embeddedNode(t, "none")
	_, err := n.Join("stays", blackHole{}, func(error) {})
	must(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	n.Stop(ctx)
	<-n.Ended()
}

// When its own server ends, a node has ended, and says so: also to participants
// that would have been kept over a gap.
func TestEmbeddedServerEnds(t *testing.T) {
	for _, keep := range []bool{false, true} {
		n, err := Start(context.Background(), Options{KeepOnGap: keep, Embedded: Embedded{Listen: "none"}})
		must(t, err)
		dropped := make(chan error, 1)
		p, err := n.Join("p", blackHole{}, func(cause error) { dropped <- cause })
		must(t, err)
		n.transport.Shutdown()
		if cause := <-dropped; !errors.Is(cause, ErrBackboneLost) {
			t.Errorf("keep %v: told %v", keep, cause)
		}
		<-n.Ended()
		if !errors.Is(n.Err(), transport.ErrServerEnded) {
			t.Errorf("keep %v: ended with %v", keep, n.Err())
		}
		if _, err := n.Join("late", blackHole{}, func(error) {}); err == nil {
			t.Errorf("keep %v: joined after the end", keep)
		}
		p.Leave()
	}
}

// From the moment on in which somebody outside has subscribed, they get all that
// is sent, however the node's own subscriptions come and go.
func TestOperatorSeesEverything(t *testing.T) {
	n := embeddedNode(t, "127.0.0.1:0")
	sender, local := join(t, n, blackHole{}), join(t, n, blackHole{})
	defer sender.Leave()
	defer local.Leave()
	nc, err := nats.Connect(n.URL())
	must(t, err)
	defer nc.Close()
	const rounds, each = 50, 20
	for i := range rounds {
		for _, subject := range []string{"astron.>", "astron.0.*.*.5", "astron.0.0.0.5", "astron.0.>"} {
			sub, err := nc.SubscribeSync(subject)
			must(t, err)
			must(t, nc.Flush())
			for k := range each {
				send(t, sender, fmt.Sprint(k), 5)
				switch (i + k) % 5 {
				case 0:
					must(t, local.Subscribe(5))
				case 1:
					must(t, local.SubscribeRange(0, 1000))
				case 2:
					local.Unsubscribe(5)
				case 3:
					must(t, local.UnsubscribeRange(0, wire.MaxChannel))
				}
			}
			for k := range each {
				m, err := sub.NextMsg(10 * time.Second)
				if err != nil || text(m.Data) != fmt.Sprint(k) {
					t.Fatalf("%s, round %d: datagram %d was not seen: %v", subject, i, k, err)
				}
			}
			must(t, sub.Unsubscribe())
		}
	}
}

// frozenServer speaks as much of NATS's protocol as a connection takes and a node needs to
// try its permissions, then reads nothing more.
func frozenServer(t *testing.T) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	conns := make(chan net.Conn, 100)
	go func() {
		defer close(conns)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conns <- conn
			fmt.Fprintf(conn, "INFO {\"server_id\":\"x\",\"version\":\"2.10.0\",\"proto\":1,\"max_payload\":1048576,\"headers\":true}\r\n")
			lines := bufio.NewScanner(conn)
			for range 2 {
				for lines.Scan() && !strings.HasPrefix(lines.Text(), "PING") {
				}
				fmt.Fprintf(conn, "PONG\r\n")
			}
		}
	}()
	t.Cleanup(func() {
		ln.Close()
		for conn := range conns {
			conn.Close()
		}
	})
	return "nats://" + ln.Addr().String()
}

// A server that does not read makes no sender wait, and no queue grow past its
// limit: the backbone counts as lost.
func TestServerThatDoesNotRead(t *testing.T) {
	t.Parallel()
	n, err := Start(context.Background(), Options{External: &External{URLs: []string{frozenServer(t)}}, MaxPending: 4 << 20})
	must(t, err)
	dropped := make(chan error, 1)
	p, err := n.Join("p", blackHole{}, func(cause error) { dropped <- cause })
	must(t, err)
	d := datagram(t, string(make([]byte, 60_000)), 5)
	began, most := time.Now(), 0
	for sent := 0; ; sent++ {
		before := time.Now()
		err := p.Send(d)
		if took := time.Since(before); took > 2*time.Second {
			t.Fatalf("datagram %d waited %v", sent, took)
		}
		if errors.Is(err, ErrCutOff) {
			break
		}
		must(t, err)
		if most = max(most, n.Stats().Pending); most > 8<<20 || time.Since(began) > 20*time.Second {
			t.Fatalf("after %d datagrams %d bytes wait, and nobody is told", sent, most)
		}
	}
	if cause := <-dropped; !errors.Is(cause, ErrBackboneLost) {
		t.Errorf("told %v", cause)
	}
	p.Leave()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	n.Stop(ctx)
	if s := n.Stats(); s.Gaps == 0 || s.Unpublished == 0 || ctx.Err() != nil {
		t.Errorf("gaps %d, unpublished %d, stopped: %v", s.Gaps, s.Unpublished, ctx.Err())
	}
}
