package clientagent

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/arrival"
)

// Options say what a client agent works with. What is zero takes the default
// named here.
type Options struct {
	// Label names the role in logs and metrics; default "clientagent[<bind>]"
	// with the address of the first listener.
	Label string
	Log   *slog.Logger // default: discard
	// Event takes an event for the event logger (document 20): a MessagePack
	// map. It must not block. Default: it is dropped.
	Event func(event []byte)

	// File is the DC files; required.
	File *dc.File
	// Hash is what clients must say in their hello; 0 is the hash of File.
	Hash uint32
	// Version is what clients must say in their hello.
	Version string
	// Channels are given to clients; required. Agents with the same range share
	// one pool.
	Channels *ChannelPool
	// Uberdogs are the objects that every client knows.
	Uberdogs map[wire.DoID]Uberdog

	// Listeners are where clients connect; at least one.
	Listeners []Listener

	// Class makes a game's own code part of every session; nil: none.
	Class Class

	// Relocate lets clients move the objects that they own.
	Relocate bool
	// Interests says which interests clients may open.
	Interests InterestPermission
	// AnyText lets the strings and chars of clients be any bytes: programs that take
	// them for text, as Panda3D does, must be able to bear it. Otherwise they must be
	// UTF-8.
	AnyText bool
	// HideHash and HideVersion keep the right ones from a client that is refused
	// for a wrong one.
	HideHash, HideVersion bool

	// InterestTimeout is how long the answers to a new interest are waited for
	// before the client is told that it is open. What comes later is still
	// delivered.
	InterestTimeout time.Duration

	// DrainTimeout is how long clients may go on when nobody says how long; see
	// [Role.Drain].
	DrainTimeout time.Duration

	Limits Limits

	// Arrivals reads the connections. Ports that share one are read in the order in
	// which something arrived on any of them. Default: one of the agent's own.
	Arrivals *arrival.Loop
}

// Limits bound what clients may cost. Zero is no limit, for each of them.
type Limits struct {
	// Handshake bounds PROXY header, TLS and WebSocket handshake; default 10 s,
	// it cannot be switched off.
	Handshake time.Duration
	Hello     time.Duration // from the connection to CLIENT_HELLO
	Login     time.Duration // from the connection to the state ESTABLISHED
	Host      time.Duration // without an answer of the client's host; the system's own limit holds besides
	Heartbeat time.Duration // between two CLIENT_HEARTBEAT

	// A client is cut off when more than WriteBuffer bytes have waited for it for
	// longer than WriteTimeout: a burst is no reason. Both must be set.
	WriteBuffer  int
	WriteTimeout time.Duration
	// MaxQueue is how many bytes may wait for a client at all.
	MaxQueue int
	// MaxQueueTotal is how much memory may hold what waits for all clients. Past
	// it the client with the most is cut off.
	MaxQueueTotal int

	ClientsPerAddress int // an IPv4 address or an IPv6 /64 network; loopback is exempt
	DatagramRate      int // datagrams a second that a client may send, in the long run; a zone that it opens counts as one
	ByteRate          int // bytes a second that a client may send, in the long run
	InterestZones     int // zones in all interests of a client
	PendingInterests  int // interests of a client that wait for their objects
}

// Uberdog is an object with a fixed doId that always exists.
type Uberdog struct {
	Class *dc.Class
	// Anonymous ones take updates from clients that have not logged in.
	Anonymous bool
}

// InterestPermission says which interests clients may open (add_interest).
type InterestPermission uint8

const (
	// InterestsVisible lets clients open interests under parents that they know.
	InterestsVisible InterestPermission = iota
	// InterestsEnabled lets them open any.
	InterestsEnabled
	// InterestsDisabled lets them open none.
	InterestsDisabled
)

// Listener is one port for clients. Its parts may be combined.
type Listener struct {
	Address string // host:port
	// TLS encrypts; nil: in the clear. See [LoadTLS].
	TLS *tls.Config
	// WebSocket takes WebSocket connections, with one binary message for each
	// datagram, without its length.
	WebSocket bool
	// Origins are the hosts from whose pages browsers may connect by WebSocket,
	// as patterns such as "*.example.org"; empty: the listener's own host only.
	Origins []string
	// Proxy demands the PROXY protocol, version 1 or 2, from those addresses,
	// and refuses connections from all others; nil: there is no proxy.
	Proxy []netip.Prefix
}

func (o *Options) complete() error {
	switch {
	case o.File == nil:
		return fmt.Errorf("clientagent: no DC file")
	case o.Channels == nil:
		return fmt.Errorf("clientagent: no channels")
	case len(o.Listeners) == 0:
		return fmt.Errorf("clientagent: no listener")
	}
	if o.Label == "" {
		o.Label = fmt.Sprintf("clientagent[%s]", o.Listeners[0].Address)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Event == nil {
		o.Event = func([]byte) {}
	}
	if o.Hash == 0 {
		o.Hash = o.File.Hash()
	}
	if o.Limits.Handshake <= 0 {
		o.Limits.Handshake = 10 * time.Second
	}
	return nil
}

// PrivateNetworks are the addresses that proxies usually have: loopback, private
// and link-local ones.
func PrivateNetworks() []netip.Prefix {
	var all []netip.Prefix
	for _, p := range []string{
		"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
		"::1/128", "fc00::/7", "fe80::/10",
	} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}
