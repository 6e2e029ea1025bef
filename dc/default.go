package dc

import (
	"bytes"

	"natstron/dc/internal/syntax"
)

// setDefault gives a parameter the default that was written for it.
func (c *compiler) setDefault(p *Param, v *syntax.Value) {
	packed, ok := c.packLiteral(p, v)
	switch {
	case ok:
		p.packed, p.explicit, p.ownDefault = packed, true, true
	case p.typ.declaredType():
		c.fail(v.Span, "this is not a value of the parameter's type")
	}
	// Nobody can tell what suits a type that is not declared, so nothing is
	// wrong; the default counts for nothing.
}

// declaredType reports whether Panda3D knows what the type is made of, as far as it
// looks: only at the innermost element of arrays.
func (t *Type) declaredType() bool {
	for t.kind == Array {
		t = t.elem.typ
	}
	switch t.kind {
	case Undeclared, Float32:
		return false
	case Struct:
		return !t.class.undeclared
	}
	return true
}

// packLiteral packs a value that was written in a file. It returns false if it
// is no value of p.
func (c *compiler) packLiteral(p *Param, v *syntax.Value) ([]byte, bool) {
	if c.overBudget {
		return nil, true
	}
	pk := newPacker(p, &c.packing)
	pk.value(v, func(at syntax.Span, wanted string) {
		c.fail(at, "this value is for %s", wanted)
	})
	if !c.charge(v.Span, pk) {
		return nil, true
	}
	return pk.buf, pk.done()
}

// charge takes what a packer made from the budget. It returns false after it
// reported that this was too much.
func (c *compiler) charge(at syntax.Span, pk *packer) bool {
	c.packing.bytes -= len(pk.buf)
	c.checkBudget(at)
	if !c.overBudget && len(pk.buf) > maxDefault {
		c.fail(at, "this default is too long: %d bytes at most", maxDefault)
		return false
	}
	return !c.overBudget
}

// checkBudget reports, once, that the budget is used up. No default is
// computed after that.
func (c *compiler) checkBudget(at syntax.Span) {
	if !c.overBudget && (c.packing.steps < 0 || c.packing.bytes < 0) {
		c.overBudget = true
		c.fail(at, "the defaults of these files are too long")
	}
}

// computeDefault computes the default of a field.
func (c *compiler) computeDefault(f *Field, at syntax.Span) {
	if c.overBudget {
		return
	}
	if f.ownDefault {
		c.warnOfDefault(f, at)
		return
	}
	b := budget{steps: maxImplied}
	pk := newPacker(&f.Param, &b)
	pk.byDefault()
	c.packing.steps -= maxImplied - b.steps
	if pk.done() && len(pk.buf) <= maxDefault {
		f.packed = pk.buf
		c.packing.bytes -= len(pk.buf)
	}
	c.checkBudget(at)
	c.warnOfDefault(f, at)
}

// warnOfDefault warns of a default that is not a value of the field.
func (c *compiler) warnOfDefault(f *Field, at syntax.Span) {
	if err := f.Validate(f.packed); err != nil && !f.typ.hasUndeclared {
		c.warn(at.Pos, "the default of %s is not a value of it: %v", f.name, err)
	}
}

// byDefault packs the default of the current place.
func (p *packer) byDefault() {
	if !p.step() {
		return
	}
	if p.knownDefault(p.cur) {
		p.advance()
		return
	}
	p.enter()
	for !p.cur.none() && !p.bad {
		p.byDefault()
	}
	p.leave()
}

// knownDefault packs the default of a place that has one as a whole. It returns
// false if the parts have to be packed one by one.
func (p *packer) knownDefault(n node) bool {
	d := n.p
	switch t := d.typ; {
	case d.ownDefault, d.classDone && (d.explicit || t.kind == Struct || t.kind == Method):
		// Also if there is none, and so nothing is packed.
		p.buf = append(p.buf, d.packed...)
	case t.isNumber():
		p.leastNumber(t)
	case t.kind == Undeclared:
		p.bad = true
	case t.kind == Array:
		p.leastParts(t, t.count.least())
	case t.kind == Switch:
		if d.explicit {
			return false
		}
		p.firstCase(t.sw)
	case t.kind < Array:
		p.leastZeros(t, t.uints.least())
	default:
		return false
	}
	return true
}

// leastNumber packs zero, or the least number of the first range if zero is
// outside. Panda3D scales that number a second time, which may lead outside
// again: then there is no default.
func (p *packer) leastNumber(t *Type) {
	before := p.outOfRange
	p.outOfRange = false
	switch t.limitKind() {
	case Int64:
		n := int64(0)
		if !t.ints.allow(0) {
			n = t.ints.least()
		}
		p.appendSigned(t, t.modulus.ofInt64(n*int64(t.divisor)))
	case Uint64:
		n := uint64(0)
		if !t.uints.allow(0) {
			n = t.uints.least()
		}
		n *= uint64(t.divisor)
		if t.kind != Uint64 {
			n = uint64(uint32(n))
		}
		p.appendUnsigned(t, t.modulus.ofUint64(n))
	default:
		f := 0.0
		if !t.floats.allow(0) {
			f = t.floats.least()
		}
		p.appendReal(t, t.modulus.ofReal(f*float64(t.divisor)))
	}
	p.bad = p.bad || p.outOfRange
	p.outOfRange = before
}

// leastParts packs an array with as many elements as there must be at least, n.
func (p *packer) leastParts(t *Type, n uint64) {
	var one []byte
	if n > 0 {
		one = p.defaultOf(t.elem)
	}
	size := uint64(len(one))
	if size > 0 && n > maxDefault/size || t.lenBytes == 2 && n*size > 0xffff {
		p.bad = true
		return
	}
	p.buf = appendInt(p.buf, t.lenBytes, n*size)
	if size > 0 {
		p.buf = append(p.buf, bytes.Repeat(one, int(n))...)
	}
}

// leastZeros packs a string, a blob or an old array of n elements, all zero.
func (p *packer) leastZeros(t *Type, n uint64) {
	n *= uint64(kinds[t.kind].size)
	if t.lenBytes == 2 && n > 0xffff || n > maxDefault {
		p.bad = true
		return
	}
	p.buf = appendInt(p.buf, t.lenBytes, n)
	p.buf = append(p.buf, make([]byte, n)...)
}

// firstCase packs the first case of a switch, with the defaults of its members.
func (p *packer) firstCase(sw *switchType) {
	set := sw.other
	if len(sw.cases) > 0 {
		p.buf = append(p.buf, sw.cases[0].value...)
		set = sw.cases[0].set
	} else {
		p.buf = append(p.buf, p.defaultOf(sw.key)...)
	}
	if set == nil {
		p.bad = true
		return
	}
	for _, m := range set.members[1:] {
		p.buf = append(p.buf, p.defaultOf(m)...)
	}
}

// defaultOf packs the default of a part on its own, from the same budget.
func (p *packer) defaultOf(part *Param) []byte {
	one := newPacker(part, p.budget)
	one.byDefault()
	p.bad = p.bad || !one.done()
	return one.buf
}
