package clientagent

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	"natstron/roles/clientagent/internal/listen"
)

// ports are where clients connect. They may be used by several goroutines.
type ports struct {
	mu      sync.Mutex
	all     []*listen.Port // in the order of the listeners
	serving bool
	ended   bool       // no port is opened any more
	failed  chan error // why one cannot go on
}

// end sees to it that no port is opened any more, and closes those that are.
func (p *ports) end() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.close(false)
}

// close closes the ports, and waits for the handshakes on them if it is to.
func (p *ports) close(wait bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, port := range p.all {
		port.Close()
		if wait {
			port.Wait()
		}
	}
}

// ListenError says which port could not be opened.
type ListenError struct {
	Key string // of its address in the options: bind, or listeners[0].bind
	Err error
}

func (e *ListenError) Error() string { return e.Err.Error() }

// Unwrap is the operating system's error.
func (e *ListenError) Unwrap() error { return e.Err }

// openPorts opens the ports of all listeners, at the addresses that they had, if there
// are some.
func (r *Role) openPorts(ctx context.Context, had []net.Addr) error {
	limits := listen.Limits{Handshake: r.o.Limits.Handshake, Host: r.o.Limits.Host, ByteRate: r.o.Limits.ByteRate}
	listeners, keys := r.o.listeners()
	var opened []*listen.Port
	for i, l := range listeners {
		c := listen.Config{Address: l.Bind, WebSocket: l.WebSocket, Origins: l.Origins, Static: l.Static}
		if had != nil {
			c.Address = had[i].String()
		}
		if l.TLS {
			c.TLS = r.encrypted
		}
		if l.HAProxy {
			c.Proxy = r.o.Proxies
		}
		p, err := listen.Open(ctx, r.arrivals, c, limits)
		if err != nil {
			for _, p := range opened {
				p.Close()
			}
			return &ListenError{keys[i], fmt.Errorf("%s: %w", r.o.Label, err)}
		}
		opened = append(opened, p)
		r.log.Info("listening for clients", "address", p.Addr(), "tls", l.TLS, "websocket", l.WebSocket, "proxy", l.HAProxy)
		if l.Static != "" {
			r.log.Info("serving a web page", "url", pageURL(p.Addr(), l.TLS), "folder", l.Static)
		}
	}
	r.ports.all = opened
	return nil
}

// pageURL is what to type into a browser on this machine.
func pageURL(at net.Addr, tls bool) string {
	u := url.URL{Scheme: "http", Host: at.String(), Path: "/"}
	if tls {
		u.Scheme = "https"
	}
	if t, ok := at.(*net.TCPAddr); ok && t.IP.IsUnspecified() {
		u.Host = fmt.Sprintf("localhost:%d", t.Port)
	}
	return u.String()
}

// servePorts accepts clients on all ports. Their lock must be held.
func (r *Role) servePorts() {
	r.ports.serving = true
	events := listen.Events{
		Accepted: r.accepted, Refused: r.refused, Client: r.connected,
		Failed: func(err error, pause time.Duration) {
			r.log.Error("cannot accept a client", "error", err, "next_try", pause)
		},
	}
	for _, p := range r.ports.all {
		r.conns.Go(func() {
			if err := p.Serve(events); err != nil {
				select {
				case r.ports.failed <- err:
				default: // one is enough
				}
			}
		})
	}
}

// Addrs are the addresses of the listeners, in their order.
func (r *Role) Addrs() []net.Addr {
	r.ports.mu.Lock()
	defer r.ports.mu.Unlock()
	return r.ports.addrs()
}

func (p *ports) addrs() []net.Addr {
	var all []net.Addr
	for _, port := range p.all {
		all = append(all, port.Addr())
	}
	return all
}
