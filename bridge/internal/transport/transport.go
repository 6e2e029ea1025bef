// Package transport is the ways to NATS: an embedded server, or servers that others run.
package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Why a transport cannot be used any more.
var (
	ErrServerEnded = errors.New("the embedded NATS server has ended")
	ErrHubLost     = errors.New("the connection to the hub ended")
)

// A Transport is a way to NATS.
type Transport interface {
	// Ready waits until a connection may be tried, or says why not.
	Ready(context.Context) error
	// Dial connects. The network connection is passed through wrap.
	Dial(wrap func(net.Conn) net.Conn, options ...nats.Option) (*nats.Conn, error)
	// Beside connects for a journal, which has one stream and hears no datagrams. end ends
	// the connection.
	Beside(options ...nats.Option) (nc *nats.Conn, end func(), err error)
	// Healthy reports whether what lies behind the connection is still there, and for how
	// long nothing has been heard of it. It is called once for each heartbeat.
	Healthy(now time.Time) (quiet time.Duration, err error)
	// Hubs is the names of the servers of which an embedded one is a leaf.
	Hubs() []string
	// Servers are the alternatives that it connects to one of, in the order in which
	// they are tried. Prefer has the next connection try one of them before the others.
	Servers() []Server
	Prefer(Server)
	// Listeners knows which subjects have listeners; nil where nobody can tell.
	Listeners() Listeners
	// Public is where other processes may connect, empty if nowhere.
	Public() string
	Shutdown()
	String() string
}

// Listeners tells whether anybody listens at a NATS server.
type Listeners interface {
	// Anybody reports whether anything but the node's own connection could subscribe:
	// other connections, leaf nodes, routes, streams.
	Anybody() bool
	// Heard reports whether the server has any subscription that matches a subject.
	Heard(subject string) bool
}

// A Server is one of several alternatives.
type Server interface {
	// Listen connects to the server, and calls heard with what comes there on a
	// subject, until limit is over or heard says no more.
	Listen(ctx context.Context, subject string, limit time.Duration, heard func(subject string, note []byte) (more bool)) error
	fmt.Stringer
}

// ConnectTimeout is how long a server that is only listened to has to take a connection.
const ConnectTimeout = time.Second

// Direct is the wrap of a connection that nothing stands in front of.
func Direct(conn net.Conn) net.Conn { return conn }

// dialer makes a function a nats.CustomDialer.
type dialer func(network, address string) (net.Conn, error)

// Dial implements nats.CustomDialer.
func (d dialer) Dial(network, address string) (net.Conn, error) { return d(network, address) }

// connect connects by dial, and identifies the process.
func connect(url string, wrap func(net.Conn) net.Conn, dial dialer, access Access, options []nats.Option) (*nats.Conn, error) {
	wrapped := dialer(func(network, address string) (net.Conn, error) {
		conn, err := dial(network, address)
		if err != nil {
			return nil, err
		}
		return wrap(conn), nil
	})
	return nats.Connect(url, append(append(options, nats.SetCustomDialer(wrapped)), access.login()...)...)
}

// listen calls heard with what comes on a subject of a connection, for a time.
func listen(ctx context.Context, nc *nats.Conn, subject string, limit time.Duration, heard func(string, []byte) bool) error {
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

// Redact is a list of URLs without their passwords.
func Redact(urls []string) string {
	var safe []string
	for _, raw := range urls {
		if u, err := url.Parse(raw); err == nil {
			raw = u.Redacted()
		}
		safe = append(safe, raw)
	}
	return strings.Join(safe, ",")
}
