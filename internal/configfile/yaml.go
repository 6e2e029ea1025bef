package configfile

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// readYAML turns the bytes of a file into a tree, as far as what is wrong with its form
// allows, and says what is wrong. The tree is nil where nothing can be made of them. doc
// holds the same text.
//
// The YAML library takes time with the square of some things and recurses along
// others (the keys of one map, for one), so what it is given is limited first:
// checkBytes before its lexer, checkTokens before its parser.
func readYAML(doc *File, data []byte) (root node, faults []Fault) {
	defer func() {
		if p := recover(); p != nil { // no input is known that does this
			root, faults = nil, []Fault{doc.fault(Pos{File: doc.name}, "", wrong{
				fmt.Sprintf("cannot be read as YAML: %v", p), "look for unusual punctuation"})}
		}
	}()
	faults, hopeless := checkBytes(doc, data)
	if hopeless {
		return nil, faults
	}
	if text := strings.TrimPrefix(string(data), byteOrderMark); len(faults) == 0 {
		return parseYAML(doc, text)
	}
	for _, tab := range []string{"  ", "    ", "        ", " ", "   "} { // what it may stand for
		if root, more := parseYAML(doc, strings.Join(readable(doc.lines, tab), "\n")); root != nil {
			return root, append(faults, more...)
		}
	}
	return nil, faults
}

// readable is what the lines may have been meant to be.
func readable(lines []string, tab string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		if w, _ := checkLine(line, i == 0); w.problem != "" {
			line = strings.Map(func(r rune) rune {
				if unreadable(r) {
					return ' '
				}
				return r
			}, strings.ReplaceAll(line, "\t", tab))
		}
		out[i] = strings.TrimPrefix(line, byteOrderMark)
	}
	return out
}

func parseYAML(doc *File, text string) (node, []Fault) {
	tokens := lexer.Tokenize(text)
	faults, hopeless := checkTokens(doc, tokens)
	if hopeless {
		return nil, faults
	}
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, append(faults, syntaxFault(doc, err))
	}
	for _, d := range parsed.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			return d.Body, faults
		}
	}
	return nil, append(faults, emptyFault(doc))
}

func emptyFault(doc *File) Fault {
	return doc.fault(Pos{File: doc.name}, "", wrong{
		"the file is empty", "write at least messagedirector: and under it bind: 127.0.0.1:7199"})
}

const byteOrderMark = "\uFEFF"

const (
	maxLineLength = 2000
	// maxBlankLines in a row: the lexer is slow with many of them in a block of text.
	maxBlankLines = 100
	// maxByteFaults is where checkBytes stops.
	maxByteFaults = 20
)

// checkBytes finds what no configuration has and the lexer might suffer from. hopeless
// says that it must not see it.
func checkBytes(doc *File, data []byte) (faults []Fault, hopeless bool) {
	whole := func(problem, fix string) ([]Fault, bool) {
		return []Fault{doc.fault(Pos{File: doc.name}, "", wrong{problem, fix})}, true
	}
	if len(data) > maxFileSize {
		return whole("the file is larger than 256 KiB", "is it the right file?")
	}
	if !utf8.Valid(data) {
		return whole("the file is not text in UTF-8", "save it as UTF-8")
	}
	blank := 0
	for i, line := range doc.lines {
		if w, column := checkLine(line, i == 0); w.problem != "" {
			faults = append(faults, doc.fault(Pos{doc.name, i + 1, column}, "", w))
		}
		hopeless = hopeless || len(line) > maxLineLength
		if blank++; strings.TrimSpace(line) != "" {
			blank = 0
		}
		if blank > maxBlankLines && i < len(doc.lines)-1 {
			faults = append(faults, doc.fault(Pos{doc.name, i + 1, 1}, "", wrong{
				fmt.Sprintf("more than %d empty lines follow each other", maxBlankLines), "take them out"}))
			blank = -len(doc.lines) // once is enough
			hopeless = true
		}
		if len(faults) >= maxByteFaults {
			return faults, true
		}
	}
	return faults, hopeless
}

func checkLine(line string, first bool) (w wrong, column int) {
	if first {
		line = strings.TrimPrefix(line, byteOrderMark)
	}
	if len(line) > maxLineLength {
		return wrong{fmt.Sprintf("the line is longer than %d bytes", maxLineLength), "break it up"}, 1
	}
	column = 1
	content := strings.TrimLeft(line, " \t\r")
	indenting := content != "" && content[0] != '#'
	for _, r := range line {
		switch {
		case r == '\t' && indenting:
			return wrong{"the line is indented with a tab", "indent with spaces: YAML has no tabs there"}, column
		case unreadable(r):
			return wrong{fmt.Sprintf("the line has the control character %U", r), "take it out"}, column
		case r != ' ' && r != '\t':
			indenting = false
		}
		column++
	}
	return wrong{}, 0
}

func unreadable(r rune) bool {
	return r != '\t' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff)
}

// syntaxFault turns the parser's error into a fault.
func syntaxFault(doc *File, err error) Fault {
	at := Pos{File: doc.name}
	message := "unknown"
	var e interface {
		GetMessage() string
		GetToken() *token.Token
	}
	if errors.As(err, &e) {
		message = e.GetMessage()
		at = tokenPos(doc, e.GetToken())
	}
	return doc.fault(at, "", explainSyntax(message))
}

func tokenPos(doc *File, tk *token.Token) Pos {
	if tk == nil || tk.Position == nil {
		return Pos{File: doc.name}
	}
	line := min(max(tk.Position.Line, 1), len(doc.lines))
	return Pos{doc.name, line, max(tk.Position.Column, 1)}
}
