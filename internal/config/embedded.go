package config

import (
	"net/url"
	"strings"
)

// Embedded is the NATS server in this process.
type Embedded struct {
	Listen Listen
	// Monitor is where NATS's HTTP monitoring listens; zero if nowhere.
	Monitor Address
	// StoreDir is the folder for JetStream; empty, JetStream is off.
	StoreDir   string
	ServerName string
	// Config is a configuration file of nats-server, for everything else; empty if
	// there is none. What the keys here give wins over it; Listen's default does not.
	Config string
	// Auth is how this process logs in at its own server, where Config asks for it.
	// It has no NKey and no Token.
	Auth    Auth
	Cluster *Cluster
	Leaf    *Leaf
}

func defaultEmbedded() *Embedded {
	s := new(Embedded)
	resetTable(s)
	return s
}

func (s *Embedded) keys() []key {
	own := []key{
		{name: "listen", value: listen(&s.Listen), ours: true,
			effect: "Where NATS clients connect, such as the nats command; none means nowhere. Left out, a free port is taken if 4222 is not to be had."},
		{name: "monitor", value: listenOn(&s.Monitor, 8222), ours: true,
			effect: "Where NATS's own monitoring answers, over HTTP; left out, nowhere."},
		{name: "store_dir", value: pathName(&s.StoreDir), ours: true,
			effect: "The folder for JetStream, which is switched on by it."},
		{name: "server_name", value: word(&s.ServerName), ours: true,
			effect: "The server's name among NATS servers; left out, NATS makes one up."},
		{name: "config", value: fileName(&s.Config), ours: true,
			effect: "A configuration file of nats-server, for everything that has no key here; the keys that are given here win."},
	}
	own = append(own, s.Auth.userKeys()...)
	return append(own,
		key{name: "cluster", value: optional[Cluster, *Cluster]{&s.Cluster}, ours: true,
			effect: "Joins this server to others in a full mesh; see docs/backbone.md for what that costs."},
		key{name: "leaf", value: optional[Leaf, *Leaf]{&s.Leaf}, ours: true,
			effect: "Hangs this server under a hub, or lets others hang under it."},
	)
}

func (s *Embedded) check(d *decoder, path string) {
	listen, cluster := join(path, "listen"), join(path, "cluster")
	if s.Cluster != nil && s.Listen.Off && d.sound(listen) {
		d.fault(listen, "none does not go with cluster: a server that listens nowhere never connects to its routes",
			"write an address, such as 127.0.0.1:4222")
	}
	if s.Cluster != nil && s.StoreDir != "" && s.ServerName == "" && s.Config == "" && d.sound(join(path, "server_name")) {
		d.fault(cluster, "with store_dir needs a server_name: JetStream tells the servers of a cluster apart by it",
			"add server_name, another one for each server")
	}
	s.Auth.check(d, path, nil)
}

// Listen is where the embedded server listens for clients.
type Listen struct {
	Address
	// Off is set for none.
	Off bool
	// Fallback is set where the file does not say: then a free port will do.
	Fallback bool
}

const listenNowhere = "none"

// String is the address, or none.
func (l Listen) String() string {
	if l.Off {
		return listenNowhere
	}
	return l.Address.String()
}

func listen(into *Listen) *scalar[Listen] {
	return &scalar[Listen]{into: into, kind: "an address",
		def:        Listen{Address: Address{"127.0.0.1", 4222}, Fallback: true},
		constraint: "port 4222 if it names none; or none",
		parse: func(text string) (Listen, *wrong) {
			if strings.EqualFold(text, listenNowhere) {
				return Listen{Off: true}, nil
			}
			a, w := parseAddress(text, 4222, true)
			return Listen{Address: a}, w
		}}
}

// Cluster is the embedded server's place in a full mesh.
type Cluster struct {
	Name   string
	Listen Address
	Routes []URL
}

func (s *Cluster) keys() []key {
	return []key{
		{name: "name", value: word(&s.Name).byDefault("astron"), ours: true,
			effect: "The cluster's name, the same for all of its servers."},
		{name: "listen", value: listenOn(&s.Listen, 6222), required: true, ours: true,
			effect: "Where the other servers connect."},
		{name: "routes", value: scalars[URL]{&s.Routes, "URL", routeURL}, ours: true,
			effect: "Other servers of the cluster; those that they know are found by themselves."},
	}
}

func routeURL(into *URL) *scalar[URL] {
	s := &scalar[URL]{into: into, kind: "a URL", constraint: "nats:// or nats-route://",
		parse: serverURL("nats", "nats-route")}
	s.fromEnvironment()
	return s.but("with a port", func(u URL) *wrong {
		if parsed, err := url.Parse(u.Reveal()); err != nil || parsed.Port() == "" {
			return &wrong{"has no port, and routes have no usual one", "write nats-route://host:6222, or whichever port the other server's cluster listens on"}
		}
		return nil
	})
}
