package config

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// The kinds of values that hold other values.

// section is a section that always exists: left out, it has its defaults.
type section struct{ t table }

func (s section) reset()                                     { resetTable(s.t) }
func (s section) decode(d *decoder, n ast.Node, path string) { d.table(n, path, s.t) }
func (s section) list(path string, out *[]Setting)           { listTable(path, s.t, out) }

func (s section) describe(k Key, out *[]Key) {
	k.Type = "section"
	*out = append(*out, k)
	describeTable(k.Path, s.t, out)
}

// tableOf is a pointer to a section's struct.
type tableOf[T any] interface {
	*T
	table
}

// optional is a section that exists only where the file has it.
type optional[T any, P tableOf[T]] struct{ into **T }

func (o optional[T, P]) reset() { *o.into = nil }

func (o optional[T, P]) decode(d *decoder, n ast.Node, path string) {
	*o.into = new(T)
	resetTable(P(*o.into))
	d.table(n, path, P(*o.into))
}

func (o optional[T, P]) list(path string, out *[]Setting) {
	if *o.into != nil {
		listTable(path, P(*o.into), out)
	}
}

func (o optional[T, P]) describe(k Key, out *[]Key) {
	k.Type, k.Default = "section", notSet
	*out = append(*out, k)
	describeTable(k.Path, P(new(T)), out)
}

// sections is a list of sections of one kind.
type sections[T any, P tableOf[T]] struct {
	into *[]T
	want string // what an element is, in messages
}

func (s sections[T, P]) reset() { *s.into = nil }

func (s sections[T, P]) decode(d *decoder, n ast.Node, path string) {
	d.elements(n, path, s.want, func(n ast.Node, path string) {
		var t T
		resetTable(P(&t))
		d.table(n, path, P(&t))
		*s.into = append(*s.into, t)
	})
}

func (s sections[T, P]) list(path string, out *[]Setting) {
	for i := range *s.into {
		listTable(fmt.Sprintf("%s[%d]", path, i), P(&(*s.into)[i]), out)
	}
}

func (s sections[T, P]) describe(k Key, out *[]Key) {
	k.Type = "list of sections"
	if !k.Required {
		k.Default = notSet
	}
	*out = append(*out, k)
	describeTable(k.Path+"[]", P(new(T)), out)
}

// scalars is a list of single values.
type scalars[T comparable] struct {
	into *[]T
	want string // what an element is, in messages
	each func(*T) *scalar[T]
}

func (s scalars[T]) reset() { *s.into = nil }

func (s scalars[T]) decode(d *decoder, n ast.Node, path string) {
	first := map[T]string{}
	d.elements(n, path, s.want, func(n ast.Node, path string) {
		var v T
		s.each(&v).decode(d, n, path)
		*s.into = append(*s.into, v)
		if before, twice := first[v]; twice && d.sound(path) {
			d.fault(path, fmt.Sprintf("is the same as %s on line %d", before, d.doc.at(before).Line), "keep one of them")
		} else {
			first[v] = path
		}
	})
}

func (s scalars[T]) list(path string, out *[]Setting) {
	for i, v := range *s.into {
		*out = append(*out, Setting{Path: fmt.Sprintf("%s[%d]", path, i), Value: fmt.Sprint(v)})
	}
}

func (s scalars[T]) describe(k Key, out *[]Key) {
	var v T
	var element []Key
	s.each(&v).describe(Key{}, &element)
	k.Type, k.Constraint = "list of "+element[0].Type+"s", element[0].Constraint
	if !k.Required {
		k.Default = notSet
	}
	*out = append(*out, k)
}

// choice is one kind of section, picked by the word under its key "type".
type choice struct {
	name   string
	make   func(path string) table
	effect string
	ours   bool

	refused bool // it is read to say what to use instead, and not offered
}

const typeKey = "type"

// choose reads a section whose other keys depend on its type. It returns nil where
// the type is missing or not known.
func (d *decoder) choose(n ast.Node, path string, choices []choice) table {
	known := offered(choices)
	m, ok := d.resolve(n).(*ast.MappingNode)
	if !ok {
		d.fault(path, "must be a section with keys, not "+d.kindOf(n), "begin it with type: "+strings.Join(known, ", type: "))
		return nil
	}
	for _, pair := range m.Values {
		if keyText(pair.Key) != typeKey {
			continue
		}
		p := join(path, typeKey)
		d.doc.pos[p] = d.nodePos(pair.Value)
		name, ok := d.text(pair.Value, p, "a word")
		if !ok {
			return nil
		}
		for _, c := range choices {
			if c.name == name {
				t := c.make(path)
				resetTable(t)
				if d.pairs(n, path, append([]key{{name: typeKey, value: anything{}}}, t.keys()...)) {
					if c, ok := t.(checker); ok {
						c.check(d, path)
					}
				}
				return t
			}
		}
		d.fault(p, show(name)+" is not one of the types", didYouMean(name, known))
		return nil
	}
	d.fault(join(path, typeKey), "is missing", "known types: "+strings.Join(known, ", "))
	return nil
}

// offered are the names of the types that one may choose.
func offered(choices []choice) []string {
	var out []string
	for _, c := range choices {
		if !c.refused {
			out = append(out, c.name)
		}
	}
	return out
}

// describeChoices describes the section of each type, in brackets after the path.
func describeChoices(path string, choices []choice, out *[]Key) {
	for _, c := range choices {
		at := fmt.Sprintf("%s[%s]", path, c.name)
		*out = append(*out, Key{Path: at, Type: "section", Effect: c.effect, Ours: c.ours})
		*out = append(*out, Key{Path: at + "." + typeKey, Type: "word", Constraint: c.name, Required: true,
			Effect: "Says which kind it is.", Ours: c.ours})
		describeTable(at, c.make(""), out)
	}
}

// anything stands for a key that is read elsewhere.
type anything struct{}

func (anything) reset()                            {}
func (anything) decode(*decoder, ast.Node, string) {}
func (anything) list(path string, out *[]Setting)  {}
func (anything) describe(k Key, out *[]Key)        {}
