package dcgen

import (
	_ "embed" // the codec
	"slices"
	"strings"

	"natstron/dc"
)

// codec is the part of a module that is the same for all DC files.
//
//go:embed codec.py
var codec string

// reservedPython are names that a member or a class cannot have.
const reservedPython = `False None True and as assert async await break class continue def del elif else except
	finally for from global if import in is lambda nonlocal not or pass raise return try while with`

// usedInPython are names at the top of the module.
const usedInPython = ` HASH KEYWORDS CLASSES FIELDS NUMBERS T ValueFault pack unpack unpack_field math struct dataclass fields
	Fraction Any Dict List Optional Type TypeVar int float str bytes bytearray dict list tuple type vars isinstance
	any all sum zip super len chr ord bool`

type python struct {
	writer
	source  Source
	schema  *dc.Schema
	classes map[string]string // the Python name of each dclass
	structs map[string]string
	fields  map[uint16]string // where the class of each field is: Avatar.setXY
	members writer            // what _MEMBERS has
}

// Python writes a module that needs no other than Python's own, 3.8 or newer.
func Python(source Source) []byte {
	p := &python{source: source, schema: source.File.Schema(), classes: map[string]string{}, structs: map[string]string{}, fields: map[uint16]string{}}
	taken := newNames(reservedPython + usedInPython)
	for _, c := range p.schema.Classes {
		p.classes[c.Name] = taken.pick(c.Name)
	}
	for _, s := range p.schema.Structs {
		name := s.Name
		if p.classes[name] != "" {
			name += "Value"
		}
		p.structs[s.Name] = taken.pick(name)
	}
	p.header()
	for i, c := range structClasses(source.File, p.schema) {
		p.structType(c, p.schema.Structs[i])
	}
	for _, c := range p.schema.Classes {
		p.class(c)
	}
	p.tables()
	p.line("")
	p.WriteString(codec)
	return []byte(p.String())
}

func (p *python) header() {
	p.line(`"""The dclasses of %s, and what their fields carry.

    data = pack(SomeClass.someField(1, 2))
    update = unpack(SomeClass.someField, data)

Written by "astrond dc gen python": do not change it, but the DC file, and run it again.
"""

import math
import struct
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, Dict, List, Optional, Type, TypeVar

T = TypeVar("T")

# The hash that clients send when they log in.
HASH = 0x%08x

# The keywords that fields can have.
KEYWORDS = %s`, p.source.from(), p.schema.Hash, inPython.literal(keywords(p.source.File)))
}

func (p *python) structType(c *dc.Class, s dc.StructSchema) {
	name := p.structs[c.Name()]
	p.line("\n\n@dataclass\nclass %s:\n    \"\"\"The struct %s of the DC files.\"\"\"\n", name, c.Name())
	p.dataMembers("    ", s.Members, c.Type().Params())
	p.members.line("    %s: %s,", name, inPython.literal(s.Members))
}

// dataMembers writes the members of a dataclass, which is empty if there are none. shown
// are how the DC file has them.
func (p *python) dataMembers(indent string, members []dc.ParamSchema, shown []*dc.Param) {
	own := newNames(reservedPython)
	for i, m := range members {
		comment := ""
		if shown != nil {
			comment = "  # " + shown[i].String()
		}
		p.line("%s%s: %s%s", indent, own.pick(m.Name), quoted(p.typ(m.Type)), comment)
	}
}

func (p *python) class(c dc.ClassSchema) {
	class, _ := p.source.File.ClassByID(c.ID)
	name := p.classes[c.Name]
	base := ""
	if len(c.Bases) == 1 {
		base = "(" + p.classes[c.Bases[0]] + ")"
	}
	p.line("\n\nclass %s%s:\n    \"\"\"The dclass %s.\"\"\"\n\n    ID = %d\n    NAME = %s", name, base, c.Name, c.ID, quoted(c.Name))
	own := newNames(reservedPython + " ID NAME int float str bytes dataclass")
	for _, f := range c.Fields {
		field, _ := class.Field(f.ID)
		inner := own.pick(f.Name)
		if p.fields[f.ID] == "" {
			p.fields[f.ID] = name + "." + inner
			p.update(inner, c, f, field)
		} else {
			p.line("\n    %s = %s", inner, p.fields[f.ID])
		}
	}
	if len(c.Bases) < 2 {
		return
	}
	// Python has another order of bases, and refuses some: so no bases, but what they have.
	p.line("")
	for _, f := range class.Fields() {
		if full := p.fields[f.ID()]; full != "" && f.Name() != "" && !slices.Contains(class.OwnFields(), f) {
			p.line("    %s = %s", own.pick(f.Name()), full)
		}
	}
}

// update writes the class of a field's values.
func (p *python) update(inner string, c dc.ClassSchema, f dc.FieldSchema, field *dc.Field) {
	p.line("\n    @dataclass\n    class %s:\n        \"\"\"%s\"\"\"\n", inner, strings.ReplaceAll(field.String(), `\`, `\\`))
	full := p.classes[c.Name] + "." + inner
	if f.Atomics != nil {
		var list []string
		own := newNames(reservedPython)
		for i, id := range f.Atomics {
			name := field.Atomics()[i].Name()
			p.line("        %s: %s", own.pick(name), quoted(p.fields[id]))
			list = append(list, "["+quoted(name)+", "+p.fields[id]+"]")
		}
		p.members.line("    %s: [%s],", full, strings.Join(list, ", "))
		return
	}
	args := f.Args
	if f.Type != nil {
		args = []dc.ParamSchema{{Name: "value", Type: f.Type}}
	}
	p.dataMembers("        ", args, nil)
	p.members.line("    %s: %s,", full, inPython.literal(args))
}

func (p *python) typ(s *dc.TypeSchema) string {
	switch s.Kind {
	case "char", "string":
		return "str"
	case "blob", "blob32":
		return "bytes"
	case "array":
		return "List[" + p.typ(s.Of) + "]"
	case "struct":
		if s.Members == nil {
			return p.structs[s.Name]
		}
		return "Dict[str, Any]"
	case "switch":
		return "Dict[str, Any]"
	case "undeclared":
		return "Any"
	case "float32", "float64":
		return "float"
	case "int64", "uint64":
		return "int"
	}
	if s.Divisor > 1 {
		return "float"
	}
	return "int"
}

func (p *python) tables() {
	p.line("\n\n# The classes of fields' values, by the numbers that messages have. The number of one is in NUMBERS.")
	p.line("FIELDS: Dict[int, Any] = {")
	for _, c := range p.schema.Classes {
		for _, f := range c.Fields {
			if strings.HasPrefix(p.fields[f.ID], p.classes[c.Name]+".") {
				p.line("    %d: %s,", f.ID, p.fields[f.ID])
			}
		}
	}
	p.line("}\nNUMBERS: Dict[Any, int] = {field: number for number, field in FIELDS.items()}")
	p.line("\n# The dclasses, by the numbers that messages have.\nCLASSES: Dict[int, Any] = {")
	for _, c := range p.schema.Classes {
		p.line("    %d: %s,", c.ID, p.classes[c.Name])
	}
	p.line("}\n\n_STRUCTS: Dict[str, Any] = {")
	for _, s := range p.schema.Structs {
		p.line("    %s: %s,", quoted(s.Name), p.structs[s.Name])
	}
	p.line("}\n\n_MEMBERS: Dict[Any, Any] = {\n%s}\n", p.members.String())
}
