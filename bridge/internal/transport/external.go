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

// Ready implements [Transport].
func (e *External) Ready(context.Context) error { return nil }

// URL implements [Transport].
func (e *External) URL() string {
	urls := slices.Clone(e.URLs)
	if first, ok := e.preferred.Load().(string); ok {
		urls = append([]string{first}, slices.DeleteFunc(urls, func(u string) bool { return u == first })...)
	}
	return strings.Join(urls, ",")
}

// Healthy has nothing to add: what lies behind is what the connection leads to.
func (e *External) Healthy(time.Time) (time.Duration, error) { return 0, nil }

// Hubs implements [Transport]: none.
func (e *External) Hubs() []string { return nil }

// Listeners implements [Transport]: nobody can tell.
func (e *External) Listeners() Listeners { return nil }

// Public implements [Transport].
func (e *External) Public() string { return strings.Join(e.URLs, ",") }

// Shutdown implements [Transport].
func (e *External) Shutdown() {}

// String leaves out passwords that a URL may carry.
func (e *External) String() string { return Redact(e.URLs) }

// Options implements [Transport].
func (e *External) Options(wrap func(net.Conn) net.Conn) []nats.Option {
	dial := net.Dialer{Timeout: e.Timeout}
	return append(e.login(), nats.DontRandomize(), nats.SetCustomDialer(dialer(func(network, address string) (net.Conn, error) {
		conn, err := dial.Dial(network, address)
		if err != nil {
			return nil, err
		}
		return wrap(conn), nil
	})))
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

// Servers are those of the URLs.
func (e *External) Servers() (all []Server) {
	for _, url := range e.URLs {
		all = append(all, externalServer{e, url})
	}
	return all
}

// externalServer is one of several.
type externalServer struct {
	*External
	url string
}

func (s externalServer) String() string { return Redact([]string{s.url}) }

// Listen implements [Server].
func (s externalServer) Listen(ctx context.Context, subject string, limit time.Duration, heard func(string, []byte) bool) error {
	nc, err := nats.Connect(s.url, append(s.Options(Direct), nats.NoReconnect(), nats.Timeout(ConnectTimeout), nats.Name("looks for other nodes"))...)
	if err != nil {
		return err
	}
	defer nc.Close()
	return listen(ctx, nc, subject, limit, heard)
}

// Prefer has the next connection try a server before the others.
func (e *External) Prefer(s Server) { e.preferred.Store(s.(externalServer).url) }
