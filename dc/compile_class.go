package dc

import (
	"natstron/dc/internal/syntax"
)

// class makes a class or struct of what was written.
func (c *compiler) class(d *syntax.Class) *Class {
	class := &Class{
		name: d.Name.Text, number: -1, isStruct: d.Struct,
		ownByName: make(map[string]*Field),
	}
	for i, n := range d.Bases {
		if i > 0 && c.file.inheritance.Single {
			c.fail(n.Span, "a class has one base only: the configuration says so (dc_multiple_inheritance)")
		}
		if base := c.base(n, d.Struct); base != nil {
			class.bases = append(class.bases, base)
		}
	}
	for _, f := range d.Fields {
		if c.tooMany() {
			break
		}
		c.field(class, d, f)
	}
	c.complete(class, d.Span)
	return class
}

// complete works out what depends on all fields of a class.
func (c *compiler) complete(class *Class, at syntax.Span) {
	entries := len(class.own)
	for _, b := range class.bases {
		entries += len(b.inherited)
	}
	if c.inherited += entries; c.inherited > maxInherited {
		c.fail(at, "too many inherited fields: %d in all classes together at most", maxInherited)
		class.bases = nil
		c.inherited -= entries
	}
	class.inherit(c.file.inheritance)
	t := &Type{kind: Struct, divisor: 1, fixed: -1, class: class}
	if class.constructor != nil {
		t.members = append(t.members, &class.constructor.Param)
	}
	for _, f := range class.inherited {
		if !f.IsMolecular() {
			t.members = append(t.members, &f.Param)
		}
	}
	nameKeys(t.members)
	t.layOut()
	c.bounded(t, at)
	class.asType = t
}

// bounded rejects types that only serve to exhaust the program that handles them. A
// struct of two structs of two structs … grows fast.
func (c *compiler) bounded(t *Type, at syntax.Span) {
	if t.depth > maxDepth {
		c.fail(at, "types are nested too deeply: %d levels at most", maxDepth)
		t.depth = 0
	}
	if t.parts > maxTypeParts {
		c.fail(at, "types within types multiply to more than %d", maxTypeParts)
		t.members, t.elem, t.parts, t.kind = nil, nil, 1, Undeclared
		t.layOut()
	}
}

// base looks up a base class. One that is not there yet is taken for declared
// elsewhere, in a file that only clients have, and stands among the classes from
// here on; for structs Panda3D does not allow that.
func (c *compiler) base(n syntax.Name, wantStruct bool) *Class {
	found, ok := c.symbols[n.Text]
	class := found.class
	if class == nil && n.Text != "" && !wantStruct {
		class = &Class{name: n.Text, number: -1, undeclared: true, incomplete: true}
		c.complete(class, n.Span)
		if !ok {
			c.symbols[n.Text] = symbol{class: class}
			c.addClass(class, n.Span)
			c.warn(n.Pos, "no dclass %s is declared: it is treated as one without fields", n.Text)
		}
		return class
	}
	switch {
	case class == nil && !c.broken:
		c.fail(n.Span, "there is no struct %s to inherit from", n.Text)
	case class != nil && wantStruct && !class.isStruct:
		c.fail(n.Span, "a struct can inherit from structs only, %s is a dclass", n.Text)
	case class != nil && !wantStruct && class.isStruct:
		c.fail(n.Span, "a dclass can inherit from dclasses only, %s is a struct", n.Text)
	}
	return class
}

// field makes a field of a class and adds it.
func (c *compiler) field(class *Class, d *syntax.Class, f syntax.Field) {
	var field *Field
	var name syntax.Name
	var keywords []syntax.Name
	switch f := f.(type) {
	case *syntax.Method:
		field, name, keywords = c.method(class, f), f.Name, f.Keywords
		if f.Name.Text == "" {
			c.fail(f.Span, "a method needs a name")
		}
	case *syntax.Molecular:
		field, name = c.molecular(class, d, f), f.Name
		if len(f.Keywords) > 0 {
			c.fail(f.Keywords[0].Span, "a molecular field has the keywords of its fields: '%s' is not allowed here", f.Keywords[0].Text)
		}
	case *syntax.Param:
		field = &Field{Param: *c.param(f, class)}
		name, keywords = f.Name, f.Keywords
		if f.Name.Text == "" && !d.Struct {
			c.fail(f.Span, "a field of a dclass needs a name")
		}
	}
	if d.Struct && len(keywords) > 0 {
		c.fail(keywords[0].Span, "the fields of a struct have no keywords: '%s' is not allowed here", keywords[0].Text)
	}
	for _, k := range keywords {
		field.keywords.add(k.Text, c.declaredKeyword(k.Text))
	}
	switch {
	case !c.addField(class, field, f.Where()):
		c.fail(name.Span, "this class already has a field %s", field.name)
	case !d.Struct && class.constructor == field:
		c.fail(name.Span, "a dclass has no constructor: give the method another name than the class")
	}
	c.computeDefault(field, f.Where())
}

// declaredKeyword reports whether a file declared the keyword.
func (c *compiler) declaredKeyword(name string) bool {
	_, ok := KeywordNamed(name)
	return !ok || c.declared[name]
}

// addField gives a field its number and its place in the class. It returns
// false if the class has one of that name.
func (c *compiler) addField(class *Class, f *Field, at syntax.Span) bool {
	f.class, f.id = class, -1
	if f.name != "" {
		if class.ownByName[f.name] != nil {
			return false
		}
		if f.name == class.name {
			if f.typ.kind != Method {
				return false
			}
			class.ownByName[f.name] = f
			class.constructor = f
			class.addConstructor(f.name, f)
			return true
		}
		class.ownByName[f.name] = f
	}
	if c.count >= maxNumber {
		c.fail(at, "too many fields: %d at most", maxNumber)
		return true
	}
	c.count++
	if how := c.file.inheritance; !class.isStruct || how.numbersStructs() {
		f.id = len(c.file.fields)
		if how.Single {
			f.id = len(class.own)
			for _, b := range class.bases {
				f.id += len(b.inherited)
			}
		}
		c.file.fields = append(c.file.fields, f)
	}
	class.own = append(class.own, f)
	return true
}

// method makes an atomic field.
func (c *compiler) method(class *Class, d *syntax.Method) *Field {
	f := &Field{Param: Param{name: d.Name.Text, id: -1}, class: class}
	f.typ = &Type{kind: Method, divisor: 1, fixed: -1}
	for _, p := range d.Params {
		one := c.param(p, class)
		f.typ.members = append(f.typ.members, one)
		f.explicit = f.explicit || one.explicit
	}
	nameKeys(f.typ.members)
	f.typ.layOut()
	c.bounded(f.typ, d.Span)
	return f
}

// molecular makes a molecular field. Its methods must be there already, unless
// a base is undeclared and may have them.
func (c *compiler) molecular(class *Class, d *syntax.Class, m *syntax.Molecular) *Field {
	f := &Field{Param: Param{name: m.Name.Text, id: -1}, class: class}
	f.typ = &Type{kind: Molecular, divisor: 1, fixed: -1}
	var first *Field
	for _, n := range m.Atomics {
		a := c.atomic(class, d, n)
		if a == nil {
			continue
		}
		if !a.missing && first == nil {
			first = a
			f.keywords = a.keywords
		}
		if !a.missing && !f.keywords.same(&a.keywords) {
			c.fail(n.Span, "the fields of a molecular field need the same keywords: %s and %s differ", first.name, a.name)
		}
		f.atomics = append(f.atomics, a)
		f.typ.members = append(f.typ.members, a.typ.members...)
		f.explicit = f.explicit || a.explicit
	}
	f.typ.layOut()
	parts := make([]*Param, len(f.atomics))
	for i, a := range f.atomics {
		parts[i] = &Param{name: a.name}
	}
	nameKeys(parts)
	f.keys = keysOf(parts)
	return f
}

// atomic finds a method that a molecular field names.
func (c *compiler) atomic(class *Class, d *syntax.Class, n syntax.Name) *Field {
	a := class.find(n.Text)
	incomplete := false
	for _, b := range class.bases {
		incomplete = incomplete || b.incomplete
	}
	switch {
	case a == nil && incomplete:
		// Panda3D puts an empty method in its place, which gets a number.
		a = &Field{Param: Param{name: n.Text, typ: &Type{kind: Method, divisor: 1, fixed: -1}}, missing: true}
		a.typ.layOut()
		c.addField(class, a, n.Span)
		c.warn(n.Pos, "no field %s is declared: it is treated as one without parameters", n.Text)
	case a == nil:
		if !d.Broken && !c.broken {
			c.fail(n.Span, "there is no field %s in this class or its bases", n.Text)
		}
	case a.typ.kind != Method:
		c.fail(n.Span, "a molecular field consists of methods, and %s is not one", n.Text)
		a = nil
	}
	return a
}
