package cmdline

import (
	"fmt"
	"strings"

	"natstron/dc"
)

// FieldValue packs parameters as they come from a command line. A string may be written
// without quotation marks.
func FieldValue(field *dc.Field, args []string) ([]byte, error) {
	if field.IsMolecular() {
		return nil, fmt.Errorf("%s is a molecular field: send its parts one by one", field.Name())
	}
	if len(args) == 1 && strings.HasPrefix(args[0], "(") {
		return field.ParseText(args[0], dc.Scaled)
	}
	params := []*dc.Param{&field.Param}
	if field.IsMethod() {
		params = field.Type().Params()
	}
	if len(args) != len(params) {
		return nil, fmt.Errorf("%v takes %d values, not %d", field, len(params), len(args))
	}
	texts := make([]string, len(args))
	for i, arg := range args {
		texts[i] = arg
		if k := params[i].Type().Kind(); (k == dc.String || k == dc.Blob) && !isQuoted(arg) {
			texts[i] = quoted(arg)
		}
	}
	if field.IsMethod() {
		return field.ParseText("("+strings.Join(texts, ", ")+")", dc.Scaled)
	}
	return field.ParseText(texts[0], dc.Scaled)
}

// quoted is a string as a DC file writes it.
func quoted(s string) string {
	b := []byte{'"'}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = fmt.Appendf(b, "\\x%02x", c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}

// isQuoted says whether a text is a string or bytes as a DC file writes them.
func isQuoted(s string) bool {
	if len(s) < 2 {
		return false
	}
	first, last := s[0], s[len(s)-1]
	return first == last && (first == '"' || first == '\'') || first == '<' && last == '>'
}
