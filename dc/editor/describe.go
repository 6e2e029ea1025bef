package editor

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"natstron/dc"
)

// describeType says how values of a type are packed, and which are allowed.
func describeType(t *dc.Type) string {
	var lines []string
	size := t.Size()
	switch {
	case t.Kind() == dc.Undeclared:
		return "No DC file of this project declares this type: nothing can be packed for it."
	case size >= 0:
		lines = append(lines, "Packed: "+plural(size, "byte")+".")
	case typeTexts[t.Kind().String()] != "":
		lines = append(lines, "Packed: "+typeTexts[t.Kind().String()]+".")
	case t.Kind() == dc.Array:
		lines = append(lines, "Packed: a length of 2 bytes, then the elements.")
	default:
		lines = append(lines, "Packed: as many bytes as its parts have, one after the other.")
	}
	if values := valuesOf(t); values != "" {
		lines = append(lines, values)
	}
	return strings.Join(lines, " ")
}

// valuesOf says which values a type allows; empty if there is nothing to say.
func valuesOf(t *dc.Type) string {
	allowed := t.Range()
	switch k := t.Kind(); {
	case k == dc.Array && allowed != "":
		return "Elements: " + allowed + "."
	case (k == dc.String || k == dc.Blob || k == dc.Blob32) && allowed != "":
		return "Bytes: " + allowed + "."
	case k >= dc.Int8 && k <= dc.Float64:
		if allowed == "" {
			allowed = numbers(k, t.Divisor())
		}
		s := "Values: " + allowed + "."
		if d := t.Divisor(); d > 1 {
			s += fmt.Sprintf(" Packed as %d times the value, a whole number.", d)
			if k == dc.Float32 || k == dc.Float64 {
				s = strings.Replace(s, ", a whole number", "", 1)
			}
		}
		return s
	case k == dc.Char && allowed != "":
		return "Values: " + allowed + "."
	}
	return ""
}

// numbers are all that a kind of number can hold.
func numbers(k dc.Kind, divisor uint32) string {
	bits := 8 << ((k - dc.Int8) % 4)
	low, high := "0", strconv.FormatUint(math.MaxUint64>>(64-bits), 10)
	switch {
	case k == dc.Float32 || k == dc.Float64:
		return "all numbers"
	case k <= dc.Int64:
		low, high = strconv.FormatInt(-1<<(bits-1), 10), strconv.FormatInt(1<<(bits-1)-1, 10)
	}
	return divided(low, divisor) + " to " + divided(high, divisor)
}

func divided(n string, divisor uint32) string {
	f, err := strconv.ParseFloat(n, 64)
	if err != nil || divisor < 2 {
		return n
	}
	return strconv.FormatFloat(f/float64(divisor), 'f', -1, 64)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
