package configfile

import (
	"fmt"
	"reflect"
	"strings"
)

// Key describes one key of a configuration.
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

// Keys describes every key that can be read into a struct, each section before the
// keys in it.
func Keys(t reflect.Type) []Key {
	var out []Key
	describeKeys("", false, tableOf(t).keys, &out)
	return out
}

// Setting is the value of one key.
type Setting struct {
	Path  string `json:"path"`
	Value string `json:"value"`
	// Given is false where the value is a default.
	Given bool `json:"given"`
}

// Settings lists every key with the value that it has now, defaults included, in
// the order of [Keys]. Secrets are masked.
func (f *File) Settings() []Setting {
	var out []Setting
	f.walk(visitor{scalar: func(path string, s *scalar, v reflect.Value) {
		value := s.def
		if v.IsValid() {
			value = s.get(v)
		} else if unread, ok := f.unread[path]; ok {
			value = unread
		}
		out = append(out, Setting{Path: path, Value: s.text(value), Given: f.Given(path)})
	}})
	return out
}

// String lists every key with its value, defaults included, one on a line. Secrets
// are masked.
func (f *File) String() string {
	var b strings.Builder
	for _, s := range f.Settings() {
		fmt.Fprintf(&b, "%s = %s\n", s.Path, s.Value)
	}
	return b.String()
}
