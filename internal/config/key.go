package config

import "github.com/goccy/go-yaml/ast"

// key is one line of a section's table: the one place that says what a key is
// called, what it fills, what it takes and what it is good for.
type key struct {
	name  string
	value value
	// required keys have no default: the section is wrong without them.
	required bool
	// ours marks what Astron does not have.
	ours bool
	// effect is one line for docs/configuration.md.
	effect string
}

// value reads one key's value into a field of the Config. The kinds are scalar and
// those of structure.go.
type value interface {
	// reset puts the default in.
	reset()
	// decode reads n, or reports why not and leaves the default. The decoder has
	// noted the place of path already.
	decode(d *decoder, n ast.Node, path string)
	// list appends what the value is set to now, one line for each key.
	list(path string, out *[]Setting)
	// describe completes the description of the key and appends it, and those of
	// all keys under it.
	describe(k Key, out *[]Key)
}

// table is a section of the configuration: the keys that may stand in it, bound to
// the fields that they fill.
type table interface{ keys() []key }

// checker is a table with rules that concern several of its keys at once. check
// runs after the keys are read; it must ask decoder.sound before it judges values
// that may be faulty themselves.
type checker interface {
	check(d *decoder, path string)
}

// Key describes one key of astrond.yml.
type Key struct {
	// Path is dotted; [] stands for each element of a list, and [name] for the
	// elements with that type: roles[clientagent].channels.min.
	Path string
	// Type is what its value is: address, size, list, section, …
	Type string
	// Default is what holds when the key is left out, as the file would write it.
	Default string
	// Constraint says which values are refused. It may be empty.
	Constraint string
	// Effect says in one line what the key does.
	Effect string
	// Required keys cannot be left out of their section.
	Required bool
	// Ours is true for what Astron does not have.
	Ours bool
}

// Keys describes every key there is, each section before the keys in it.
func Keys() []Key {
	var out []Key
	describeTable("", new(Config), &out)
	return out
}

func describeTable(path string, t table, out *[]Key) {
	for _, k := range t.keys() {
		k.value.describe(Key{
			Path: join(path, k.name), Effect: k.effect, Required: k.required, Ours: k.ours,
		}, out)
	}
}

// Setting is the value of one key in a Config.
type Setting struct {
	Path  string `json:"path"`
	Value string `json:"value"`
	// Given is false where the value is a default.
	Given bool `json:"given"`
}

// Settings lists every key with the value that it has now, defaults included, in
// the order of [Keys]. Secrets are masked.
func (c *Config) Settings() []Setting {
	var out []Setting
	listTable("", c, &out)
	for i := range out {
		out[i].Given = c.doc != nil && c.doc.given(out[i].Path)
	}
	return out
}

func listTable(path string, t table, out *[]Setting) {
	for _, k := range t.keys() {
		k.value.list(join(path, k.name), out)
	}
}

func resetTable(t table) {
	for _, k := range t.keys() {
		k.value.reset()
	}
}
