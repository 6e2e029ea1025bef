package dc

import (
	"math"

	"natstron/dc/internal/syntax"
)

// valueRange reads the range of a type's values.
func (c *compiler) valueRange(items []syntax.RangeItem) limits[float64] {
	return readRange(c, items, "range", number, func(l syntax.Literal) (float64, bool) { return -number(l), true })
}

// sizes reads the range of an array's size.
func (c *compiler) sizes(items []syntax.RangeItem) limits[uint64] {
	size := func(l syntax.Literal) uint64 {
		n, _ := c.smallUint(l)
		return uint64(n)
	}
	return readRange(c, items, "size", size, func(l syntax.Literal) (uint64, bool) {
		n := -l.Int
		if n > math.MaxUint32 {
			c.fail(l.Span, "this number does not fit into 32 bits")
			return 0, false
		}
		return uint64(max(n, 0)), true
	})
}

// readRange reads a range. For "1-5" the scanner may find the numbers 1 and -5:
// negated turns the latter into the end of a span, and is not positive for any
// other number.
func readRange[N int64 | uint64 | float64](c *compiler, items []syntax.RangeItem, what string, of func(syntax.Literal) N, negated func(syntax.Literal) (N, bool)) limits[N] {
	var l limits[N]
	bound := func(l syntax.Literal) N {
		if l.Kind == syntax.StringLiteral { // a character stands for its code
			return N(c.character(l))
		}
		return of(l)
	}
	for _, item := range items {
		low := bound(item.Low)
		high := low
		switch item.Form {
		case syntax.Dashed:
			high = bound(item.High)
		case syntax.Adjacent:
			n, ok := negated(item.High)
			if ok && n <= 0 {
				c.fail(item.High.Span, "expected '-' or ',' between the numbers of a range")
			}
			if !ok || n <= 0 {
				continue
			}
			high = n
		}
		if !l.add(low, high) {
			c.fail(item.Low.Span, "this part of the %s is reversed, or overlaps with one before", what)
		}
	}
	return l
}

func (c *compiler) character(l syntax.Literal) byte {
	if len(l.Bytes) != 1 {
		c.fail(l.Span, "expected a single character")
		return 0
	}
	return l.Bytes[0]
}

// smallUint is a whole number of 32 bits.
func (c *compiler) smallUint(l syntax.Literal) (uint32, bool) {
	if l.Uint > math.MaxUint32 {
		c.fail(l.Span, "this number does not fit into 32 bits")
		return 1, false
	}
	return uint32(l.Uint), true
}

// number is the literal as a real number.
func number(l syntax.Literal) float64 {
	switch l.Kind {
	case syntax.UintLiteral:
		return float64(l.Uint)
	case syntax.IntLiteral:
		return float64(l.Int)
	}
	return l.Real
}
