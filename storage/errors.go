package storage

import (
	"errors"
	"fmt"
	"strings"

	"natstron/bridge/wire"
)

// Errors of a [Store], wrapped in an [*Error]. Store says what each of them means for the
// data.
var (
	ErrNotFound    = errors.New("the object does not exist")
	ErrExists      = errors.New("the object exists already")
	ErrClass       = errors.New("the object is of another class")
	ErrMismatch    = errors.New("a field does not have the value that was required")
	ErrExhausted   = errors.New("every id of the range is taken")
	ErrUnreadable  = errors.New("the stored value cannot be read")
	ErrValue       = errors.New("this cannot be stored")
	ErrUnavailable = errors.New("the database does not answer")
	ErrUnknown     = errors.New("it is not known whether it was done")
	ErrClosed      = errors.New("the database is closed")
)

// ErrPermission says that the database does not permit something to the user that it was
// opened with. It is an [ErrUnavailable].
var ErrPermission error = refusal{}

type refusal struct{}

func (refusal) Error() string        { return "the database does not permit this to its user" }
func (refusal) Is(target error) bool { return target == ErrUnavailable }

// ErrLocked says that another process has the database on disk open.
var ErrLocked = errors.New("another process has the database open")

// ErrLost says that a database on disk lacks changes that were reported as done.
var ErrLost = errors.New("stored data was lost")

// Error is the error of an operation on an object.
type Error struct {
	Op  string    // such as "set fields"
	ID  wire.DoID // 0 for none
	Err error
}

func (e *Error) Error() string {
	if e.ID == 0 {
		return e.Op + ": " + e.Err.Error()
	}
	return fmt.Sprintf("%s do=%d: %v", e.Op, e.ID, e.Err)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// Fail wraps a reason in an [*Error]; it returns nil for nil. Backends call it with their
// results.
func Fail(op string, id wire.DoID, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Op: op, ID: id, Err: err}
}

// ClassError is an [ErrClass].
type ClassError struct {
	Class string   // of the object
	Want  []string // one of these was wanted
}

func (e *ClassError) Error() string {
	return fmt.Sprintf("%v: %s, not %s", ErrClass, e.Class, strings.Join(e.Want, " or "))
}

// Is makes it an [ErrClass].
func (e *ClassError) Is(target error) bool { return target == ErrClass }

// MismatchError is an [ErrMismatch], with the object whose fields did not match.
type MismatchError struct {
	Object Object
}

func (e *MismatchError) Error() string { return ErrMismatch.Error() }

// Is makes it an [ErrMismatch].
func (e *MismatchError) Is(target error) bool { return target == ErrMismatch }
