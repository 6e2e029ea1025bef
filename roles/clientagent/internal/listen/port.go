package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"natstron/bridge/arrival"
	"natstron/internal/alive"
)

// Config is one port.
type Config struct {
	Address   string         // host:port
	TLS       *tls.Config    // nil: in the clear
	WebSocket bool           // one binary message for each datagram, without its length
	Origins   []string       // of browsers, as patterns; empty: the port's own host
	Static    string         // the folder with the files for browsers; empty: none
	Proxy     []netip.Prefix // who must send a PROXY header; nil: there is no proxy
}

// plain reports whether a connection is a client's from its first byte on.
func (c *Config) plain() bool { return c.Proxy == nil && c.TLS == nil && !c.WebSocket }

// Limits bound what connections may cost.
type Limits struct {
	Handshake time.Duration // for PROXY header, TLS and WebSocket handshake
	Host      time.Duration // without an answer of the client's host
	ByteRate  int           // bytes a second of a client's datagrams; 0: no limit
}

// Events are what becomes of connections. They are called by several goroutines.
type Events struct {
	// Accepted is called for every connection.
	Accepted func()
	// Refused is called for one that fails its handshake, and is closed.
	Refused func(from net.Addr, why error)
	// Client is called for one that is ready for frames, and now belongs to the called
	// function. It must not wait.
	Client func(c *Conn)
	// Failed is called when a connection could not be accepted, and the next try waits.
	Failed func(err error, pause time.Duration)
}

// Port is an open port.
type Port struct {
	config     Config
	limits     Limits
	port       *arrival.Port
	files      *files // nil: none
	handshakes sync.WaitGroup

	mu      sync.Mutex
	shaking map[net.Conn]time.Time // sockets that are in their handshake, since when
	ready   map[net.Conn]struct{}  // those that have none, or have it behind them, and no session yet
	closed  bool
}

// maxShaking bounds the connections of a port that are in their handshake.
const maxShaking = 1000

// Open opens a port. Connections are accepted when Serve is called.
func Open(ctx context.Context, loop *arrival.Loop, c Config, limits Limits) (*Port, error) {
	p := &Port{config: c, limits: limits, shaking: map[net.Conn]time.Time{}, ready: map[net.Conn]struct{}{}}
	var err error
	if c.Static != "" {
		if p.files, err = openFiles(c.Static); err != nil {
			return nil, err
		}
	}
	if p.port, err = loop.Listen(ctx, c.Address, alive.KeepAlive(limits.Host)); err != nil {
		p.files.close()
		return nil, err
	}
	return p, nil
}

// Addr is the address that the port has.
func (p *Port) Addr() net.Addr { return p.port.Addr() }

// Serve accepts connections until Close. Any other end of the port is an error.
func (p *Port) Serve(e Events) error {
	err := p.port.Serve(arrival.Accepting{
		Take: func(raw net.Conn) {
			e.Accepted()
			switch {
			case !p.begin(raw):
				_ = raw.Close() // the port is closed
			case p.config.plain():
				e.Client(&Conn{Conn: raw, Raw: raw, Peer: peerOf(raw), port: p})
			default:
				p.handshakes.Go(func() { p.handshake(raw, e) })
			}
		},
		Failed:    e.Failed,
		Deadlines: !p.config.plain(),
	})
	if err != nil {
		return fmt.Errorf("listen for clients: %w", err)
	}
	return nil
}

// handshake does what must be done before the first datagram, in bounded time.
func (p *Port) handshake(raw net.Conn, e Events) {
	c := &Conn{Conn: raw, Raw: raw, Peer: peerOf(raw), port: p}
	err := raw.SetDeadline(time.Now().Add(p.limits.Handshake))
	if err == nil && p.config.Proxy != nil {
		c.Conn, c.Peer, err = readProxy(c.Conn, p.config.Proxy)
	}
	if err == nil && p.config.TLS != nil {
		encrypted := tls.Server(c.Conn, p.config.TLS)
		c.Conn, err = encrypted, encrypted.HandshakeContext(context.Background())
	}
	if err == nil && p.config.WebSocket {
		c.Conn, err = upgrade(c.Conn, p.files, p.config.Origins, p.limits.ByteRate)
	}
	if errors.Is(err, errServed) {
		c.Opened()
		_ = raw.Close() // the browser has its answer
		return
	}
	if err == nil {
		err = raw.SetDeadline(time.Time{})
	}
	if err != nil {
		c.Opened()
		e.Refused(raw.RemoteAddr(), err)
		_ = raw.Close() // refused
		return
	}
	p.shaken(raw)
	e.Client(c)
}

// begin notes a new connection. It says no when the port is closed.
func (p *Port) begin(raw net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return false
	case p.config.plain():
		p.ready[raw] = struct{}{}
		return true
	case len(p.shaking) >= maxShaking:
		p.giveUpOldest()
	}
	p.shaking[raw] = time.Now()
	return true
}

// giveUpOldest closes the connection whose handshake has taken the longest.
func (p *Port) giveUpOldest() {
	var oldest net.Conn
	for raw, since := range p.shaking {
		if oldest == nil || since.Before(p.shaking[oldest]) {
			oldest = raw
		}
	}
	_ = oldest.Close() // its handshake fails
	delete(p.shaking, oldest)
}

// shaken notes that a connection has its handshake behind it.
func (p *Port) shaken(raw net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.shaking[raw]; ok { // else it was given up, or the port is closed
		delete(p.shaking, raw)
		p.ready[raw] = struct{}{}
	}
}

// Close closes the port, and the connections that have not been [Conn.Opened].
func (p *Port) Close() {
	p.port.Close()
	p.files.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for raw := range p.shaking {
		_ = raw.Close() // it has to end, whatever the error
	}
	for raw := range p.ready {
		_ = raw.Close() // likewise
	}
}

// Wait waits until no handshake is under way. No more begin after Close.
func (p *Port) Wait() { p.handshakes.Wait() }

// Conn is a connection of a client.
type Conn struct {
	net.Conn          // brings frames
	Raw      net.Conn // the socket below it, or Conn itself
	Peer     Peer
	port     *Port
}

// Opened is called when a client is served or turned away: Port.Close no longer
// closes its connection.
func (c *Conn) Opened() {
	c.port.mu.Lock()
	defer c.port.mu.Unlock()
	delete(c.port.shaking, c.Raw)
	delete(c.port.ready, c.Raw)
}

// Peer is who is at the other end of a connection.
type Peer struct {
	Remote, Local netip.AddrPort // as the proxy says, if there is one
	TLVs          []byte         // as the proxy sent them
	Check         bool           // a proxy's own health check, not a client
}

func peerOf(raw net.Conn) Peer {
	return Peer{Remote: addrPort(raw.RemoteAddr()), Local: addrPort(raw.LocalAddr())}
}

// addrPort is the IP address and port of a TCP connection's end; none for other
// addresses.
func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		p := t.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}
