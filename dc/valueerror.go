package dc

import (
	"errors"
	"fmt"
	"strconv"
)

// Errors of packed bytes and of values to pack, wrapped in a [*ValueError].
var (
	// ErrTruncated says that the bytes end before the value does.
	ErrTruncated = errors.New("truncated")
	// ErrExcess says that bytes follow the value, or that a length is greater than
	// the parts that it counts.
	ErrExcess = errors.New("excess data")
	// ErrRange says that the field does not allow a number, a length or a count.
	ErrRange = errors.New("outside its range")
	// ErrCase says that a switch has neither a case nor a default for its key.
	ErrCase = errors.New("no such case")
	// ErrUndeclared says that no file declares the type.
	ErrUndeclared = errors.New("type not declared")
	// ErrType says that a value to pack has the wrong Go type for the field.
	ErrType = errors.New("wrong type")
	// ErrTooLarge says that a value has unreasonably many parts.
	ErrTooLarge = errors.New("too large")
)

// ValueError is an error in a value: "setColor.r: 130 is outside 0-100".
type ValueError struct {
	Path   string // of fields, members and indexes
	Offset int    // of the byte in the packed value; 0 for a value to pack
	Detail string
	Err    error // one of the errors above
}

func (e *ValueError) Error() string { return e.Path + ": " + e.Detail }

// Unwrap returns the kind of the error.
func (e *ValueError) Unwrap() error { return e.Err }

// fault makes an error without a path yet.
func fault(err error, at int, format string, args ...any) *ValueError {
	return &ValueError{Offset: at, Detail: fmt.Sprintf(format, args...), Err: err}
}

func truncated(at, wanted, left int) *ValueError {
	return fault(ErrTruncated, at, "truncated: %s wanted, %d left", count(wanted, "byte"), left)
}

// excess is the error of bytes behind the end of a value.
func excess(end int, b []byte) *ValueError {
	return fault(ErrExcess, end, "%s too many", count(len(b)-end, "byte"))
}

// count is a number and what it counts: "1 byte", "2 bytes".
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// under puts a name in front of the path, on the way out.
func (e *ValueError) under(name string) *ValueError {
	switch {
	case e.Path == "":
		e.Path = name
	case name == "" || e.Path[0] == '[':
		e.Path = name + e.Path
	default:
		e.Path = name + "." + e.Path
	}
	return e
}
