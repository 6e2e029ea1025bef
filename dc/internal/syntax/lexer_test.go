package syntax

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// lexAll shows the tokens of a text, divided by blanks.
func lexAll(text string) (string, []Error) {
	var errs errorList
	l := &lexer{src: text, errs: &errs, cut: -1}
	var b strings.Builder
	for {
		t := l.next()
		if t.kind == kindEOF {
			return strings.TrimSpace(b.String()), errs.list
		}
		switch t.kind {
		case kindUint:
			fmt.Fprintf(&b, "u%d", t.u)
		case kindInt:
			fmt.Fprintf(&b, "i%d", t.i)
		case kindReal:
			fmt.Fprintf(&b, "r%v", t.real)
		case kindString:
			fmt.Fprintf(&b, "%q", t.str)
		case kindHex:
			fmt.Fprintf(&b, "<%x>", t.str)
		default:
			b.WriteString(t.text)
		}
		b.WriteByte(' ')
	}
}

func TestLexer(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"dclass A_1 { };", "dclass A_1 { } ;"},
		{"int8array int8x int8", "int8array int8x int8"},
		{"12 017 0x1F 0x", "u12 u17 u31 u0"},
		{"0X1F", "u0 X1F"},
		{"+12 -12 -0 - 5", "i12 i-12 i0 - u5"},
		{"3-5 3 -5 3- 5", "u3 i-5 u3 i-5 u3 - u5"},
		{"1.5 .5 5. -.5 +1.e2 1.5E-1 1e5 1.e", "r1.5 r0.5 r5 r-0.5 r100 r0.15 u1 e5 r1 e"},
		{"1.5.5 a.b . .", "r1.5 r0.5 a . b . ."},
		{"18446744073709551615 9223372036854775807", "u18446744073709551615 u9223372036854775807"},
		{"-9223372036854775807", "i-9223372036854775807"},
		{"28446744073709551616", "u10000000000000000000"}, // Panda3D misses this overflow
		{`"a" 'b' "it's" 'say "x"'`, `"a" "b" "it's" "say \"x\""`},
		{`"\n\r\t\a\\\"\q"`, `"\n\r\t\a\\\"q"`},
		{`"\x41\x4g\xg"`, `"A\x04g\x00g"`},
		{`"\012\0777\07" "\165\19\9"`, `"\n\x00777\x007" "A\t\x00"`},
		{"\"a\\\nb\"", `"a\nb"`},
		{"<> <0aFF>", "<> <0aff>"},
		{"a // b\nc /* d */ e /* f\n* / */ g", "a c e g"},
		{"a\x80b", "a"},
		{"a\x00b", "a"},
	}
	for _, test := range tests {
		got, errs := lexAll(test.text)
		if got != test.want || len(errs) > 0 {
			t.Errorf("%q: got %s, want %s, errors %v", test.text, got, test.want, errs)
		}
	}
}

func TestLexerErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"99999999999999999999", "64 bits"},
		{"-9223372036854775808", "64 bits"},
		{"+9223372036854775808", "64 bits"},
		{"0xfffffffffffffffff", "64 bits"},
		{`"abc`, "never closed"},
		{"'abc\n'", "not closed on its line"},
		{`"abc\`, "never closed"},
		{"/* abc", "never closed"},
		{"/*/", "never closed"},
		{"<0", "never closed"},
		{"<0>", "two digits"},
		{"<0x>", "hexadecimal digits"},
	}
	for _, test := range tests {
		_, errs := lexAll(test.text)
		if len(errs) == 0 || !strings.Contains(errs[0].Msg, test.want) {
			t.Errorf("%q: errors %v, want one with %q", test.text, errs, test.want)
		}
	}
}

// TestReal has the bits that Panda3D's own conversion gives, which are not
// always those of the nearest double.
func TestReal(t *testing.T) {
	tests := []struct {
		text string
		bits uint64
	}{
		{"0.3", 0x3fd3333333333334},
		{"0.1234567", 0x3fbf9adbb8f8da73},
		{"1.e5", 0x40f86a0000000000},
		{"-3.5e2", 0xc075e00000000000},
		{"1.e999", math.Float64bits(math.Inf(1))},
		{"1.e-999", 0},
	}
	for _, test := range tests {
		if got := math.Float64bits(Real(test.text)); got != test.bits {
			t.Errorf("%s: got %016x, want %016x", test.text, got, test.bits)
		}
	}
}
