package config

// MessageDirector is the classic message director's port, its upstream link and
// its limits.
type MessageDirector struct {
	// Bind is where other daemons connect to; zero if nowhere.
	Bind Address
	// Listeners are further ports, of any dialect.
	Listeners []ParticipantListener
	// Connect is the message director that this process hangs under; zero if none.
	Connect Address
	// Threaded is read for the sake of old files.
	Threaded Bool

	// MaxParticipants bounds the connections, MaxSubscriptions and MaxPostRemoves
	// what one of them may have, MaxQueue the bytes that may wait for one of them.
	MaxParticipants  int
	MaxSubscriptions int
	MaxPostRemoves   int
	// MaxPostRemoveBytes bounds their bytes.
	MaxPostRemoveBytes Size
	MaxQueue           Size

	// HostTimeout is how long the host at the other end of a connection may not
	// answer; 0 leaves that to the system.
	HostTimeout Duration
}

// A frame is at most 64 KiB and its length; a queue must hold some of them.
const leastQueue = 256 * KiB

func (s *MessageDirector) keys() []key {
	return []key{
		{name: "bind", value: listenOn(&s.Bind, 7199),
			effect: "Where participants (AI servers, UberDOGs, other Astron daemons) connect, over TCP; left out, nowhere."},
		{name: "listeners", value: sections[ParticipantListener, *ParticipantListener]{&s.Listeners, "listener"}, ours: true,
			effect: "Further ports for participants, also for those that speak another dialect."},
		{name: "connect", value: connectTo(&s.Connect, 7199),
			effect: "The message director upstream, under which this process hangs; left out, there is none."},
		{name: "threaded", value: boolean(&s.Threaded, true),
			effect: "Taken for the sake of old files, without effect: routing always uses all processors."},
		{name: "max_participants", value: number(&s.MaxParticipants, 10_000, 1, 1_000_000), ours: true,
			effect: "How many connections are served at once; more are closed. The default is room for a large cluster, and still an end to a process that connects again and again without hanging up."},
		{name: "max_subscriptions", value: number(&s.MaxSubscriptions, 1_000_000, 1, 100_000_000), ours: true,
			effect: "How many channels and ranges one participant may subscribe; past it the participant is disconnected."},
		{name: "max_post_removes", value: number(&s.MaxPostRemoves, 10_000, 1, 10_000_000), ours: true,
			effect: "How many post-removes one participant may leave; past it the participant is disconnected."},
		{name: "max_post_remove_bytes", value: size(&s.MaxPostRemoveBytes, 4*MiB, 64*KiB), ours: true,
			effect: "How many bytes they may have, with 128 for each; past it the participant is disconnected."},
		{name: "max_queue", value: size(&s.MaxQueue, 128*MiB, leastQueue), ours: true,
			effect: "How much may wait for a participant that reads too slowly; past it the participant is disconnected and its post-removes are sent."},
		{name: "host_timeout", value: hostTimeout(&s.HostTimeout), ours: true,
			effect: "How long the host of a participant, or of the upstream, may not answer before the connection counts as lost, whether or not anything is sent to it; a program that stands still on a host that answers is no reason. 0 leaves it to the system, which takes up to a quarter of an hour."},
	}
}

func (s *MessageDirector) check(d *decoder, path string) {
	if d.sound(join(path, "bind"), join(path, "connect")) && s.Connect.Port != 0 && s.Bind == s.Connect {
		d.fault(join(path, "connect"), "is the address that this process itself listens on", "write the upstream's address, or take the line out")
	}
}

// Dialect is what participants speak.
type Dialect string

// The dialects: Astron's own protocol, and that of Disney's servers.
const (
	DialectAstron Dialect = "astron"
	DialectOTP    Dialect = "otp"
)

// ParticipantListener is a further port of the message director.
type ParticipantListener struct {
	Bind    Address
	Dialect Dialect
}

func (s *ParticipantListener) keys() []key {
	return []key{
		{name: "bind", value: listenOn(&s.Bind, 7199), required: true, ours: true,
			effect: "Where participants connect, over TCP."},
		{name: "dialect", value: oneOf(&s.Dialect, DialectAstron, DialectAstron, DialectOTP), ours: true,
			effect: "What they speak: astron, or otp, the numbers of Disney's servers, for AI and UberDOG processes of the original games' descendants."},
	}
}
