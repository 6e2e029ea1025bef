package yaml

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"natstron/storage"
	"natstron/storage/internal/backend"
	"natstron/storage/internal/folder"
)

// tempSuffix is of files that are being written. They begin with a point.
const tempSuffix = ".new"

// replaceFile puts a file in the place of another, or where none is. Afterwards the
// disk has it. storage.ErrUnknown if that may be so or not.
func replaceFile(dir, name string, data []byte) error {
	temp := filepath.Join(dir, "."+name+tempSuffix)
	if err := writeFile(temp, data); err != nil {
		return backend.Unavailable(errors.Join(err, removeIfThere(temp)))
	}
	if err := os.Rename(temp, filepath.Join(dir, name)); err != nil {
		return backend.Unavailable(errors.Join(err, removeIfThere(temp)))
	}
	return settled(folder.Sync(dir))
}

func writeFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// removeFile removes a file. Afterwards the disk knows.
func removeFile(dir, name string) error {
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		return backend.Unavailable(err)
	}
	return settled(folder.Sync(dir))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// removeTemporary removes what a killed process was writing.
func removeTemporary(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".yaml"+tempSuffix) {
			err = errors.Join(err, removeIfThere(filepath.Join(dir, name)))
		}
	}
	return err
}

// settled is the error of what was done, but may not have reached the disk.
func settled(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", storage.ErrUnknown, err)
}
