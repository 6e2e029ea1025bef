package storage

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"natstron/bridge/wire"
	"natstron/storage/document"
)

// Index finds the objects of one class by the stored value of one field. Objects of
// derived classes are not in it, and neither are objects without a value.
type Index struct {
	Class, Field string
	// Unique has every value belong to one object at most: what would give it to
	// a second one is refused with [ErrTaken].
	Unique bool
}

// String is the class and the field, as Account.name.
func (x Index) String() string { return x.Class + "." + x.Field }

// Check returns an error if no backend could make the index.
func (x Index) Check() error {
	for _, name := range []string{x.Class, x.Field} {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !isWord(r) }) {
			return fmt.Errorf("%w: %q cannot have an index: the names of its class and field need letters, digits and _", ErrValue, x)
		}
	}
	return nil
}

func isWord(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// Value is what an object has in the index; ok is false if it is not in it.
func (x Index) Value(o Object) (v document.Value, ok bool) {
	if o.Class != x.Class {
		return nil, false
	}
	return o.Fields.Get(x.Field)
}

// Prepare readies the objects for indexes that a [Store] is about to make.
type Prepare func(missing []Index, objects iter.Seq2[Object, error]) error

// Query asks [Reader.Find] for objects.
type Query struct {
	Class, Field string
	Value        document.Value
	Above        wire.DoID // only ids above this one
	Limit        int       // at most so many objects; at least 1
}

// ErrTaken says that another object has a value that can belong to one alone.
var ErrTaken = errors.New("another object has this value")

// TakenError is an [ErrTaken].
type TakenError struct {
	Index Index
	ID    wire.DoID // the object that has the value; 0 if that is not known
}

func (e *TakenError) Error() string {
	if e.ID == 0 {
		return fmt.Sprintf("%v of %v", ErrTaken, e.Index)
	}
	return fmt.Sprintf("%v of %v: object %d", ErrTaken, e.Index, e.ID)
}

// Is makes it an [ErrTaken].
func (e *TakenError) Is(target error) bool { return target == ErrTaken }

// DoublesError says that an index cannot be unique, because several objects have the
// same value already.
type DoublesError struct {
	Index   Index
	Doubles []Double // some of them: up to [MaxDoubles]
}

// Double is a value that several objects have.
type Double struct {
	Value document.Value
	IDs   []wire.DoID // in ascending order, up to [MaxDoubles]
}

// MaxDoubles is how many values, and objects of each, a [DoublesError] names.
const MaxDoubles = 10

func (e *DoublesError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v cannot be unique, because several objects have the same value: ", e.Index)
	for i, d := range e.Doubles {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s: ", clip(string(document.AppendValue(nil, d.Value))))
		for j, id := range d.IDs {
			if j > 0 {
				b.WriteString(", ")
			}
			fmt.Fprint(&b, id)
		}
		if len(d.IDs) == MaxDoubles {
			b.WriteString(" …")
		}
	}
	if len(e.Doubles) == MaxDoubles {
		b.WriteString("; …")
	}
	return b.String()
}

// DoublesIn finds the indexes that cannot be unique in an error of [Store.SetIndexes], and what
// else is in it.
func DoublesIn(err error) (all []*DoublesError, other error) {
	switch e := err.(type) {
	case nil:
	case *DoublesError:
		all = append(all, e)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			more, err := DoublesIn(one)
			all, other = append(all, more...), errors.Join(other, err)
		}
	default:
		if all, other = DoublesIn(errors.Unwrap(err)); len(all) == 0 {
			other = err
		}
	}
	return all, other
}
