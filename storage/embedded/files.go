package embedded

import (
	"fmt"
	"os"
	"path/filepath"
)

// files are those of a database that is in use. Whatever is written to one that has
// been removed is lost with the process.
type files struct {
	path string
	seen map[string]os.FileInfo
}

func (f *files) check() error {
	for _, name := range []string{f.path, f.path + "-wal"} {
		now, err := os.Stat(name)
		before, known := f.seen[name]
		switch {
		case err != nil && (known || !os.IsNotExist(err)):
			return fmt.Errorf("the file %s was removed while it is in use, and what was written last with it: end this process, put the file back, and start again (%w)", filepath.Base(name), err)
		case err != nil:
			continue // SQLite has not made it yet
		case !known:
			if f.seen == nil {
				f.seen = map[string]os.FileInfo{}
			}
			f.seen[name] = now
		case !os.SameFile(before, now):
			return fmt.Errorf("another file was put in the place of %s while it is in use: end this process before you do that", filepath.Base(name))
		}
	}
	return nil
}
