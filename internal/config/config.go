// Package config is what stands in astrond.yml: the sections that the whole process
// has, and those of the packages that own them. Their fields have tags that package
// configfile reads by: a key stands in one place, with its default, its limits and its
// effect. To add one, add a field.
//
// What cannot be told from the file alone is not judged here. Whether a host name
// resolves is found out at the start, whether the files that it names are there by
// CheckFiles, whether an uberdog's class exists when the DC files are read.
package config

import (
	"fmt"
	"reflect"

	"natstron/bridge"
	"natstron/bridge/md"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/configfile"
	"natstron/internal/web"
	"natstron/roles/clientagent"
	"natstron/roles/database"
	"natstron/roles/dbss"
	"natstron/roles/eventlogger"
	"natstron/roles/stateserver"
)

// DefaultFile is the file that astrond looks for when it is given none.
const DefaultFile = "astrond.yml"

// Config is a whole configuration: what the file says, and the defaults for what
// it leaves out.
type Config struct {
	Daemon          Daemon                `key:"daemon" doc:"Who this process is, for the people who look at the cluster."`
	General         General               `key:"general" doc:"What all processes of a cluster share."`
	Uberdogs        []clientagent.Uberdog `key:"uberdogs" each:"uberdog" doc:"The UberDOGs: objects with a fixed doId that always exist."`
	MessageDirector MessageDirector       `key:"messagedirector" doc:"The classic message director port, for everything that speaks Astron's own protocol."`
	Backbone        bridge.Options        `key:"backbone,ours" doc:"The NATS servers that connect the processes of a cluster; left out, this process has one of its own."`
	Roles           []Role                `key:"roles" each:"role" doc:"The services that this process offers, each with its type."`
	// Web is nil where the file has no such section: then there is no web server.
	Web *web.Options `key:"web" doc:"A web server with metrics, health checks and a status page; left out, there is none."`

	// File is the file that was read; nil if there was none.
	*configfile.File
}

// Daemon says who this process is.
type Daemon struct {
	Name string `key:"name" doc:"The process's name, in the names of its connections and on its status page."`
	URL  string `key:"url" doc:"Where people find the process's web page."`
}

// General is what all processes of a cluster share.
type General struct {
	DCFiles []string `key:"dc_files" each:"file" is:"file" doc:"The DC files, in the order that all processes and clients of the cluster use: it decides the numbers of classes and fields."`
	// Inheritance is how classes in them inherit.
	Inheritance dc.Inheritance `key:",inline"`
	EventLogger string         `key:"eventlogger" is:"connect" port:"7197" doc:"Where to send events, over UDP."`
	// WarnOfDC: serve although another process has other DC files.
	WarnOfDC bool `key:"dc_mismatch,ours" choices:"refuse warn" doc:"Whether this process serves nothing, or only logs an error, while another process of the cluster has other DC files. Their classes and fields have other numbers."`
}

// MessageDirector is the classic message director's port, its upstream link and
// its limits.
type MessageDirector struct {
	Bind      string        `key:"bind" is:"listen" port:"7199" doc:"Where participants (AI servers, UberDOGs, other Astron daemons) connect, over TCP; left out, nowhere."`
	Listeners []md.Listener `key:"listeners,ours" each:"listener" doc:"Further ports for participants, which may speak another dialect."`
	Connect   string        `key:"connect" is:"connect" port:"7199" doc:"The upstream message director; left out, there is none."`
	// Threaded is read for the sake of old files.
	Threaded                 bool `key:"threaded" default:"true" doc:"Accepted for old files, without effect: routing always uses all processors."`
	md.Options               `key:",inline"`
	bridge.ParticipantLimits `key:",inline"`
}

// Listens reports whether there is a port at all.
func (m *MessageDirector) Listens() bool { return m.Bind != "" || len(m.Listeners) > 0 }

// CheckKeys finds a message director that would be its own upstream.
func (m *MessageDirector) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	if m.Connect != "" && m.Bind == m.Connect {
		report("is the address that this process itself listens on", "write the upstream's address, or take the line out", "connect", "bind")
	}
}

// Role is a role of one of these types: one field is set.
type Role struct {
	ClientAgent *clientagent.Options `type:"clientagent" doc:"Connects game clients with the cluster."`
	StateServer *stateserver.Options `type:"stateserver" doc:"Keeps the state of all objects that live in memory."`
	DBSS        *dbss.Options        `type:"dbss" doc:"State-server behaviour for objects that live in a database."`
	Database    *database.Options    `type:"database" doc:"Keeps objects for good."`
	EventLogger *eventlogger.Options `type:"eventlogger" doc:"Writes events that arrive over UDP to a file."`
	// Own is a role of the game's own: its Options are a [HasChannel].
	Own *configfile.Other
}

// HasChannel is options of a game's own role: the role has this channel alone.
type HasChannel interface{ Channel() wire.Channel }

// OwnChannel is the channel of a game's own role; false if it is none.
func (r Role) OwnChannel() (wire.Channel, bool) {
	if r.Own == nil {
		return 0, false
	}
	o, ok := r.Own.Options.(HasChannel)
	if !ok {
		return 0, false
	}
	return o.Channel(), true
}

// Type is the role's type as the file has it, such as clientagent.
func (r Role) Type() string {
	switch {
	case r.ClientAgent != nil:
		return "clientagent"
	case r.StateServer != nil:
		return "stateserver"
	case r.DBSS != nil:
		return "dbss"
	case r.Database != nil:
		return "database"
	case r.Own != nil:
		return r.Own.Type
	}
	return "eventlogger"
}

// RolePath is the place of a role in the file.
func RolePath(i int) string { return fmt.Sprintf("roles[%d]", i) }

// Keys describes every key there is, each section before the keys in it.
func Keys() []configfile.Key { return configfile.Keys(reflect.TypeFor[Config]()) }

// Load reads the configuration in a file; see [configfile.Load]. What can be read of a
// file with faults is in the Config; it is nil where nothing could be. own are the types of
// roles that the program has besides those of [Role].
func Load(path string, own ...configfile.Kind) (*Config, error) {
	c := new(Config)
	return c.read(configfile.Load(path, c, own...))
}

// Parse reads a configuration; name is what faults call it. Every error is a
// [*configfile.Error].
func Parse(name string, data []byte, own ...configfile.Kind) (*Config, error) {
	c := new(Config)
	return c.read(configfile.Parse(name, data, c, own...))
}

func (c *Config) read(f *configfile.File, err error) (*Config, error) {
	if f == nil {
		return nil, err
	}
	c.Backbone.Name, c.Backbone.ParticipantLimits = c.Daemon.Name, c.MessageDirector.ParticipantLimits
	return c, err
}
