package dc

import "math"

// Kind is the kind of a [Type].
type Kind uint8

// The kinds of types. Undeclared is the kind of a type that no file declares:
// nothing can be packed or read for it.
const (
	Undeclared Kind = iota
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Float32
	Float64
	Char
	String
	Blob
	Blob32
	Int8Array
	Int16Array
	Int32Array
	Uint8Array
	Uint16Array
	Uint32Array
	Uint32Uint8Array
	Array
	Struct
	Switch
	Method
	Molecular
)

// kindInfo describes the kinds that have a word of their own.
type kindInfo struct {
	name string
	hash int32 // the number that enters the legacy hash
	size int   // bytes of a value, or of an element of an array
	elem Kind  // of the old arrays, and of what is packed like them
}

// undeclaredHash stands in the hash for every undeclared type; float32 too,
// which Panda3D does not know.
const undeclaredHash = 20

var kinds = [...]kindInfo{
	Undeclared: {name: "undeclared", hash: undeclaredHash},
	Int8:       {name: "int8", hash: 0, size: 1},
	Int16:      {name: "int16", hash: 1, size: 2},
	Int32:      {name: "int32", hash: 2, size: 4},
	Int64:      {name: "int64", hash: 3, size: 8},
	Uint8:      {name: "uint8", hash: 4, size: 1},
	Uint16:     {name: "uint16", hash: 5, size: 2},
	Uint32:     {name: "uint32", hash: 6, size: 4},
	Uint64:     {name: "uint64", hash: 7, size: 8},
	Float32:    {name: "float32", hash: undeclaredHash, size: 4},
	Float64:    {name: "float64", hash: 8, size: 8},
	Char:       {name: "char", hash: 19, size: 1},
	String:     {name: "string", hash: 9, size: 1, elem: Char},
	Blob:       {name: "blob", hash: 10, size: 1, elem: Uint8},
	Blob32:     {name: "blob32", hash: 11, size: 1, elem: Uint8},

	Int16Array:       {name: "int16array", hash: 12, size: 2, elem: Int16},
	Int32Array:       {name: "int32array", hash: 13, size: 4, elem: Int32},
	Uint16Array:      {name: "uint16array", hash: 14, size: 2, elem: Uint16},
	Uint32Array:      {name: "uint32array", hash: 15, size: 4, elem: Uint32},
	Int8Array:        {name: "int8array", hash: 16, size: 1, elem: Int8},
	Uint8Array:       {name: "uint8array", hash: 17, size: 1, elem: Uint8},
	Uint32Uint8Array: {name: "uint32uint8array", hash: 18, size: 5, elem: Struct},

	Array: {name: "array"}, Struct: {name: "struct"}, Switch: {name: "switch"},
	Method: {name: "method"}, Molecular: {name: "molecular"},
}

// String is the word for the kind, as a DC file has it where it has one.
func (k Kind) String() string { return kinds[k].name }

// Type is the layout of a value and the values that are allowed. It does not change
// after its file has been parsed.
type Type struct {
	kind    Kind
	typedef string // the name by which the type was referred to, if by name

	// Layout.
	lenBytes      int  // bytes of the length that comes first: 0, 2 or 4
	size          int  // bytes of every value, the length included; -1 where it varies
	checked       bool // whether a value can be wrong without being too short
	depth         int
	parts         int  // how many types there are in it, with itself
	hasUndeclared bool // something in it is not declared
	text          bool // there is, or may be, a string or a char in it
	// The size in Panda3D's view, and whether it is fixed in that view. Panda3D is
	// wrong for some arrays of arrays, and chooses their layout by it.
	believed believedSize

	// Of numbers. The limits are of the packed values, so scaled by the divisor.
	divisor uint32
	modulus modulus
	ints    limits[int64]
	uints   limits[uint64] // also the lengths of strings and blobs
	floats  limits[float64]
	written limits[float64] // as written, before the divisor

	elem    *Param         // of arrays, old and new
	count   limits[uint64] // of arrays: how many elements
	fixed   int            // of arrays: their only count, or -1
	members []*Param       // of structs, methods and molecular fields
	class   *Class         // of structs
	sw      *switchType
}

type believedSize struct {
	fixed bool
	bytes int64
}

// modulus keeps a number in [0, m) when it is packed from text.
type modulus struct {
	set     bool
	written float64
	scaled  float64
	whole   uint64
}

// Kind is the kind of the type.
func (t *Type) Kind() Kind { return t.kind }

// Typedef is the name by which the file refers to the type; empty if it is built in
// or written out.
func (t *Type) Typedef() string { return t.typedef }

// Size is the number of bytes of every value, or -1 if it varies.
func (t *Type) Size() int { return t.size }

// Divisor is what a packed number is divided by; 1 if it is not divided.
func (t *Type) Divisor() uint32 { return t.divisor }

// Elem is the type of the elements of an array, old or new; nil for other types.
func (t *Type) Elem() *Type {
	if t.elem == nil || t.kind == String || t.kind == Blob || t.kind == Blob32 {
		return nil
	}
	return t.elem.typ
}

// Params are the members of a struct or a method, in the order in which they are
// packed. The members of a switch depend on the value and are not among them.
func (t *Type) Params() []*Param { return t.members }

// basicType is a fresh built-in type.
func basicType(k Kind) *Type {
	t := &Type{kind: k, divisor: 1, fixed: -1}
	if k >= String {
		t.elem = elements[kinds[k].elem]
	}
	t.layOut()
	return t
}

// elements are the elements of strings, blobs and the old arrays. They do not have the
// divisor or range of the whole.
var elements = func() map[Kind]*Param {
	m := make(map[Kind]*Param)
	for _, k := range []Kind{Int8, Int16, Int32, Uint8, Uint16, Uint32, Char} {
		t := &Type{kind: k, divisor: 1, fixed: -1}
		t.layOut()
		m[k] = &Param{typ: t, id: -1}
	}
	pair := &Type{kind: Struct, divisor: 1, fixed: -1, members: []*Param{
		{typ: m[Uint32].typ, id: -1}, {typ: m[Uint8].typ, id: -1},
	}}
	nameKeys(pair.members)
	pair.layOut()
	m[Struct] = &Param{typ: pair, id: -1}
	return m
}()

// number reports whether the kind is a single number.
func (k Kind) number() bool { return k >= Int8 && k <= Float64 }

// numeric reports whether Panda3D lets the kind have a divisor and a modulus.
func (t *Type) numeric() bool {
	return t.kind >= Int8 && t.kind <= Float64 || t.kind >= Int8Array && t.kind <= Uint32Uint8Array
}

// textual reports whether the value is text or a blob.
func (k Kind) textual() bool { return k >= String && k <= Blob32 }

// layOut computes lengths and sizes, after everything else is set.
func (t *Type) layOut() {
	t.depth, t.parts, t.hasUndeclared = 0, 1, t.kind == Undeclared
	t.text = t.kind == Char || t.kind == String
	switch k := t.kind; {
	case k == Undeclared:
		t.size = -1
	case k.number() || k == Char:
		t.size = kinds[k].size
		t.believed = believedSize{true, int64(t.size)}
		t.checked = len(t.ints)+len(t.uints)+len(t.floats) > 0
	case k.textual():
		t.layOutText()
	case k <= Uint32Uint8Array:
		t.lenBytes, t.size = 2, -1
		t.checked = kinds[k].size > 1
	case k == Array:
		t.layOutArray()
	case k == Switch:
		t.sw.layOut(t)
	default:
		t.layOutMembers()
	}
}

func (t *Type) layOutText() {
	t.checked = len(t.uints) > 0
	n, only := t.uints.one()
	if only && n <= math.MaxUint32 {
		t.lenBytes, t.size = 0, int(n)
		t.checked = false
		t.believed = believedSize{true, int64(n)}
		return
	}
	t.lenBytes, t.size = 2, -1
	t.believed = believedSize{}
	if t.kind == Blob32 {
		t.lenBytes = 4
	}
}

// layOutArray needs lenBytes, believed and fixed to be set already.
func (t *Type) layOutArray() {
	e := t.elem.typ
	t.include(e)
	t.size = -1
	t.checked = true
	switch {
	case t.lenBytes == 0 && e.size >= 0:
		t.size = multiply(t.fixed, e.size)
		t.checked = e.checked
	case t.lenBytes == 2 && e.size == 1 && !e.checked && len(t.count) == 0:
		t.checked = false
	}
}

func (t *Type) layOutMembers() {
	t.believed = believedSize{fixed: true}
	for _, m := range t.members {
		b := m.typ.believed
		t.believed.fixed = t.believed.fixed && b.fixed
		t.believed.bytes += b.bytes
		t.include(m.typ)
		t.checked = t.checked || m.typ.checked
		t.size = addSizes(t.size, m.typ.size)
	}
}

// include counts a type within the type.
func (t *Type) include(part *Type) {
	t.depth = max(t.depth, part.depth+1)
	t.parts = addSizes(t.parts, part.parts)
	t.hasUndeclared = t.hasUndeclared || part.hasUndeclared
	t.text = t.text || part.text
}

// addSizes adds two sizes; -1 is one that varies.
func addSizes(a, b int) int {
	if a < 0 || b < 0 {
		return -1
	}
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

// multiply is n*size, at most the largest int.
func multiply(n, size int) int {
	if size > 0 && n > math.MaxInt/size {
		return math.MaxInt
	}
	return n * size
}
