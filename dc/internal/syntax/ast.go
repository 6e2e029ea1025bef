package syntax

// File is what was written in one file.
type File struct {
	Decls    []Decl
	Comments []Comment
	Errors   []Error
	// Cut is the offset of a byte that Panda3D takes for the end of the file,
	// or -1: what follows it is not read.
	Cut int
}

// Comment is a comment with its marks, as written.
type Comment struct {
	Pos  int
	Text string
}

// Span is the part of the text that a node was read from: [Pos, End).
type Span struct{ Pos, End int }

// Where returns the span itself; every node has it by embedding.
func (s Span) Where() Span { return s }

// Name is an identifier; its text is empty where none was written.
type Name struct {
	Span
	Text string
}

// Decl is a declaration at the top of a file: [Import], [Keywords], [Typedef],
// [Class] or [Switch].
type Decl interface{ Where() Span }

// Import is "import Module", or "from Module import Symbols".
type Import struct {
	Span
	Module  string
	Symbols []string // nil in the first form; "*" for a star
}

// Keywords is "keyword Names…".
type Keywords struct {
	Span
	Names []Name
}

// Typedef is "typedef Param".
type Typedef struct {
	Span
	Param *Param
}

// Class is a dclass or a struct, declared at the top or, a struct, in the place
// of a type.
type Class struct {
	Span
	Struct bool
	Name   Name
	Bases  []Name
	Body   int // offset of its '{'
	Fields []Field
	Broken bool // fields are missing here because of syntax errors
}

// Field is a member of a class: [Method], [Molecular] or [Param].
type Field interface{ Where() Span }

// Method is "Name(Params…) Keywords…", an atomic field.
type Method struct {
	Span
	Name     Name
	Params   []*Param
	Keywords []Name
}

// Molecular is "Name : Atomics…, …".
type Molecular struct {
	Span
	Name     Name
	Atomics  []Name
	Keywords []Name // none are allowed; the meaning rejects them
}

// Param is a type with a name and a default, either of which may be missing:
// an argument of a method, a field of its own, a typedef, the key of a switch.
type Param struct {
	Span
	Type     Type
	Name     Name
	Suffix   []Modifier // what follows the name: divisors, moduli, array sizes
	Default  *Value
	Keywords []Name
}

// Type is a type as written before the name: one of Basic, Named, Class and
// Switch, then array sizes.
type Type struct {
	Span
	Basic     string     // the word for a built-in type
	Modifiers []Modifier // of a Basic: ranges, divisors, moduli
	Named     Name
	Class     *Class
	Switch    *Switch
	Arrays    []Modifier
}

// ModifierKind says what a [Modifier] is.
type ModifierKind uint8

// The modifiers of a type.
const (
	Range   ModifierKind = iota // (1-5, 7)
	Divisor                     // / 10
	Modulus                     // % 360
	Array                       // [3-5]
)

// Modifier narrows, scales or repeats a type.
type Modifier struct {
	Span
	Kind   ModifierKind
	Ranges []RangeItem // of Range and Array
	Number Literal     // of Divisor and Modulus
}

// RangeItem is one part of a range.
type RangeItem struct {
	Low, High Literal
	Form      RangeForm
}

// RangeForm is how the two ends of a [RangeItem] were written.
type RangeForm uint8

// The forms of a range's part.
const (
	Single   RangeForm = iota // 5: High is not set
	Dashed                    // 1 - 5
	Adjacent                  // 1 -5, where the scanner takes "-5" for a number
)

// LiteralKind says what a [Literal] is.
type LiteralKind uint8

// The kinds of literals.
const (
	NoLiteral LiteralKind = iota
	UintLiteral
	IntLiteral
	RealLiteral
	StringLiteral
	HexLiteral
)

// Literal is a constant. Only the value that belongs to its kind is set.
type Literal struct {
	Span
	Kind   LiteralKind
	Source string // as written
	Uint   uint64
	Int    int64
	Real   float64 // as Panda3D reads it, see [Real]
	Bytes  string
}

// Value is a value: a literal, repeated or not, or a list of values.
type Value struct {
	Span
	Name    Name // of "Name = Value"
	Literal Literal
	Repeat  *Literal // of "Literal * Repeat"
	Open    byte     // the bracket that opens a list, or zero
	List    []*Value
}

// Switch is a switch, declared at the top or in the place of a type.
type Switch struct {
	Span
	Name  Name
	Key   Field // a Param or a Method
	Body  int   // offset of its '{'
	Items []SwitchItem
}

// SwitchItem is a line of a switch: "case Case:", "default:", "break;" or a field.
type SwitchItem struct {
	Span
	Case    *Value
	Default bool
	Break   bool
	Field   *Param
}
