package syntax

import "fmt"

// Limits of what is read, so that no input can exhaust the process.
const (
	// MaxSize is the longest text, in bytes. The longest of a real game has
	// about 200,000. A tree takes up to a hundred times as much memory.
	MaxSize = 4 << 20
	// MaxDepth is how deep structs, switches and values may be nested. Panda3D
	// gives up after 164 structs, 328 switches or 491 brackets of a value.
	MaxDepth = 500
	// MaxErrors is how many errors of one file are reported.
	MaxErrors = 100
)

// Error is something wrong at a place of a file.
type Error struct {
	Pos int // offset in the file's text
	Msg string
}

// errorList collects errors; one place is reported once.
type errorList struct {
	list []Error
	last int // offset of the last report, plus one
}

// add reports an error, unless the one before was at the same place.
func (l *errorList) add(pos int, format string, args ...any) {
	if len(l.list) >= MaxErrors || l.last == pos+1 {
		return
	}
	l.last = pos + 1
	l.list = append(l.list, Error{Pos: pos, Msg: fmt.Sprintf(format, args...)})
}

// full says that no more will be reported.
func (l *errorList) full() bool { return len(l.list) >= MaxErrors }

// Errorf makes an error at an offset.
func Errorf(pos int, format string, args ...any) Error {
	return Error{Pos: pos, Msg: fmt.Sprintf(format, args...)}
}
