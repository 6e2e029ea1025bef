package dcgen

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

var identifier = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

// notation is how a language writes JSON's values.
type notation struct {
	open, shut   string // around an object's members
	begin, end   string // around a list's elements
	key          func(name string) string
	keySeparator string
}

// TypeScript's keys need no quotation marks if they are identifiers.
var inTypeScript = notation{open: "{ ", shut: " }", begin: "[", end: "]", keySeparator: ": ", key: func(name string) string {
	if identifier.MatchString(name) {
		return name
	}
	return quoted(name)
}}

var inPython = notation{open: "{", shut: "}", begin: "[", end: "]", key: quoted, keySeparator: ": "}

// A key of Lua's may be a word of the language, so all have quotation marks.
var inLua = notation{open: "{ ", shut: " }", begin: "{ ", end: " }", keySeparator: " = ", key: func(name string) string {
	return "[" + quoted(name) + "]"
}}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always can be
	return string(b)
}

// literal writes plain data on one line.
func (n notation) literal(v any) string {
	text, _ := json.Marshal(v) // it is a schema, which always can be
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var b strings.Builder
	n.value(d, &b)
	return b.String()
}

func (n notation) value(d *json.Decoder, b *strings.Builder) {
	token, _ := d.Token() // it is JSON that was just written
	switch token := token.(type) {
	case json.Delim:
		isObject := token == '{'
		open, shut := n.begin, n.end
		if isObject {
			open, shut = n.open, n.shut
		}
		b.WriteString(open)
		for first := true; d.More(); first = false {
			if !first {
				b.WriteString(", ")
			}
			if isObject {
				key, _ := d.Token()
				b.WriteString(n.key(key.(string)) + n.keySeparator)
			}
			n.value(d, b)
		}
		b.WriteString(shut)
		_, _ = d.Token() // the closing bracket
	case string:
		b.WriteString(quoted(token))
	case json.Number:
		b.WriteString(token.String())
	}
}
