package config

// ClientLimits bound what clients of a client agent may cost. Zero is no limit.
type ClientLimits struct {
	// Handshake bounds what comes before the first message: PROXY header, TLS,
	// WebSocket. It is never zero.
	Handshake Duration
	// Hello and Login are counted from the connection.
	Hello, Login Duration
	// Host is how long a client's host may not answer; 0 leaves that to the system.
	Host Duration
	// MaxQueue is what may wait for one client, however short a time.
	MaxQueue Size
	// MaxQueueTotal is what may wait for all clients of the agent together.
	MaxQueueTotal     Size
	ClientsPerAddress int
	// DatagramRate and ByteRate are for each second, in the long run.
	DatagramRate     int
	ByteRate         Size
	InterestZones    int
	PendingInterests int
}

func (s *ClientLimits) keys() []key {
	return []key{
		{name: "handshake_timeout", value: duration(&s.Handshake, 10*second, 100*millisecond, 10*minute), ours: true,
			effect: "How long PROXY header, TLS and WebSocket handshake may take together."},
		{name: "hello_timeout", value: duration(&s.Hello, 30*second, 0, day), ours: true,
			effect: "How long a client may stay connected without a hello; 0 means no limit."},
		{name: "login_timeout", value: duration(&s.Login, 30*minute, 0, day), ours: true,
			effect: "How long a client may stay connected without being let in; 0 means no limit."},
		{name: "host_timeout", value: hostTimeout(&s.Host), ours: true,
			effect: "How long a client's host may not answer before the connection counts as lost, whether or not anything is sent to it; see client.heartbeat_timeout for programs that stand still. 0 leaves it to the system, which takes up to a quarter of an hour."},
		{name: "max_queue", value: size(&s.MaxQueue, 64*MiB, 0), ours: true,
			effect: "How much may wait for one client at all; past it the client is cut off. 0 means no limit."},
		{name: "max_queue_total", value: size(&s.MaxQueueTotal, GiB, 0), ours: true,
			effect: "How much memory may hold what waits for all clients of the agent; past it the client with the most is cut off. 0 means no limit."},
		{name: "clients_per_address", value: number(&s.ClientsPerAddress, 1000, 0, 10_000_000), ours: true,
			effect: "How many clients one IPv4 address or IPv6 /64 network may have; this machine's own are not counted. 0 means no limit."},
		{name: "datagram_rate", value: number(&s.DatagramRate, 1000, 0, 10_000_000), ours: true,
			effect: "How many datagrams a second a client may send in the long run, and five times as many at once; a zone that it opens counts as one. 0 means no limit."},
		{name: "byte_rate", value: size(&s.ByteRate, MiB, 0), ours: true,
			effect: "How many bytes a second a client may send in the long run, and five times as many at once; 0 means no limit."},
		{name: "interest_zones", value: number(&s.InterestZones, 4000, 0, 10_000_000), ours: true,
			effect: "How many zones the interests of a client may have together; 0 means no limit."},
		{name: "pending_interests", value: number(&s.PendingInterests, 1000, 0, 1_000_000), ours: true,
			effect: "How many interests of a client may wait for their objects at once; 0 means no limit."},
	}
}
