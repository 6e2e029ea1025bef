package bridge

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"log/slog"
	"math"
	"time"
)

// Options say how a node joins the backbone. Everything that is zero takes the
// default named here.
type Options struct {
	// Name is daemon.name: what operators see as the connection's name.
	Name string
	// Subjects holds the prefix; default [DefaultPrefix].
	Subjects Subjects

	// External names an outside NATS server. Without it, Embedded is started.
	External *External
	Embedded Embedded

	// KeepOnGap keeps the participants when the backbone was lost, though
	// datagrams may be missing (on_gap: continue). Default: they are dropped
	// with [ErrBackboneLost].
	KeepOnGap bool

	MaxPending       int // bytes queued for NATS before the backbone counts as lost; default 256 MiB
	MaxSubscriptions int // channels and ranges of one participant; default no limit
	MaxPostRemoves   int // of one participant; default no limit
	// MaxParticipantPostRemoveBytes is how many bytes they may have, MaxPostRemoveBytes
	// those of all participants together, and those that are kept for all other nodes
	// together; default no limit.
	MaxParticipantPostRemoveBytes int
	MaxPostRemoveBytes            int
	BucketThreshold               int // single channels in a bucket before its wildcard is taken; default 256

	Heartbeat      time.Duration // default 250 ms
	DeadAfter      time.Duration // without heartbeats a node is dead; default 3 s
	OrderTimeout   time.Duration // a node that does not say in this time that it has done what it was told is not waited for; default 1 s
	PingInterval   time.Duration // default 5 s; three of them without an answer end the connection
	ConnectTimeout time.Duration // default 5 s

	Log *slog.Logger // default: discard
}

// External is a NATS server, or a cluster, that others run.
type External struct {
	URLs []string
	// At most one way to log in.
	Credentials string // a credentials file
	NKey        string // a seed file
	User        string
	Password    string
	Token       string
	TLS         *tls.Config
}

// Embedded is a NATS server inside this process.
type Embedded struct {
	// Listen is where other processes and operators connect: host:port. Empty:
	// DefaultListen, or a free port if that is taken. "none": nowhere.
	Listen string
	// Monitor is the address of NATS's own HTTP monitoring. Empty: none.
	Monitor string
	// StoreDir turns JetStream on, and is where it stores. Empty: off.
	StoreDir   string
	ServerName string
	// Config is a nats-server configuration file, for everything that has no
	// key here. What is set here goes before it.
	Config string
	// How to log in to the own server, where Config demands it.
	User        string
	Password    string
	Credentials string

	Cluster Cluster
	Leaf    Leaf
}

// DefaultListen is where an embedded server listens if nobody says otherwise.
const DefaultListen = "127.0.0.1:4222"

// Cluster makes the embedded server part of a routed mesh. See the package's
// comment for what a mesh does not keep.
type Cluster struct {
	Name   string
	Listen string
	Routes []string
}

// Leaf joins the embedded server to hubs, or lets leaf nodes join it.
type Leaf struct {
	Listen  string
	Remotes []Remote
}

// Remote is a hub that the embedded server joins as a leaf node: one of the
// URLs, in turn.
type Remote struct {
	URLs        []string
	Credentials string
	TLS         *tls.Config
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
