package dc

import (
	"errors"
	"fmt"
	"os"

	"natstron/dc/internal/syntax"
)

// Source is the text of a DC file, and the name to report it under.
type Source struct {
	Name string
	Text string
}

// Inheritance says how classes inherit fields, and how those are numbered. The zero
// value is what Panda3D does unless it is told otherwise; games that began before that
// tell it. Clients and servers have to agree: numbers, order and hash depend on it.
type Inheritance struct {
	// Single is dc-multiple-inheritance 0: a class has one base, and fields are
	// numbered along the line of bases instead of in all files. So a field's number
	// means something only together with a class.
	Single bool `key:"dc_multiple_inheritance,ours" is:"not" doc:"Panda3D's dc-multiple-inheritance: false if the game's clients have it so. Then fields are numbered along each line of classes, and databases, which know fields by number alone, cannot be had."`
	// Plain is dc-virtual-inheritance 0: a class has the fields of its bases, one
	// base after the other, and then its own. None hides another.
	Plain bool `key:"dc_virtual_inheritance,ours" is:"not" doc:"Panda3D's dc-virtual-inheritance: false if the game's clients have it so."`
	// Unsorted is dc-sort-inheritance-by-file 0: inherited fields are in the order of
	// the bases instead of that of the files.
	Unsorted bool `key:"dc_sort_inheritance_by_file,ours" is:"not" doc:"Panda3D's dc-sort-inheritance-by-file: false if the game's clients have it so."`
}

// virtual says that a field hides the inherited ones of its name.
func (i Inheritance) virtual() bool { return !i.Single && !i.Plain }

// numbersStructs says that the fields of structs have numbers, too.
func (i Inheritance) numbersStructs() bool { return !i.Plain && !i.Unsorted }

// ParseFiles reads the DC files at the given paths, in this order, as one.
// It returns [Errors] with all that is wrong with them, or the error of a file
// that could not be read.
func ParseFiles(paths ...string) (*File, error) { return Inheritance{}.ParseFiles(paths...) }

// ParseFiles is the function ParseFiles, for files that inherit otherwise.
func (i Inheritance) ParseFiles(paths ...string) (*File, error) {
	sources := make([]Source, 0, len(paths))
	for _, path := range paths {
		text, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("read DC file: %w", err)
		}
		sources = append(sources, Source{Name: path, Text: text})
	}
	return i.Parse(sources)
}

// readFile reads a file unless it is too long for a DC file.
func readFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Size() > syntax.MaxSize {
		return "", fmt.Errorf("%s: %w", path, errTooLong)
	}
	b, err := os.ReadFile(path)
	return string(b), err
}

// maxTotal is how much text a list of files may hold.
const maxTotal = 4 * syntax.MaxSize

var errTooMuch = errors.New("the DC files are too long together: 16 MiB at most")

var errTooLong = errors.New("too long for a DC file: 4 MiB at most")

// Parse reads DC files in the given order, as one: numbers of classes and
// fields, keywords, and the hash go on from one to the next, so the order
// matters. It returns [Errors] with all that is wrong.
func Parse(sources []Source) (*File, error) { return Inheritance{}.Parse(sources) }

// Parse is the function Parse, for files that inherit otherwise.
func (i Inheritance) Parse(sources []Source) (*File, error) {
	p := syntax.NewParser(builtin[:]...)
	c := newCompiler(i)
	total := 0
	for _, s := range sources {
		if total += len(s.Text); total > maxTotal {
			return nil, fmt.Errorf("%s: %w", s.Name, errTooMuch)
		}
		tree := p.File(s.Text)
		c.begin(s, tree)
		c.declare(tree)
	}
	return c.finish()
}
