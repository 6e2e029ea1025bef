package editor

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of what an editor may have open.
const (
	maxOpen     = 200
	maxOpenText = 32 << 20
)

// workspace is the files that are open in the editor, and the projects that they are in.
type workspace struct {
	projectOf func(path string) Project
	bytes     bool // columns are bytes

	open    map[string]*document // by name
	size    int                  // of all texts
	changed int                  // counts changes of anything

	analyses map[string]*analysis // by the names of their files
}

// document is an open file. Its text in the editor counts, not that on the disk.
type document struct {
	name    string // its path, or its address if it is not a file
	uri     string // as the editor writes it
	version *int
	text    string

	project   Project
	projectAt int // the count of changes when it was asked for, plus one
}

func newWorkspace(projectOf func(string) Project) *workspace {
	if projectOf == nil {
		projectOf = func(string) Project { return Project{} }
	}
	return &workspace{projectOf: projectOf, open: map[string]*document{}, analyses: map[string]*analysis{}}
}

// nameOf is the name by which a file is known: two addresses can be of the same file.
func nameOf(uri string) string {
	if path, ok := pathOf(uri); ok {
		return path
	}
	return uri
}

func (w *workspace) openDocument(uri string, version int, text string) error {
	name := nameOf(uri)
	d := w.open[name]
	if d == nil {
		if len(w.open) >= maxOpen {
			return fail(invalidParams, "more than %d files are open: %s is not read", maxOpen, uri)
		}
		d = &document{name: name}
	}
	if w.size+len(text)-len(d.text) > maxOpenText {
		return fail(invalidParams, "more than %d bytes are open: %s is not read", maxOpenText, uri)
	}
	w.size += len(text) - len(d.text)
	d.uri, d.version, d.text = uri, &version, text
	w.open[name] = d
	w.changed++
	return nil
}

func (w *workspace) changeDocument(uri string, version *int, text string) error {
	d := w.open[nameOf(uri)]
	if d == nil {
		return fail(invalidParams, "%s is not open", uri)
	}
	if w.size+len(text)-len(d.text) > maxOpenText {
		w.close(d) // a part of it would be wrong
		return fail(invalidParams, "more than %d bytes are open: %s is not read any more", maxOpenText, uri)
	}
	w.size += len(text) - len(d.text)
	d.version, d.text = version, text
	w.changed++
	return nil
}

func (w *workspace) closeDocument(uri string) error {
	d := w.open[nameOf(uri)]
	if d == nil {
		return fail(invalidParams, "%s is not open", uri)
	}
	w.close(d)
	return nil
}

func (w *workspace) close(d *document) {
	w.size -= len(d.text)
	delete(w.open, d.name)
	w.changed++
}

// file is an open file, read together with its project.
func (w *workspace) file(uri string) (*file, error) {
	d := w.open[nameOf(uri)]
	if d == nil {
		return nil, fail(invalidParams, "%s is not open", uri)
	}
	for _, f := range w.analysisOf(d).files {
		if f.name == d.name {
			return f, nil
		}
	}
	return nil, fail(invalidParams, "%s is not in its own project", uri) // analysisOf sees to it
}

// analysisOf is the project of an open file, as it is now.
func (w *workspace) analysisOf(d *document) *analysis {
	if d.projectAt != w.changed+1 {
		d.project, d.projectAt = Project{}, w.changed+1
		if _, isFile := pathOf(d.uri); isFile {
			d.project = w.projectOf(d.name)
		}
		if !slices.Contains(d.project.Files, d.name) {
			d.project.Files = []string{d.name}
		}
	}
	key := d.project.key()
	if old := w.analyses[key]; old == nil || old.at != w.changed {
		w.analyses[key] = w.analyse(d.project, old)
	}
	return w.analyses[key]
}

// key tells projects apart.
func (p Project) key() string {
	return fmt.Sprint(p.Inheritance) + "\x00" + strings.Join(p.Files, "\x00")
}

// current are the projects of all open files, each once. It forgets the others.
func (w *workspace) current() []*analysis {
	used := map[string]*analysis{}
	var list []*analysis
	for _, name := range sortedKeys(w.open) {
		a := w.analysisOf(w.open[name])
		key := a.project.key()
		if used[key] == nil {
			used[key] = a
			list = append(list, a)
		}
	}
	w.analyses = used
	return list
}
