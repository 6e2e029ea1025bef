package configfile

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"reflect"

	"natstron/internal/secret"
)

// fileKind says what a key that names a file needs to find there.
type fileKind int

const (
	noFile fileKind = iota
	regularFile
	secretFile // a file that is not empty
	fileOrFolder
	folder
)

// namedFile is a file that the configuration names and that must be there.
type namedFile struct {
	path string // of the key
	name string
	kind fileKind
}

// CheckFiles looks whether the files that the configuration names (DC files,
// certificates, keys, credentials, files with secrets) are there and can be read, and
// asks each [FileChecker] whether they hold what they must. The error is an [*Error].
func (f *File) CheckFiles() error {
	if f == nil {
		return nil
	}
	d := &decoder{file: f, bad: maps.Clone(f.bad)}
	for _, file := range f.files {
		if problem := checkFile(f.relative(file.name), file.kind); problem != "" {
			d.fault(file.path, show(file.name)+" "+problem, "names are relative to the folder of this file")
		}
	}
	f.walk(visitor{
		scalar: func(string, *scalar, reflect.Value) {},
		section: func(path string, s any) {
			if c, ok := s.(FileChecker); ok {
				c.CheckFiles(d.reporter(path))
			}
		},
	})
	if len(d.faults) == 0 {
		return nil
	}
	return InOrder(d.faults)
}

// checkFile opens only what is a regular file: opening a pipe could wait for ever.
func checkFile(name string, kind fileKind) (problem string) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case err != nil:
		return "cannot be looked at: " + reason(err)
	case info.IsDir() && (kind == fileOrFolder || kind == folder):
		return ""
	case kind == folder:
		return "is not a folder"
	case info.IsDir():
		return "is a folder, not a file"
	case !info.Mode().IsRegular():
		return "is not a regular file"
	}
	f, err := os.Open(name)
	if err != nil {
		return "cannot be read: " + reason(err)
	}
	_ = f.Close()
	if kind != secretFile {
		return ""
	}
	if _, err := secret.Read("", name); err != nil {
		return "holds no secret: " + err.Error()
	}
	return ""
}

// reason is a system error without the path, which the message has already.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
