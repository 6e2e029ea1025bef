package config

import (
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Backend is where a database keeps its objects.
type Backend interface {
	// Type is the backend's type as the file has it, such as mongodb.
	Type() string
	// Path is the backend's place in the file, for [Config.Fault].
	Path() string

	table
}

// The types of backends.
const (
	TypeEmbedded = "embedded"
	TypeYAML     = "yaml"
	TypeMongoDB  = "mongodb"
	TypeSoci     = "soci"
)

// EmbeddedBackend keeps objects in one local file.
type EmbeddedBackend struct {
	place
	File string
}

// Type is embedded.
func (*EmbeddedBackend) Type() string { return TypeEmbedded }

func (s *EmbeddedBackend) keys() []key {
	return []key{
		{name: "file", value: pathName(&s.File).byDefault("astron.db"), ours: true,
			effect: "The file, which is made when it is not there."},
	}
}

// YAMLBackend keeps objects in a folder of YAML files.
type YAMLBackend struct {
	place
	Directory string
}

// Type is yaml.
func (*YAMLBackend) Type() string { return TypeYAML }

func (s *YAMLBackend) keys() []key {
	return []key{
		{name: "directory", value: pathName(&s.Directory).byDefault("yaml_db"),
			effect: "The folder."},
	}
}

// MongoDBBackend keeps objects in a MongoDB database.
type MongoDBBackend struct {
	place
	Server  URL
	Workers int
}

// Type is mongodb.
func (*MongoDBBackend) Type() string { return TypeMongoDB }

func (s *MongoDBBackend) keys() []key {
	return []key{
		{name: "server", value: mongoURI(&s.Server),
			effect: "The server or replica set; the path names the database."},
		{name: "workers", value: number(&s.Workers, 8, 1, 1000),
			effect: "How many operations run at once."},
	}
}

// mongoURI looks at the scheme only: the driver knows the rest.
func mongoURI(into *URL) *scalar[URL] {
	s := &scalar[URL]{into: into, kind: "a MongoDB URI", def: "mongodb://127.0.0.1/test",
		constraint: "begins with mongodb:// or mongodb+srv://",
		parse: func(text string) (URL, *wrong) {
			scheme, rest, ok := strings.Cut(text, "://")
			if !ok || scheme != "mongodb" && scheme != "mongodb+srv" || rest == "" {
				return "", &wrong{"is not a MongoDB URI", "write mongodb://host:port/database"}
			}
			return URL(text), nil
		}}
	return s.fromEnvironment()
}

// SociBackend is what the reference has for SQL databases. It is read, so that the
// start can say what to use instead.
type SociBackend struct {
	place
	Driver, Database, Address, Username string
	Password                            Secret
}

// Type is soci.
func (*SociBackend) Type() string { return TypeSoci }

func (s *SociBackend) keys() []key {
	return []key{
		{name: "driver", value: anyText(&s.Driver).byDefault("mysql"), effect: "The kind of SQL database."},
		{name: "database", value: anyText(&s.Database), effect: "The name of the database."},
		{name: "address", value: anyText(&s.Address), effect: "Where the SQL server listens."},
		{name: "server", value: anyText(&s.Address), effect: "Another name for address."},
		{name: "username", value: anyText(&s.Username), effect: "Who logs in."},
		{name: "password", value: secret(&s.Password), effect: "The password of the one who logs in."},
	}
}

func backendChoices() []choice {
	return []choice{
		{name: TypeEmbedded, make: func(path string) table { return &EmbeddedBackend{place: place(path)} }, ours: true,
			effect: "One local file, crash-safe, without a server. The default where the section is left out."},
		{name: TypeYAML, make: func(path string) table { return &YAMLBackend{place: place(path)} },
			effect: "A folder of YAML files that people can edit."},
		{name: TypeMongoDB, make: func(path string) table { return &MongoDBBackend{place: place(path)} },
			effect: "A MongoDB database, with the reference's layout."},
		{name: TypeSoci, make: func(path string) table { return &SociBackend{place: place(path)} }, refused: true,
			effect: "SQL databases, as the reference had them. Read, but refused at the start: use embedded or mongodb."},
	}
}

// backend is a database's backend.
type backend struct {
	into *Backend
	role place
}

func (b backend) reset() {
	def := &EmbeddedBackend{place: place(join(b.role.Path(), "backend"))}
	resetTable(def)
	*b.into = def
}

func (b backend) decode(d *decoder, n ast.Node, path string) {
	if t := d.choose(n, path, backendChoices()); t != nil {
		*b.into = t.(Backend)
	}
}

func (b backend) list(path string, out *[]Setting) {
	*out = append(*out, Setting{Path: join(path, typeKey), Value: (*b.into).Type()})
	listTable(path, *b.into, out)
}

func (b backend) describe(k Key, out *[]Key) {
	k.Type, k.Default = "section", TypeEmbedded
	*out = append(*out, k)
	describeChoices(k.Path, backendChoices(), out)
}

// localStore is the file or folder that a backend writes to, and its key; empty if
// it writes to a server.
func localStore(b Backend) (store, path string) {
	switch b := b.(type) {
	case *EmbeddedBackend:
		return filepath.Clean(b.File), join(b.Path(), "file")
	case *YAMLBackend:
		return filepath.Clean(b.Directory), join(b.Path(), "directory")
	}
	return "", ""
}
