package dc

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"natstron/dc/internal/syntax"
)

// TextStyle says how [Field.Text] writes a value.
type TextStyle struct {
	Notation Notation
	Names    bool // write "name = " before values that have a name
	UTF8     bool // write letters beyond ASCII as they are, not as bytes
}

// Text writes exactly one packed value of the field as a DC file would write it as a
// default: "(x = 1.5, y = 0)". With names and scaled numbers it is the form of
// Panda3D's DCField::format_data, except that real numbers have all their digits.
// Without names and with raw numbers it is the form of Astron's YAML databases.
// [Field.ParseText] returns the same bytes. The error is a [*ValueError].
//
// In this form a blob begins with its packed length: <02000a0b> holds two bytes.
func (f *Field) Text(packed []byte, style TextStyle) (string, error) {
	v, err := f.Unpack(packed)
	if err != nil {
		return "", err
	}
	w := textWriter{style: style}
	if f.IsMolecular() {
		// All methods' arguments in one list.
		var r Record
		for _, a := range v.(Record) {
			r = append(r, a.Value.(Record)...)
		}
		v = r
	}
	w.param(&f.Param, v)
	return string(w.buf), nil
}

// Text writes a value of the type, as [Field.Unpack] has it, as [Field.Text] does.
func (t *Type) Text(v Value, style TextStyle) string {
	w := textWriter{style: style}
	w.value(t, v)
	return string(w.buf)
}

type textWriter struct {
	buf   []byte
	style TextStyle
}

func (w *textWriter) param(p *Param, v Value) {
	if w.style.Names && p.name != "" && p.typ.kind != Method && p.typ.kind != Molecular {
		w.buf = append(append(w.buf, p.name...), " = "...)
	}
	w.value(p.typ, v)
}

func (w *textWriter) value(t *Type, v Value) {
	switch v := v.(type) {
	case Record:
		w.record(t, v)
	case []any:
		w.list(t, v)
	case string:
		mark := byte('"')
		if t.kind == Char && !w.style.Names {
			mark = '\'' // Panda3D takes both, Astron wants this one
		}
		w.buf = w.quoted(mark, v)
	case []byte:
		packed := append(appendInt(nil, t.lenBytes, uint64(len(v))), v...)
		w.buf = append(hex.AppendEncode(append(w.buf, '<'), packed), '>')
	default:
		w.number(t, numberBits(v))
	}
}

func (w *textWriter) record(t *Type, r Record) {
	open, closing, members := byte('('), byte(')'), t.members
	switch t.kind {
	case Struct:
		open, closing = '{', '}'
	case Switch:
		members = t.sw.membersOf(r)
	}
	w.buf = append(w.buf, open)
	for i, m := range r {
		w.comma(i)
		w.param(members[i], m.Value)
	}
	w.buf = append(w.buf, closing)
}

func (w *textWriter) list(t *Type, list []any) {
	if t.elem.typ.kind == Char {
		// As a string, which is how Panda3D shows it.
		s := ""
		for _, c := range list {
			s += c.(string)
		}
		w.buf = w.quoted('"', s)
		return
	}
	w.buf = append(w.buf, '[')
	for i, v := range list {
		w.comma(i)
		w.param(t.elem, v)
	}
	w.buf = append(w.buf, ']')
}

func (w *textWriter) comma(i int) {
	if i > 0 {
		w.buf = append(w.buf, ", "...)
	}
}

// number writes a number as the grammar expects it: with a dot before an exponent. A
// number without digits is written as its bytes.
func (w *textWriter) number(t *Type, n uint64) {
	text := t.appendNumber(nil, n, w.style.Notation)
	if c := text[len(text)-1]; c == 'N' || c == 'f' {
		w.buf = append(hex.AppendEncode(append(w.buf, '<'), appendInt(nil, t.size, n)), '>')
		return
	}
	dot := false
	for _, c := range text {
		dot = dot || c == '.'
		if c == 'e' && !dot {
			w.buf = append(w.buf, '.')
		}
		w.buf = append(w.buf, c)
	}
}

// quoted returns buf with a string in quotation marks appended.
func (w *textWriter) quoted(mark byte, s string) []byte {
	if !w.style.UTF8 {
		return appendQuoted(w.buf, mark, s)
	}
	b := append(w.buf, mark)
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r >= utf8.RuneSelf && r != utf8.RuneError && unicode.IsPrint(r) {
			b = append(b, s[:n]...)
		} else {
			b = appendQuotedBytes(b, mark, s[:n])
		}
		s = s[n:]
	}
	return append(b, mark)
}

// appendQuoted writes a string in quotation marks.
func appendQuoted(b []byte, mark byte, s string) []byte {
	return append(appendQuotedBytes(append(b, mark), mark, s), mark)
}

// appendQuotedBytes writes the text between the quotation marks, in ASCII.
func appendQuotedBytes(b []byte, mark byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c == mark || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c > '~':
			b = fmt.Appendf(b, "\\x%02x", c)
		default:
			b = append(b, c)
		}
	}
	return b
}

// ParseText packs a value written like a default in a DC file, and checks it as
// [Field.Check] does. It reads numbers exactly; defaults in files are rounded as
// clients round them.
//
// The error is a [*ValueError], or [Errors] if the text is not a value.
func (f *Field) ParseText(text string, notation Notation) ([]byte, error) {
	v, bad := syntax.ParseValue(text)
	if len(bad) > 0 {
		var errs Errors
		for _, e := range bad {
			errs = append(errs, Source{Name: f.name, Text: text}.at(e))
		}
		return nil, errs
	}
	b := budget{steps: maxTextSteps}
	p := newPacker(&f.Param, &b)
	p.exact, p.notation = true, notation
	var misnamed *ValueError
	p.value(v, func(at syntax.Span, wanted string) {
		if misnamed == nil {
			misnamed = fault(ErrType, 0, "the value at character %d is for %s", at.Pos+1, wanted)
		}
	})
	switch ok := p.done(); {
	case misnamed != nil:
		return nil, misnamed.under(f.name)
	case p.bad:
		return nil, fault(ErrType, 0, "%s is not a value of the type", shorten(text)).under(f.name)
	case !ok:
		return nil, fault(ErrRange, 0, "%s has a part that is outside its range", shorten(text)).under(f.name)
	}
	if err := f.Validate(p.buf); err != nil {
		return nil, err
	}
	return p.buf, nil
}

// maxTextSteps is how many numbers and strings a text may pack, since short ones such
// as "0 * 1000000" can pack many.
const maxTextSteps = 1 << 20

func shorten(s string) string {
	const most = 60
	if len(s) > most {
		return strconv.Quote(s[:most]) + "…"
	}
	return strconv.Quote(s)
}

// String writes limits as in a file: "0-5, 10".
func (l limits[N]) String() string { return l.text(numberText[N]) }

func (l limits[N]) text(end func(N) string) string {
	parts := make([]string, len(l))
	for i, one := range l {
		parts[i] = end(one.low)
		if one.low != one.high {
			parts[i] += "-" + end(one.high)
		}
	}
	return strings.Join(parts, ", ")
}

func numberText[N int64 | uint64 | float64](n N) string {
	if f := float64(n); math.Abs(f) < 1<<53 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(n)
}
