package editor

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"natstron/dc"
	"natstron/dc/internal/syntax"
)

// analysis is a project that was read.
type analysis struct {
	at      int // the workspace's count of changes when it was last found to be current
	project Project
	files   []*file
	faults  []*dc.Error // errors, or else warnings
	broken  bool        // they are errors
	meaning *dc.File    // what it means; while there are errors, what it meant before; may be nil
	unread  []string    // why files were not read
	*declarations
}

// file is a file of a project.
type file struct {
	name    string
	text    text
	tree    *syntax.File
	project *analysis
}

// analyse reads the files of a project, if they are not what they were when old was made, which
// may be nil.
func (w *workspace) analyse(p Project, old *analysis) *analysis {
	a := &analysis{at: w.changed, project: p}
	var sources []dc.Source
	for _, name := range p.Files {
		content, err := w.read(name)
		if err != nil {
			a.unread = append(a.unread, fmt.Sprintf("a file of this project cannot be read: %v", err))
			continue
		}
		sources = append(sources, dc.Source{Name: name, Text: content})
	}
	if old != nil && slices.Equal(old.sources(), sources) && slices.Equal(old.unread, a.unread) {
		old.at = w.changed
		return old
	}
	parser := syntax.NewParser(builtins...)
	for _, s := range sources {
		a.files = append(a.files, &file{s.Name, newText(s.Text, w.bytes), parser.File(s.Text), a})
	}
	a.declarations = declared(a.files)
	var errs dc.Errors
	meaning, err := p.Inheritance.Parse(sources)
	switch {
	case err == nil:
		a.meaning, a.faults = meaning, meaning.Warnings()
		return a
	case errors.As(err, &errs):
		a.faults, a.broken = errs, true
	default: // too much text
		a.unread = append(a.unread, err.Error())
	}
	if old != nil {
		a.meaning = old.meaning // names mean what they did before the errors
	}
	return a
}

func (a *analysis) sources() []dc.Source {
	var list []dc.Source
	for _, f := range a.files {
		list = append(list, dc.Source{Name: f.name, Text: f.text.string})
	}
	return list
}

// read is the text of a file: that in the editor, if it is open there.
func (w *workspace) read(name string) (string, error) {
	if d := w.open[name]; d != nil {
		return d.text, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file", name)
	}
	// One byte too many is enough to be refused as too long.
	b, err := io.ReadAll(io.LimitReader(f, syntax.MaxSize+1))
	return string(b), err
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
