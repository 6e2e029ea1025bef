package dc

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"natstron/dc/internal/syntax"
)

// Error is an error at a place of a DC file.
type Error struct {
	File   string
	Line   int // from 1
	Column int // from 1, in bytes
	Msg    string
	Text   string // the line, cut to a readable length around the place
	Caret  string // blanks and a caret, to print below Text
}

// Error is the place and the message, in one line.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Msg)
}

// Errors are all errors of a list of DC files, in the order of the text.
type Errors []*Error

// Error lists all errors, each with its line and a caret below the place.
func (e Errors) Error() string {
	var b strings.Builder
	for i, one := range e {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%v\n\t%s\n\t%s", one, one.Text, one.Caret)
	}
	return b.String()
}

// Unwrap returns the errors, for errors.As.
func (e Errors) Unwrap() []error {
	list := make([]error, len(e))
	for i, one := range e {
		list[i] = one
	}
	return list
}

// at makes the error of a place.
func (s Source) at(e syntax.Error) *Error {
	pos := min(e.Pos, len(s.Text))
	start := strings.LastIndexByte(s.Text[:pos], '\n') + 1
	rest, _, _ := strings.Cut(s.Text[pos:], "\n")
	before, after := excerpt(s.Text[start:pos], rest)
	return &Error{
		File: s.Name, Line: strings.Count(s.Text[:pos], "\n") + 1, Column: pos - start + 1, Msg: e.Msg,
		Text: before + after, Caret: blanks(before) + "^",
	}
}

// excerpt cuts a line to a readable length around the place between its parts,
// and makes it printable.
func excerpt(before, after string) (string, string) {
	const most = 70
	if len(before) > most {
		before = "…" + before[len(before)-most:]
	}
	if len(after) > most {
		after = after[:most] + "…"
	}
	return printable(before), printable(strings.TrimRight(after, "\r"))
}

// printable replaces what a terminal might obey or not show.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || unicode.IsPrint(r) && r != utf8.RuneError {
			return r
		}
		return '?'
	}, s)
}

// blanks is as wide as s.
func blanks(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return '\t'
		}
		return ' '
	}, s)
}
