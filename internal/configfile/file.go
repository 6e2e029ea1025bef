package configfile

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// maxFileSize bounds a configuration file. Configurations have a few kilobytes.
const maxFileSize = 256 << 10

// File is a configuration file that has been read: its lines for excerpts, the places
// of its keys, and the files that it names. A nil File has none of them.
type File struct {
	name  string
	lines []string
	table *table
	into  reflect.Value
	// pos holds the place of each value that the file gives, by dotted path. A
	// section stands where its key stands, a list's element where it begins.
	pos      map[string]Pos
	files    []namedFile
	warnings []Fault
	unread   map[string]any // values of keys that are read for the sake of old files
	bad      map[string]bool
}

// Load reads the configuration in a file into a struct, to which into points. A file
// that cannot be opened or read gives the system's error, wrapped; a file with faults
// gives an [*Error], whose places begin with path as it is given. What can be read of
// such a file is read: the File is nil only where nothing could be. kinds are added to
// those of the lists at the top that can have others.
func Load(path string, into any, kinds ...Kind) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("load configuration: %w", err)
	}
	return Parse(path, data, into, kinds...)
}

// Parse reads a configuration into a struct, to which into points; name is what faults
// call the file, and files that it names are relative to name's folder. Every error is
// an [*Error]. A field File of the struct is set to the File, for its checks.
func Parse(name string, data []byte, into any, kinds ...Kind) (*File, error) {
	f := newFile(name, strings.ToValidUTF8(string(data), "\uFFFD"))
	root, faults := readYAML(f, data)
	if root == nil {
		return nil, &Error{faults}
	}
	f.into = reflect.ValueOf(into).Elem()
	f.table = tableOf(f.into.Type())
	f.table.offer(kinds)
	f.table.reset(f.into)
	if own := f.into.FieldByName("File"); own.IsValid() {
		own.Set(reflect.ValueOf(f))
	}
	d := newDecoder(f, root)
	for _, fault := range faults {
		d.formed[fault.Line] = true
	}
	d.section(root, "", f.table.keys, f.table, f.into)
	d.checkClaims()
	f.bad = d.bad
	if faults = append(faults, d.faults...); len(faults) > 0 {
		return f, InOrder(faults)
	}
	return f, nil
}

func (f *File) walk(v visitor) { f.table.walk("", f.into, v) }

func newFile(name, text string) *File {
	return &File{name: name, lines: splitLines(text), pos: map[string]Pos{}, unread: map[string]any{}}
}

func splitLines(text string) []string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return lines
}

// relative is the name of a file that the configuration names, as the process can open
// it.
func (f *File) relative(name string) string {
	if dir := filepath.Dir(f.name); dir != "." && !filepath.IsAbs(name) {
		return filepath.Join(dir, name)
	}
	return name
}

// Given reports whether the file has a value at path.
func (f *File) Given(path string) bool {
	if f == nil {
		return false
	}
	_, ok := f.pos[path]
	return ok
}

// Warnings are what is no fault and should be written in another way.
func (f *File) Warnings() []Fault {
	if f == nil {
		return nil
	}
	return f.warnings
}

// Sound reports whether nothing was wrong at path or below.
func (f *File) Sound(path string) bool { return f == nil || !f.bad[path] }

// at is the place of path or, where the file does not give it, of the innermost
// section around it that the file gives.
func (f *File) at(path string) Pos {
	for path != "" {
		if p, ok := f.pos[path]; ok {
			return p
		}
		path = parentPath(path)
	}
	return Pos{File: f.name, Line: 1, Column: 1}
}

// Pos is the place of a key in the file or, where the file leaves the key to its
// default, of the section around it.
func (f *File) Pos(path string) Pos {
	if f == nil {
		return Pos{}
	}
	return f.at(path)
}

// Fault makes a fault at the place of a key, for what is found out after reading:
// an uberdog's class that the DC files lack, an address that is in use. problem
// says what is wrong, fix what would be right.
func (f *File) Fault(path, problem, fix string) Fault {
	if f == nil {
		return Fault{Path: path, Problem: problem, Fix: fix}
	}
	return f.fault(f.at(path), path, wrong{problem, fix})
}

// fault makes a fault at a place of the file.
func (f *File) fault(at Pos, path string, w wrong) Fault {
	fault := Fault{Pos: at, Path: path, Problem: w.problem, Fix: w.fix}
	if at.Line >= 1 && at.Line <= len(f.lines) {
		fault.Text, fault.Caret = f.excerpt(at.Line, at.Column)
	}
	return fault
}

func join(path, name string) string {
	switch {
	case path == "":
		return name
	case name == "":
		return path
	}
	return path + "." + name
}

func parentPath(path string) string {
	if i := strings.LastIndexAny(path, ".["); i >= 0 {
		return path[:i]
	}
	return ""
}
