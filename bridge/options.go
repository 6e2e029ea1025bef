package bridge

import (
	"cmp"
	"fmt"
	"log/slog"
	"math"
	"time"
)

// Options say how a node joins the backbone. What is zero takes the default named
// here. What has a key can stand in the section backbone of a configuration, see
// docs/configuration.md; defaults in the tags are the configuration's.
type Options struct {
	// Name is daemon.name: what operators see as the connection's name.
	Name string
	// Subjects holds the prefix; default [DefaultPrefix].
	Subjects Subjects `key:",inline"`

	// KeepOnGap keeps the participants when the backbone was lost, though
	// datagrams may be missing (on_gap: continue). Default: they are dropped
	// with [ErrBackboneLost].
	KeepOnGap bool `key:"on_gap" choices:"disconnect continue" doc:"Whether participants are disconnected, or go on, when the backbone was lost, and messages with it."`

	// MaxPending is in bytes; default 256 MiB.
	MaxPending int `key:"max_pending" is:"size" default:"256MiB" min:"1MiB" doc:"How much may wait to be published; past it the backbone counts as lost."`
	// MaxPostRemoveBytes: default no limit.
	MaxPostRemoveBytes int `key:"max_post_remove_bytes" is:"size" default:"64MiB" min:"1MiB" doc:"How many bytes the post-removes of all participants of this process may have, and those that it keeps for all other processes together."`
	ParticipantLimits

	// These have the defaults of the configuration.
	Heartbeat       time.Duration `key:"heartbeat" default:"250ms" min:"10ms" max:"1m" doc:"How often this process tells the others that it lives, if it has told them something since, or if there are no more than 16 of them. With more of them it does so less often, but at least four times in dead_after."`
	DeadAfter       time.Duration `key:"dead_after" default:"3s" min:"40ms" max:"1h" doc:"How long a process may be silent before the others send its post-removes; at least four heartbeats."`
	OrderTimeout    time.Duration `key:"order_timeout" default:"1s" min:"10ms" max:"1m" doc:"How long what a participant sends waits at most for another process to say that it has done what the participant told it before."`
	PingInterval    time.Duration `key:"ping_interval" default:"5s" min:"100ms" max:"1h" doc:"How often the connection to the server is tried; it is lost when two answers are missing."`
	ConnectTimeout  time.Duration `key:"connect_timeout" default:"5s" min:"100ms" max:"1h" doc:"How long to wait for a server to answer a new connection."`
	BucketThreshold int           `key:"bucket_threshold" default:"256" min:"1" max:"1000000" doc:"How many single channels of one bucket (a million channels of objects, clients and processes) are subscribed before the whole bucket is."`

	ZoneThreshold int `key:"zone_threshold" default:"4096" min:"1" max:"1000000" doc:"How many zones of one parent are subscribed before all of them are. A process that has subscribed all is sent whatever happens there; single ones cost each NATS server 0.7 KB."`

	// External names an outside NATS server. Without it, Embedded is started.
	Embedded Embedded  `key:"embedded" doc:"The NATS server inside this process; without this section and without urls, it has its defaults."`
	External *External `key:",inline"`

	// Sockets, if set, makes the loop that waits for the sockets of the process, such as
	// package arrival has: the node has it wait for the connection to NATS, too. Otherwise a
	// goroutine does.
	Sockets func(*Node) (Sockets, error)

	Log *slog.Logger // default: discard
}

// Sockets waits for sockets: it calls ready, without waiting for anything else, while there is
// something to be read from one, until Unwatch.
type Sockets interface {
	Watch(fd int, ready func()) error
	Unwatch(fd int)
}

// ParticipantLimits bound what one participant may have. Zero is no limit. They stand
// in the section messagedirector of a configuration.
type ParticipantLimits struct {
	MaxSubscriptions              int `key:"max_subscriptions,ours" default:"1000000" min:"1" max:"100000000" doc:"How many channels and ranges one participant may subscribe; past it the participant is disconnected."`
	MaxPostRemoves                int `key:"max_post_removes,ours" default:"10000" min:"1" max:"10000000" doc:"How many post-removes one participant may leave; past it the participant is disconnected."`
	MaxParticipantPostRemoveBytes int `key:"max_post_remove_bytes,ours" is:"size" default:"4MiB" min:"64KiB" doc:"How many bytes they may have, with 128 for each; past it the participant is disconnected."`
}

// Login is how a process identifies itself at a NATS server.
type Login struct {
	Credentials  string `key:"credentials" is:"file" doc:"The credentials file of a NATS user (JWT and seed)."`
	User         string `key:"user" is:"filled" doc:"The user's name."`
	Password     string `key:"password" is:"secret" doc:"The user's password."`
	PasswordFile string `key:"password_file" is:"secret file" doc:"The file that holds the user's password."`
}

// External is a NATS server, or a cluster, that others run. There is at most one way to
// log in.
type External struct {
	URLs      []string `key:"urls" each:"URL" is:"url" schemes:"nats tls" but:"nats:// or tls://" doc:"The external NATS servers, of which one is connected to; all of them must belong to one cluster."`
	Login     `key:",inline"`
	NKey      string    `key:"nkey" is:"file" doc:"The file with the seed of an nkey."`
	Token     string    `key:"token" is:"secret" doc:"A token."`
	TokenFile string    `key:"token_file" is:"secret file" doc:"The file that holds the token."`
	TLS       *TLSFiles `key:"tls" doc:"Encryption of the connection to an external server; a tls:// URL has it without this section too."`
}

// Embedded is a NATS server inside this process.
type Embedded struct {
	// Listen is host:port. Empty: DefaultListen, or a free port if that is taken.
	// "none": nowhere.
	Listen  string `key:"listen" is:"listen" port:"4222" or:"none" unset:"127.0.0.1:4222" doc:"Where NATS clients connect, such as the nats command; none means nowhere. Left out, a free port is taken if 4222 is in use."`
	Monitor string `key:"monitor" is:"listen" port:"8222" doc:"Where NATS's own monitoring answers, over HTTP; left out, nowhere."`
	// StoreDir turns JetStream on. Empty: off.
	StoreDir   string `key:"store_dir" is:"path" doc:"The folder for JetStream, which is switched on by it."`
	ServerName string `key:"server_name" is:"word" doc:"The server's name among NATS servers; left out, NATS chooses one."`
	Config     string `key:"config" is:"file" doc:"A configuration file of nats-server, for everything that has no key here; the keys that are given here win."`
	// Login is for our own server, where Config demands it.
	Login `key:",inline"`

	Cluster Cluster `key:"cluster,optional" doc:"Joins this server to others in a full mesh; see docs/backbone.md for what that costs."`
	Leaf    Leaf    `key:"leaf,optional" doc:"Connects this server to a hub as a leaf node, or lets leaf nodes connect."`
}

// DefaultListen is where an embedded server listens by default.
const DefaultListen = "127.0.0.1:4222"

// Cluster makes the embedded server part of a routed mesh. See the package's
// comment for what a mesh does not keep.
type Cluster struct {
	Name   string   `key:"name" is:"word" default:"astron" doc:"The cluster's name, the same for all of its servers."`
	Listen string   `key:"listen,required" is:"listen" port:"6222" doc:"Where the other servers connect."`
	Routes []string `key:"routes" each:"URL" is:"url" schemes:"nats nats-route" but:"nats:// or nats-route://; with a port" doc:"Other servers of the cluster; servers that these know need not be listed."`
}

// Leaf joins the embedded server to hubs, or lets leaf nodes join it.
type Leaf struct {
	Listen  string   `key:"listen" is:"listen" port:"7422" doc:"Where leaf nodes connect, if this server is a hub; left out, nowhere."`
	Remotes []Remote `key:"remotes" each:"remote" doc:"The hubs that this server connects to."`
}

// Remote is a hub that the embedded server joins as a leaf node: one of the
// URLs, in turn.
type Remote struct {
	URLs        []string  `key:"urls,required" each:"URL" is:"url" schemes:"nats nats-leaf tls" but:"nats://, nats-leaf:// or tls://" doc:"The servers of the hub, of which one is connected to."`
	Credentials string    `key:"credentials" is:"file" doc:"The credentials file of a NATS user (JWT and seed)."`
	TLS         *TLSFiles `key:"tls" doc:"Encryption of the connection to the hub; a tls:// URL has it without this section too."`
}

// TLSFiles are how to encrypt a connection to a NATS server. The server's certificate
// is always verified.
type TLSFiles struct {
	CA          string `key:"ca" is:"file" doc:"The authorities to trust, in PEM; left out, the system's are."`
	Certificate string `key:"certificate" is:"file" doc:"Our own certificate, in PEM, where the server asks for one."`
	Key         string `key:"key" is:"file" doc:"The private key of our own certificate, in PEM."`
	ServerName  string `key:"server_name" is:"word" doc:"The name that the server's certificate must have, where it is not the URL's host."`
}

// withDefaults is o with every default filled in.
func (o Options) withDefaults() (Options, error) {
	o.Name = cmp.Or(o.Name, "astrond")
	o.Subjects.Prefix = o.Subjects.prefix()
	o.MaxPending = cmp.Or(o.MaxPending, 256<<20)
	o.MaxSubscriptions = cmp.Or(o.MaxSubscriptions, math.MaxInt)
	o.MaxPostRemoves = cmp.Or(o.MaxPostRemoves, math.MaxInt)
	o.MaxParticipantPostRemoveBytes = cmp.Or(o.MaxParticipantPostRemoveBytes, math.MaxInt)
	o.MaxPostRemoveBytes = cmp.Or(o.MaxPostRemoveBytes, math.MaxInt)
	o.BucketThreshold = cmp.Or(o.BucketThreshold, 256)
	o.ZoneThreshold = cmp.Or(o.ZoneThreshold, 4096)
	o.Heartbeat = cmp.Or(o.Heartbeat, 250*time.Millisecond)
	o.DeadAfter = cmp.Or(o.DeadAfter, 3*time.Second)
	o.OrderTimeout = cmp.Or(o.OrderTimeout, time.Second)
	o.PingInterval = cmp.Or(o.PingInterval, 5*time.Second)
	o.ConnectTimeout = cmp.Or(o.ConnectTimeout, 5*time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := CheckPrefix(o.Subjects.Prefix); err != nil {
		return o, err
	}
	if o.DeadAfter < 2*o.Heartbeat {
		return o, fmt.Errorf("dead after %v is less than two heartbeats of %v", o.DeadAfter, o.Heartbeat)
	}
	return o, nil
}

// pingEvery is how often a connection is tried. It is often enough to tell a
// connection that stands still from other nodes that are silent: without that, a
// node that is cut off would take all others for dead.
func (o Options) pingEvery() time.Duration { return min(o.PingInterval, o.DeadAfter/4) }

// pingsOutstanding is how many pings may go unanswered. With the interval of 5 s a dead
// host is noticed within 15 s, by either side.
const pingsOutstanding = 2

// pingsOut is how many of these may go unanswered: for as long as pingsOutstanding
// of the configured ones.
func (o Options) pingsOut() int { return int((pingsOutstanding+1)*o.PingInterval/o.pingEvery()) - 1 }
