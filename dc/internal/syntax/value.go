package syntax

import (
	"math"
	"slices"
	"strings"
)

var literalKinds = map[kind]LiteralKind{
	kindUint: UintLiteral, kindInt: IntLiteral, kindReal: RealLiteral,
	kindString: StringLiteral, kindHex: HexLiteral,
}

// literal takes a constant of one of the given kinds.
func (p *Parser) literal(what string, kinds ...kind) Literal {
	if !slices.Contains(kinds, p.peek()) {
		p.fail(what)
		return Literal{Span: Span{p.tok.pos, p.tok.pos}}
	}
	t := p.next()
	return Literal{
		Span: Span{t.pos, t.end}, Kind: literalKinds[t.kind], Source: t.text,
		Uint: t.u, Int: t.i, Real: t.real, Bytes: t.str,
	}
}

// value reads a value, which may say what it is for: "name = value".
func (p *Parser) value() *Value {
	v := &Value{}
	start := p.tok.pos
	if p.atName() {
		v.Name = p.name("")
		p.expect('=', "'=' after the name")
	}
	switch p.peek() {
	case '{', '[', '(':
		p.list(v)
	default:
		p.constant(v)
	}
	v.Span = p.span(start)
	return v
}

// closingOf is the bracket that closes another.
func closingOf(open byte) kind { return kind(")]}"[strings.IndexByte("([{", open)]) }

// constant reads a literal and how often it stands there: "0 * 14".
func (p *Parser) constant(v *Value) {
	v.Literal = p.literal("a value", kindUint, kindInt, kindReal, kindString, kindHex)
	if v.Literal.Kind != StringLiteral && p.accept('*') {
		n := p.literal("how often, a whole number", kindUint)
		if n.Uint > math.MaxUint32 {
			p.errs.add(n.Pos, "this number does not fit into 32 bits")
		}
		v.Repeat = &n
	}
}

// list reads values in brackets. Which brackets does not matter. A comma may
// stand behind the last one, or alone.
func (p *Parser) list(v *Value) {
	v.Open = byte(p.next().kind)
	closing := closingOf(v.Open)
	p.nested(func() {
		if p.accept(',') {
			return
		}
		for p.peek() != closing && !p.lost {
			v.List = append(v.List, p.value())
			if !p.accept(',') {
				return
			}
		}
	})
	p.expect(closing, "',' or '"+string(rune(closing))+"' after a value")
}

// switchDecl reads "switch name (key) { case 1: …; break; default: … }".
func (p *Parser) switchDecl() *Switch {
	s := &Switch{}
	start := p.next().pos
	s.Name = p.optionalName()
	p.expect('(', "'(' before the key of the switch")
	s.Key = p.switchKey()
	p.expect(')', "')' after the key of the switch")
	s.Body = p.tok.pos
	p.expect('{', "'{' of the switch")
	p.nested(func() {
		for p.inBody() {
			if p.accept(';') {
				continue
			}
			item := p.switchItem()
			if p.lost {
				p.resync()
				continue
			}
			s.Items = append(s.Items, item)
		}
	})
	p.expect('}', "'}', case, default, break or a field")
	s.Span = p.span(start)
	return s
}

// switchKey reads what a switch is about: a parameter without a default, or
// a method.
func (p *Parser) switchKey() Field {
	start := p.tok.pos
	name := p.optionalName()
	switch {
	case p.peek() == '(':
		return &Method{Name: name, Params: p.params(), Span: p.span(start)}
	case name.Text == "":
		return p.paramOf(start, p.typ())
	}
	return p.paramOf(start, p.named(start, name))
}

func (p *Parser) switchItem() SwitchItem {
	start := p.tok.pos
	item := SwitchItem{}
	switch p.peek() {
	case kindCase:
		p.next()
		item.Case = p.value()
		p.expect(':', "':' after the case")
	case kindDefault:
		p.next()
		item.Default = true
		p.expect(':', "':' after default")
	case kindBreak:
		p.next()
		item.Break = true
		p.expect(';', "';' after break")
	default:
		item.Field = p.paramWithDefault()
		p.expect(';', "';' after the field")
	}
	item.Span = p.span(start)
	return item
}
