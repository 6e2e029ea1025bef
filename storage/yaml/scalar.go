package yaml

import (
	"regexp"
	"strconv"
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
		return strconv.Quote(strings.ToValidUTF8(s, "\uFFFD")) // its escapes are YAML's, too
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
