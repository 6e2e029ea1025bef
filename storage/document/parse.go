package document

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrSyntax is wrapped by the errors of [Parse].
var ErrSyntax = errors.New("not a document")

// maxDepth is how deep values may be nested in JSON text.
const maxDepth = 2000

// Parse reads what [Append] wrote, or a person: spaces and line ends may stand
// anywhere between the parts. The result shares no memory with text.
func Parse(text []byte) (Document, error) {
	v, err := ParseValue(text)
	if err != nil {
		return nil, err
	}
	d, ok := v.(Document)
	if !ok {
		return nil, fmt.Errorf("%w: expected {…}", ErrSyntax)
	}
	return d, nil
}

// ParseValue reads what [AppendValue] wrote.
func ParseValue(text []byte) (Value, error) {
	p := parser{text: text}
	v := p.value()
	if p.space(); p.err == nil && p.at < len(text) {
		p.fail("something follows the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	return v, nil
}

// parser reads from the front on. Its error is sticky.
type parser struct {
	text  []byte
	at    int
	depth int
	err   error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("%w: byte %d: %s", ErrSyntax, p.at, fmt.Sprintf(format, args...))
	}
	p.at = len(p.text)
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\n\r", p.text[p.at]) >= 0 {
		p.at++
	}
}

// peek returns the next byte that is no space, 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.at >= len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// skip steps over the byte if it comes next.
func (p *parser) skip(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.at++
	return true
}

func (p *parser) expect(c byte) {
	if !p.skip(c) {
		p.fail("expected %q", c)
	}
}

func (p *parser) value() Value {
	if p.depth++; p.depth > maxDepth {
		p.fail("nested more than %d levels deep", maxDepth)
	}
	defer func() { p.depth-- }()
	switch c := p.peek(); {
	case c == '{':
		return p.special(p.object())
	case c == '[':
		return p.array()
	case c == '"':
		return p.str()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c >= 'a' && c <= 'z':
		return p.word()
	}
	p.fail("expected a value")
	return nil
}

func (p *parser) object() Document {
	d := Document{}
	p.expect('{')
	if p.skip('}') {
		return d
	}
	for more := true; more; more = p.more('}') {
		if p.peek() != '"' {
			p.fail("expected a name in quotation marks")
			break
		}
		name := p.str()
		p.expect(':')
		d = append(d, Element{name, p.value()})
	}
	return d
}

func (p *parser) array() Array {
	a := Array{}
	p.expect('[')
	if p.skip(']') {
		return a
	}
	for more := true; more; more = p.more(']') {
		a = append(a, p.value())
	}
	return a
}

// more reports whether another part of a list follows, instead of its end.
func (p *parser) more(end byte) bool {
	if p.skip(',') {
		return true
	}
	p.expect(end)
	return false
}

func (p *parser) word() Value {
	begin := p.at
	for p.at < len(p.text) && p.text[p.at] >= 'a' && p.text[p.at] <= 'z' {
		p.at++
	}
	switch string(p.text[begin:p.at]) {
	case "true":
		return Other{typeBool, "\x01"}
	case "false":
		return Other{typeBool, "\x00"}
	case "null":
		return Other{typeNull, ""}
	}
	p.fail("%q is not a value", p.text[begin:p.at])
	return nil
}

func (p *parser) number() Value {
	begin := p.at
	for p.at < len(p.text) && strings.IndexByte("+-.eE0123456789", p.text[p.at]) >= 0 {
		p.at++
	}
	s := string(p.text[begin:p.at])
	if strings.ContainsAny(s, ".eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			p.fail("%q is not a number", s)
		}
		return f
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		p.fail("%q is not a number of 64 bits", s)
	}
	if n >= math.MinInt32 && n <= math.MaxInt32 {
		return int32(n)
	}
	return n
}

func (p *parser) str() string {
	p.expect('"')
	begin, escaped := p.at, false
	for p.at < len(p.text) && p.text[p.at] != '"' {
		switch c := p.text[p.at]; {
		case c == '\\':
			escaped = true
			p.at++
		case c < ' ':
			p.fail("a control character in a string")
		}
		p.at++
	}
	if p.at >= len(p.text) {
		p.fail("a string does not end")
		return ""
	}
	raw := p.text[begin:p.at]
	p.at++
	switch {
	case !utf8.Valid(raw):
		p.fail("a string is not UTF-8")
	case !escaped:
		return string(raw)
	}
	var s string
	if err := json.Unmarshal(p.text[begin-1:p.at], &s); err != nil {
		p.fail("%v", err)
	}
	return s
}

// special turns the documents that stand for other values into these.
func (p *parser) special(d Document) Value {
	if p.err != nil || len(d) != 1 || !strings.HasPrefix(d[0].Name, "$") {
		return d
	}
	v, ok := Value(nil), false
	switch d[0].Name {
	case "$binary":
		v, ok = binary(d[0].Value)
	case "$numberDouble":
		v, ok = namedFloat(d[0].Value)
	case "$numberLong", "$numberInt":
		if s, is := d[0].Value.(string); is {
			n, err := strconv.ParseInt(s, 10, 64)
			v, ok = n, err == nil
		}
	case "$scaled":
		f, is := d[0].Value.(float64)
		v, ok = Scaled(f), is
	case "$text":
		s, is := asString(d[0].Value)
		v, ok = Text(s), is
	case "$bson":
		s, _ := d[0].Value.(string)
		b, err := hex.DecodeString(s)
		if ok = err == nil && len(b) > 0; ok {
			v = Other{b[0], string(b[1:])}
		}
	case "$document":
		v, ok = pairs(d[0].Value)
	}
	if !ok {
		p.fail("{%q: …} is not a value", d[0].Name)
	}
	return v
}

func binary(v Value) (Value, bool) {
	d, _ := v.(Document)
	text, _ := d.Get("base64")
	sub, _ := d.Get("subType")
	s, ok := text.(string)
	if !ok || len(d) != 2 || sub != Value("00") {
		return nil, false
	}
	b, err := base64.StdEncoding.DecodeString(s)
	return b, err == nil
}

func namedFloat(v Value) (Value, bool) {
	s, _ := v.(string)
	if digits, ok := strings.CutPrefix(s, "NaN(0x"); ok {
		bits, err := strconv.ParseUint(strings.TrimSuffix(digits, ")"), 16, 64)
		f := math.Float64frombits(bits)
		return f, err == nil && math.IsNaN(f)
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// asString takes a string, also one that was written as binary.
func asString(v Value) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	}
	return "", false
}

func pairs(v Value) (Value, bool) {
	list, ok := v.(Array)
	d := make(Document, 0, len(list))
	for _, one := range list {
		pair, _ := one.(Array)
		if len(pair) != 2 {
			return nil, false
		}
		name, is := asString(pair[0])
		if !is {
			return nil, false
		}
		d = append(d, Element{name, pair[1]})
	}
	return d, ok
}
