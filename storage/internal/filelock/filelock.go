// Package filelock prevents a second process from opening a database on disk. The lock
// ends with its process, however that ends.
package filelock

import (
	"errors"
	"fmt"
	"os"

	"natstron/storage"
)

// errHeld is what lock returns when the file is locked already.
var errHeld = errors.New("held")

// Lock is a lock on a file.
type Lock struct {
	file *os.File
}

// Acquire locks the file, which it makes if it is not there, or returns
// storage.ErrLocked if it is locked already, by this process or another. It does not
// wait.
func Acquire(path string) (*Lock, error) {
	f, err := open(path)
	if err == nil {
		if err = lock(f); err != nil {
			_ = f.Close() // nothing was written
		}
	}
	if errors.Is(err, errHeld) {
		return nil, fmt.Errorf("%w (locked: %s)", storage.ErrLocked, path)
	}
	if err != nil {
		return nil, err
	}
	return &Lock{f}, nil
}

// Release gives the lock up. The file stays: removing it would let two processes
// hold locks on two files of that name.
func (l *Lock) Release() error { return l.file.Close() }
