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

// Range is what is allowed, as a DC file has it, such as "0-5, 10": numbers, in units of 1;
// lengths of a string or blob, in bytes; counts of an array's elements. It is empty where
// everything is.
func (t *Type) Range() string {
	if t.kind == Array {
		return t.count.String()
	}
	return t.rangeText()
}

// Unfolded is the type as the typedef has it that it was given by, if it was.
func (t *Type) Unfolded() string {
	unfolded := *t
	unfolded.typedef = ""
	return unfolded.String()
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
