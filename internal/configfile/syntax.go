package configfile

import "strings"

// explanations say in our words what the YAML library says in its own. Each is
// found by the beginning of the library's message.
var explanations = []struct {
	begins string
	wrong
}{
	{"could not find end character of", wrong{"the quotation mark is never closed", "close it on the same line"}},
	{"sequence end token", wrong{`the "[" is never closed`, `close it with "]"; put a text that begins with "[" in quotes`}},
	{"could not find flow mapping end token", wrong{`the "{" is never closed`, `close it with "}"; put a text that begins with "{" in quotes`}},
	{"',' or ']' must be specified", wrong{`a "," or "]" is missing before this`, `put a text that begins with "[" in quotes, such as "[::1]:7199"`}},
	{"',' or '}' must be specified", wrong{`a "," or "}" is missing before this`, `put a text that begins with "{" in quotes`}},
	{"could not find '['", wrong{`this "]" closes nothing`, "take it out, or put the text in quotes"}},
	{"could not find '{'", wrong{`this "}" closes nothing`, "take it out, or put the text in quotes"}},
	{"mapping value is not allowed", wrong{"a colon makes this a key, and no key can stand here", "put a text that has a colon and a blank in quotes, and line keys up with each other"}},
	{"value is not allowed in this context. map key-value is pre-defined", wrong{"the line is indented as if it went on with the line above, which has a value already", "line it up with the keys that it belongs to"}},
	{"value is not allowed in this context", wrong{"something is where nothing can be", "check the indentation, and put a text that begins with [ or { in quotes"}},
	{"non-map value is specified", wrong{"a key with a colon is missing here", "write key: value, with a blank after the colon"}},
	{"unexpected key name", wrong{"a key with a colon is missing here", "write key: value, with a blank after the colon"}},
	{"found an invalid key for this map", wrong{"the colon has no key before it", "write key: value"}},
	{"block sequence entries are not allowed", wrong{"a list cannot begin on the line of its key", "put each dash on a line of its own"}},
	{"found character '\t'", wrong{"the line is indented with a tab", "indent with spaces: YAML has no tabs there"}},
	{"tab character", wrong{"there is a tab before a key or a dash", "indent with spaces: YAML has no tabs there"}},
	{"found unknown escape character", wrong{"the text has a backslash before a character that needs none", "write two backslashes, or use single quotes"}},
	{"invalid header option", wrong{"what follows | or > on this line does not belong there", "put the text in quotes"}},
	{"anchors cannot be used consecutively", wrong{"two anchors follow each other", "keep one"}},
	{"undefined anchor", wrong{"the & stands for nothing", "put a text that begins with & in quotes"}},
	{"undefined alias", wrong{"the * stands for nothing", "put a text that begins with * in quotes"}},
}

// explainSyntax puts a message of the YAML library into our words. A message that
// is not known is passed on, but not what it quotes: that might be a secret.
func explainSyntax(message string) wrong {
	for _, e := range explanations {
		if strings.HasPrefix(message, e.begins) {
			return e.wrong
		}
	}
	if strings.Contains(message, "is a reserved character") {
		return wrong{"a text cannot begin with this character", "put it in quotes"}
	}
	message, _, _ = strings.Cut(message, `"`)
	return wrong{"this is not YAML: " + strings.TrimSpace(message), "check the punctuation and the indentation around it"}
}
