package syntax

import "strings"

// field reads a field of a class, without its semicolon.
func (p *Parser) field() Field {
	start := p.tok.pos
	switch {
	case p.peek() == '(':
		return p.method(start, Name{Span: Span{start, start}})
	case p.atName():
		name := p.name("")
		switch p.peek() {
		case '(':
			return p.method(start, name)
		case ':':
			return p.molecular(start, name)
		}
		return p.paramField(start, p.named(start, name))
	case p.atType():
		return p.paramField(start, p.typ())
	}
	p.fail("a field: name(parameters), name : fields, or a type and a name")
	return nil
}

// method reads from the '(' on. The name may be missing; the meaning rejects that.
func (p *Parser) method(start int, name Name) *Method {
	return &Method{Name: name, Params: p.params(), Keywords: p.keywordList(), Span: p.span(start)}
}

func (p *Parser) params() []*Param {
	var params []*Param
	p.expect('(', "'('")
	if p.accept(')') {
		return nil
	}
	p.nested(func() {
		p.many(func() { params = append(params, p.paramWithDefault()) })
	})
	p.expect(')', "',' or ')' after a parameter")
	return params
}

// molecular reads from the ':' on.
func (p *Parser) molecular(start int, name Name) *Molecular {
	m := &Molecular{Name: name}
	p.expect(':', "':'")
	p.many(func() { m.Atomics = append(m.Atomics, p.name("the name of a field")) })
	m.Keywords = p.keywordList()
	m.Span = p.span(start)
	return m
}

// paramField reads a field that is a parameter, from behind its type.
func (p *Parser) paramField(start int, t Type) *Param {
	f := p.paramOf(start, t)
	p.defaultOf(f)
	f.Keywords = p.keywordList()
	f.Span = p.span(start)
	return f
}

func (p *Parser) keywordList() []Name {
	var list []Name
	for p.atKeyword() {
		list = append(list, p.word())
	}
	return list
}

// paramWithDefault reads "type name = value"; only the type must be there.
func (p *Parser) paramWithDefault() *Param {
	start := p.tok.pos
	f := p.paramOf(start, p.typ())
	p.defaultOf(f)
	f.Span = p.span(start)
	return f
}

// paramOf reads a parameter from behind its type: a name and what may follow it.
func (p *Parser) paramOf(start int, t Type) *Param {
	f := &Param{Type: t, Name: p.optionalName()}
	if f.Name.Text != "" {
		f.Suffix = p.modifiers("/%[")
	}
	f.Span = p.span(start)
	return f
}

func (p *Parser) defaultOf(f *Param) {
	if p.accept('=') {
		f.Default = p.value()
	}
}

// atType reports whether a type begins here.
func (p *Parser) atType() bool {
	switch p.peek() {
	case kindType, kindStruct, kindSwitch:
		return true
	}
	return p.atName()
}

// typ reads a type with its array sizes.
func (p *Parser) typ() Type {
	start := p.tok.pos
	t := Type{}
	switch {
	case p.peek() == kindType:
		t.Basic = p.next().text
		t.Modifiers = p.modifiers("(/%")
	case p.peek() == kindStruct:
		p.nested(func() { t.Class = p.class() })
	case p.peek() == kindSwitch:
		p.nested(func() { t.Switch = p.switchDecl() })
	default:
		return p.named(start, p.name("a type"))
	}
	t.Arrays, t.Span = p.modifiers("["), p.span(start)
	return t
}

// named goes on from a name that turned out to be a type.
func (p *Parser) named(start int, name Name) Type {
	return Type{Named: name, Arrays: p.modifiers("["), Span: p.span(start)}
}

// modifiers reads modifiers in any order and number, of those that begin with one of the
// given signs: (range) / divisor % modulus [size].
func (p *Parser) modifiers(signs string) []Modifier {
	var list []Modifier
	for strings.ContainsRune(signs, rune(p.peek())) {
		switch p.peek() {
		case '(':
			list = append(list, p.valueRange())
		case '/':
			list = append(list, p.divisor())
		case '%':
			list = append(list, p.modulus())
		case '[':
			list = append(list, p.array())
		}
	}
	return list
}

func (p *Parser) divisor() Modifier {
	start := p.next().pos
	return Modifier{Kind: Divisor, Number: p.literal("a divisor, a whole number", kindUint), Span: p.span(start)}
}

func (p *Parser) modulus() Modifier {
	start := p.next().pos
	return Modifier{Kind: Modulus, Number: p.literal("a modulus, a number", kindUint, kindInt, kindReal), Span: p.span(start)}
}

// valueRange reads "(1-5, 7)".
func (p *Parser) valueRange() Modifier {
	start := p.next().pos
	ranges := p.ranges(')', "a number or a character", kindUint, kindInt, kindReal, kindString)
	p.expect(')', "',', '-' or ')' in the range")
	return Modifier{Kind: Range, Ranges: ranges, Span: p.span(start)}
}

// array reads "[3-5, 7]".
func (p *Parser) array() Modifier {
	start := p.next().pos
	ranges := p.ranges(']', "a size, a whole number", kindUint, kindString)
	p.expect(']', "',', '-' or ']' in the array's size")
	return Modifier{Kind: Array, Ranges: ranges, Span: p.span(start)}
}

// ranges reads the parts of a range, none or more. As in Panda3D, a comma may
// come before the first.
func (p *Parser) ranges(closing kind, what string, kinds ...kind) []RangeItem {
	var items []RangeItem
	switch {
	case p.peek() == closing:
		return nil
	case p.accept(','):
	}
	p.many(func() {
		item := RangeItem{Low: p.literal(what, kinds...)}
		switch {
		case p.accept('-'):
			item.Form, item.High = Dashed, p.literal(what, kinds...)
		case p.peek() == kindInt, closing == ')' && (p.peek() == kindUint || p.peek() == kindReal):
			// "3-5" arrives as 3 and -5.
			item.Form, item.High = Adjacent, p.literal(what, p.peek())
		}
		items = append(items, item)
	})
	return items
}
