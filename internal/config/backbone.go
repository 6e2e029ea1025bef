package config

import "fmt"

// Backbone is the NATS servers that connect the processes of a cluster. It is
// either embedded in this process, or external.
type Backbone struct {
	// Prefix begins the subjects of all datagrams.
	Prefix string
	// OnGap says what becomes of participants when messages may have been lost.
	OnGap OnGap
	// MaxPending bounds what waits to be published.
	MaxPending Size
	// MaxPostRemoveBytes bounds what participants leave behind, here and elsewhere.
	MaxPostRemoveBytes Size
	// Heartbeat is how often a node says that it lives, DeadAfter how long it may be
	// silent before the others take it for dead: at least four heartbeats.
	Heartbeat, DeadAfter Duration
	// OrderTimeout is how long a participant's datagrams wait for the effects of its
	// earlier ones in other processes.
	OrderTimeout Duration
	// PingInterval is how often the connection is tried; two answers may be missing.
	PingInterval   Duration
	ConnectTimeout Duration
	// BucketThreshold is how many single channels of one bucket are subscribed
	// before the bucket is.
	BucketThreshold int

	// URLs, Auth and TLS say how to reach external servers. Without URLs there are
	// none, and Embedded is set.
	URLs []URL
	Auth Auth
	TLS  *ClientTLS

	// Embedded is the server in this process; nil if there is none.
	Embedded *Embedded
}

// OnGap is what becomes of participants when messages may have been lost.
type OnGap string

// The choices of on_gap.
const (
	OnGapDisconnect OnGap = "disconnect"
	OnGapContinue   OnGap = "continue"
)

// External says whether the servers are external; otherwise Embedded is set.
func (s *Backbone) External() bool { return len(s.URLs) > 0 }

// ControlPrefix begins the subjects of what is no datagram. It lies outside of
// Prefix, so that whoever listens to all datagrams hears nothing else.
func (s *Backbone) ControlPrefix() string { return s.Prefix + "ctl" }

func (s *Backbone) keys() []key {
	own := []key{
		{name: "prefix", value: subjectPrefix(&s.Prefix), ours: true,
			effect: "The beginning of all subjects, so that several clusters can share NATS servers."},
		{name: "on_gap", value: oneOf(&s.OnGap, OnGapDisconnect, OnGapDisconnect, OnGapContinue), ours: true,
			effect: "What becomes of participants when the backbone was lost, and messages with it: they are disconnected, or go on."},
		{name: "max_pending", value: size(&s.MaxPending, 256*MiB, MiB), ours: true,
			effect: "How much may wait to be published; past it the backbone counts as lost."},
		{name: "max_post_remove_bytes", value: size(&s.MaxPostRemoveBytes, 64*MiB, MiB), ours: true,
			effect: "How many bytes the post-removes of all participants of this process may have, and those that it keeps for all other processes together."},
		{name: "heartbeat", value: duration(&s.Heartbeat, 250*millisecond, 10*millisecond, minute), ours: true,
			effect: "How often this process tells the others that it lives."},
		{name: "dead_after", value: duration(&s.DeadAfter, 3*second, 40*millisecond, hour), ours: true,
			effect: "How long a process may be silent before the others send its post-removes; at least four heartbeats."},
		{name: "order_timeout", value: duration(&s.OrderTimeout, second, 10*millisecond, minute), ours: true,
			effect: "How long what a participant sends waits at most for another process to say that it has done what the participant told it before."},
		{name: "ping_interval", value: duration(&s.PingInterval, 5*second, 100*millisecond, hour), ours: true,
			effect: "How often the connection to the server is tried; it is lost when two answers are missing."},
		{name: "connect_timeout", value: duration(&s.ConnectTimeout, 5*second, 100*millisecond, hour), ours: true,
			effect: "How long to wait for a server to answer a new connection."},
		{name: "bucket_threshold", value: number(&s.BucketThreshold, 256, 1, 1_000_000), ours: true,
			effect: "How many single channels of one bucket (a million channels) are subscribed before the whole bucket is."},
		{name: "embedded", value: optional[Embedded, *Embedded]{&s.Embedded}, ours: true,
			effect: "The NATS server inside this process; it is there, with its defaults, where neither it nor urls is given."},
		{name: "urls", value: scalars[URL]{&s.URLs, "URL", natsURL}, ours: true,
			effect: "The external NATS servers, of which one is connected to; all of them must belong to one cluster."},
	}
	own = append(own, s.Auth.keys()...)
	return append(own, key{name: "tls", value: optional[ClientTLS, *ClientTLS]{&s.TLS}, ours: true,
		effect: "Encryption of the connection to an external server; a tls:// URL has it without this section too."})
}

func (s *Backbone) check(d *decoder, path string) {
	urls := join(path, "urls")
	switch {
	case s.Embedded != nil && d.doc.given(urls):
		d.fault(urls, "stands beside embedded", "keep one of them: urls for external servers, embedded for one in this process")
	case d.doc.given(urls) && d.sound(urls) && len(s.URLs) == 0:
		d.fault(urls, "is empty", "write at least one URL, such as - nats://127.0.0.1:4222")
	case !d.doc.given(urls):
		s.onlyExternal(d, path)
	}
	if s.External() {
		s.Auth.check(d, path, s.URLs)
	}
	beat, dead := join(path, "heartbeat"), join(path, "dead_after")
	if d.sound(beat, dead) && s.DeadAfter < 4*s.Heartbeat {
		at := dead
		if !d.doc.given(dead) {
			at = beat
		}
		d.fault(at, fmt.Sprintf("four heartbeats of %v are longer than dead_after, %v", s.Heartbeat, s.DeadAfter),
			fmt.Sprintf("write dead_after: %v or more, or a shorter heartbeat", 4*s.Heartbeat))
	}
}

// onlyExternal refuses what makes sense for external servers only.
func (s *Backbone) onlyExternal(d *decoder, path string) {
	for _, k := range append(s.Auth.keys(), key{name: "tls"}) {
		if at := join(path, k.name); d.doc.given(at) {
			d.fault(at, "is only for external servers, and there are no urls",
				"add urls, or put it under embedded if it belongs there")
		}
	}
}

func natsURL(into *URL) *scalar[URL] {
	s := &scalar[URL]{into: into, kind: "a URL", constraint: "nats:// or tls://", parse: serverURL("nats", "tls")}
	return s.fromEnvironment()
}
