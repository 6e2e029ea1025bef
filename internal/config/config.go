package config

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// DefaultFile is the file that astrond looks for when it is given none.
const DefaultFile = "astrond.yml"

// maxFileSize bounds a configuration file. Configurations have a few kilobytes.
const maxFileSize = 256 << 10

// Config is a whole configuration: what the file says, and the defaults for what
// it leaves out.
type Config struct {
	Daemon          Daemon
	General         General
	Uberdogs        []Uberdog
	MessageDirector MessageDirector
	Backbone        Backbone
	// Roles are in the order of the file. Each is a *ClientAgent, *StateServer,
	// *DBSS, *Database or *EventLogger.
	Roles []Role
	// Web is nil where the file has no such section: then there is no web server.
	Web *Web

	doc *document
}

func (c *Config) keys() []key {
	return []key{
		{name: "daemon", value: section{&c.Daemon},
			effect: "Who this process is, for the people who look at the cluster."},
		{name: "general", value: section{&c.General},
			effect: "What all processes of a cluster share."},
		{name: "uberdogs", value: sections[Uberdog, *Uberdog]{&c.Uberdogs, "uberdog"},
			effect: "The UberDOGs: objects with a fixed doId that are taken to exist always."},
		{name: "messagedirector", value: section{&c.MessageDirector},
			effect: "The classic message director port, for everything that speaks Astron's own protocol."},
		{name: "backbone", value: section{&c.Backbone}, ours: true,
			effect: "The NATS servers that connect the processes of a cluster; left out, this process has one of its own."},
		{name: "roles", value: roles{&c.Roles},
			effect: "The services that this process offers, each with its type."},
		{name: "web", value: optional[Web, *Web]{&c.Web},
			effect: "A web server with metrics, health checks and a status page; left out, there is none."},
	}
}

func (c *Config) check(d *decoder, _ string) {
	if !c.Backbone.External() && c.Backbone.Embedded == nil {
		c.Backbone.Embedded = defaultEmbedded()
	}
	checkOverlaps(d, c)
}

// Load reads the configuration in a file. A file that cannot be opened or read
// gives the system's error, wrapped; a file with faults gives an [*Error],
// whose places begin with path as it is given.
//
// What the configuration names is relative to the folder of the file, into which
// the daemon changes before it opens anything.
func Load(path string) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("load configuration: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a configuration; name is what faults call it. Every error is an
// [*Error].
func Parse(name string, data []byte) (*Config, error) {
	doc := newDocument(name, strings.ToValidUTF8(string(data), "\uFFFD"))
	root, faults := readYAML(doc, data)
	if len(faults) > 0 {
		return nil, &Error{faults}
	}
	c := &Config{doc: doc}
	resetTable(c)
	d := newDecoder(doc, root)
	d.table(root, "", c)
	if len(d.faults) > 0 {
		sortFaults(d.faults)
		return nil, &Error{d.faults}
	}
	return c, nil
}

// Pos is the place of a key in the file or, where the file leaves the key to its
// default, of the section around it.
func (c *Config) Pos(path string) Pos {
	if c.doc == nil {
		return Pos{}
	}
	return c.doc.at(path)
}

// Fault makes a fault at the place of a key, for what is found out after reading:
// an uberdog's class that the DC files lack, an address that is in use. problem
// says what is wrong, fix what would be right.
func (c *Config) Fault(path, problem, fix string) Fault {
	if c.doc == nil {
		return Fault{Path: path, Problem: problem, Fix: fix}
	}
	return c.doc.fault(c.doc.at(path), path, wrong{problem, fix})
}

// String lists every key with its value, defaults included, one on a line. Secrets
// are masked.
func (c *Config) String() string {
	var b strings.Builder
	for _, s := range c.Settings() {
		fmt.Fprintf(&b, "%s = %s\n", s.Path, s.Value)
	}
	return b.String()
}
