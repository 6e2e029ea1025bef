package storage

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// What else went wrong is not lost behind an index that cannot be unique.
func TestDoublesIn(t *testing.T) {
	one, two := &DoublesError{Index: Index{Class: "Toon", Field: "hp"}}, &DoublesError{Index: Index{Class: "Toon", Field: "setName"}}
	full := errors.New("the disk is full")
	for _, c := range []struct {
		err   error
		want  []*DoublesError
		other error
	}{
		{nil, nil, nil},
		{one, []*DoublesError{one}, nil},
		{full, nil, full},
		{Fail("set indexes", 0, one), []*DoublesError{one}, nil},
		{Fail("set indexes", 0, errors.Join(one, full)), []*DoublesError{one}, full},
		{errors.Join(one, nil, two), []*DoublesError{one, two}, nil},
		{errors.Join(Fail("make", 0, one), errors.Join(two, fmt.Errorf("%w: %w", ErrUnavailable, full))), []*DoublesError{one, two}, full},
	} {
		got, other := DoublesIn(c.err)
		if !slices.Equal(got, c.want) || !errors.Is(other, c.other) {
			t.Errorf("%v: %v, %v, want %v, %v", c.err, got, other, c.want, c.other)
		}
	}
}
