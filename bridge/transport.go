package bridge

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge/wire"
)

// transport is the way to NATS: an embedded server, or one that others run.
type transport interface {
	// ready waits until a connection may be tried, or says why not.
	ready(context.Context) error
	// url is what to connect to, options how; every network connection must be
	// passed through wrap.
	url() string
	options(wrap func(net.Conn) net.Conn) []nats.Option
	// healthy says whether what lies behind the connection is still there, and how
	// long nothing has been heard of it. It is called once for each heartbeat.
	healthy(now time.Time) (quiet time.Duration, err error)
	// place is where the connection is, as far as nobody else can tell.
	place() place
	// servers are those of which one is connected to, in the order in which they are
	// tried; prefer has the next connection try one of them before.
	servers() []remoteServer
	prefer(remoteServer)
	// interest is the interest check, nil where nobody can tell. own says what
	// the node itself subscribes to.
	interest(_ Subjects, own func(wire.Channel) bool) *interest
	// public is where other processes may connect, empty if nowhere.
	public() string
	shutdown()
	String() string
}

func newTransport(ctx context.Context, o Options) (transport, error) {
	if o.External == nil {
		return startEmbedded(ctx, o)
	}
	return o.External.reach(o.ConnectTimeout)
}

// wrap puts the gate before the link's reader.
func (l *link) wrap(conn net.Conn) net.Conn {
	l.gate = newGate(conn, func() int { return cap(l.msgs) - len(l.msgs) })
	return l.gate
}

// dialer makes a function a nats.CustomDialer.
type dialer func(network, address string) (net.Conn, error)

// Dial implements nats.CustomDialer.
func (d dialer) Dial(network, address string) (net.Conn, error) { return d(network, address) }

// external is NATS servers that others run.
type external struct {
	External
	tls       *tls.Config
	timeout   time.Duration
	preferred atomic.Value // the URL, a string, that is tried before the others
}

func (e *external) ready(context.Context) error { return nil }
func (e *external) url() string {
	urls := slices.Clone(e.URLs)
	if first, ok := e.preferred.Load().(string); ok {
		urls = append([]string{first}, slices.DeleteFunc(urls, func(u string) bool { return u == first })...)
	}
	return strings.Join(urls, ",")
}

// healthy has nothing to add: what lies behind is what the connection leads to.
func (e *external) healthy(time.Time) (time.Duration, error) { return 0, nil }

func (e *external) place() place { return place{} }

func (e *external) interest(Subjects, func(wire.Channel) bool) *interest { return nil }

func (e *external) public() string { return strings.Join(e.URLs, ",") }
func (e *external) shutdown()      {}

// String leaves out passwords that a URL may carry.
func (e *external) String() string { return redact(e.URLs) }

func (e *external) options(wrap func(net.Conn) net.Conn) []nats.Option {
	dial := net.Dialer{Timeout: e.timeout}
	options := []nats.Option{nats.DontRandomize(), nats.SetCustomDialer(dialer(func(network, address string) (net.Conn, error) {
		conn, err := dial.Dial(network, address)
		if err != nil {
			return nil, err
		}
		return wrap(conn), nil
	}))}
	if e.Credentials != "" {
		options = append(options, nats.UserCredentials(e.Credentials))
	}
	if e.NKey != "" {
		options = append(options, nkey(e.NKey))
	}
	if e.User != "" {
		options = append(options, nats.UserInfo(e.User, e.Password))
	}
	if e.Token != "" {
		options = append(options, nats.Token(e.Token))
	}
	if e.tls != nil {
		options = append(options, nats.Secure(e.tls))
	}
	return options
}

// nkey reads the seed file when the connection is made, so that a missing file
// is an error then.
func nkey(file string) nats.Option {
	return func(o *nats.Options) error {
		option, err := nats.NkeyOptionFromSeed(file)
		if err != nil {
			return err
		}
		return option(o)
	}
}
