package dc

import (
	"slices"

	"natstron/dc/internal/syntax"
)

// float32Name is a type that Panda3D does not know, but the other clients of
// Astron do. Where no file declares a type of that name, it is a number of four
// bytes.
const float32Name = "float32"

// param makes a parameter. The class is the one around it, or nil.
func (c *compiler) param(d *syntax.Param, class *Class) *Param {
	p := c.typeOf(&d.Type, class)
	if d.Name.Text != "" {
		p.name = d.Name.Text
	}
	arrays := d.Type.Arrays
	for _, m := range d.Suffix {
		switch {
		case m.Kind == syntax.Array:
			arrays = append(arrays[:len(arrays):len(arrays)], m)
		case len(arrays) > 0 || p.typ.typedef != "" || p.typ.kind >= Array:
			c.fail(m.Span, "a divisor or modulus belongs to a built-in type, not to an array or a named type")
		default:
			c.scale(p.typ, m)
		}
	}
	p = c.arrayOf(p, arrays)
	if d.Default != nil {
		c.setDefault(p, d.Default)
	}
	return p
}

// typeOf makes a parameter of a type without its array sizes.
func (c *compiler) typeOf(t *syntax.Type, class *Class) *Param {
	switch {
	case t.Basic != "":
		kind := slices.IndexFunc(kinds[:], func(k kindInfo) bool { return k.name == t.Basic })
		p := &Param{typ: basicType(Kind(kind)), id: -1}
		for _, m := range t.Modifiers {
			c.scale(p.typ, m)
			if m.Kind == syntax.Divisor && p.typ.modulus.set && !p.typ.setModulus(p.typ.modulus.written) {
				c.fail(m.Span, "with this divisor, the modulus does not suit the type %v", p.typ.kind)
			}
		}
		return p
	case t.Class != nil:
		// Without a name of its own, the parameter has that of its type.
		inner := c.class(t.Class)
		p := classParam(inner)
		p.name = inner.name
		return p
	case t.Switch != nil:
		sw := c.switchType(t.Switch, class)
		p := switchParam(sw)
		p.name = sw.name
		return p
	}
	return c.named(t.Named)
}

// classParam is a parameter whose type is the class.
func classParam(class *Class) *Param {
	p := &Param{typ: class.asType, id: -1}
	p.explicit = slices.ContainsFunc(p.typ.members, func(m *Param) bool { return m.explicit })
	return p
}

// switchParam is a parameter whose type is the switch.
func switchParam(sw *switchType) *Param {
	t := &Type{kind: Switch, divisor: 1, fixed: -1, sw: sw}
	t.layOut()
	return &Param{typ: t, id: -1, explicit: sw.explicit()}
}

// named makes a parameter of a type that was given by name: a typedef, a class,
// a switch, or what is declared nowhere up to here. Whatever the name means at
// its first use, it means from then on.
func (c *compiler) named(n syntax.Name) *Param {
	def := c.typedefs[n.Text]
	if n.Text == "" { // a syntax error stands here
		return &Param{typ: basicType(Undeclared), id: -1}
	}
	if def == nil {
		def = c.implicit(n)
		c.typedefs[n.Text] = def
	}
	copied := *def.param
	copied.name, copied.key = "", ""
	t := *copied.typ
	t.typedef = n.Text
	copied.typ = &t
	return &copied
}

// implicit makes the typedef of a name that has none.
func (c *compiler) implicit(n syntax.Name) *typedef {
	found := c.symbols[n.Text]
	switch {
	case found.class != nil:
		return &typedef{param: classParam(found.class)}
	case found.sw != nil:
		return &typedef{param: switchParam(found.sw)}
	case n.Text == float32Name:
		return &typedef{param: &Param{typ: basicType(Float32), id: -1}, missing: true}
	}
	c.warn(n.Pos, "no type %s is declared before this: nothing can be packed or read for it", n.Text)
	return &typedef{param: &Param{typ: basicType(Undeclared), id: -1}, missing: true}
}

// scale applies a range, a divisor or a modulus to a built-in type.
func (c *compiler) scale(t *Type, m syntax.Modifier) {
	switch m.Kind {
	case syntax.Range:
		if !t.setRange(c.valueRange(m.Ranges)) {
			c.fail(m.Span, "this range does not suit the type %v", t.kind)
		}
	case syntax.Divisor:
		switch d, ok := c.smallUint(m.Number); {
		case !ok:
		case !t.numeric():
			c.fail(m.Span, "a divisor needs a numeric type, which %v is not", t.kind)
		case !t.setDivisor(d):
			c.fail(m.Span, "a divisor cannot be zero")
		}
	case syntax.Modulus:
		switch {
		case !t.numeric():
			c.fail(m.Span, "a modulus needs a numeric type, which %v is not", t.kind)
		case !t.setModulus(number(m.Number)):
			c.fail(m.Span, "this modulus does not suit the type %v", t.kind)
		}
	}
}

// arrayOf wraps a parameter into arrays, the first size outermost.
//
// Panda3D makes the outermost array first and puts the others in between after
// it. So all of them take their layout from the innermost element, in
// place of the array they hold: in "string x[2][2]" both have a length in
// front, in "uint8 x[2][]" the outer one has none.
func (c *compiler) arrayOf(base *Param, sizes []syntax.Modifier) *Param {
	name := base.name
	inner := base
	for i := len(sizes) - 1; i >= 0; i-- {
		inner.name, inner.key = "", ""
		t := &Type{kind: Array, divisor: 1, elem: inner, count: c.sizes(sizes[i].Ranges), fixed: -1}
		t.lenBytes = 2
		if n, only := t.count.one(); only && int32(n) >= 0 {
			t.fixed = int(n)
		}
		if b := base.typ.believed; t.fixed >= 0 && b.fixed {
			t.lenBytes = 0
			t.believed = believedSize{true, int64(t.fixed) * b.bytes}
		}
		t.layOut()
		c.bounded(t, sizes[i].Span)
		inner = &Param{typ: t, id: -1, explicit: base.explicit}
	}
	inner.name = name
	return inner
}

// switchType makes a switch of what was written. The class is the one around
// it, or nil.
func (c *compiler) switchType(d *syntax.Switch, class *Class) *switchType {
	var key *Param
	switch k := d.Key.(type) {
	case *syntax.Method:
		if class == nil {
			c.fail(k.Span, "a method can be the key of a switch only inside a struct or dclass")
		}
		key = &c.method(class, k).Param
	case *syntax.Param:
		key = c.param(k, class)
	}
	sw := &switchType{name: d.Name.Text, key: key, byKey: make(map[string]*caseSet)}
	for _, item := range d.Items {
		switch {
		case item.Case != nil:
			c.switchCase(sw, item.Case)
		case item.Default:
			if !sw.addDefault() {
				c.fail(item.Span, "this switch already has a default")
			}
		case item.Break:
			sw.end()
		default:
			c.switchField(sw, item.Field, class)
		}
	}
	sw.sets(func(set *caseSet) { nameKeys(set.members) })
	return sw
}

func (c *compiler) switchCase(sw *switchType, v *syntax.Value) {
	packed, ok := c.packLiteral(sw.key, v)
	switch {
	case !ok:
		c.fail(v.Span, "this is not a value of the switch's key")
		sw.begin()
	case !sw.addCase(packed):
		c.fail(v.Span, "this switch already has a case of that value")
	}
}

func (c *compiler) switchField(sw *switchType, d *syntax.Param, class *Class) {
	p := c.param(d, class)
	switch {
	case len(sw.open) == 0:
		c.fail(d.Span, "a field of a switch needs a case or default before it")
	case !sw.addField(p):
		c.fail(d.Name.Span, "this case already has a field %s", p.name)
	}
}
