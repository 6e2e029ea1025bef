package config

import (
	"sort"
	"strings"
)

// document is the file behind a Config: its lines for excerpts, the places of its
// keys, and the files that it names.
type document struct {
	name  string
	lines []string
	// pos holds the place of each value that the file gives, by dotted path. A
	// section stands where its key stands, a list's element where it begins.
	pos   map[string]Pos
	files []namedFile
}

func newDocument(name, text string) *document {
	return &document{name: name, lines: splitLines(text), pos: map[string]Pos{}}
}

func splitLines(text string) []string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return lines
}

// given says whether the file has a value at path.
func (d *document) given(path string) bool {
	_, ok := d.pos[path]
	return ok
}

// at is the place of path or, where the file does not give it, of the innermost
// section around it that the file gives.
func (d *document) at(path string) Pos {
	for path != "" {
		if p, ok := d.pos[path]; ok {
			return p
		}
		path = parentPath(path)
	}
	return Pos{File: d.name, Line: 1, Column: 1}
}

// fault makes a fault at a place of the document.
func (d *document) fault(at Pos, path string, w wrong) Fault {
	f := Fault{Pos: at, Path: path, Problem: w.problem, Fix: w.fix}
	if at.Line >= 1 && at.Line <= len(d.lines) {
		f.Text, f.Caret = d.excerpt(at.Line, at.Column)
	}
	return f
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func parentPath(path string) string {
	if i := strings.LastIndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return ""
}

// sortFaults puts them in the order of the file, so that the first one printed is
// the first one met when reading.
func sortFaults(faults []Fault) {
	sort.SliceStable(faults, func(i, j int) bool {
		a, b := faults[i], faults[j]
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
}
