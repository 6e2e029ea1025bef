package dc

import (
	"fmt"
	"math"
	"strings"

	"pgregory.net/rapid"
)

// drawValue makes a value that the type allows, in Go's terms.
func drawValue(t *rapid.T, typ *Type) Value {
	switch k := typ.kind; {
	case k == Struct || k == Method:
		return drawRecord(t, typ.members)
	case k == Switch:
		return drawSwitch(t, typ.sw)
	case k.textual():
		return drawText(t, typ)
	case typ.elem != nil:
		return drawList(t, typ)
	}
	return drawNumber(t, typ)
}

func drawRecord(t *rapid.T, members []*Param) Record {
	r := Record{}
	for _, m := range members {
		r = append(r, Member{m.key, drawValue(t, m.typ)})
	}
	return r
}

func drawSwitch(t *rapid.T, s *switchType) Value {
	if len(s.cases) == 0 {
		return drawRecord(t, s.other.members)
	}
	c := rapid.SampledFrom(s.cases).Draw(t, "case")
	u := unpacker{b: c.value, parts: maxParts}
	key, e := u.value(s.key.typ)
	if e != nil {
		t.Fatal(e)
	}
	return append(Record{{s.key.key, key}}, drawRecord(t, c.set.members[1:])...)
}

// drawFrom draws a number within limits, often one of their ends.
func drawFrom[N int64 | uint64 | float64](t *rapid.T, l limits[N], all *rapid.Generator[N], between func(low, high N) *rapid.Generator[N]) N {
	if len(l) == 0 {
		return all.Draw(t, "number")
	}
	one := rapid.SampledFrom(l).Draw(t, "part of the range")
	return rapid.OneOf(rapid.Just(one.low), rapid.Just(one.high), between(one.low, one.high)).Draw(t, "number")
}

func drawNumber(t *rapid.T, typ *Type) Value {
	var n uint64
	bits := typ.size * 8
	switch typ.limitKind() {
	case Int64:
		least, most := int64(-1)<<(bits-1), int64(1)<<(bits-1)-1
		if typ.modulus.set {
			least, most = 0, min(most, int64(typ.modulus.whole)-1)
		}
		n = uint64(drawFrom(t, typ.ints, rapid.Int64Range(least, most), rapid.Int64Range))
	case Uint64:
		most := ^uint64(0) >> (64 - bits)
		if typ.modulus.set {
			most = min(most, typ.modulus.whole-1)
		}
		n = drawFrom(t, typ.uints, rapid.Uint64Range(0, most), rapid.Uint64Range)
	default:
		all := rapid.Float64()
		if typ.modulus.set {
			all = rapid.Float64Range(0, math.Nextafter(typ.modulus.scaled, 0))
		}
		f := drawFrom(t, typ.floats, all, rapid.Float64Range)
		if typ.kind == Float32 {
			n = uint64(math.Float32bits(float32(f)))
		} else {
			n = math.Float64bits(f)
		}
	}
	u := unpacker{b: appendInt(nil, typ.size, n)}
	v, e := u.number(typ)
	if e != nil {
		t.Fatal(e)
	}
	return v
}

func drawText(t *rapid.T, typ *Type) Value {
	length := int(drawFrom(t, typ.uints, rapid.Uint64Range(0, 20), func(low, high uint64) *rapid.Generator[uint64] {
		return rapid.Uint64Range(low, min(high, low+20))
	}))
	b := rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.ByteRange(' ', '~')), length, length).Draw(t, "text")
	if typ.kind == String {
		return string(b)
	}
	return b
}

func drawList(t *rapid.T, typ *Type) Value {
	n := drawFrom(t, typ.count, rapid.Uint64Range(0, 4), func(low, high uint64) *rapid.Generator[uint64] {
		return rapid.Uint64Range(low, min(high, low+4))
	})
	list := []any{}
	for range n {
		list = append(list, drawValue(t, typ.elem.typ))
	}
	return list
}

// drawFile makes the text of a DC file that may mean something.
func drawFile(t *rapid.T) string {
	d := &drawer{T: t}
	for range d.upTo(5) + 1 {
		d.decl()
	}
	return d.out.String()
}

type drawer struct {
	*rapid.T
	out   strings.Builder
	types []string
	names int
	depth int
}

func (d *drawer) upTo(n int) int { return rapid.IntRange(0, n).Draw(d.T, "n") }

func (d *drawer) of(list ...string) string { return rapid.SampledFrom(list).Draw(d.T, "choice") }

func (d *drawer) name() string {
	d.names++
	return fmt.Sprintf("n%d", d.names)
}

func (d *drawer) put(format string, args ...any) { fmt.Fprintf(&d.out, format, args...) }

func (d *drawer) decl() {
	d.put("%s", d.of("", "\n", "// a comment\n", "/* one */ ", "\n/* more\n lines */\n\n"))
	switch d.upTo(5) {
	case 0:
		d.put("typedef ")
		name := d.param(true)
		d.put(";\n")
		d.types = append(d.types, name)
	case 1:
		name := d.name()
		d.put("struct %s {", name)
		d.fields(false)
		d.put("};")
		d.types = append(d.types, name)
	case 2:
		d.put("%s\n", d.of("import a.b/AI", "from a import b, c/OV", "keyword extra", "from x import *"))
	default:
		d.put("dclass %s {", d.name())
		d.fields(true)
		d.put("}\n")
	}
}

func (d *drawer) fields(class bool) {
	var methods []string
	for range d.upTo(5) {
		d.put("%s", d.of("", "", "\n", " // note\n", "/* n */"))
		switch d.upTo(4) {
		case 0:
			d.param(true)
		case 1:
			if len(methods) > 0 {
				d.put("%s : %s, %s", d.name(), d.of(methods...), d.of(methods...))
				break
			}
			fallthrough
		default:
			name := d.name()
			d.put("%s(", name)
			for i := range d.upTo(3) {
				if i > 0 {
					d.put(",")
				}
				d.param(d.upTo(2) > 0)
			}
			d.put(")")
			methods = append(methods, name)
			if class {
				d.put("%s", d.of(" ram", " ram", " ram"))
			}
		}
		d.put(";%s", d.of("", " ", "\n", "  // last\n", " /* x */\n"))
	}
}

// param writes a parameter and returns its name.
func (d *drawer) param(named bool) string {
	d.typ()
	for d.upTo(5) == 0 {
		d.put("%s", d.of("[]", "[2]", "[1-2]", "[0, 3]"))
	}
	name := ""
	if named {
		name = d.name()
		d.put(" %s", name)
		for d.upTo(7) == 0 {
			d.put("%s", d.of("[]", "[2]", "[2-3]"))
		}
	}
	if d.upTo(6) == 0 {
		d.put(" = %s", d.of("1", "0x1", "\"a\"", "{}", "[1, 2]", "{1 * 2}", "1.5", "<00>", "<0000>"))
	}
	return name
}

func (d *drawer) typ() {
	d.depth++
	defer func() { d.depth-- }()
	switch n := d.upTo(12); {
	case n < 5:
		d.put("%s", d.of("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float64"))
		d.put("%s", d.of("", "", "", " / 10", " / 3", " / 100(0-1)", "(1-5, 7)", " % 24", "(0 - 100)"))
	case n < 8:
		d.put("%s", d.of("string", "blob", "blob32", "char", "string(0-5)", "string(3)", "blob(2)", "blob32(1-2)", "char('a'-'f')", "float32"))
	case n == 8:
		d.put("%s", d.of("int8array", "uint16array", "int32array", "uint32uint8array", "uint8array"))
	case n == 9 && d.depth < 3:
		d.put("struct {")
		d.fields(false)
		d.put("}")
	case n == 10 && d.depth < 3:
		d.put("switch (uint8 %s) {", d.name())
		for i := range d.upTo(3) {
			d.put("case %d:", i)
			for range d.upTo(2) {
				d.param(true)
				d.put(";")
			}
			d.put("%s", d.of("", "break;", "break; // done\n"))
		}
		d.put("%s}", d.of("", "default: uint8 other;"))
	case len(d.types) > 0:
		d.put("%s", d.of(d.types...))
	default:
		d.put("uint8")
	}
}
