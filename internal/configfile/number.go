package configfile

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// parseNumber reads a whole number from 0 to most, decimal or, with 0x before it,
// hexadecimal. A leading zero is refused: the reference reads such a number as
// octal, and nobody else does.
func parseNumber(text string, most uint64) (uint64, *wrong) {
	digits, base := text, 10
	if strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X") {
		digits, base = text[2:], 16
	}
	const fix = "write a whole number, such as 402000 or 0x62250"
	switch {
	case len(digits) > 1 && digits[0] == '0' && base == 10:
		return 0, &wrong{show(text) + " starts with 0, which some read as octal", "leave the leading zeros out"}
	case len(digits) > 1 && digits[0] == '-' && allDigits(digits[1:]):
		return 0, &wrong{show(text) + " is negative", fmt.Sprintf("write a number from 0 to %d", most)}
	case strings.Contains(digits, "_") && allDigits(strings.ReplaceAll(digits, "_", "")):
		return 0, &wrong{show(text) + " has underscores", "leave them out"}
	case digits == "" || digits[0] == '+':
		return 0, &wrong{show(text) + " is not a whole number", fix}
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil && !strings.Contains(err.Error(), strconv.ErrRange.Error()) {
		return 0, &wrong{show(text) + " is not a whole number", fix}
	}
	if err != nil || n > most {
		return 0, &wrong{show(text) + " is too large", fmt.Sprintf("write a number up to %d", most)}
	}
	return n, nil
}

func allDigits(text string) bool {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return text != ""
}

// times multiplies, and reports whether the product fits in an int64.
func times(a, b uint64) (uint64, bool) {
	hi, lo := bits.Mul64(a, b)
	return lo, hi == 0 && lo <= math.MaxInt64
}

// leadingDigits splits a number off the front of a text such as 64MiB or 1d12h.
func leadingDigits(text string) (digits, rest string) {
	i := 0
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		i++
	}
	return text[:i], text[i:]
}
