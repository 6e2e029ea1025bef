package transport

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/natsconn"
)

// Embedded is a NATS server in this process, reached without a socket.
type Embedded struct {
	server  *server.Server
	access  Access
	account *server.Account
	listens bool                     // clients of other processes can connect
	remotes []*server.RemoteLeafOpts // hubs that it must be connected to
	hubs    map[uint64]*hub          // the leaf connections at the time of the last Ready

	beside  atomic.Int64 // connections of this process besides the node's
	streams atomic.Int64 // of JetStream, made for these
	subs    atomic.Int64 // of the account, when it was last looked for other streams
	kept    atomic.Bool  // there were some

	preferred  string // the address of the hub that it should connect to; empty: any
	redirected int    // connections that were ended because they lead to another one
}

// hub is what was last seen of the connection to one.
type hub struct {
	name   string
	rtt    string
	msgs   int64
	change time.Time // when that was last different
}

// Start starts the server that the options describe, and waits until it is ready, at
// most limit.
func Start(ctx context.Context, so *server.Options, access Access, limit time.Duration, log *slog.Logger) (*Embedded, error) {
	srv, err := server.NewServer(so)
	if err != nil {
		return nil, fmt.Errorf("embedded NATS server: %w", err)
	}
	logger := &serverLog{log: log.With("component", "nats")}
	srv.SetLoggerV2(logger, false, false, false)
	go srv.Start()
	for deadline := time.Now().Add(readyTimeout(ctx, limit)); !srv.ReadyForConnections(readyPoll); {
		if logger.fatal.Load() || time.Now().After(deadline) {
			srv.Shutdown()
			return nil, fmt.Errorf("embedded NATS server did not start: %w", logger.first())
		}
	}
	logger.started.Store(true)
	e := &Embedded{server: srv, access: access, listens: !so.DontListen, remotes: so.LeafNode.Remotes}
	if e.account, err = e.findAccount(); err != nil {
		srv.Shutdown()
		return nil, err
	}
	return e, nil
}

// readyPoll is how often a start looks whether the server has given up.
const readyPoll = 100 * time.Millisecond

func readyTimeout(ctx context.Context, limit time.Duration) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return min(limit, time.Until(deadline))
	}
	return limit
}

// findAccount asks the server which account our connection is in.
func (e *Embedded) findAccount() (*server.Account, error) {
	nc, err := e.Dial()
	if err != nil {
		return nil, fmt.Errorf("connect to the embedded NATS server: %w", err)
	}
	defer nc.Close()
	cid, err := nc.GetClientID()
	if err != nil {
		return nil, fmt.Errorf("embedded NATS server: %w", err)
	}
	list, err := e.server.Connz(&server.ConnzOptions{CID: cid, Username: true})
	if err != nil || len(list.Conns) != 1 || list.Conns[0].Account == "" {
		return e.server.GlobalAccount(), nil
	}
	account, err := e.server.LookupAccount(list.Conns[0].Account)
	if err != nil {
		return nil, fmt.Errorf("embedded NATS server: account %s: %w", list.Conns[0].Account, err)
	}
	return account, nil
}

const inProcessURL = "nats://127.0.0.1"

func (e *Embedded) dial(string, string) (net.Conn, error) { return e.server.InProcessConn() }

// Open implements [Transport].
func (e *Embedded) Open(name string, limit time.Duration) (*natsconn.Conn, error) {
	return open([]string{inProcessURL}, e.dial, e.access, name, limit)
}

// Dial connects by the NATS library.
func (e *Embedded) Dial(options ...nats.Option) (*nats.Conn, error) {
	return connect(inProcessURL, e.dial, e.access, options)
}

// leafPoll is the pause between two looks whether the hub is there.
const leafPoll = 20 * time.Millisecond

// Ready waits for the hubs.
func (e *Embedded) Ready(ctx context.Context) error {
	poll := time.NewTicker(leafPoll)
	defer poll.Stop()
	for {
		if !e.server.Running() {
			return ErrServerEnded
		}
		leaves, err := e.leaves()
		if err != nil {
			return err
		}
		if len(leaves) >= len(e.remotes) && !e.redirect(leaves) {
			e.hubs = map[uint64]*hub{}
			for id, leaf := range leaves {
				e.hubs[id] = &hub{leaf.Name, leaf.RTT, leaf.InMsgs, time.Now()}
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d hubs reached: %w", len(leaves), len(e.remotes), ctx.Err())
		case <-poll.C:
		}
	}
}

// leaves is the connections to hubs.
func (e *Embedded) leaves() (map[uint64]*server.LeafInfo, error) {
	if len(e.remotes) == 0 {
		return nil, nil
	}
	return leavesOf(e.server)
}

// leavesOf is a server's connections to hubs.
func leavesOf(s *server.Server) (map[uint64]*server.LeafInfo, error) {
	list, err := s.Leafz(nil)
	if err != nil {
		return nil, fmt.Errorf("embedded NATS server: %w", err)
	}
	leaves := map[uint64]*server.LeafInfo{}
	for _, leaf := range list.Leafs {
		if leaf.IsSpoke {
			leaves[leaf.ID] = leaf
		}
	}
	return leaves, nil
}

// Healthy reports whether the hubs are still connected by the same connections, and
// how long nothing has come from one: no message, and no answer to a ping, which
// shows in another round trip time.
func (e *Embedded) Healthy(now time.Time) (quiet time.Duration, err error) {
	if !e.server.Running() {
		return 0, ErrServerEnded
	}
	leaves, err := e.leaves()
	if err != nil {
		return 0, err
	}
	if len(leaves) != len(e.hubs) {
		return 0, ErrHubLost
	}
	for id, leaf := range leaves {
		h := e.hubs[id]
		if h == nil {
			return 0, ErrHubLost
		}
		if h.rtt != leaf.RTT || h.msgs != leaf.InMsgs {
			*h = hub{leaf.Name, leaf.RTT, leaf.InMsgs, now}
		}
		quiet = max(quiet, now.Sub(h.change))
	}
	return quiet, nil
}

// Hubs implements [Transport].
func (e *Embedded) Hubs() (names []string) {
	for _, h := range e.hubs {
		names = append(names, h.name)
	}
	return names
}

// Listeners implements [Transport].
func (e *Embedded) Listeners() Listeners { return e }

// Anybody implements [Listeners].
func (e *Embedded) Anybody() bool {
	return e.server.NumClients() > 1+int(e.beside.Load()) || e.server.NumLeafNodes() > 0 || e.server.NumRoutes() > 0 ||
		e.server.NumOutboundGateways() > 0 || e.server.JetStreamEnabled() && e.captured()
}

// captured reports whether there may be streams that another program has made. It looks for
// them when there is another number of subscriptions: each stream has one.
func (e *Embedded) captured() bool {
	if subs := int64(e.account.TotalSubs()); subs != e.subs.Swap(subs) {
		e.kept.Store(e.server.JetStreamNumAccounts() > 1 || int64(e.account.JetStreamUsage().Streams) > e.streams.Load())
	}
	return e.kept.Load()
}

// Beside implements [Transport]. Such a connection does not count as somebody who listens.
func (e *Embedded) Beside(options ...nats.Option) (nc *nats.Conn, end func(), err error) {
	if nc, err = e.Dial(options...); err != nil {
		return nil, nil, err
	}
	e.beside.Add(1)
	e.streams.Add(1)
	e.subs.Store(-1)
	return nc, sync.OnceFunc(func() {
		e.beside.Add(-1)
		e.streams.Add(-1)
		e.subs.Store(-1)
		nc.Close()
	}), nil
}

// Heard implements [Listeners].
func (e *Embedded) Heard(subject string) bool { return e.account.SubscriptionInterest(subject) }

// Public implements [Transport].
func (e *Embedded) Public() string {
	if !e.listens {
		return ""
	}
	return e.server.ClientURL()
}

// Monitor is where the server's own monitoring answers; empty: nowhere.
func (e *Embedded) Monitor() string {
	if a := e.server.MonitorAddr(); a != nil {
		return "http://" + a.String() + "/"
	}
	return ""
}

func (e *Embedded) String() string {
	if public := e.Public(); public != "" {
		return "embedded " + public
	}
	return "embedded, not listening"
}

// Shutdown implements [Transport].
func (e *Embedded) Shutdown() {
	e.server.Shutdown()
	e.server.WaitForShutdown()
}
