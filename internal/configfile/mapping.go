package configfile

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// mapping is a section whose keys are not known here, with texts: a field that is a
// map[string]string. The owner of the field checks both.
type mapping struct{}

func (mapping) reset(into reflect.Value) { into.SetZero() }

func (mapping) decode(d *decoder, n node, path string, into reflect.Value) {
	m, ok := d.resolve(n).(*ast.MappingNode)
	if !ok {
		d.fault(path, "must be a section with keys, not "+d.kindOf(n), sectionHint(n)+"write name: value, one on a line")
		return
	}
	texts := map[string]string{}
	for _, pair := range m.Values {
		name := keyText(pair.Key)
		at := join(path, name)
		d.file.pos[at] = d.nodePos(pair.Key)
		switch _, twice := texts[name]; {
		case d.exhausted(path):
			return
		case name == "" || strings.ContainsAny(name, ".[] \t\n"):
			d.fault(path, show(name)+" cannot be a key", "write a name")
		case twice:
			d.fault(at, "is given twice", "keep one of them")
		default:
			if text, ok := d.text(pair.Value, at, "a text"); ok {
				texts[name] = text
			}
		}
	}
	into.Set(reflect.ValueOf(texts))
}

func (mapping) walk(path string, from reflect.Value, v visitor) {
	if !from.IsValid() {
		return
	}
	texts := from.Interface().(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		v.scalar(join(path, name), anyText, reflect.ValueOf(texts[name]))
	}
}

var anyText = &scalar{
	noun: "a text", def: "",
	show: func(v any) string { return v.(string) },
	get:  func(from reflect.Value) any { return from.String() },
}

func (mapping) describe(k Key, out *[]Key) {
	k.Type, k.Default = "section of texts", notSet
	*out = append(*out, k)
}
