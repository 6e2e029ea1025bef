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

// readYAML turns the bytes of a file into a tree, or says why it cannot. The tree
// is never nil where there are no faults. doc holds the same text.
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
	if faults := checkBytes(doc, data); len(faults) > 0 {
		return nil, faults
	}
	tokens := lexer.Tokenize(strings.TrimPrefix(string(data), byteOrderMark))
	if faults := checkTokens(doc, tokens); len(faults) > 0 {
		return nil, faults
	}
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, []Fault{syntaxFault(doc, err)}
	}
	for _, d := range parsed.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			return d.Body, nil
		}
	}
	return nil, []Fault{emptyFault(doc)}
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

// checkBytes refuses what no configuration has and the lexer might suffer from.
func checkBytes(doc *File, data []byte) []Fault {
	whole := func(problem, fix string) []Fault {
		return []Fault{doc.fault(Pos{File: doc.name}, "", wrong{problem, fix})}
	}
	if len(data) > maxFileSize {
		return whole("the file is larger than 256 KiB", "is it the right file?")
	}
	if !utf8.Valid(data) {
		return whole("the file is not text in UTF-8", "save it as UTF-8")
	}
	var faults []Fault
	blank := 0
	for i, line := range doc.lines {
		if w, column := checkLine(line, i == 0); w.problem != "" {
			faults = append(faults, doc.fault(Pos{doc.name, i + 1, column}, "", w))
		}
		if blank++; strings.TrimSpace(line) != "" {
			blank = 0
		}
		if blank > maxBlankLines && i < len(doc.lines)-1 {
			faults = append(faults, doc.fault(Pos{doc.name, i + 1, 1}, "", wrong{
				fmt.Sprintf("more than %d empty lines follow each other", maxBlankLines), "take them out"}))
			blank = -len(doc.lines) // once is enough
		}
		if len(faults) >= maxByteFaults {
			break
		}
	}
	return faults
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
		case r != '\t' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff):
			return wrong{fmt.Sprintf("the line has the control character %U", r), "take it out"}, column
		case r != ' ' && r != '\t':
			indenting = false
		}
		column++
	}
	return wrong{}, 0
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
