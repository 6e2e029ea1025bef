package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// Where there are several servers or hubs to connect to, the nodes of a cluster may come
// to be on different ones; if these are not connected with each other, the two halves
// would not know of each other. So before a node serves anybody, and now and then later,
// it looks at all of the servers: whether it hears itself there, and if not, whom. The
// smaller half moves; of equal ones the half that is further back in the list.

var errOtherHalf = errors.New("other nodes are on another server that is not connected with this one")

// A server is one of those that a node may connect to.
type remoteServer interface {
	// look connects to the server, and calls heard with what it hears there on a
	// subject, for a time or until heard says no more.
	look(ctx context.Context, subject string, limit time.Duration, heard func(subject string, note []byte) (more bool)) error
	fmt.Stringer
}

// sight is what is heard at a server.
type sight struct {
	self  bool
	nodes map[string]bool // by origin: whether it serves
	err   error
}

// lookFor is how many heartbeats a node listens to a server.
const lookFor = 3

// lookTimeout is how long a server has to take a connection.
const lookTimeout = time.Second

// look listens to all servers at once.
func (n *Node) look(ctx context.Context, servers []remoteServer, self string) []sight {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout+lookFor*n.options.Heartbeat)
	defer cancel()
	prefix := n.options.Subjects.Control() + "." + kindHeartbeat + "."
	sights := make([]sight, len(servers))
	var all sync.WaitGroup
	for i, server := range servers {
		all.Go(func() {
			s := &sights[i]
			s.nodes = map[string]bool{}
			s.err = server.look(ctx, prefix+"*", lookFor*n.options.Heartbeat, func(subject string, payload []byte) bool {
				origin := strings.TrimPrefix(subject, prefix)
				var note heartbeatNote
				if len(payload) > maxNote(kindHeartbeat) || !isOrigin(origin) || json.Unmarshal(payload, &note) != nil || len(s.nodes) >= maxPeers {
					return true
				}
				s.self = origin == self
				s.nodes[origin] = !note.Joining
				return !s.self
			})
		})
	}
	all.Wait()
	return sights
}

// better is the server to which a node should move, -1 for none. here says which nodes it
// knows, and whether they serve, itself included.
func better(sights []sight, here map[string]bool) int {
	serving := func(nodes map[string]bool) (count int) {
		for _, serves := range nodes {
			if serves {
				count++
			}
		}
		return count
	}
	best, most := -1, serving(here)
	for i, s := range sights {
		if s.self && best < 0 { // this half comes before the others of its size
			best = len(sights)
		}
		strangers := false
		for origin := range s.nodes {
			if _, known := here[origin]; !known {
				strangers = true
			}
		}
		if s.self || !strangers {
			continue
		}
		if theirs := serving(s.nodes); theirs > most || (theirs == most && best < 0) {
			best, most = i, theirs
		}
	}
	if best == len(sights) {
		return -1
	}
	return best
}

// otherHalf says whether the node is to move, and has the next connection lead there.
func (n *Node) otherHalf(ctx context.Context, l *link) bool {
	servers := n.transport.servers()
	if len(servers) < 2 {
		return false
	}
	sights := n.look(ctx, servers, l.origin)
	t := n.Begin()
	here := map[string]bool{n.origin: n.serving}
	for origin, p := range n.peers.known {
		if p.met == n.origin {
			here[origin] = !p.joining
		}
	}
	t.End()
	to := better(sights, here)
	if to < 0 || ctx.Err() != nil {
		return false
	}
	n.log.Warn("other nodes are on a server that is not connected with this one: moving there",
		"to", servers[to], "nodes_there", len(sights[to].nodes), "nodes_here", len(here))
	n.transport.prefer(servers[to])
	return true
}

// lookAround looks for another half from time to time, until the link ends.
func (l *link) lookAround() {
	n := l.node
	if len(n.transport.servers()) < 2 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-l.lost:
			cancel()
		case <-ctx.Done():
		}
	}()
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		select {
		case <-l.lost:
			return
		case <-time.After(pause + rand.N(pause/2)):
		}
		if n.otherHalf(ctx, l) {
			l.lose(errOtherHalf)
			return
		}
	}
}

// The pauses between two looks: short ones at first, since halves come about when nodes
// connect.
const (
	firstLook = time.Second
	lastLook  = time.Minute
)

// retreat ends a link on which nobody was served yet.
func (n *Node) retreat(l *link) {
	t := n.Begin()
	n.tell(kindBye, struct{}{})
	t.End()
	l.drain(n.options.ConnectTimeout)
	l.close()
	t = n.Begin()
	defer t.End()
	n.outbox.shut()
	n.link, n.lostAt = nil, time.Now()
	n.releaseHeld(true)
	n.giveUpSettling()
}

// listenTo calls heard with what comes on a subject of a connection, for a time.
func listenTo(ctx context.Context, nc *nats.Conn, subject string, limit time.Duration, heard func(string, []byte) bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	sub, err := nc.SubscribeSync(subject)
	if err != nil {
		return err
	}
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil || !heard(m.Subject, m.Data) {
			return err
		}
	}
}

// servers are those of the URLs.
func (e *external) servers() (all []remoteServer) {
	for _, url := range e.URLs {
		all = append(all, externalServer{e, url})
	}
	return all
}

// externalServer is one of several.
type externalServer struct {
	*external
	url string
}

func (s externalServer) String() string { return redact([]string{s.url}) }

func (s externalServer) look(ctx context.Context, subject string, limit time.Duration, heard func(string, []byte) bool) error {
	nc, err := nats.Connect(s.url, append(s.options(asItIs), nats.NoReconnect(), nats.Timeout(lookTimeout), nats.Name("looks for other nodes"))...)
	if err != nil {
		return err
	}
	defer nc.Close()
	return listenTo(ctx, nc, subject, limit, heard)
}

// prefer has the next connection try a server before the others.
func (e *external) prefer(s remoteServer) { e.preferred.Store(s.(externalServer).url) }
