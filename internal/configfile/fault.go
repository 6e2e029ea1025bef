package configfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Pos is a place in a configuration file. Line and Column count from 1, in
// characters; a Line of 0 means the file as a whole.
type Pos struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String is the form that editors and terminals can jump to: file:line:column.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Fault is one thing that is wrong in a configuration.
type Fault struct {
	Pos
	// Path is the dotted path of the key, such as roles[0].channels.min. It is
	// empty where the fault belongs to no key, as with malformed YAML.
	Path string `json:"path,omitempty"`
	// Problem says what is wrong.
	Problem string `json:"problem"`
	// Fix says what would be right. It may be empty.
	Fix string `json:"fix,omitempty"`
	// Text is the line of the file, shortened if it is long, with secrets and
	// unprintable characters masked. Caret is the place of the fault in it,
	// counted in characters from 0.
	Text  string `json:"text,omitempty"`
	Caret int    `json:"caret,omitempty"`
}

// String is the fault for people: a line that says it, then the line of the file
// with a caret under the place, and beside the caret what to do.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.Pos.String())
	b.WriteString(": ")
	if f.Path != "" {
		b.WriteString(f.Path)
		b.WriteString(": ")
	}
	b.WriteString(f.Problem)
	if f.Line == 0 {
		if f.Fix != "" {
			b.WriteString("\n  " + f.Fix)
		}
		return b.String()
	}
	number := fmt.Sprint(f.Line)
	fmt.Fprintf(&b, "\n  %s | %s\n  %*s | %*s^", number, strings.TrimRight(f.Text, " "), len(number), "", f.Caret, "")
	if f.Fix != "" {
		b.WriteString(" " + f.Fix)
	}
	return b.String()
}

// Error is what [Load], [Parse] and [File.CheckFiles] return for a file with
// faults. It holds at least one, in the order of the file.
type Error struct {
	Faults []Fault `json:"faults"`
}

// Error prints all faults for people, one after the other.
func (e *Error) Error() string {
	var b strings.Builder
	for i, f := range e.Faults {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(f.String())
	}
	return b.String()
}

// wrong is a fault that does not know its place yet.
type wrong struct {
	problem string
	fix     string
}

// show quotes what the file says, so that it can stand in a message whatever it
// is: shortened, and with unprintable characters escaped.
func show(text string) string {
	const limit = 60
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

// InOrder is an error with these faults, those of each file together in its order.
func InOrder(faults []Fault) *Error {
	var files []string
	for _, f := range faults {
		if !slices.Contains(files, f.File) {
			files = append(files, f.File)
		}
	}
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(slices.Index(files, a.File), slices.Index(files, b.File)),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &Error{faults}
}
