// Package transport is the ways to NATS: an embedded server, or servers that others run.
package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/natsconn"
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
	// Open connects, under a name, for datagrams.
	Open(name string, limit time.Duration) (*natsconn.Conn, error)
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

// dialer makes a function a nats.CustomDialer.
type dialer func(network, address string) (net.Conn, error)

// Dial implements nats.CustomDialer.
func (d dialer) Dial(network, address string) (net.Conn, error) { return d(network, address) }

// open connects by dial, logs in as the access says, and tries the URLs one after the other.
func open(urls []string, dial dialer, access Access, name string, limit time.Duration) (*natsconn.Conn, error) {
	o := nats.GetDefaultOptions()
	for _, option := range append(access.login(), nats.Name(name), nats.Timeout(limit)) {
		if err := option(&o); err != nil {
			return nil, err
		}
	}
	var failed error
	for _, raw := range urls {
		at, err := parse(raw)
		if err != nil {
			return nil, err
		}
		nc, err := dial("tcp", at.Host)
		if err == nil {
			var c *natsconn.Conn
			if c, err = natsconn.Login(nc, at, o); err == nil {
				return c, nil
			}
		}
		failed = cmp.Or(failed, err)
	}
	return nil, failed
}

// parse reads the URL of a server as the NATS library does.
func parse(raw string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if !strings.Contains(raw, "://") {
		raw = "nats://" + raw
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "nats" && u.Scheme != "tls":
		return nil, fmt.Errorf("%s: the URL of a NATS server begins with nats:// or tls://", u.Redacted())
	case u.Port() == "":
		u.Host = net.JoinHostPort(u.Hostname(), "4222")
	}
	return u, nil
}

// connect connects by dial, and identifies the process.
func connect(url string, dial dialer, access Access, options []nats.Option) (*nats.Conn, error) {
	return nats.Connect(url, append(append(options, nats.SetCustomDialer(dial)), access.login()...)...)
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
