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

// ParseFiles reads the DC files at the given paths, in this order, as one. It returns
// [Errors] with all errors in them, or the error of a file that could not be read.
func ParseFiles(paths ...string) (*File, error) {
	sources := make([]Source, 0, len(paths))
	for _, path := range paths {
		text, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("read DC file: %w", err)
		}
		sources = append(sources, Source{Name: path, Text: text})
	}
	return Parse(sources)
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

// Parse reads DC files in the given order, as one. Numbers of classes and fields,
// keywords and the hash continue from one file to the next, so the order matters. It
// returns [Errors] with all errors.
func Parse(sources []Source) (*File, error) {
	p := syntax.NewParser(builtin[:]...)
	c := newCompiler()
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
