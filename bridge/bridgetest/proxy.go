package bridgetest

import (
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"natstron/bridge"
)

// proxy stands between a node and its server, or between two servers, and can
// stop the network there.
type proxy struct {
	target string
	ln     net.Listener
	done   sync.WaitGroup

	mu     sync.Mutex
	change sync.Cond
	frozen map[direction]bool // nothing is passed on, nothing ends
	delay  time.Duration      // how long everything takes at least, both ways
	cut    bool               // connections end, and no new ones are made
	closed bool
	conns  []net.Conn
}

// direction is one way through a proxy.
type direction int

const (
	toTarget direction = iota
	fromTarget
)

// through puts a proxy before whatever the options lead to.
func through(t testing.TB, o *bridge.Options) *proxy {
	t.Helper()
	urls := &o.Embedded.Leaf.Remotes
	var at *string
	switch {
	case o.External != nil:
		o.External.URLs = slices.Clone(o.External.URLs)
		at = &o.External.URLs[0]
	case len(*urls) > 0:
		remote := (*urls)[0]
		remote.URLs = slices.Clone(remote.URLs)
		*urls = []bridge.Remote{remote}
		at = &remote.URLs[0]
	default:
		t.Fatal("these options lead to no other server")
	}
	u, err := url.Parse(*at)
	must(t, err)
	p := newProxy(t, u.Host)
	u.Host = p.ln.Addr().String()
	*at = u.String()
	return p
}

func newProxy(t testing.TB, target string) *proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{target: target, ln: ln, frozen: map[direction]bool{}}
	p.change.L = &p.mu
	p.done.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

func (p *proxy) accept() {
	for {
		near, err := p.ln.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		target := p.target
		p.mu.Unlock()
		far, err := net.Dial("tcp", target)
		if err != nil || !p.keep(near, far) {
			near.Close()
			if err == nil {
				far.Close()
			}
			continue
		}
		p.done.Go(func() { p.pass(toTarget, near, far) })
		p.done.Go(func() { p.pass(fromTarget, far, near) })
	}
}

func (p *proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut || p.closed {
		return false
	}
	p.conns = append(p.conns, conns...)
	return true
}

func (p *proxy) pass(way direction, from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	for buf := make([]byte, 32<<10); ; {
		p.thawed(way)
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if delay := p.delayed(); delay > 0 {
			time.Sleep(delay)
		}
		p.thawed(way)
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// thawed waits while the network is frozen.
func (p *proxy) thawed(way direction) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.frozen[way] && !p.closed {
		p.change.Wait()
	}
}

func (p *proxy) delayed() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.delay
}

// freeze lets nothing through from now on, and thaw again.
func (p *proxy) freeze() { p.set(func() { p.frozen[toTarget], p.frozen[fromTarget] = true, true }) }
func (p *proxy) thaw()   { p.set(func() { clear(p.frozen) }) }

// sever ends all connections, without a word, and mend lets new ones be made.
func (p *proxy) sever() { p.set(func() { p.cut = true; p.hangUp() }) }
func (p *proxy) mend()  { p.set(func() { p.cut = false }) }

func (p *proxy) set(what func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what()
	p.change.Broadcast()
}

func (p *proxy) hangUp() {
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

func (p *proxy) close() {
	p.ln.Close()
	p.set(func() { p.closed = true; p.hangUp() })
	p.done.Wait()
}
