package config

import (
	"fmt"
	"math"
	"net/netip"
)

// ClientAgent is a role: the gate between game clients and the cluster.
type ClientAgent struct {
	place
	Bind Address
	// Version is what a client must say to be let in.
	Version string
	// HAProxy is on where a proxy in front announces clients with the PROXY protocol.
	HAProxy Bool
	// ManualDCHash replaces the hash of the DC files, unless it is 0.
	ManualDCHash uint32
	// Channels are given to clients. Agents of one process with the very same range
	// share it.
	Channels ChannelRange
	Client   Client
	Tuning   Tuning
	// TLS is nil where clients connect in the clear.
	TLS *ClientAgentTLS
	// Listeners are the ports beside Bind.
	Listeners []ClientListener
	// Proxies may announce clients; empty: those of loopback and private networks.
	Proxies []netip.Prefix
	Limits  ClientLimits
	// DrainTimeout is how long clients may go on once the process is told to end.
	DrainTimeout Duration
}

// Type is clientagent.
func (*ClientAgent) Type() string { return TypeClientAgent }

func (s *ClientAgent) keys() []key {
	return []key{
		{name: "bind", value: listenOn(&s.Bind, 7198).byDefault(Address{"0.0.0.0", 7198}),
			effect: "Where clients connect, over TCP."},
		{name: "version", value: anyText(&s.Version).byDefault("dev"),
			effect: "The version that a client must say in its hello."},
		{name: "haproxy", value: boolean(&s.HAProxy, false),
			effect: "Whether a proxy stands in front and announces each client with the PROXY protocol."},
		{name: "manual_dc_hash", value: number(&s.ManualDCHash, 0, 0, math.MaxUint32),
			effect: "The DC hash that a client must say in its hello; 0 means the hash of general.dc_files."},
		{name: "channels", value: section{&s.Channels}, required: true,
			effect: "The channels that are given to clients, one to each; agents of one process with the very same range share it."},
		{name: "client", value: section{&s.Client},
			effect: "How clients are treated."},
		{name: "tuning", value: section{&s.Tuning},
			effect: "Times that few need to change."},
		{name: "tls", value: optional[ClientAgentTLS, *ClientAgentTLS]{&s.TLS},
			effect: "Encryption of the connections with clients; left out, there is none."},
		{name: "listeners", value: sections[ClientListener, *ClientListener]{&s.Listeners, "listener"}, ours: true,
			effect: "Further ports for clients beside bind, each in its own way: in the clear or encrypted, behind a proxy, for browsers."},
		{name: "proxies", value: scalars[netip.Prefix]{&s.Proxies, "network", network}, ours: true,
			effect: "The proxies that may announce clients, where haproxy is on; left out, any in a loopback, private or link-local network."},
		{name: "limits", value: section{&s.Limits}, ours: true,
			effect: "What clients may cost."},
		{name: "drain_timeout", value: duration(&s.DrainTimeout, 0, 0, 7*day), ours: true,
			effect: "How long connected clients may go on once the process is told to end or to drain, while no new ones are let in; 0 means that they are ejected at once."},
	}
}

func (s *ClientAgent) check(d *decoder, path string) {
	for i, l := range s.Listeners {
		at := fmt.Sprintf("%s[%d]", join(path, "listeners"), i)
		if bool(l.TLS) && s.TLS == nil && d.sound(join(at, "tls")) {
			d.fault(join(at, "tls"), "there is no certificate", "add the section tls to the role")
		}
		if len(l.Origins) > 0 && !bool(l.WebSocket) && d.sound(join(at, "websocket")) {
			d.fault(join(at, "origins"), "only browsers have an origin, and they connect by WebSocket", "add websocket: true, or take the line out")
		}
	}
}

// Interest says which interests a client may ask for.
type Interest string

// The permissions of add_interest.
const (
	InterestVisible  Interest = "visible"
	InterestEnabled  Interest = "enabled"
	InterestDisabled Interest = "disabled"
)

// Text says what the text of clients may be: strings, chars and arrays of chars.
type Text string

// The choices of text.
const (
	TextUTF8 Text = "utf8"
	TextAny  Text = "any"
)

// TypeLibastron is the type of client without a game's own code in it. What else
// there is depends on the program.
const TypeLibastron = "libastron"

// Client is how a client agent treats its clients.
type Client struct {
	Type        string
	Relocate    Bool
	AddInterest Interest
	Text        Text
	SendHash    Bool
	SendVersion Bool
	// WriteBufferSize is what may wait for a client; 0 is no limit.
	WriteBufferSize Size
	// WriteTimeout is how long a client may take to read; 0 is no limit.
	WriteTimeout Duration
	// HeartbeatTimeout is how long a client may say nothing; 0 is no limit.
	HeartbeatTimeout Duration
}

func (s *Client) keys() []key {
	return []key{
		{name: "type", value: word(&s.Type).byDefault(TypeLibastron),
			effect: "The kind of client: libastron, or one that a game compiled in, see clientagent.md."},
		{name: "relocate", value: boolean(&s.Relocate, false),
			effect: "Whether clients may move the objects that they own to another location."},
		{name: "add_interest", value: oneOf(&s.AddInterest, InterestVisible, InterestVisible, InterestEnabled, InterestDisabled),
			effect: "Which interests clients may open: under parents that they see, under any parent, or none."},
		{name: "text", value: oneOf(&s.Text, TextUTF8, TextUTF8, TextAny), ours: true,
			effect: "What the strings and chars that clients send must be: UTF-8, or any bytes."},
		{name: "send_hash", value: boolean(&s.SendHash, true),
			effect: "Whether a client that is refused for its DC hash is told the right one."},
		{name: "send_version", value: boolean(&s.SendVersion, true),
			effect: "Whether a client that is refused for its version is told the right one."},
		{name: "write_buffer_size", value: size(&s.WriteBufferSize, 256*KiB, 0),
			effect: "How much may wait for a client that reads too slowly; 0 means no limit."},
		{name: "write_timeout_ms", value: millis(&s.WriteTimeout, 5*second),
			effect: "How long a client may take to read what waits for it; 0 means no limit."},
		{name: "heartbeat_timeout", value: millis(&s.HeartbeatTimeout, 0),
			effect: "How long a client may say nothing before it is disconnected; 0 means no limit."},
	}
}

// Tuning is what few need to change in a client agent.
type Tuning struct {
	// InterestTimeout ends the wait for the objects of a new interest.
	InterestTimeout Duration
}

func (s *Tuning) keys() []key {
	return []key{
		{name: "interest_timeout", value: millis(&s.InterestTimeout, 500*millisecond),
			effect: "How long to wait for the objects of a new interest before the client is told that it is open."},
	}
}
