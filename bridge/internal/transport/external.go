package transport

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/natsconn"
)

// Access is how a process identifies itself at a NATS server: in at most one way.
type Access struct {
	Credentials string // a credentials file
	NKey        string // a seed file
	User        string
	Password    string
	Token       string
	TLS         *tls.Config
}

// External is NATS servers that others run.
type External struct {
	Access
	URLs    []string
	Timeout time.Duration // to connect

	preferred atomic.Value // the URL, a string, that is tried before the others
}

// inOrder is the URLs as they are to be tried.
func (e *External) inOrder() []string {
	urls := slices.Clone(e.URLs)
	if first, ok := e.preferred.Load().(string); ok {
		urls = append([]string{first}, slices.DeleteFunc(urls, func(u string) bool { return u == first })...)
	}
	return urls
}

// Open implements [Transport].
func (e *External) Open(name string, limit time.Duration) (*natsconn.Conn, error) {
	return open(e.inOrder(), (&net.Dialer{Timeout: e.Timeout}).Dial, e.Access, name, limit)
}

// Dial connects by the NATS library.
func (e *External) Dial(options ...nats.Option) (*nats.Conn, error) {
	dial := net.Dialer{Timeout: e.Timeout}
	return connect(strings.Join(e.inOrder(), ","), dial.Dial, e.Access, append(options, nats.DontRandomize()))
}

// The methods of [Transport] and [Server] that say little.

func (e *External) Ready(context.Context) error              { return nil }
func (e *External) Healthy(time.Time) (time.Duration, error) { return 0, nil } // the connection tells
func (e *External) Hubs() []string                           { return nil }
func (e *External) Listeners() Listeners                     { return nil }
func (e *External) Public() string                           { return strings.Join(e.URLs, ",") }
func (e *External) String() string                           { return Redact(e.URLs) }
func (e *External) Shutdown()                                {}
func (e *External) Prefer(s Server)                          { e.preferred.Store(s.(*External).URLs[0]) }

// Beside implements [Transport].
func (e *External) Beside(options ...nats.Option) (*nats.Conn, func(), error) {
	nc, err := e.Dial(options...)
	if err != nil {
		return nil, nil, err
	}
	return nc, nc.Close, nil
}

// Servers are those of the URLs.
func (e *External) Servers() (all []Server) {
	for _, url := range e.URLs {
		all = append(all, &External{Access: e.Access, URLs: []string{url}, Timeout: ConnectTimeout})
	}
	return all
}

// Listen implements [Server].
func (e *External) Listen(ctx context.Context, subject string, limit time.Duration, heard func(string, []byte) bool) error {
	nc, err := e.Dial(nats.NoReconnect(), nats.Timeout(e.Timeout), nats.Name("listens for other nodes"))
	if err != nil {
		return err
	}
	defer nc.Close()
	return listen(ctx, nc, subject, limit, heard)
}

// login is the options that identify the process.
func (a Access) login() (options []nats.Option) {
	if a.Credentials != "" {
		options = append(options, nats.UserCredentials(a.Credentials))
	}
	if a.NKey != "" {
		options = append(options, nkey(a.NKey))
	}
	if a.User != "" {
		options = append(options, nats.UserInfo(a.User, a.Password))
	}
	if a.Token != "" {
		options = append(options, nats.Token(a.Token))
	}
	if a.TLS != nil {
		options = append(options, nats.Secure(a.TLS))
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
