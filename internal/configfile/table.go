package configfile

import (
	"fmt"
	"reflect"
	"strings"
)

// key is one key of a section, as the tags of a field describe it.
type key struct {
	name  string
	value value
	// field leads from the section's struct to the Go field. It is empty where the
	// value is spread over several fields of that struct.
	field []int
	// required keys have no default: the section is wrong without them.
	required bool
	// ours marks what Astron does not have.
	ours bool
	doc  string
	old
}

// old is what something was called in older releases of Astron, and what to write now.
type old struct {
	names []string
	now   string // if not only the name is another one
}

func oldOf(tag reflect.StructTag) old { return old{strings.Fields(tag.Get("was")), tag.Get("now")} }

// value is how one key's value is read. The Go field that it fills is passed along;
// it is not valid where there is none: in a field named _, or in a section that is
// left out.
type value interface {
	// reset puts the default in.
	reset(into reflect.Value)
	// decode reads n, or reports why not and leaves the default. The decoder has
	// noted the place of path already.
	decode(d *decoder, n node, path string, into reflect.Value)
	// walk visits the single values and the sections that there are now.
	walk(path string, from reflect.Value, v visitor)
	// describe completes the description of the key and appends it, and those of
	// all keys under it.
	describe(k Key, out *[]Key)
}

// table is the keys of a section, in the order of the fields.
type table struct {
	keys []*key
	// owners lead from the section's struct to those whose keys it has: structs in it,
	// and itself.
	owners [][]int
}

// A Checker is a section with rules that concern several of its keys, or that only
// its owner knows. report says what is wrong, what would be right, and which keys
// are concerned, the one to blame first; they are relative to the section, and "" is
// the section itself. It says nothing where one of them has a fault already. given
// says whether the file has a key.
type Checker interface {
	CheckKeys(given func(key string) bool, report func(problem, fix string, keys ...string))
}

// A FileChecker is a section that names files and knows what must be in them.
// [File.CheckFiles] calls it. The names are as the fields have them; report is that of
// a [Checker].
type FileChecker interface {
	CheckFiles(report func(problem, fix string, keys ...string))
}

// visitor sees the values of a configuration, in the order of the keys.
type visitor struct {
	// scalar gets a value that is not valid where it has its default in a section that
	// is left out, or no field at all.
	scalar func(path string, s *scalar, v reflect.Value)
	// section gets a pointer to a struct that has keys.
	section func(path string, pointer any)
}

// tableOf reads the tags of a struct. It panics where they make no sense.
func tableOf(t reflect.Type) *table {
	s := new(table)
	s.owners = append(s.owners, nil)
	s.addFields(t, nil)
	return s
}

func (s *table) addFields(t reflect.Type, prefix []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("key")
		if !tagged {
			continue
		}
		field := append(append([]int(nil), prefix...), i)
		name, flags := splitTag(tag)
		if flags["inline"] {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			s.addFields(inner, field)
			s.owners = append(s.owners, field)
			continue
		}
		k := &key{name: name, required: flags["required"], ours: flags["ours"], doc: f.Tag.Get("doc"), old: oldOf(f.Tag)}
		if f.Type != reflect.TypeFor[struct{}]() {
			k.value, k.field = valueOf(f), field
			if f.Name == "_" {
				k.field = []int{-1}
			}
		}
		s.add(strings.Split(name, "."), k)
	}
}

// offer adds kinds to the lists of the section that can have others.
func (s *table) offer(kinds []Kind) {
	for _, k := range s.keys {
		l, ok := k.value.(*list)
		if !ok {
			continue
		}
		if u, ok := l.element.(*union); ok && u.others > 0 {
			for _, k := range kinds {
				u.add(k)
			}
		}
	}
}

// splitTag takes a tag such as "control,required" apart.
func splitTag(tag string) (name string, flags map[string]bool) {
	parts := strings.Split(tag, ",")
	flags = map[string]bool{}
	for _, f := range parts[1:] {
		flags[f] = true
	}
	return parts[0], flags
}

// add puts a key in. A name with dots puts it into a section of which only the keys
// have fields.
func (s *table) add(path []string, k *key) {
	k.name = path[0]
	old := find(s.keys, k.name)
	switch {
	case len(path) > 1 && old == nil:
		inner := &group{}
		s.keys = append(s.keys, &key{name: path[0], value: inner})
		k.name = path[1]
		inner.add(path[1:], k)
	case len(path) > 1:
		old.value.(*group).add(path[1:], k)
	case old != nil && k.value == nil:
		old.doc, old.required, old.ours = k.doc, k.required, k.ours
	case old != nil:
		panic("configfile: two fields for the key " + k.name)
	default:
		if k.value == nil {
			k.value = &group{}
		}
		s.keys = append(s.keys, k)
	}
}

func find(keys []*key, name string) *key {
	for _, k := range keys {
		if k.name == name {
			return k
		}
	}
	return nil
}

func names(keys []*key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.name
	}
	return out
}

// valueOf is how the value of a field is read.
func valueOf(f reflect.StructField) value {
	t, each := f.Type, f.Tag.Get("each")
	switch {
	case t.Kind() == reflect.Struct && isUnion(t):
		return unionOf(t, f.Tag)
	case t.Kind() == reflect.Pointer:
		return &section{typ: t.Elem(), table: tableOf(t.Elem()), optional: true}
	case t.Kind() == reflect.Struct && t != prefixType && t != zonesType:
		_, flags := splitTag(f.Tag.Get("key"))
		return &section{typ: t, table: tableOf(t), optional: flags["optional"]}
	case t.Kind() == reflect.Map:
		return mapping{}
	case t.Kind() == reflect.Slice:
		element := f
		element.Type = t.Elem()
		return &list{typ: t.Elem(), element: valueOf(element), want: each, halves: strings.Fields(f.Tag.Get("halves")), short: f.Tag.Get("short")}
	}
	return scalarOf(f)
}

// at is the field of a section's struct, made if it is behind a pointer that is nil
// and create says so. It is not valid where there is none.
func (k *key) at(s reflect.Value, create bool) reflect.Value { return fieldAt(s, k.field, create) }

func fieldAt(s reflect.Value, field []int, create bool) reflect.Value {
	for _, i := range field {
		if i < 0 || !s.IsValid() {
			return reflect.Value{}
		}
		if s.Kind() == reflect.Pointer {
			if s.IsNil() {
				if !create {
					return reflect.Value{}
				}
				s.Set(reflect.New(s.Type().Elem()))
				tableOf(s.Type().Elem()).reset(s.Elem())
			}
			s = s.Elem()
		}
		s = s.Field(i)
	}
	return s
}

// reset puts the defaults into a section's struct.
func (s *table) reset(into reflect.Value) { resetKeys(s.keys, into) }

func resetKeys(keys []*key, into reflect.Value) {
	for _, k := range keys {
		if v := k.at(into, false); v.IsValid() {
			k.value.reset(v)
		}
	}
}

func describeKeys(path string, ours bool, keys []*key, out *[]Key) {
	for _, k := range keys {
		k.value.describe(Key{Path: join(path, k.name), Effect: k.doc, Required: k.required, Ours: k.ours || ours}, out)
	}
}

func walkKeys(path string, keys []*key, from reflect.Value, v visitor) {
	for _, k := range keys {
		k.value.walk(join(path, k.name), k.at(from, false), v)
	}
}

// walk visits a section's values, and the structs that they are in.
func (s *table) walk(path string, from reflect.Value, v visitor) {
	walkKeys(path, s.keys, from, v)
	if v.section == nil {
		return
	}
	for _, field := range s.owners {
		owner := fieldAt(from, field, false)
		if owner.IsValid() && owner.Kind() != reflect.Pointer {
			owner = owner.Addr()
		}
		if owner.IsValid() && !owner.IsNil() {
			v.section(path, owner.Interface())
		}
	}
}

func element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
