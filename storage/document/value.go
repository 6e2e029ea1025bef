package document

import (
	"bytes"
	"math"
	"slices"
)

// Value is one of int32, int64, float64, string, []byte, [Document], [Array],
// [Scaled], [Text] and [Other]. A string may hold any bytes.
type Value any

// Document is a list of named values, in the order in which they are stored.
type Document []Element

// Element is a part of a [Document].
type Element struct {
	Name  string
	Value Value
}

// Array is a list of values.
type Array []Value

// Scaled is a number of a database that some other software wrote, which keeps
// fixed-point values divided: 1.5 where ours keep 15.
type Scaled float64

// Text is the text of a value in a YAML database that the DC file cannot read.
// It is kept as it is.
type Text string

// Other is a value of a BSON type that no DC value is written as: its type and
// its bytes. It is kept as it is.
type Other struct {
	Type byte
	Data string
}

// The types of [Other] that JSON has a word for.
const (
	typeBool = 0x08
	typeNull = 0x0a
)

// Get returns the value of that name.
func (d Document) Get(name string) (Value, bool) {
	for _, e := range d {
		if e.Name == name {
			return e.Value, true
		}
	}
	return nil, false
}

// With returns a document that has the value under that name: in its place if
// the name is there, else behind the others. It changes nothing of d.
func (d Document) With(name string, v Value) Document {
	out := make(Document, len(d), len(d)+1)
	copy(out, d)
	for i := range out {
		if out[i].Name == name {
			out[i].Value = v
			return out
		}
	}
	return append(out, Element{name, v})
}

// Without returns a document that lacks the name. It changes nothing of d.
func (d Document) Without(name string) Document {
	return slices.DeleteFunc(slices.Clone(d), func(e Element) bool { return e.Name == name })
}

// Equal reports whether two values are the same for a database, as MongoDB sees it:
// numbers count by what they are and not by their type, so 1 is 1.0, 0.0 is -0.0
// and any NaN is any NaN; documents have the same names in the same order.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case Document:
		b, ok := b.(Document)
		return ok && slices.EqualFunc(a, b, func(x, y Element) bool { return x.Name == y.Name && Equal(x.Value, y.Value) })
	case Array:
		b, ok := b.(Array)
		return ok && slices.EqualFunc(a, b, Equal)
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	case string, Text, Other:
		return a == b
	}
	return equalNumbers(a, b)
}

func equalNumbers(a, b Value) bool {
	x, f, isNumber := number(a)
	y, g, isToo := number(b)
	return isNumber && isToo && x == y && (f == g || math.IsNaN(f) && math.IsNaN(g))
}

// number returns a number as its whole part, where an int64 can hold that, and the rest:
// a float64 cannot hold every int64.
func number(v Value) (whole int64, rest float64, ok bool) {
	switch v := v.(type) {
	case int32:
		return int64(v), 0, true
	case int64:
		return v, 0, true
	case Scaled:
		return number(float64(v))
	case float64:
		if v >= -(1<<63) && v < 1<<63 {
			whole = int64(v)
			return whole, v - math.Trunc(v), true
		}
		return 0, v, true
	}
	return 0, 0, false
}
