package config

import (
	"errors"
	"io/fs"
	"os"
)

// fileKind says what a key that names a file needs to find there.
type fileKind int

const (
	noFile fileKind = iota
	regularFile
	fileOrFolder
)

// namedFile is a file that the configuration names and that must be there.
type namedFile struct {
	path string // of the key
	name string
	kind fileKind
}

// CheckFiles looks whether the files that the configuration names (DC files,
// certificates, keys, credentials, files with secrets) are there and can be read.
// Names that are not absolute are relative to dir, the folder of the configuration
// file. The error is an [*Error] with all that are not. It does not judge what is
// in them.
func (c *Config) CheckFiles(dir string) error {
	if c.doc == nil {
		return nil
	}
	var faults []Fault
	for _, f := range c.doc.files {
		if problem := checkFile(resolveFile(dir, f.name), f.kind); problem != "" {
			faults = append(faults, c.doc.fault(c.doc.at(f.path), f.path, wrong{
				problem: show(f.name) + " " + problem,
				fix:     "names are relative to the folder of this file",
			}))
		}
	}
	if len(faults) == 0 {
		return nil
	}
	sortFaults(faults)
	return &Error{faults}
}

// checkFile opens only what is a regular file: opening a pipe could wait for ever.
func checkFile(name string, kind fileKind) (problem string) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case err != nil:
		return "cannot be looked at: " + reason(err)
	case info.IsDir() && kind == fileOrFolder:
		return ""
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
