package syntax

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// number reads an integer, a real number, or a lone sign or dot. The longest
// match wins, as in Panda3D's scanner: "1.5" is a real, "1e5" is the integer 1
// and then a word, "3-5" is 3 and then -5.
func (l *lexer) number() token {
	rest := l.src[l.off:]
	sign := 0
	if rest[0] == '+' || rest[0] == '-' {
		sign = 1
	}
	whole := digits(rest[sign:])
	if n := realLength(rest, sign, whole); n > 0 {
		t := token{kind: kindReal, real: Real(rest[:n])}
		l.off += n
		return t
	}
	switch {
	case whole == 0:
		l.off++
		return token{kind: kind(rest[0])}
	case sign == 1:
		return l.signed(rest, whole)
	case whole == 1 && rest[0] == '0' && len(rest) > 1 && rest[1] == 'x':
		return l.hexNumber(rest)
	}
	u := l.fitting(decimal(rest[:whole]))
	l.off += whole
	return token{kind: kindUint, u: u}
}

// realLength is the length of the real number that rest starts with, or zero.
func realLength(rest string, sign, whole int) int {
	n := sign + whole
	if n >= len(rest) || rest[n] != '.' {
		return 0
	}
	fraction := digits(rest[n+1:])
	if whole == 0 && fraction == 0 {
		return 0
	}
	n += 1 + fraction
	if n < len(rest) && (rest[n] == 'e' || rest[n] == 'E') {
		e := n + 1
		if e < len(rest) && (rest[e] == '+' || rest[e] == '-') {
			e++
		}
		if d := digits(rest[e:]); d > 0 {
			n = e + d
		}
	}
	return n
}

// digits counts the decimal digits that s starts with.
func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// fitting returns a number, or 1 and reports it if it does not fit.
func (l *lexer) fitting(u uint64, ok bool) uint64 {
	if ok {
		return u
	}
	if !l.anySize {
		l.errs.add(l.off, "this number does not fit into 64 bits")
	}
	return 1
}

// decimal reads an unsigned number as Panda3D does: it looks for an overflow
// only by comparing the tenfold value with the one before, which misses some.
func decimal(s string) (u uint64, ok bool) {
	for i := range len(s) {
		tenfold := u * 10
		if tenfold < u {
			return 0, false
		}
		u = tenfold + uint64(s[i]-'0')
	}
	return u, true
}

// signed reads a number with a sign. The least number of 64 bits is not among
// those that Panda3D takes.
func (l *lexer) signed(rest string, whole int) token {
	u, ok := decimal(rest[1 : 1+whole])
	i := int64(l.fitting(u, ok && int64(u) >= 0))
	if rest[0] == '-' {
		i = -i
	}
	l.off += 1 + whole
	return token{kind: kindInt, i: i}
}

func (l *lexer) hexNumber(rest string) token {
	n, u, ok := 2, uint64(0), true
	for ; n < len(rest); n++ {
		d, isHex := hexDigit(rest[n])
		if !isHex {
			break
		}
		ok = ok && u*16 >= u
		u = u*16 + uint64(d)
	}
	u = l.fitting(u, ok)
	l.off += n
	return token{kind: kindUint, u: u}
}

// Real reads a real number as Panda3D does, digit by digit: the result differs
// from the nearest double in the last bits now and then ("0.3" gives
// 0.30000000000000004), and clients have those bits in their defaults.
func Real(s string) float64 {
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimLeft(s, "+-")
	value, i := 0.0, 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		value = float64(value*10) + float64(s[i]-'0')
	}
	if i < len(s) && s[i] == '.' {
		step := 0.1
		for i++; i < len(s) && isDigit(s[i]); i++ {
			value += float64(float64(s[i]-'0') * step)
			step *= 0.1
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		exponent := s[i+1:]
		power, _ := strconv.ParseFloat("1e"+strings.TrimLeft(exponent, "+-"), 64)
		if strings.HasPrefix(exponent, "-") {
			value /= power
		} else {
			value *= power
		}
	}
	if negative {
		return -value
	}
	return value
}

// quoted reads a string in either kind of quotation marks.
func (l *lexer) quoted(mark byte) token {
	start := l.off
	var b strings.Builder
	for l.off++; l.off < len(l.src); {
		c := l.src[l.off]
		l.off++
		switch c {
		case mark:
			return token{kind: kindString, str: b.String()}
		case '\n':
			l.off--
			l.errs.add(start, "this string is not closed on its line")
			return token{kind: kindString, str: b.String()}
		case '\\':
			l.escape(&b)
		default:
			b.WriteByte(c)
		}
	}
	l.errs.add(start, "this string is never closed")
	return token{kind: kindString, str: b.String()}
}

// escape reads what follows a backslash. The numeric forms are Panda3D's, with
// its peculiarities: \0 takes up to three digits from 0 to 6, \1 to \9 drop
// their first digit and take up to three decimal ones after it.
func (l *lexer) escape(b *strings.Builder) {
	if l.off >= len(l.src) {
		return
	}
	c := l.src[l.off]
	l.off++
	switch {
	case c == 'a':
		b.WriteByte('\a')
	case c == 'n':
		b.WriteByte('\n')
	case c == 'r':
		b.WriteByte('\r')
	case c == 't':
		b.WriteByte('\t')
	case c == 'x':
		b.WriteByte(l.escaped(2, 16, func(c byte) bool { _, ok := hexDigit(c); return ok }))
	case c == '0':
		b.WriteByte(l.escaped(3, 8, func(c byte) bool { return c >= '0' && c < '7' }))
	case isDigit(c):
		// The first digit only chooses the form.
		b.WriteByte(l.escaped(3, 10, isDigit))
	default:
		b.WriteByte(c)
	}
}

func (l *lexer) escaped(most, base int, valid func(byte) bool) byte {
	value := 0
	for n := 0; n < most && l.off < len(l.src) && valid(l.src[l.off]); n++ {
		d, _ := hexDigit(l.src[l.off])
		value = value*base + d
		l.off++
	}
	return byte(value)
}

// hex reads <0a0b>: bytes in hexadecimal, with nothing else between the brackets.
func (l *lexer) hex() token {
	start := l.off
	digits := l.src[start+1:]
	digits = digits[:len(digits)-len(strings.TrimLeft(digits, "0123456789abcdefABCDEF"))]
	l.off += 1 + len(digits)
	b, err := hex.DecodeString(digits)
	switch {
	case l.off == len(l.src):
		l.errs.add(start, "this hex literal is never closed: '>' is missing")
		return token{kind: kindHex}
	case l.src[l.off] != '>':
		l.errs.add(l.off, "only hexadecimal digits may stand between '<' and '>'")
		l.off = len(l.src) - len(strings.TrimLeftFunc(l.src[l.off:], func(r rune) bool { return r != '>' && r != '\n' }))
	case err != nil:
		l.errs.add(start, "a hex literal needs two digits for each byte")
	}
	if strings.HasPrefix(l.src[l.off:], ">") {
		l.off++
	}
	return token{kind: kindHex, str: string(b)}
}
