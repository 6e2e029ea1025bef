package syntax

// kind says what a token is. Punctuation is its own character; everything else
// starts behind the bytes.
type kind uint16

const (
	kindNone kind = iota + 256 // what peek answers while the parser is lost
	kindEOF
	kindIdent
	kindUint   // 12, 0x0c
	kindInt    // +12, -12
	kindReal   // 1.5, -.5, 1.e3
	kindString // "…" or '…'
	kindHex    // <0a0b>
	kindType   // a built-in type; token.basic says which
	kindDclass
	kindStruct
	kindFrom
	kindImport
	kindKeyword
	kindTypedef
	kindSwitch
	kindCase
	kindDefault
	kindBreak
)

// token is one word of a DC file. Only the value that belongs to its kind is set.
type token struct {
	kind  kind
	basic Basic
	pos   int // offset of its first byte
	end   int // offset behind its last byte
	text  string
	str   string // the bytes of a string or hex literal
	u     uint64
	i     int64
	real  float64
}

// Basic is a type that the language has a word for.
type Basic uint8

// The built-in types.
const (
	NoBasic Basic = iota
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
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
)

var basicNames = [...]string{
	NoBasic: "", Int8: "int8", Int16: "int16", Int32: "int32", Int64: "int64",
	Uint8: "uint8", Uint16: "uint16", Uint32: "uint32", Uint64: "uint64",
	Float64: "float64", Char: "char", String: "string", Blob: "blob", Blob32: "blob32",
	Int8Array: "int8array", Int16Array: "int16array", Int32Array: "int32array",
	Uint8Array: "uint8array", Uint16Array: "uint16array", Uint32Array: "uint32array",
	Uint32Uint8Array: "uint32uint8array",
}

// String is the type's word.
func (b Basic) String() string { return basicNames[b] }

// reserved are the words that are never identifiers. Declared keywords are not
// among them: see [Parser].
var reserved = func() map[string]token {
	words := map[string]token{
		"dclass": {kind: kindDclass}, "struct": {kind: kindStruct}, "from": {kind: kindFrom},
		"import": {kind: kindImport}, "keyword": {kind: kindKeyword}, "typedef": {kind: kindTypedef},
		"switch": {kind: kindSwitch}, "case": {kind: kindCase}, "default": {kind: kindDefault},
		"break": {kind: kindBreak},
	}
	for b := Int8; int(b) < len(basicNames); b++ {
		words[basicNames[b]] = token{kind: kindType, basic: b}
	}
	return words
}()

// describe names the token in an error message.
func (t token) describe() string {
	switch t.kind {
	case kindEOF:
		return "the end of the file"
	case kindString:
		return "a string"
	case kindHex:
		return "a hex literal"
	}
	const longest = 40
	if len(t.text) > longest {
		return "'" + t.text[:longest] + "…'"
	}
	return "'" + t.text + "'"
}
