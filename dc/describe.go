package dc

import (
	"strconv"
	"strings"
)

// String is the field as a DC file would have it, without its default.
func (f *Field) String() string {
	if f.IsMolecular() {
		names := make([]string, len(f.atomics))
		for i, a := range f.atomics {
			names[i] = a.name
		}
		return f.name + " : " + strings.Join(names, ", ")
	}
	return strings.Join(append([]string{f.Param.String()}, f.keywords.names...), " ")
}

// String is the parameter as a DC file would have it, without its default.
func (p *Param) String() string {
	t := p.typ
	if t.kind == Method {
		return p.name + "(" + joined(t.members, ", ") + ")"
	}
	sizes := ""
	for t.kind == Array && t.typedef == "" {
		sizes += "[" + t.count.String() + "]"
		t = t.elem.typ
	}
	if p.name != "" {
		return t.String() + " " + p.name + sizes
	}
	return t.String() + sizes
}

func joined(params []*Param, between string) string {
	list := make([]string, len(params))
	for i, p := range params {
		list[i] = p.String()
	}
	return strings.Join(list, between)
}

// String is the type as a DC file would have it.
func (t *Type) String() string {
	switch {
	case t.typedef != "":
		return t.typedef
	case t.kind == Struct && t.class != nil && t.class.name != "":
		return t.class.name
	case t.kind == Struct:
		return "struct { " + joined(t.members, "; ") + " }"
	case t.kind == Switch:
		return "switch " + t.sw.name + "(" + t.sw.key.String() + ")"
	case t.kind == Array:
		return (&Param{typ: t}).String()
	case t.kind == Method:
		return "(" + joined(t.members, ", ") + ")"
	}
	s := t.kind.String()
	if t.divisor > 1 {
		s += " / " + strconv.FormatUint(uint64(t.divisor), 10)
	}
	if t.modulus.set {
		s += " % " + numberText(t.modulus.written)
	}
	if len(t.written) > 0 {
		s += "(" + t.rangeText() + ")"
	}
	return s
}
