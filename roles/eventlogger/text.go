package eventlogger

import (
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendText appends text as a JSON string, on one line, that is safe to show on
// a terminal: what cannot be printed is escaped. Bytes that are no UTF-8 become
// the characters U+0080 to U+00FF of the same number.
func appendText(dst, text []byte) []byte {
	dst = append(dst, '"')
	plain := 0 // where the stretch that needs no escaping begins
	for i := 0; i < len(text); {
		c := text[i]
		if c >= 0x20 && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if r >= 0xa0 && (r != utf8.RuneError || size > 1) && strconv.IsPrint(r) {
			i += size
			continue
		}
		dst = append(dst, text[plain:i]...)
		if r == utf8.RuneError && size == 1 {
			r = rune(c)
		}
		dst = appendEscape(dst, r)
		i += size
		plain = i
	}
	dst = append(dst, text[plain:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	}
	if r > 0xffff { // as two surrogates
		r -= 0x10000
		return appendUnit(appendUnit(dst, 0xd800+r>>10), 0xdc00+r&0x3ff)
	}
	return appendUnit(dst, r)
}

func appendUnit(dst []byte, u rune) []byte {
	return append(dst, '\\', 'u', hexDigits[u>>12&15], hexDigits[u>>8&15], hexDigits[u>>4&15], hexDigits[u&15])
}
