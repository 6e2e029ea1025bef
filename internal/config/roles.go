package config

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
)

// Role is one element of the list roles.
type Role interface {
	// Type is the role's type as the file has it, such as clientagent.
	Type() string
	// Path is the role's place in the file, such as roles[0], for [Config.Fault].
	Path() string

	table
}

// The types of roles.
const (
	TypeClientAgent = "clientagent"
	TypeStateServer = "stateserver"
	TypeDBSS        = "dbss"
	TypeDatabase    = "database"
	TypeEventLogger = "eventlogger"
)

// place is where a role or a backend stands in the file.
type place string

// Path is the dotted path, for [Config.Fault].
func (p place) Path() string { return string(p) }

func roleChoices() []choice {
	return []choice{
		{name: TypeClientAgent, make: func(path string) table { return &ClientAgent{place: place(path)} },
			effect: "The gate between game clients and the cluster."},
		{name: TypeStateServer, make: func(path string) table { return &StateServer{place: place(path)} },
			effect: "Keeps the state of all objects that live in memory."},
		{name: TypeDBSS, make: func(path string) table { return &DBSS{place: place(path)} },
			effect: "State-server behaviour for objects that live in a database."},
		{name: TypeDatabase, make: func(path string) table { return &Database{place: place(path)} },
			effect: "Keeps objects for good."},
		{name: TypeEventLogger, make: func(path string) table { return &EventLogger{place: place(path)} },
			effect: "Writes events that arrive over UDP to a file."},
	}
}

// roles is the list of roles.
type roles struct{ into *[]Role }

func (r roles) reset() { *r.into = nil }

func (r roles) decode(d *decoder, n ast.Node, path string) {
	d.elements(n, path, "role", func(n ast.Node, path string) {
		if t := d.choose(n, path, roleChoices()); t != nil {
			*r.into = append(*r.into, t.(Role))
		}
	})
}

func (r roles) list(path string, out *[]Setting) {
	for i, role := range *r.into {
		at := fmt.Sprintf("%s[%d]", path, i)
		*out = append(*out, Setting{Path: join(at, typeKey), Value: role.Type()})
		listTable(at, role, out)
	}
}

func (r roles) describe(k Key, out *[]Key) {
	k.Type, k.Default = "list of sections", notSet
	*out = append(*out, k)
	describeChoices(k.Path, roleChoices(), out)
}
