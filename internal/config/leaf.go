package config

// Leaf is the embedded server's place in a tree: above, below, or both.
type Leaf struct {
	// Listen is where leaf nodes connect to; zero if nowhere.
	Listen Address
	// Remotes are the hubs under which this server hangs.
	Remotes []Remote
}

func (s *Leaf) keys() []key {
	return []key{
		{name: "listen", value: listenOn(&s.Listen, 7422), ours: true,
			effect: "Where leaf nodes connect, if this server is a hub; left out, nowhere."},
		{name: "remotes", value: sections[Remote, *Remote]{&s.Remotes, "remote"}, ours: true,
			effect: "The hubs under which this server hangs."},
	}
}

func (s *Leaf) check(d *decoder, path string) {
	if d.sound(join(path, "listen"), join(path, "remotes")) && s.Listen.IsZero() && len(s.Remotes) == 0 {
		d.fault(path, "neither listens nor has remotes", "add remotes to hang under a hub, or listen to be one")
	}
}

// Remote is a hub.
type Remote struct {
	// URLs are the hub's servers, tried in their order.
	URLs []URL
	// Credentials is the name of a file; empty if the hub asks for none.
	Credentials string
	TLS         *ClientTLS
}

func (s *Remote) keys() []key {
	return []key{
		{name: "urls", value: scalars[URL]{&s.URLs, "URL", leafURL}, required: true, ours: true,
			effect: "The servers of the hub, of which one is connected to."},
		{name: "credentials", value: fileName(&s.Credentials), ours: true,
			effect: "The credentials file of a NATS user (JWT and seed)."},
		{name: "tls", value: optional[ClientTLS, *ClientTLS]{&s.TLS}, ours: true,
			effect: "Encryption of the connection to the hub; a tls:// URL has it without this section too."},
	}
}

func (s *Remote) check(d *decoder, path string) {
	if at := join(path, "urls"); d.sound(at) && len(s.URLs) == 0 {
		d.fault(at, "is empty", "write at least one URL, such as - nats-leaf://hub.example.org:7422")
	}
}

func leafURL(into *URL) *scalar[URL] {
	s := &scalar[URL]{into: into, kind: "a URL", constraint: "nats://, nats-leaf:// or tls://",
		parse: serverURL("nats", "nats-leaf", "tls")}
	return s.fromEnvironment()
}
