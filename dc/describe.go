package dc

import (
	"strconv"
	"strings"
)

// describe writes a field as a DC file would, without defaults.
func (f *Field) describe() string {
	var b strings.Builder
	switch f.typ.kind {
	case Molecular:
		b.WriteString(f.name + " : ")
		for i, a := range f.atomics {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(a.name)
		}
		return b.String()
	default:
		b.WriteString(f.Param.String())
	}
	for _, k := range f.keywords.names {
		b.WriteString(" " + k)
	}
	return b.String()
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
	s := t.String()
	switch {
	case p.name != "":
		s += " " + p.name + sizes
	default:
		s += sizes
	}
	return s
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
