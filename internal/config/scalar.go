package config

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// scalar is a value written as a single word or text: how to read it, which ones
// are refused, and the field that it fills.
type scalar[T comparable] struct {
	into       *T
	kind       string // in messages: "an address"
	def        T
	constraint string
	// unset describes the zero default, where that means something of its own.
	unset string
	parse func(text string) (T, *wrong)
	// file is set where the value names a file that must be there.
	file fileKind
}

func (s *scalar[T]) reset() { *s.into = s.def }

func (s *scalar[T]) decode(d *decoder, n ast.Node, path string) {
	text, ok := d.text(n, path, s.kind)
	if !ok {
		return
	}
	v, w := s.parse(text)
	if w != nil {
		d.fault(path, w.problem, w.fix)
		return
	}
	*s.into = v
	if s.file != noFile {
		d.doc.files = append(d.doc.files, namedFile{path, text, s.file})
	}
}

func (s *scalar[T]) list(path string, out *[]Setting) {
	*out = append(*out, Setting{Path: path, Value: s.show(*s.into)})
}

func (s *scalar[T]) describe(k Key, out *[]Key) {
	k.Type = strings.TrimPrefix(strings.TrimPrefix(s.kind, "an "), "a ")
	k.Constraint = s.constraint
	if !k.Required {
		k.Default = s.show(s.def)
	}
	*out = append(*out, k)
}

// show is a value as the file would write it.
func (s *scalar[T]) show(v T) string {
	var zero T
	if v == zero && s.unset != "" {
		return s.unset
	}
	return fmt.Sprint(v)
}

// byDefault sets what holds when the key is left out.
func (s *scalar[T]) byDefault(def T) *scalar[T] {
	s.def = def
	return s
}

// but adds a test to a value's constraints.
func (s *scalar[T]) but(constraint string, refuse func(T) *wrong) *scalar[T] {
	inner := s.parse
	s.constraint = strings.TrimPrefix(s.constraint+"; "+constraint, "; ")
	s.parse = func(text string) (T, *wrong) {
		v, w := inner(text)
		if w == nil {
			w = refuse(v)
		}
		return v, w
	}
	return s
}
