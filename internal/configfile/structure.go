package configfile

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// The kinds of values that hold other values.

const notSet = "none"

// group is a section whose keys fill fields of the struct around it.
type group struct{ table }

func (g *group) reset(into reflect.Value) { g.table.reset(into) }

func (g *group) decode(d *decoder, n node, path string, into reflect.Value) {
	d.pairs(n, path, g.keys, into)
}

func (g *group) walk(path string, from reflect.Value, v visitor) { walkKeys(path, g.keys, from, v) }

func (g *group) describe(k Key, out *[]Key) {
	k.Type = "section"
	*out = append(*out, k)
	describeKeys(k.Path, k.Ours, g.keys, out)
}

// section is a section with a struct of its own. An optional one exists only where
// the file has it; another one, if left out, has its defaults.
type section struct {
	*table
	typ      reflect.Type
	optional bool // the field is a pointer, or zero
}

func (s *section) reset(into reflect.Value) {
	if s.optional {
		into.SetZero()
		return
	}
	s.table.reset(into)
}

func (s *section) decode(d *decoder, n node, path string, into reflect.Value) {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(s.typ))
		into = into.Elem()
	}
	if s.optional {
		s.table.reset(into)
	}
	d.section(n, path, s.keys, s.table, into)
}

func (s *section) walk(path string, from reflect.Value, v visitor) {
	if s.optional && (!from.IsValid() || from.IsZero()) {
		return
	}
	if from.Kind() == reflect.Pointer {
		from = from.Elem()
	}
	s.table.walk(path, from, v)
}

func (s *section) describe(k Key, out *[]Key) {
	k.Type = "section"
	if s.optional {
		k.Default = notSet
	}
	*out = append(*out, k)
	describeKeys(k.Path, k.Ours, s.keys, out)
}

// list is a list of sections, or of single values, of which no two may be the same.
type list struct {
	typ     reflect.Type
	element value
	want    string // what an element is, in messages
	// halves are two keys. An element that has the second one alone, behind one that
	// has the first one alone, is the rest of it.
	halves []string
	// short is a key of the elements. An element that is a single value is its value.
	short string
}

func (l *list) reset(into reflect.Value) { into.SetZero() }

func (l *list) decode(d *decoder, n node, path string, into reflect.Value) {
	first := map[any]string{}
	before := "" // the path of the element before, if it is a half
	d.elements(n, path, l.want, func(n node, _ string) {
		path := element(path, into.Len())
		d.file.pos[path] = d.nodePos(n)
		if before != "" && d.hasOnly(n, l.halves[1]) {
			l.join(d, n, path, before, into.Index(into.Len()-1))
			before = ""
			return
		}
		if before = ""; len(l.halves) > 0 && d.hasOnly(n, l.halves[0]) {
			before = path
		}
		v := reflect.New(l.typ).Elem()
		l.element.reset(v)
		if !l.shortened(d, n, path, v) {
			l.element.decode(d, n, path, v)
		}
		into.Set(reflect.Append(into, v))
		if _, single := l.element.(*scalar); !single {
			return
		}
		if before, twice := first[v.Interface()]; twice && d.sound(path) {
			d.fault(path, fmt.Sprintf("is the same as %s on line %d", before, d.file.at(before).Line), "keep one of them")
		} else {
			first[v.Interface()] = path
		}
	})
}

// shortened reads an element that is a single value instead of a section.
func (l *list) shortened(d *decoder, n node, path string, into reflect.Value) bool {
	if _, single := d.resolve(n).(ast.ScalarNode); l.short == "" || !single {
		return false
	}
	s := l.element.(*section)
	k := find(s.keys, l.short)
	d.one(k, n, join(path, k.name), d.nodePos(n), k.at(into, true))
	d.check(path, s.table, into)
	return true
}

// join reads the second half of an element into it.
func (l *list) join(d *decoder, n node, path, first string, into reflect.Value) {
	s := l.element.(*section)
	pair := d.resolve(n).(*ast.MappingNode).Values[0]
	k := find(s.keys, l.halves[1])
	d.one(k, pair.Value, join(first, k.name), d.nodePos(pair.Key), k.at(into, true))
	d.check(first, s.table, into)
	d.file.warnings = append(d.file.warnings, d.file.Fault(path,
		fmt.Sprintf("is in an item of its own and is read as part of %s; the C++ Astron reads two ranges, which together include everything", first),
		fmt.Sprintf("write one item: - {%s: %v, %s: %v}", l.halves[0], find(s.keys, l.halves[0]).at(into, false), k.name, k.at(into, false))))
}

func (l *list) walk(path string, from reflect.Value, v visitor) {
	if !from.IsValid() {
		return
	}
	for i := range from.Len() {
		l.element.walk(element(path, i), from.Index(i), v)
	}
}

func (l *list) describe(k Key, out *[]Key) {
	if !k.Required {
		k.Default = notSet
	}
	var inner []Key
	l.element.describe(Key{Path: k.Path + "[]", Ours: k.Ours}, &inner)
	k.Type, k.Constraint = "list of "+inner[0].Type+"s", inner[0].Constraint
	if _, ok := l.element.(*union); ok { // its kinds are named in the brackets
		inner = nil
		l.element.describe(Key{Path: k.Path, Ours: k.Ours}, &inner)
	}
	*out = append(*out, k)
	*out = append(*out, inner[1:]...)
}

// union is a section of one of several kinds, which its key type names: a struct with
// a pointer for each kind, of which one is set.
type union struct {
	kinds  []kind
	def    string // the kind that a section has that is left out; empty: none is set
	others int    // the field of kinds that the program adds; 0: it can add none
}

// Other is a section of a kind that the program adds: see [Kind].
type Other struct {
	Type    string
	Options any // a pointer to a struct
}

// Kind is a kind of a section that a program adds, where a struct of kinds has a field
// of type *[Other].
type Kind struct {
	Name    string
	Options reflect.Type // a struct with tags
}

var otherType = reflect.TypeFor[*Other]()

type kind struct {
	name string
	section
	field   int
	other   bool // the field is an *Other
	doc     string
	ours    bool
	refused string // why it is not to be had, and what is
	old
}

const typeKey = "type"

func isUnion(t reflect.Type) bool {
	return t.NumField() > 0 && t.Field(0).Tag.Get(typeKey) != ""
}

func unionOf(t reflect.Type, tag reflect.StructTag) *union {
	u := &union{def: tag.Get("default")}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == otherType {
			u.others = i
			continue
		}
		name, flags := splitTag(f.Tag.Get(typeKey))
		inner := f.Type.Elem()
		u.kinds = append(u.kinds, kind{name: name, field: i, doc: f.Tag.Get("doc"), ours: flags["ours"], refused: f.Tag.Get("refused"), old: oldOf(f.Tag),
			section: section{typ: inner, table: tableOf(inner)}})
	}
	return u
}

func (u *union) reset(into reflect.Value) {
	into.SetZero()
	for _, k := range u.kinds {
		if k.name == u.def {
			k.table.reset(k.make(into))
		}
	}
}

// add adds a kind of the program.
func (u *union) add(k Kind) {
	if slices.ContainsFunc(u.kinds, func(o kind) bool { return o.name == k.Name }) {
		panic("configfile: there are two types " + k.Name)
	}
	u.kinds = append(u.kinds, kind{name: k.Name, field: u.others, other: true, section: section{typ: k.Options, table: tableOf(k.Options)}})
}

// make sets the kind's pointer, and no other.
func (k kind) make(into reflect.Value) reflect.Value {
	into.SetZero()
	made := reflect.New(k.typ)
	if k.other {
		into.Field(k.field).Set(reflect.ValueOf(&Other{k.name, made.Interface()}))
	} else {
		into.Field(k.field).Set(made)
	}
	return made.Elem()
}

// get is the struct of a section of the kind; not valid if it is of another one.
func (k kind) get(from reflect.Value) reflect.Value {
	f := from.Field(k.field)
	if !k.other || f.IsNil() {
		return f.Elem()
	}
	if o := f.Interface().(*Other); o.Type == k.name {
		return reflect.ValueOf(o.Options).Elem()
	}
	return reflect.Value{}
}

// offered are the names of the kinds that one may choose.
func (u *union) offered() []string {
	var out []string
	for _, k := range u.kinds {
		if k.refused == "" {
			out = append(out, k.name)
		}
	}
	return out
}

func (u *union) decode(d *decoder, n node, path string, into reflect.Value) {
	known := u.offered()
	into.SetZero()
	m, ok := d.resolve(n).(*ast.MappingNode)
	if !ok {
		d.fault(path, "must be a section with keys, not "+d.kindOf(n), "begin it with type: "+strings.Join(known, ", type: "))
		return
	}
	at := join(path, typeKey)
	for _, pair := range m.Values {
		if keyText(pair.Key) != typeKey {
			continue
		}
		d.file.pos[at] = d.nodePos(pair.Value)
		name, ok := d.text(pair.Value, at, "a word")
		if !ok {
			return
		}
		for _, k := range u.kinds {
			if k.name != name {
				continue
			}
			if k.refused != "" {
				problem, fix, _ := strings.Cut(k.refused, "; ")
				d.fault(at, problem, fix)
			}
			v := k.make(into)
			k.table.reset(v)
			d.section(n, path, append([]*key{{name: typeKey, value: anything{}}}, k.keys...), k.table, v)
			return
		}
		fix := didYouMean(name, known)
		for _, k := range u.kinds {
			if slices.Contains(k.old.names, name) {
				fix = cmp.Or(k.now, "write type: "+k.name)
			}
		}
		d.fault(at, show(name)+" is not one of the types", fix)
		return
	}
	d.fault(at, "is missing", "known types: "+strings.Join(known, ", "))
}

func (u *union) walk(path string, from reflect.Value, v visitor) {
	for _, k := range u.kinds {
		if is := k.get(from); is.IsValid() {
			v.scalar(join(path, typeKey), &scalar{def: k.name, show: func(v any) string { return v.(string) }}, reflect.Value{})
			k.table.walk(path, is, v)
		}
	}
}

func (u *union) describe(k Key, out *[]Key) {
	k.Type, k.Default = "section", u.def
	*out = append(*out, k)
	for _, c := range u.kinds {
		at, ours := fmt.Sprintf("%s[%s]", k.Path, c.name), c.ours || k.Ours
		*out = append(*out, Key{Path: at, Type: "section", Effect: c.doc, Ours: ours},
			Key{Path: join(at, typeKey), Type: "word", Constraint: c.name, Required: true, Effect: "Says which kind it is.", Ours: ours})
		describeKeys(at, ours, c.keys, out)
	}
}

// anything stands for a key that is read elsewhere.
type anything struct{}

func (anything) reset(reflect.Value)                          {}
func (anything) decode(*decoder, node, string, reflect.Value) {}
func (anything) walk(string, reflect.Value, visitor)          {}
func (anything) describe(Key, *[]Key)                         {}
