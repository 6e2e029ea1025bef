package dc

import (
	"math"

	"natstron/dc/internal/syntax"
)

// valueRange reads the range of a type's values.
func (c *compiler) valueRange(items []syntax.RangeItem) limits[float64] {
	var l limits[float64]
	for _, item := range items {
		low := c.bound(item.Low)
		high := low
		switch item.Form {
		case syntax.Dashed:
			high = c.bound(item.High)
		case syntax.Adjacent:
			high = -number(item.High)
			if high <= 0 {
				c.fail(item.High.Span, "expected '-' or ',' between the numbers of a range")
				continue
			}
		}
		if !l.add(low, high) {
			c.fail(item.Low.Span, "this part of the range is reversed, or overlaps with one before")
		}
	}
	return l
}

// sizes reads the range of an array's size.
func (c *compiler) sizes(items []syntax.RangeItem) limits[uint64] {
	var l limits[uint64]
	for _, item := range items {
		low := c.sizeBound(item.Low)
		high := low
		switch item.Form {
		case syntax.Dashed:
			high = c.sizeBound(item.High)
		case syntax.Adjacent:
			n := -item.High.Int
			if n <= 0 {
				c.fail(item.High.Span, "expected '-' or ',' between the numbers of a range")
				continue
			}
			if n > math.MaxUint32 {
				c.fail(item.High.Span, "this number does not fit into 32 bits")
				continue
			}
			high = uint64(n)
		}
		if !l.add(low, high) {
			c.fail(item.Low.Span, "this part of the size is reversed, or overlaps with one before")
		}
	}
	return l
}

// bound is the end of a range: a number, or a character for its code.
func (c *compiler) bound(l syntax.Literal) float64 {
	if l.Kind == syntax.StringLiteral {
		return float64(c.character(l))
	}
	return number(l)
}

// sizeBound is the end of an array's range.
func (c *compiler) sizeBound(l syntax.Literal) uint64 {
	if l.Kind == syntax.StringLiteral {
		return uint64(c.character(l))
	}
	n, _ := c.smallUint(l)
	return uint64(n)
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
