// Package folder makes folders, and has the disk know what is in them: a file that
// was synced can still be lost with its name.
package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Make makes a folder with these permissions, and those above it that are not
// there, and syncs what each of them is in. One that is there is no error, and
// stays as it is.
func Make(dir string, perm fs.FileMode) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := Make(filepath.Dir(dir), perm); err != nil {
		return err
	}
	if err := os.Mkdir(dir, perm); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return Sync(filepath.Dir(dir))
}

// Sync has the disk know which files are in a folder.
func Sync(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // there it is the file system's business
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
