package syntax

import "slices"

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
	kindType   // a built-in type; token.text says which
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
	kind kind
	pos  int // offset of its first byte
	end  int // offset behind its last byte
	text string
	str  string // the bytes of a string or hex literal
	u    uint64
	i    int64
	real float64
}

// basics are the words for the built-in types.
var basics = [...]string{
	"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float64", "char", "string", "blob", "blob32",
	"int8array", "int16array", "int32array", "uint8array", "uint16array", "uint32array", "uint32uint8array",
}

// Basics are the words for the built-in types.
func Basics() []string { return slices.Clone(basics[:]) }

// Reserved are the other words that are never identifiers.
func Reserved() []string {
	var words []string
	for word, t := range reserved {
		if t.kind != kindType {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return words
}

// reserved are the words that are never identifiers. Declared keywords are not
// among them: see [Parser].
var reserved = func() map[string]token {
	words := map[string]token{
		"dclass": {kind: kindDclass}, "struct": {kind: kindStruct}, "from": {kind: kindFrom},
		"import": {kind: kindImport}, "keyword": {kind: kindKeyword}, "typedef": {kind: kindTypedef},
		"switch": {kind: kindSwitch}, "case": {kind: kindCase}, "default": {kind: kindDefault},
		"break": {kind: kindBreak},
	}
	for _, word := range basics {
		words[word] = token{kind: kindType}
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
