package syntax

import (
	"bytes"
	"strings"
)

func (p *printer) decl(d Decl) {
	switch d := d.(type) {
	case *Import:
		p.importLine(d)
		return
	case *Keywords:
		p.write("keyword")
		for _, n := range d.Names {
			p.write(" " + n.Text)
		}
	case *Typedef:
		p.write("typedef ")
		p.param(d.Param)
	case *Class:
		p.class(d)
	case *Switch:
		p.switchDecl(d)
	}
	p.write(";")
}

func (p *printer) importLine(d *Import) {
	if d.Symbols == nil {
		p.write("import " + d.Module)
		return
	}
	p.write("from " + d.Module + " import " + strings.Join(d.Symbols, ", "))
}

func (p *printer) class(c *Class) {
	if c.Struct {
		p.write("struct ")
	} else {
		p.write("dclass ")
	}
	if c.Name.Text != "" {
		p.write(c.Name.Text + " ")
	}
	for i, b := range c.Bases {
		if i == 0 {
			p.write(": ")
		}
		p.write(b.Text)
		if i < len(c.Bases)-1 {
			p.write(",")
		}
		p.write(" ")
	}
	p.body(c.Body, c.End, func() {
		for _, f := range c.Fields {
			p.lead(f, false)
			p.field(f)
			p.write(";")
			p.trail(f.Where().End)
		}
	})
}

func (p *printer) field(f Field) {
	switch f := f.(type) {
	case *Method:
		p.method(f)
		p.keywords(f.Keywords)
	case *Molecular:
		p.write(f.Name.Text + " :")
		p.fill(names(f.Atomics), " ", "")
		p.keywords(f.Keywords)
	case *Param:
		p.param(f)
		p.keywords(f.Keywords)
	}
}

func (p *printer) keywords(list []Name) {
	for _, k := range list {
		p.write(" " + k.Text)
	}
}

func names(list []Name) []string {
	s := make([]string, len(list))
	for i, n := range list {
		s[i] = n.Text
	}
	return s
}

func (p *printer) method(m *Method) {
	p.write(m.Name.Text + "(")
	if firstBody(m) < m.End {
		for i, one := range m.Params {
			if i > 0 {
				p.write(", ")
			}
			p.param(one)
		}
		p.write(")")
		return
	}
	list := make([]string, len(m.Params))
	for i, one := range m.Params {
		plain := &printer{} // there are no comments and bodies in it
		plain.param(one)
		list[i] = string(plain.out)
	}
	p.fill(list, "", ")")
}

// fill writes a list with commas, and begins a new line where one gets too long.
func (p *printer) fill(list []string, before, after string) {
	column := len(p.out) - 1 - bytes.LastIndexByte(p.out, '\n')
	for i, s := range list {
		if i < len(list)-1 {
			s += ","
		} else {
			s += after
		}
		if column+len(before)+len(s) > lineLength && i > 0 {
			p.write("\n")
			before = strings.Repeat(indentation, p.indent+2)
			column = 0
		}
		p.write(before + s)
		column += len(before) + len(s)
		before = " "
	}
	if len(list) == 0 {
		p.write(after)
	}
}

// param writes a parameter without keywords.
func (p *printer) param(f *Param) {
	p.typ(&f.Type)
	if f.Name.Text != "" {
		p.write(" " + f.Name.Text)
	}
	for _, m := range f.Suffix {
		p.modifier(m)
	}
	if f.Default != nil {
		p.write(" = ")
		p.value(f.Default)
	}
}

func (p *printer) typ(t *Type) {
	switch {
	case t.Class != nil:
		p.class(t.Class)
	case t.Switch != nil:
		p.switchDecl(t.Switch)
	default:
		p.write(t.Basic + t.Named.Text) // one of them
	}
	for _, m := range t.Modifiers {
		p.modifier(m)
	}
	for _, m := range t.Arrays {
		p.modifier(m)
	}
}

func (p *printer) modifier(m Modifier) {
	switch m.Kind {
	case Range:
		p.write("(" + rangeText(m.Ranges) + ")")
	case Array:
		p.write("[" + rangeText(m.Ranges) + "]")
	case Divisor:
		p.write(" / " + m.Number.Source)
	case Modulus:
		p.write(" % " + m.Number.Source)
	}
}

func rangeText(items []RangeItem) string {
	list := make([]string, len(items))
	for i, item := range items {
		list[i] = item.Low.Source
		switch {
		case item.Form == Adjacent:
			list[i] += item.High.Source
		case item.Form == Dashed && staysNumber(item.High.Source):
			list[i] += "-" + item.High.Source
		case item.Form == Dashed:
			list[i] += " - " + item.High.Source
		}
	}
	return strings.Join(list, ", ")
}

// staysNumber reports whether a number can follow a '-' directly and still mean
// the same: the scanner will take the two for one number.
func staysNumber(s string) bool {
	const safe = 18 // digits, which any number of 64 bits with a sign can have
	return len(s) <= safe && strings.Trim(s, "0123456789.") == "" || s[0] == '\'' || s[0] == '"'
}

func (p *printer) value(v *Value) {
	if v.Name.Text != "" {
		p.write(v.Name.Text + " = ")
	}
	if v.Open == 0 {
		p.write(v.Literal.Source)
		if v.Repeat != nil {
			p.write(" * " + v.Repeat.Source)
		}
		return
	}
	p.write(string(rune(v.Open)))
	for i, one := range v.List {
		if i > 0 {
			p.write(", ")
		}
		p.value(one)
	}
	p.write(string(rune(closingOf(v.Open))))
}

func (p *printer) switchDecl(s *Switch) {
	p.write("switch ")
	if s.Name.Text != "" {
		p.write(s.Name.Text + " ")
	}
	p.write("(")
	p.field(s.Key)
	p.write(") ")
	p.body(s.Body, s.End, func() {
		for _, item := range s.Items {
			if item.Case != nil || item.Default {
				p.indent--
			}
			p.lead(item, false)
			p.switchItem(item)
			p.trail(item.End)
			if item.Case != nil || item.Default {
				p.indent++
			}
		}
	})
}

func (p *printer) switchItem(item SwitchItem) {
	switch {
	case item.Case != nil:
		p.write("case ")
		p.value(item.Case)
		p.write(":")
	case item.Default:
		p.write("default:")
	case item.Break:
		p.write("break;")
	default:
		p.param(item.Field)
		p.write(";")
	}
}
