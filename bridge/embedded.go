package bridge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge/internal/transport"
)

// newTransport is the way to NATS that the options describe.
func newTransport(ctx context.Context, o Options) (transport.Transport, error) {
	if o.External == nil {
		return startEmbedded(ctx, o)
	}
	return o.External.reach(o.ConnectTimeout)
}

// startEmbedded starts the server. The default port may be free when it is looked at and
// taken a moment later, by another process that starts: then it is looked at once more.
func startEmbedded(ctx context.Context, o Options) (*transport.Embedded, error) {
	for again := o.Embedded.Listen == ""; ; again = false {
		so, err := serverOptions(o)
		if err != nil {
			return nil, err
		}
		access, err := o.Embedded.Login.access()
		if err != nil {
			return nil, err
		}
		e, err := transport.Start(ctx, so, access, o.ConnectTimeout, o.Log)
		if err == nil || !again || !strings.Contains(err.Error(), syscall.EADDRINUSE.Error()) {
			return e, err
		}
	}
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
	// The server would keep the subscribers of the last thousand subjects. With more subjects, as
	// with ranges, each message changes that under a lock, for which routing waits.
	so.NoSublistCache = true
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
