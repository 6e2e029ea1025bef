package yaml

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain are texts that mean the same to every YAML reader without quotation marks,
// and look best so: names, numbers, lists of arguments.
var plain = regexp.MustCompile(`^(-?[0-9]+(\.[0-9]+)?|[A-Za-z_][A-Za-z0-9_]*|\([A-Za-z0-9_"<>., -]*\))$`)

// words are names that mean something else to some YAML readers.
var words = regexp.MustCompile(`^(?i:true|false|null|yes|no|on|off|y|n)$`)

// scalar writes a text as a YAML scalar of one line.
func scalar(s string) string {
	switch {
	case plain.MatchString(s) && !words.MatchString(s):
		return s
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }):
		return quoted(s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// quoted escapes what cannot be written.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String() + `"`
}
