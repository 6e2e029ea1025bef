// Package dcgen writes typed bindings of DC files: code in another language, or in Go, that
// knows the classes, fields and structs of a game.
//
//   - [TypeScript]: types, classes and a description for the package natstron-client
//   - [Go]: types for package dc
//   - [Python]: a module that packs and reads values by itself
//   - [Wireshark]: a dissector, in Lua
//
// The same DC files always give the same bytes. Names that the language does not allow, or
// that are there already, get an underscore.
package dcgen

import (
	"fmt"
	"path/filepath"
	"strings"

	"natstron/dc"
)

// Source is DC files that code is written from.
type Source struct {
	File  *dc.File
	Names []string // of the files
}

// from names the files, without their folders: the code is the same wherever they are.
func (s Source) from() string {
	names := make([]string, len(s.Names))
	for i, n := range s.Names {
		names[i] = filepath.Base(n)
	}
	return strings.Join(names, ", ")
}

// writer writes lines.
type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

// names gives out names, each once.
type names map[string]bool

// newNames are names without those that are taken.
func newNames(taken string) names {
	n := names{}
	for word := range strings.FieldsSeq(taken) {
		n[word] = true
	}
	return n
}

// pick returns the name, or one with underscores if it is taken or does not begin like one.
func (n names) pick(name string) string {
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	for n[name] {
		name += "_"
	}
	n[name] = true
	return name
}

// keywords are those that are built in, and those that the files declare.
func keywords(f *dc.File) []string {
	var list []string
	for bit := dc.Keyword(1); bit.String() != ""; bit <<= 1 {
		list = append(list, bit.String())
	}
	for _, k := range f.Keywords() {
		if _, builtin := dc.KeywordNamed(k); !builtin {
			list = append(list, k)
		}
	}
	return list
}

// structClasses are the structs of a schema, in its order.
func structClasses(f *dc.File, schema *dc.Schema) []*dc.Class {
	var list []*dc.Class
	for _, s := range schema.Structs {
		c, _ := f.ClassByName(s.Name)
		list = append(list, c)
	}
	return list
}
