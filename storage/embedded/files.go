package embedded

import (
	"fmt"
	"os"
	"path/filepath"
)

// files are those of a database that is in use. What is written to a removed file
// is lost when the process ends.
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
			return fmt.Errorf("the file %s was removed while in use, with the latest changes: stop this process, put the file back, and start again (%w)", filepath.Base(name), err)
		case err != nil:
			continue // SQLite has not made it yet
		case !known:
			if f.seen == nil {
				f.seen = map[string]os.FileInfo{}
			}
			f.seen[name] = now
		case !os.SameFile(before, now):
			return fmt.Errorf("%s was replaced by another file while in use: stop this process before replacing it", filepath.Base(name))
		}
	}
	return nil
}
