package editor

import (
	"strings"

	"natstron/dc"
	"natstron/dc/internal/syntax"
)

// kind is what a name is the name of.
type kind uint8

const (
	kindImport  kind = iota // a class in an import line
	kindKeyword             // a keyword of a field
	kindClass               // a dclass or a struct
	kindSwitch
	kindTypedef
	kindField
	kindType  // a type that is given by name
	kindBasic // a built-in type
	kindParam
)

// occurrence is a name at a place of a file.
type occurrence struct {
	syntax.Span
	name     string
	kind     kind
	declared bool     // here
	class    string   // of a field: the class to look for it in
	param    string   // of a type or a parameter: as written, if that is known
	method   bool     // the field is a method
	typ      *dc.Type // what the name, or the parameter, means; nil if that is not known
	node     syntax.Span
}

// walker calls found for each name of a tree, in the order of the text.
type walker struct {
	text    string
	meaning *dc.File // may be nil
	found   func(occurrence)
}

func (f *file) walk(found func(occurrence)) {
	w := &walker{f.text.string, f.project.meaning, found}
	for _, d := range f.tree.Decls {
		w.decl(d)
	}
}

// at is the name at an offset, which may be right behind it.
func (f *file) at(offset int) (occurrence, bool) {
	var here occurrence
	ok := false
	f.walk(func(o occurrence) {
		if o.name != "" && o.Pos <= offset && offset <= o.End && !(ok && offset == o.Pos) {
			here, ok = o, true
		}
	})
	return here, ok
}

func (w *walker) name(n syntax.Name, o occurrence) {
	o.Span, o.name = n.Span, n.Text
	if n.Text != "" {
		w.found(o)
	}
}

func (w *walker) decl(d syntax.Decl) {
	switch d := d.(type) {
	case *syntax.Import:
		w.imported(d)
	case *syntax.Keywords:
		for _, n := range d.Names {
			w.name(n, occurrence{kind: kindKeyword, declared: true, node: d.Span})
		}
	case *syntax.Typedef:
		var t *dc.Type
		if w.meaning != nil {
			t, _ = w.meaning.TypeByName(d.Param.Name.Text)
		}
		w.typeOf(d.Param, t)
		w.name(d.Param.Name, occurrence{kind: kindTypedef, declared: true, typ: t, node: d.Span})
	case *syntax.Class:
		var class *dc.Class
		if w.meaning != nil {
			class, _ = w.meaning.ClassByName(d.Name.Text)
		}
		w.class(d, func(name string) *dc.Type { return ownType(class, name) })
	case *syntax.Switch:
		w.switched(d)
	}
}

// ownType is the type of a class's own field.
func ownType(class *dc.Class, name string) *dc.Type {
	if class == nil || name == "" {
		return nil
	}
	if c := class.Constructor(); c != nil && c.Name() == name {
		return c.Type()
	}
	if f, ok := class.FieldByName(name); ok && f.Class() == class {
		return f.Type()
	}
	return nil
}

// imported finds the names in "from game.toon import DistributedToon/AI".
func (w *walker) imported(d *syntax.Import) {
	line := w.text[d.Pos:d.End]
	for _, symbol := range d.Symbols {
		name, _, _ := strings.Cut(symbol, "/")
		at := strings.LastIndex(line, "import")
		for at >= 0 && at < len(line) {
			i := strings.Index(line[at:], name)
			if name == "" || name == "*" || i < 0 {
				break
			}
			from, to := at+i, at+i+len(name)
			if (from == 0 || !isWord(line[from-1])) && (to == len(line) || !isWord(line[to])) {
				w.found(occurrence{Span: syntax.Span{Pos: d.Pos + from, End: d.Pos + to}, name: name, kind: kindImport, node: d.Span})
				break
			}
			at = to
		}
	}
}

// class walks over a dclass or a struct; typeOf is the type of its field of a name, or nil.
func (w *walker) class(d *syntax.Class, typeOf func(name string) *dc.Type) {
	w.name(d.Name, occurrence{kind: kindClass, declared: true, node: d.Span})
	for _, b := range d.Bases {
		w.name(b, occurrence{kind: kindClass, node: b.Span})
	}
	for _, f := range d.Fields {
		here := occurrence{kind: kindField, declared: true, class: d.Name.Text, param: w.text[f.Where().Pos:f.Where().End], node: f.Where()}
		switch f := f.(type) {
		case *syntax.Method:
			here.typ, here.method = typeOf(f.Name.Text), true
			w.name(f.Name, here)
			w.params(f.Params, here.typ)
			w.keywords(f.Keywords)
		case *syntax.Molecular:
			here.typ = typeOf(f.Name.Text)
			w.name(f.Name, here)
			for _, a := range f.Atomics {
				w.name(a, occurrence{kind: kindField, class: d.Name.Text, node: a.Span})
			}
			w.keywords(f.Keywords)
		case *syntax.Param:
			here.typ = typeOf(f.Name.Text)
			w.typeOf(f, here.typ)
			w.name(f.Name, here)
			w.keywords(f.Keywords)
		}
	}
}

func (w *walker) keywords(list []syntax.Name) {
	for _, n := range list {
		w.name(n, occurrence{kind: kindKeyword, node: n.Span})
	}
}

// params walks over the parameters of a method of that type, which may be nil.
func (w *walker) params(list []*syntax.Param, method *dc.Type) {
	for i, p := range list {
		var t *dc.Type
		if method != nil && len(method.Params()) == len(list) {
			t = method.Params()[i].Type()
		}
		w.param(p, t)
	}
}

func (w *walker) param(p *syntax.Param, t *dc.Type) {
	w.typeOf(p, t)
	w.name(p.Name, occurrence{kind: kindParam, declared: true, param: w.text[p.Pos:p.End], typ: t, node: p.Span})
}

// typeOf walks over the type of a parameter, which is t, or is not known.
func (w *walker) typeOf(p *syntax.Param, t *dc.Type) {
	sizes := len(p.Type.Arrays)
	for _, m := range p.Suffix {
		if m.Kind == syntax.Array {
			sizes++
		}
	}
	for ; sizes > 0 && t != nil; sizes-- { // of the elements
		t = t.Elem()
	}
	switch {
	case p.Type.Basic != "":
		at := syntax.Span{Pos: p.Type.Pos, End: p.Type.Pos + len(p.Type.Basic)}
		w.found(occurrence{Span: at, name: p.Type.Basic, kind: kindBasic, param: w.text[p.Pos:p.End], typ: t, node: p.Type.Span})
	case p.Type.Class != nil:
		w.class(p.Type.Class, func(name string) *dc.Type {
			if t != nil && t.Kind() == dc.Struct {
				for _, m := range t.Params() {
					if m.Name() == name {
						return m.Type()
					}
				}
			}
			return nil
		})
	case p.Type.Switch != nil:
		w.switched(p.Type.Switch)
	default:
		w.name(p.Type.Named, occurrence{kind: kindType, param: w.text[p.Pos:p.End], typ: t, node: p.Type.Span})
	}
}

func (w *walker) switched(d *syntax.Switch) {
	w.name(d.Name, occurrence{kind: kindSwitch, declared: true, node: d.Span})
	switch key := d.Key.(type) {
	case *syntax.Method:
		w.params(key.Params, nil)
	case *syntax.Param:
		w.param(key, nil)
	}
	for _, item := range d.Items {
		if item.Field != nil {
			w.param(item.Field, nil)
		}
	}
}
