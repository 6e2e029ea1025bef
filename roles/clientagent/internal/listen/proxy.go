package listen

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/pires/go-proxyproto"
)

// proxied is a connection whose first bytes were the proxy's, and were read with
// some of the client's behind them.
type proxied struct {
	net.Conn
	ahead *bufio.Reader // nil once it is empty
}

func (p *proxied) Read(b []byte) (int, error) {
	if p.ahead != nil {
		if p.ahead.Buffered() > 0 {
			return p.ahead.Read(b[:min(len(b), p.ahead.Buffered())])
		}
		p.ahead = nil
	}
	return p.Conn.Read(b)
}

// CloseWrite is the connection's own.
func (p *proxied) CloseWrite() error {
	half, ok := p.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	return half.CloseWrite()
}

// unwrap is the connection that nothing was read ahead of, if so.
func (p *proxied) unwrap() net.Conn {
	if p.ahead.Buffered() == 0 {
		return p.Conn
	}
	return p
}

// readProxy reads the PROXY header of a connection from a trusted address: where the
// client is, and what else the proxy says of it.
func readProxy(raw net.Conn, trusted []netip.Prefix) (net.Conn, Peer, error) {
	who := peerOf(raw)
	if !slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(who.Remote.Addr()) }) {
		return nil, who, fmt.Errorf("PROXY protocol: %s is not a trusted proxy", who.Remote.Addr())
	}
	ahead := bufio.NewReader(raw)
	err := awaitLine(ahead)
	var header *proxyproto.Header
	if err == nil {
		header, err = proxyproto.Read(ahead)
	}
	if err != nil {
		return nil, who, fmt.Errorf("PROXY protocol: %w", err)
	}
	conn := (&proxied{raw, ahead}).unwrap()
	if header.Command.IsLocal() {
		who.Check = true
		return conn, who, nil
	}
	remote, local := addrPort(header.SourceAddr), addrPort(header.DestinationAddr)
	if !remote.IsValid() || !local.IsValid() {
		if header.TransportProtocol.IsUnspec() {
			return conn, who, nil // UNKNOWN: the proxy cannot tell, the connection counts
		}
		return nil, who, fmt.Errorf("PROXY protocol: the client's address is not one of TCP")
	}
	who.Remote, who.Local = remote, local
	who.TLVs = tlvsOf(header)
	return conn, who, nil
}

// A header of version 1 is a line that begins with proxyWord, and has at most
// proxyLine bytes.
const (
	proxyWord = "PROXY"
	proxyLine = 107
)

// awaitLine waits until a header of version 1 is there whole. It may come in several
// segments, and the library takes it only if one read brings all of it.
func awaitLine(ahead *bufio.Reader) error {
	for n := 1; n <= proxyLine; n = ahead.Buffered() + 1 {
		if _, err := ahead.Peek(n); err != nil {
			return err
		}
		b, _ := ahead.Peek(ahead.Buffered()) // it is there
		if !strings.HasPrefix(string(b), proxyWord[:min(len(b), len(proxyWord))]) || bytes.IndexByte(b, '\n') >= 0 {
			break
		}
	}
	return nil
}

// Sizes in a header of version 2: what stands before the addresses, and these.
const (
	proxyPrefix  = 16
	proxyAddrsV4 = 12
	proxyAddrsV6 = 36
)

// tlvsOf is the TLVs of a header as the proxy sent them, whether or not they are
// well-formed: they are passed on as a blob.
func tlvsOf(h *proxyproto.Header) []byte {
	b, err := h.Format()
	if err != nil || h.Version != 2 {
		return nil
	}
	at := proxyPrefix + proxyAddrsV4
	if h.TransportProtocol.IsIPv6() {
		at = proxyPrefix + proxyAddrsV6
	}
	return b[min(at, len(b)):]
}
