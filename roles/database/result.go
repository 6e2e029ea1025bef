package database

import (
	"context"
	"errors"
	"fmt"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
)

// Result is what became of a request.
type Result uint8

// The results. After all but Done, Unknown and TimedOut certainly nothing has
// changed.
const (
	Done Result = iota
	// NotFound: the object does not exist.
	NotFound
	// NoValue: the field has none.
	NoValue
	// Mismatch: a field does not have the value that the request requires.
	Mismatch
	// Taken: another object has a value that can belong to one alone.
	Taken
	// NotIndexed: the configuration has no index of the field, or no unique one.
	NotIndexed
	// NoIndex: the index is not made yet, or cannot be unique.
	NoIndex
	// WrongClass: the object's class does not have the field.
	WrongClass
	// Unreadable: the stored value does not fit the DC file.
	Unreadable
	// Exhausted: every id is taken.
	Exhausted
	// Truncated: the message ends before it is complete.
	Truncated
	// Excess: bytes are left behind the message.
	Excess
	// BadValue: a field does not allow its value.
	BadValue
	// UnknownMessage: no request to a database server has that type.
	UnknownMessage
	// UnknownClass: the DC files do not have the dclass.
	UnknownClass
	// UnknownField: the DC files do not have the field.
	UnknownField
	// WrongField: no field of the message is one that is stored.
	WrongField
	// TooLarge: what would be answered does not fit into a datagram.
	TooLarge
	// Overloaded: too many requests wait.
	Overloaded
	// Unavailable: the database failed.
	Unavailable
	// TimedOut: it took too long. If it had begun, it may have happened.
	TimedOut
	// Unknown: it is not known whether it happened.
	Unknown

	results = int(Unknown) + 1
)

var resultNames = [results]string{
	"done", "not_found", "no_value", "mismatch", "taken", "not_indexed", "no_index", "wrong_class", "unreadable", "exhausted",
	"truncated", "excess", "bad_value", "unknown_message", "unknown_class", "unknown_field",
	"wrong_field", "too_large", "overloaded", "unavailable", "timed_out", "unknown",
}

// String is the result as metrics have it.
func (r Result) String() string { return resultNames[r] }

// Results are all there are.
func Results() []Result {
	all := make([]Result, results)
	for i := range all {
		all[i] = Result(i)
	}
	return all
}

// failure is the error of a request that failed.
type failure struct {
	result Result
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func fail(result Result, format string, args ...any) error {
	return &failure{result, fmt.Errorf(format, args...)}
}

// resultOf finds the result in an error of this package, of storage, wire or dc.
func resultOf(err error) Result {
	var failed *failure
	if errors.As(err, &failed) {
		return failed.result
	}
	for _, known := range []struct {
		err    error
		result Result
	}{
		{nil, Done},
		{storage.ErrNotFound, NotFound},
		{storage.ErrMismatch, Mismatch},
		{storage.ErrTaken, Taken},
		{storage.ErrClass, WrongClass},
		{storage.ErrUnreadable, Unreadable},
		{storage.ErrExhausted, Exhausted},
		{context.DeadlineExceeded, TimedOut},
		{storage.ErrUnknown, Unknown},
		{context.Canceled, Unknown},
		{wire.ErrTruncated, Truncated},
		{dc.ErrTruncated, Truncated},
		{wire.ErrExcess, Excess},
		{wire.ErrTooLong, TooLarge},
		{storage.ErrValue, BadValue},
	} {
		if errors.Is(err, known.err) {
			return known.result
		}
	}
	var bad *dc.ValueError
	if errors.As(err, &bad) {
		return BadValue
	}
	return Unavailable
}
