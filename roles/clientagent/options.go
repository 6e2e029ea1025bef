package clientagent

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"natstron/bridge/arrival"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/clientagent/internal/resume"
)

// Options say what a client agent works with. What has a key can stand in a
// configuration, see docs/configuration.md; defaults in the tags are the
// configuration's.
type Options struct {
	// Label names the role in logs and metrics; default "clientagent[<bind>]"
	// with the address of the first listener.
	Label string
	Log   *slog.Logger // default: discard
	// Event takes an event for the event logger (document 20): a MessagePack
	// map. It must not block. Default: it is dropped.
	Event func(event []byte)

	// Bind is host:port. If it is empty, there are only the Listeners.
	Bind string `key:"bind" is:"listen" port:"7198" default:"0.0.0.0:7198" doc:"Where clients connect, over TCP."`
	// Version is what clients must say in their hello.
	Version string `key:"version" was:"server_version" default:"dev" doc:"The version that a client must say in its hello."`
	HAProxy bool   `key:"haproxy" doc:"Whether a proxy stands in front and announces each client with the PROXY protocol."`
	// File is the DC files; required.
	File *dc.File
	// Hash is what clients must say in their hello; 0 is the hash of File.
	Hash uint32 `key:"manual_dc_hash" doc:"The DC hash that a client must say in its hello; 0 means the hash of general.dc_files."`

	Channels wire.ChannelRange `key:"channels,required" doc:"The channels that are given to clients, one to each; agents of one process with the very same range share it."`
	// Pool holds the channels that are free. Agents with the same range share one.
	// Default: a pool of the agent's own.
	Pool *ChannelPool
	// Uberdogs are the objects that every client knows.
	Uberdogs []Uberdog

	_          struct{}   `key:"client" doc:"What clients may do."`
	ClientType string     `key:"client.type" is:"word" default:"libastron" doc:"The kind of client: libastron; otp, for clients of the original games' descendants, see otp.md; or one that a game compiled in, see clientagent.md."`
	OTP        OTPOptions `key:",inline"`
	// Class makes a game's own code part of every session; nil: none. The program sets
	// it, as ClientType says.
	Class    Class
	Relocate bool `key:"client.relocate" doc:"Whether clients may move the objects that they own to another location."`
	// AvatarClass turns the rules of parents on.
	AvatarClass   string             `key:"client.avatar_class,ours" unset:"none" doc:"The dclass of avatars, or a base class of theirs. The agent opens and closes zones for a client as an avatar that it owns moves, by the setParentingRules of the avatar's parent; see clientagent.md. Left out, setParentingRules means nothing to it."`
	Interests     InterestPermission `key:"client.add_interest" choices:"visible enabled disabled" doc:"Which interests clients may open: under parents that they see, under any parent, or none."`
	InterestRules []InterestRule     `key:"client.interests,ours" each:"rule" doc:"Which zones the interests that clients open may have; left out, any. Those that the cluster opens for clients are not held against it."`
	// AnyText lets the strings and chars of clients be any bytes: programs that take
	// them for text, as Panda3D does, must be able to bear it.
	AnyText bool `key:"client.text,ours" choices:"utf8 any" doc:"What the strings and chars that clients send must be: UTF-8, or any bytes."`
	// HideHash and HideVersion are the opposite of their keys.
	HideHash    bool `key:"client.send_hash" is:"not" doc:"Whether a client that is refused for its DC hash is told the right one."`
	HideVersion bool `key:"client.send_version" is:"not" doc:"Whether a client that is refused for its version is told the right one."`

	_ struct{} `key:"tuning" doc:"Times that rarely need to be changed."`
	// InterestTimeout ends a wait; what comes later is still delivered.
	InterestTimeout time.Duration `key:"tuning.interest_timeout" is:"milliseconds" default:"500ms" doc:"How long to wait for the objects of a new interest before the client is told that it is open."`

	// AnswerTimeout is that of [ask.Options].
	AnswerTimeout time.Duration `key:"tuning.answer_timeout,ours" default:"10s" min:"10ms" max:"1h" doc:"How long a question of a game's own client class waits for its answer, if the class does not say."`

	TLS *TLSFiles `key:"tls" doc:"Encryption of the connections with clients; left out, there is none."`
	// Listeners are further ports. Bind is encrypted where there is TLS.
	Listeners []Listener     `key:"listeners,ours" each:"listener" doc:"Further ports for clients beside bind, each in its own way: in the clear or encrypted, behind a proxy, for browsers."`
	Proxies   []netip.Prefix `key:"proxies,ours" each:"network" doc:"The proxies that may announce clients, where haproxy is on; left out, any in a loopback, private or link-local network."`

	_      struct{} `key:"limits,ours" doc:"Limits for clients."`
	Limits Limits   `key:",inline"`

	_ struct{} `key:"resume,ours" doc:"Clients that come back after their connection was lost, and go on with their session; see resume.md."`
	// Resume is off while its Within is 0.
	Resume Resume `key:",inline"`

	// DrainTimeout: see [Role.Drain].
	DrainTimeout time.Duration `key:"drain_timeout,ours" max:"7d" doc:"How long connected clients may go on once the process is told to end or to drain, while no new ones are let in; 0 means that they are ejected at once."`

	// Handovers are shared by the agents of a process. Default: the agent's own.
	Handovers *Handovers

	// Arrivals reads the connections. Ports that share one are read in the order in
	// which something arrived on any of them. Default: one of the agent's own.
	Arrivals *arrival.Loop
}

// Limits bound what clients may cost. Zero is no limit, for each of them but Handshake.
type Limits struct {
	// A client is cut off when more than WriteBuffer bytes have waited for it for
	// longer than WriteTimeout: a burst is no reason. Both must be set.
	WriteBuffer  int           `key:"client.write_buffer_size" is:"size" default:"256KiB" doc:"How much may wait for a client that reads too slowly; 0 means no limit."`
	WriteTimeout time.Duration `key:"client.write_timeout_ms" is:"milliseconds" default:"5s" doc:"How long a client may take to read what waits for it; 0 means no limit."`
	// Heartbeat is the time between two CLIENT_HEARTBEAT.
	Heartbeat time.Duration `key:"client.heartbeat_timeout" is:"milliseconds" doc:"How long a client may say nothing before it is disconnected; 0 means no limit."`

	// Handshake cannot be switched off; zero is 10 s.
	Handshake time.Duration `key:"limits.handshake_timeout" default:"10s" min:"100ms" max:"10m" doc:"How long PROXY header, TLS and WebSocket handshake may take together."`
	// Hello and Login are counted from the connection.
	Hello time.Duration `key:"limits.hello_timeout" default:"30s" max:"1d" doc:"How long a client may stay connected without a hello; 0 means no limit."`
	Login time.Duration `key:"limits.login_timeout" default:"30m" max:"1d" doc:"How long a client may stay connected without being let in; 0 means no limit."`
	Host  time.Duration `key:"limits.host_timeout" default:"20s" max:"1d" orzero:"2s" doc:"How long a client's host may not answer before the connection counts as lost, whether or not anything is sent to it; see client.heartbeat_timeout for programs that stand still. 0 leaves it to the system, which takes up to a quarter of an hour."`

	MaxQueue      int `key:"limits.max_queue" is:"size" default:"64MiB" doc:"How much may wait for one client at all; past it the client is cut off. 0 means no limit."`
	MaxQueueTotal int `key:"limits.max_queue_total" is:"size" default:"1GiB" doc:"How much memory may hold what waits for all clients of the agent; past it the client with the most is cut off. 0 means no limit."`

	ClientsPerAddress int `key:"limits.clients_per_address" default:"1000" max:"10000000" doc:"How many clients one IPv4 address or IPv6 /64 network may have; this machine's own are not counted. 0 means no limit."`
	DatagramRate      int `key:"limits.datagram_rate" default:"1000" max:"10000000" doc:"How many datagrams a second a client may send in the long run, and five times as many at once; a zone that it opens counts as one. 0 means no limit."`
	ByteRate          int `key:"limits.byte_rate" is:"size" default:"1MiB" doc:"How many bytes a second a client may send in the long run, and five times as many at once; 0 means no limit."`
	InterestZones     int `key:"limits.interest_zones" default:"4000" max:"10000000" doc:"How many zones the interests of a client may have together; 0 means no limit."`
	PendingInterests  int `key:"limits.pending_interests" default:"1000" max:"1000000" doc:"How many interests of a client may wait for their objects at once; 0 means no limit."`

	// OpenQuestions and Work are those of [ask.Options]: they cannot be switched off, zero is 64.
	OpenQuestions int `key:"limits.open_questions" default:"64" min:"1" max:"1000000" doc:"How many questions of a game's own client class may be open for one client, timers and work in goroutines included; more are refused."`
	Work          int `key:"limits.work" default:"64" min:"1" max:"1000000" doc:"How many goroutines may work at once for a game's own client class, for all clients; more wait for one of them."`
}

// Resume says how clients that ask for it may come back.
type Resume struct {
	Within time.Duration `key:"resume.within" max:"1h" orzero:"1s" doc:"How long a session waits for its client after the connection was lost; 0 means that no client can come back."`
	// Recover has the others keep what sessions are, so that they outlive the process.
	Recover bool `key:"resume.recover" doc:"Whether sessions outlive this process: if it is killed or loses the backbone, another agent with the same keys goes on with those of clients that ask for it, within resume.within."`
	// Keys sign tokens, the first of all, and verify them. Without any, the process has a
	// random one.
	Keys     []string `key:"resume.keys" is:"secret" each:"key" doc:"The secrets that sign tokens, at least 16 characters each: the first one signs, all are accepted. Agents that hand sessions to each other have the same. Left out, each process has a random one, and clients can come back to this process only."`
	KeyFiles []string `key:"resume.key_files" is:"secret file" each:"file" doc:"Files with further secrets, one in each, behind those of keys."`
	Sessions int      `key:"resume.sessions" default:"10000" min:"1" max:"10000000" doc:"How many sessions may wait at once; past it, one ends as if resume.within were 0."`
	Queue    int      `key:"resume.queue" is:"size" default:"256KiB" min:"4KiB" max:"1GiB" doc:"How much may be kept for one client of what it has not acknowledged; past it, it cannot come back."`
	Memory   int      `key:"resume.memory" is:"size" default:"256MiB" min:"64KiB" doc:"How much may be kept for all clients of the agent together; past it, the one that needs more cannot come back."`
}

// complete sets the defaults of a program's own options.
func (o *Resume) complete() {
	o.Sessions = cmp.Or(o.Sessions, 10_000)
	o.Queue = cmp.Or(o.Queue, 256<<10)
	o.Memory = cmp.Or(o.Memory, 256<<20)
}

func (o *Resume) check(clientType string, report func(problem, fix string, keys ...string)) {
	if o.Within > 0 && clientType == OTP {
		report("clients of the type otp cannot come back", "take the line out", "resume.within")
	}
	for i, k := range o.Keys {
		if len(k) < resume.LeastSecret {
			report("is too short to be a key", fmt.Sprintf("write at least %d characters that nobody can guess", resume.LeastSecret), fmt.Sprintf("resume.keys[%d]", i))
		}
	}
}

// Uberdog is an object with a fixed doId that always exists.
type Uberdog struct {
	ID        wire.DoID `key:"id,required" alone:"give each uberdog an id of its own" doc:"The object's doId."`
	Class     string    `key:"class,required" but:"a name as DC files have it" doc:"The object's class, which the DC files must have."`
	Anonymous bool      `key:"anonymous" doc:"Whether clients that have not logged in may send to it."`
}

// CheckKeys finds what is wrong with an uberdog in a configuration.
func (u *Uberdog) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	if u.Class == "" {
		report("is empty", "write a text, or take the line out", "class")
	}
	for i, c := range u.Class {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9' || i == 0) {
			report(fmt.Sprintf("%q is not the name of a class", u.Class), "write letters, digits and underscores, no digit first", "class")
			return
		}
	}
}

// CheckUberdogs finds classes that the DC files do not have. The keys are uberdogs[0].class
// and so on.
func CheckUberdogs(all []Uberdog, file *dc.File, report func(problem, fix string, keys ...string)) {
	for i, u := range all {
		if _, ok := file.DClassByName(u.Class); !ok {
			report("the DC files have no dclass "+u.Class, "write a dclass of theirs, in its exact spelling", fmt.Sprintf("uberdogs[%d].class", i))
		}
	}
}

// CheckClasses finds classes that the DC files do not have in what the options name.
func (o *Options) CheckClasses(file *dc.File, report func(problem, fix string, keys ...string)) {
	check := func(class, key string) {
		if _, ok := file.DClassByName(class); class != "" && !ok {
			report("the DC files have no dclass "+class, "write a dclass of theirs, in its exact spelling", key)
		}
	}
	check(o.AvatarClass, "client.avatar_class")
	for i, r := range o.InterestRules {
		check(r.Class, fmt.Sprintf("client.interests[%d].class", i))
	}
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
	// Bind is host:port.
	Bind string `key:"bind,required" is:"listen" port:"7198" doc:"Where clients connect."`
	// HAProxy demands the PROXY protocol, version 1 or 2, from the [Options.Proxies],
	// and refuses connections from all others.
	HAProxy bool `key:"haproxy" doc:"Whether a proxy announces each client with the PROXY protocol."`
	TLS     bool `key:"tls" doc:"Whether connections are encrypted, with what the role's section tls says."`
	// WebSocket messages are datagrams without their length.
	WebSocket bool     `key:"websocket" doc:"Whether clients connect by WebSocket, with one binary message for each datagram."`
	Origins   []string `key:"origins" each:"host" is:"word" but:"a host without a scheme" doc:"The hosts from whose pages browsers may connect by WebSocket, with * for any text between dots; left out, only the listener's own host."`
	// Static is a folder, whose files anyone may read.
	Static string `key:"static,ours" is:"folder" doc:"The folder whose files a browser gets from this port over HTTP, such as the page of a game, index.html; left out, none."`
}

// CheckKeys finds what is wrong with options in a configuration.
func (o *Options) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	o.Resume.check(o.ClientType, report)
	for i, l := range o.Listeners {
		at := fmt.Sprintf("listeners[%d].", i)
		for j, origin := range l.Origins {
			if strings.ContainsAny(origin, "/[]?\\") {
				report(fmt.Sprintf("%q is not a host", origin), "write the host alone, such as game.example.org or *.example.org", fmt.Sprintf("%sorigins[%d]", at, j))
			}
		}
		if l.TLS && o.TLS == nil {
			report("there is no certificate", "add the section tls to the role", at+"tls")
		}
		if l.Static != "" && !l.WebSocket {
			report("files are for browsers, and they connect by WebSocket", "add websocket: true, or take the line out", at+"static", at+"websocket")
		}
		if len(l.Origins) > 0 && !l.WebSocket {
			report("only browsers have an origin, and they connect by WebSocket", "add websocket: true, or take the line out", at+"origins", at+"websocket")
		}
	}
	checkInterestRules(o.InterestRules, report)
}

// listeners are all ports, with the keys of their addresses.
func (o *Options) listeners() (all []Listener, keys []string) {
	if o.Bind != "" {
		all, keys = []Listener{{Bind: o.Bind, HAProxy: o.HAProxy, TLS: o.TLS != nil}}, []string{"bind"}
	}
	for i, l := range o.Listeners {
		all, keys = append(all, l), append(keys, fmt.Sprintf("listeners[%d].bind", i))
	}
	return all, keys
}

func (o *Options) complete() error {
	listeners, _ := o.listeners()
	switch {
	case o.File == nil:
		return fmt.Errorf("clientagent: no DC file")
	case o.Pool == nil && o.Channels.Min == 0:
		return fmt.Errorf("clientagent: no channels")
	case len(listeners) == 0:
		return fmt.Errorf("clientagent: no listener")
	}
	if o.Label == "" {
		o.Label = fmt.Sprintf("clientagent[%s]", listeners[0].Bind)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Event == nil {
		o.Event = func([]byte) {}
	}
	if o.Pool == nil {
		o.Pool = NewChannelPool(o.Channels.Min, o.Channels.Max)
	}
	if o.Hash == 0 {
		o.Hash = o.File.Hash()
	}
	if o.Limits.Handshake <= 0 {
		o.Limits.Handshake = 10 * time.Second
	}
	o.Resume.complete()
	if o.Handovers == nil {
		o.Handovers = new(Handovers)
	}
	if len(o.Proxies) == 0 {
		o.Proxies = PrivateNetworks()
	}
	var problems []string
	report := func(problem, _ string, _ ...string) { problems = append(problems, problem) }
	CheckUberdogs(o.Uberdogs, o.File, report)
	o.CheckClasses(o.File, report)
	checkInterestRules(o.InterestRules, report)
	if len(problems) > 0 {
		return fmt.Errorf("clientagent: %s", strings.Join(problems, "; "))
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
