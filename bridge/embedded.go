package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"natstron/bridge/wire"
)

var errServerEnded = errors.New("the embedded NATS server has ended")

// embedded is a NATS server in this process, reached without a socket.
type embedded struct {
	server  *server.Server
	config  Embedded
	account *server.Account
	remotes int             // hubs that it must be connected to
	hubs    map[uint64]*hub // the leaf connections at the time of the last ready

	leafRemotes []*server.RemoteLeafOpts
	wanted      string // the address of the hub to which it is to connect; empty: any
	kicks       int    // connections that were ended because they lead elsewhere
}

// hub is what was last seen of the connection to one.
type hub struct {
	name   string
	rtt    string
	msgs   int64
	change time.Time // when that was last different
}

// startEmbedded starts the server. The default port may be free when it is looked
// at and taken a moment later, by another process that starts: then it is looked
// at once more.
func startEmbedded(ctx context.Context, o Options) (*embedded, error) {
	e, err := tryEmbedded(ctx, o)
	if err != nil && o.Embedded.Listen == "" && strings.Contains(err.Error(), syscall.EADDRINUSE.Error()) {
		return tryEmbedded(ctx, o)
	}
	return e, err
}

func tryEmbedded(ctx context.Context, o Options) (*embedded, error) {
	so, err := serverOptions(o)
	if err != nil {
		return nil, err
	}
	srv, err := server.NewServer(so)
	if err != nil {
		return nil, fmt.Errorf("embedded NATS server: %w", err)
	}
	logger := &serverLog{log: o.Log.With("component", "nats")}
	srv.SetLoggerV2(logger, false, false, false)
	go srv.Start()
	for deadline := time.Now().Add(readyTimeout(ctx, o.ConnectTimeout)); !srv.ReadyForConnections(lookWhetherReady); {
		if logger.fatal.Load() || time.Now().After(deadline) {
			srv.Shutdown()
			return nil, fmt.Errorf("embedded NATS server did not start: %w", logger.first())
		}
	}
	logger.started.Store(true)
	e := &embedded{server: srv, config: o.Embedded, remotes: len(so.LeafNode.Remotes), leafRemotes: so.LeafNode.Remotes}
	if e.account, err = e.findAccount(); err != nil {
		srv.Shutdown()
		return nil, err
	}
	return e, nil
}

// lookWhetherReady is how long to wait before it is looked whether the server has
// given up.
const lookWhetherReady = 100 * time.Millisecond

func readyTimeout(ctx context.Context, limit time.Duration) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return min(limit, time.Until(deadline))
	}
	return limit
}

// serverOptions turns our options into the server's.
func serverOptions(o Options) (*server.Options, error) {
	e := o.Embedded
	so := &server.Options{}
	if e.Config != "" {
		var err error
		if so, err = server.ProcessConfigFile(e.Config); err != nil {
			return nil, fmt.Errorf("embedded NATS server: %w", err)
		}
	}
	so.NoSigs = true
	so.NoFastProducerStall = true // one slow node must not slow every publisher
	so.PingInterval = o.PingInterval
	so.MaxPingsOut = pingsOutstanding
	if e.ServerName != "" {
		so.ServerName = e.ServerName
	}
	if e.StoreDir != "" {
		so.JetStream, so.StoreDir = true, e.StoreDir
	}
	var err error
	if err = listenOn(so, e); err != nil {
		return nil, err
	}
	if e.Monitor != "" {
		if so.HTTPHost, so.HTTPPort, err = hostPort(e.Monitor); err != nil {
			return nil, fmt.Errorf("backbone.embedded.monitor: %w", err)
		}
	}
	if e.Cluster.Listen != "" {
		so.Cluster.Name = e.Cluster.Name
		if so.Cluster.Host, so.Cluster.Port, err = hostPort(e.Cluster.Listen); err != nil {
			return nil, fmt.Errorf("backbone.embedded.cluster.listen: %w", err)
		}
		so.Routes = server.RoutesFromStr(strings.Join(e.Cluster.Routes, ","))
	}
	if e.Leaf.Listen != "" {
		if so.LeafNode.Host, so.LeafNode.Port, err = hostPort(e.Leaf.Listen); err != nil {
			return nil, fmt.Errorf("backbone.embedded.leaf.listen: %w", err)
		}
	}
	if len(e.Leaf.Remotes) > 0 {
		// A hub that does not answer must be noticed before nodes behind it are
		// taken for dead; but it is lost no sooner than any other server.
		so.PingInterval, so.MaxPingsOut = o.pingEvery(), o.pingsOut()
	}
	for _, r := range e.Leaf.Remotes {
		encryption, err := r.encryption()
		if err != nil {
			return nil, fmt.Errorf("backbone.embedded.leaf.remotes: %w", err)
		}
		remote := &server.RemoteLeafOpts{Credentials: r.Credentials, TLS: encryption != nil, TLSConfig: encryption, NoRandomize: true}
		for _, raw := range r.URLs {
			u, err := url.Parse(raw)
			if err != nil {
				return nil, fmt.Errorf("backbone.embedded.leaf.remotes: %w", err)
			}
			remote.URLs = append(remote.URLs, u)
		}
		so.LeafNode.Remotes = append(so.LeafNode.Remotes, remote)
		so.LeafNode.ReconnectInterval = leafReconnect
	}
	return so, nil
}

// leafReconnect is how soon the embedded server tries to find its hub again.
const leafReconnect = 250 * time.Millisecond

// listenOn chooses where the server listens for clients.
func listenOn(so *server.Options, e Embedded) error {
	switch {
	case e.Listen == "none":
		so.DontListen = true
		if e.Cluster.Listen != "" || so.Cluster.Port != 0 {
			return errors.New("backbone.embedded.listen: a server that listens nowhere never joins a cluster")
		}
	case e.Listen != "":
		var err error
		if so.Host, so.Port, err = hostPort(e.Listen); err != nil {
			return fmt.Errorf("backbone.embedded.listen: %w", err)
		}
	case e.Config == "" || so.Port == 0:
		so.Host, so.Port, _ = hostPort(DefaultListen)
		if probe, err := net.Listen("tcp", DefaultListen); err == nil {
			probe.Close()
		} else {
			so.Port = server.RANDOM_PORT
		}
	}
	return nil
}

// ListensAt is where a server with this configuration file of NATS's own listens for
// clients, as host:port for those on this machine. It is empty if the file does not
// say; the port is 0 if the system chooses it.
func ListensAt(config string) (string, error) {
	so, err := server.ProcessConfigFile(config)
	if err != nil {
		return "", fmt.Errorf("embedded NATS server: %w", err)
	}
	host := so.Host
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	switch so.Port {
	case 0:
		return "", nil
	case server.RANDOM_PORT:
		return net.JoinHostPort(host, "0"), nil
	}
	return net.JoinHostPort(host, strconv.Itoa(so.Port)), nil
}

func hostPort(address string) (string, int, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("%q is not a port", port)
	}
	if n == 0 {
		return host, server.RANDOM_PORT, nil
	}
	return host, int(n), nil
}

// findAccount asks the server which account our connection is in.
func (e *embedded) findAccount() (*server.Account, error) {
	nc, err := nats.Connect("", e.options(func(c net.Conn) net.Conn { return c })...)
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

func (e *embedded) url() string { return "nats://127.0.0.1" }

func (e *embedded) options(wrap func(net.Conn) net.Conn) []nats.Option {
	options := []nats.Option{nats.SetCustomDialer(dialer(func(string, string) (net.Conn, error) {
		conn, err := e.server.InProcessConn()
		if err != nil {
			return nil, err
		}
		return wrap(conn), nil
	}))}
	if e.config.User != "" {
		options = append(options, nats.UserInfo(e.config.User, e.config.Password))
	}
	if e.config.Credentials != "" {
		options = append(options, nats.UserCredentials(e.config.Credentials))
	}
	return options
}

// leafPoll is the pause between two looks whether the hub is there.
const leafPoll = 20 * time.Millisecond

// ready waits for the hubs.
func (e *embedded) ready(ctx context.Context) error {
	poll := time.NewTicker(leafPoll)
	defer poll.Stop()
	for {
		if !e.server.Running() {
			return errServerEnded
		}
		leaves, err := e.leaves()
		if err != nil {
			return err
		}
		if len(leaves) >= e.remotes && !e.astray(leaves) {
			e.hubs = map[uint64]*hub{}
			for id, leaf := range leaves {
				e.hubs[id] = &hub{leaf.Name, leaf.RTT, leaf.InMsgs, time.Now()}
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d hubs reached: %w", len(leaves), e.remotes, ctx.Err())
		case <-poll.C:
		}
	}
}

// leaves is the connections to hubs.
func (e *embedded) leaves() (map[uint64]*server.LeafInfo, error) {
	if e.remotes == 0 {
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

// healthy says whether the hubs are still connected by the same connections, and
// how long nothing has come from one: no message, and no answer to a ping, which
// shows in another round trip time.
func (e *embedded) healthy(now time.Time) (quiet time.Duration, err error) {
	if !e.server.Running() {
		return 0, errServerEnded
	}
	leaves, err := e.leaves()
	if err != nil {
		return 0, err
	}
	if len(leaves) != len(e.hubs) {
		return 0, errLeafLost
	}
	for id, leaf := range leaves {
		h := e.hubs[id]
		if h == nil {
			return 0, errLeafLost
		}
		if h.rtt != leaf.RTT || h.msgs != leaf.InMsgs {
			*h = hub{leaf.Name, leaf.RTT, leaf.InMsgs, now}
		}
		quiet = max(quiet, now.Sub(h.change))
	}
	return quiet, nil
}

func (e *embedded) place() (at place) {
	for _, h := range e.hubs {
		at.Hubs = append(at.Hubs, h.name)
	}
	return at
}

func (e *embedded) interest(subjects Subjects, own func(wire.Channel) bool) *interest {
	return &interest{subjects: subjects, anybody: e.anybody, heard: e.account.SubscriptionInterest, own: own}
}

// anybody says whether anything but our own connection could subscribe.
func (e *embedded) anybody() bool {
	return e.server.NumClients() > 1 || e.server.NumLeafNodes() > 0 || e.server.NumRoutes() > 0 ||
		e.server.JetStreamEnabled() || e.server.NumOutboundGateways() > 0
}

func (e *embedded) public() string {
	if e.config.Listen == "none" {
		return ""
	}
	return e.server.ClientURL()
}

func (e *embedded) String() string {
	if public := e.public(); public != "" {
		return "embedded " + public
	}
	return "embedded, not listening"
}

func (e *embedded) shutdown() {
	e.server.Shutdown()
	e.server.WaitForShutdown()
}

// serverLog passes the server's log on, and keeps its first error for a start
// that fails.
type serverLog struct {
	log *slog.Logger

	started atomic.Bool // what is fatal is logged from then on; before, it is an error of the start
	fatal   atomic.Bool // the server has given up

	mu  sync.Mutex
	err error
}

func (s *serverLog) keep(format string, v []any) string {
	text := fmt.Sprintf(format, v...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = errors.New(text)
	}
	return text
}

func (s *serverLog) first() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		return errors.New("no answer in time")
	}
	return s.err
}

// The methods of the server's Logger.

func (s *serverLog) Noticef(format string, v ...any) { s.log.Debug(fmt.Sprintf(format, v...)) }
func (s *serverLog) Warnf(format string, v ...any)   { s.log.Warn(fmt.Sprintf(format, v...)) }
func (s *serverLog) Fatalf(format string, v ...any) {
	text := s.keep(format, v)
	s.fatal.Store(true)
	if s.started.Load() {
		s.log.Error(text)
	}
}
func (s *serverLog) Errorf(format string, v ...any) { s.log.Error(s.keep(format, v)) }
func (s *serverLog) Debugf(format string, v ...any) {}
func (s *serverLog) Tracef(format string, v ...any) {}

// redact is a list of URLs without their passwords.
func redact(urls []string) string {
	var safe []string
	for _, raw := range urls {
		if u, err := url.Parse(raw); err == nil {
			raw = u.Redacted()
		}
		safe = append(safe, raw)
	}
	return strings.Join(safe, ",")
}
