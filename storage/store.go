package storage

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"natstron/bridge/wire"
	"natstron/storage/document"
)

// Store keeps objects and gives each a new doId from its range. storagetest.Run tests
// this contract, and every backend passes it. [Objects] is a Store in DC terms.
//
// # Atomic
//
// A call changes its object at once: nobody sees half of an Update, and of two Updates
// that want the same value one fails. Of several calls that would give the same value of
// a unique index to different objects, one succeeds. There is no other guarantee for several
// objects.
//
// # Answered means kept
//
// What a call did when it returned nil outlives the process, and, unless the backend
// says otherwise, a power cut. A Get that begins later sees it.
//
// # Errors
//
// A returned error is an [*Error]; use errors.Is to find its kind. There are three
// groups:
//
//   - The call had no effect: [ErrNotFound], [ErrExists], [ErrClass], [ErrMismatch],
//     [ErrTaken], [ErrExhausted], [ErrUnreadable], [ErrValue]. The same call gives the
//     same result until somebody changes the data.
//   - The call had no effect, but may have one later: [ErrUnavailable], [ErrClosed]. It
//     may be repeated.
//   - It is not known whether the call had an effect: [ErrUnknown], and the context's
//     own error. It may still take effect shortly after it returned. Get, All and an
//     Update without conditions may be repeated. Look before you repeat a Create, a
//     Delete or an Update with conditions: a repeated Create may leave a second object,
//     and a conditional Update that succeeded fails the second time.
//
// # Contexts
//
// A call returns soon after its context has ended. A call that had not begun has no
// effect; otherwise it is done completely or not at all, and it is not known which. A
// cancelled context never damages anything, and the next call works.
//
// # Concurrency
//
// Methods are safe for concurrent use. Calls for one object that overlap happen in some
// order; a caller that needs a certain order waits for each answer.
type Store interface {
	// Create keeps a new object and returns its doId: the next id of the range that no
	// object ever had, or, once these are used up, the id whose object was deleted the
	// longest time ago. It skips ids of objects that were put or imported. A failed
	// Create uses up no id (with ErrUnknown it may). ErrExhausted: every id of the range
	// is taken. ErrTaken (with [*TakenError], which names the object): a unique index has
	// the value already.
	Create(ctx context.Context, class string, fields document.Document) (wire.DoID, error)

	// Get returns the object, or ErrNotFound. ErrUnreadable: what is stored under that
	// id is not an object; a single value is never the reason.
	Get(ctx context.Context, id wire.DoID) (Object, error)

	// Update changes fields of an object, if all the conditions hold. Its errors are
	// ErrNotFound, ErrClass (with [*ClassError]), ErrMismatch (with [*MismatchError]) and
	// ErrTaken (with [*TakenError]), checked in this order.
	Update(ctx context.Context, id wire.DoID, u Update) error

	// Delete removes the object, or returns ErrNotFound. Its id, if it is in the range,
	// becomes free: it is given again after all ids that were free before it.
	Delete(ctx context.Context, id wire.DoID) error

	// Put keeps an object under its own id, which may be outside the range: for
	// imports. ErrExists: there is an object with this id. ErrTaken as with Create.
	Put(ctx context.Context, o Object) error

	// All yields the objects with ids above the given one, in ascending order, also those
	// outside the range. An object that changes meanwhile comes as it was before or
	// after the change. An unreadable object comes as an Object with nothing but its ID,
	// and ErrUnreadable; All continues. It ends after any other error.
	All(ctx context.Context, above wire.DoID) iter.Seq2[Object, error]

	// IDs returns which ids are given next, and SetIDs sets it: for imports. Create never
	// gives the id of an existing object. ErrValue: SetIDs got a Next or a Free outside
	// the range.
	IDs(ctx context.Context) (IDs, error)
	SetIDs(ctx context.Context, ids IDs) error

	// Find returns the ids of the objects of q.Class whose field is stored as q.Value,
	// in ascending order. Numbers count by what they are, as in document.Equal; a value in
	// another form, such as an array instead of a document, is another value. Without an
	// [Index] of the field Find looks at every object.
	Find(ctx context.Context, q Query) ([]wire.DoID, error)

	// SetIndexes has the store keep these indexes from now on, and makes those that are
	// missing; meanwhile other calls are served, though those that write may wait. If some
	// are missing, it calls prepare with them, and with the objects that have a value of one of
	// them, some perhaps twice, or without other fields, before it begins. An index that cannot be
	// unique is not made, and the error then contains a [*DoublesError]; the others are
	// made nevertheless. It may be repeated. Indexes of the database that are not in the
	// list are removed, unless other processes may use the same database.
	SetIndexes(ctx context.Context, list []Index, prepare Prepare) error

	// Close waits for calls under way, which end soon, and releases everything. Later
	// calls return ErrClosed. A second Close does nothing.
	Close() error
}

// Reader is a [Store] opened for reading only, which is possible while another process
// has it open. Its methods are those of Store.
type Reader interface {
	Get(ctx context.Context, id wire.DoID) (Object, error)
	All(ctx context.Context, above wire.DoID) iter.Seq2[Object, error]
	IDs(ctx context.Context) (IDs, error)
	Find(ctx context.Context, q Query) ([]wire.DoID, error)
	Close() error
}

var _ Reader = Store(nil)

// Counter is a [Store] or [Reader] that can count its objects quickly.
type Counter interface {
	// Count returns the number of objects, and the greatest of their ids, or 0 if there
	// is none.
	Count(ctx context.Context) (objects int64, highest wire.DoID, err error)
}

// Object is a stored object.
type Object struct {
	ID     wire.DoID
	Class  string // the dclass's name
	Fields document.Document
}

// Update is a change to the fields of one object.
type Update struct {
	// Classes are the names of the classes that the object may have; any if the list
	// is empty. ErrClass otherwise.
	Classes []string
	// If are conditions that must all hold; ErrMismatch otherwise.
	If []Condition
	// Set are the new values of fields. Fields that the object has keep their place.
	Set document.Document
	// Delete are the names of fields whose values are removed, if they have one. A name
	// is either in Set or here.
	Delete []string
}

// Condition is the value that a field must have for an Update to happen.
type Condition struct {
	Name string
	Want document.Value // as document.Equal sees it; nil: the field has no value
}

// Range are the ids that a Store gives to new objects: from Min to Max, both
// included.
type Range wire.DoIDRange

// CheckKeys finds what is wrong with a range in a configuration.
func (r *Range) CheckKeys(given func(string) bool, report func(problem, fix string, keys ...string)) {
	(*wire.DoIDRange)(r).CheckKeys(given, report)
}

// Contains reports whether the id is in the range.
func (r Range) Contains(id wire.DoID) bool { return id >= r.Min && id <= r.Max }

// Check returns an error if the range is empty or contains 0, which is not an id.
func (r Range) Check() error {
	if r.Min == 0 || r.Min > r.Max {
		return fmt.Errorf("generate: %d to %d is not a range of doIds: it needs 0 < min <= max", r.Min, r.Max)
	}
	return nil
}

// IDs is the state of the ids of a range.
type IDs struct {
	// Next is the lowest id that was never given, or Max+1 if all were. It has 64 bits
	// because Max may be the greatest doId.
	Next uint64
	// Free are ids that were given and are free again, in the order in which they will
	// be given once Next is beyond the range.
	Free []wire.DoID
}

// Check returns an error if the state does not fit the range.
func (s IDs) Check(r Range) error {
	if s.Next < uint64(r.Min) || s.Next > uint64(r.Max)+1 {
		return fmt.Errorf("%w: the next id %d is outside the range %d to %d", ErrValue, s.Next, r.Min, r.Max)
	}
	seen := make(map[wire.DoID]bool, len(s.Free))
	for _, id := range s.Free {
		if !r.Contains(id) || uint64(id) >= s.Next || seen[id] {
			return fmt.Errorf("%w: %d cannot be free: it is outside the range %d to %d, was never given, or is listed twice", ErrValue, id, r.Min, r.Max)
		}
		seen[id] = true
	}
	return nil
}

// Apply returns the object after the update, or the error that Update must return,
// without its [*Error]. It does not change o. Backends that read, change and write use
// it, so that they all do the same.
func (u Update) Apply(o Object) (Object, error) {
	if err := u.CheckClass(o.Class); err != nil {
		return Object{}, err
	}
	for _, c := range u.If {
		v, ok := o.Fields.Get(c.Name)
		if ok != (c.Want != nil) || ok && !document.Equal(v, c.Want) {
			return Object{}, &MismatchError{Object: o}
		}
	}
	for _, e := range u.Set {
		o.Fields = o.Fields.With(e.Name, e.Value)
	}
	for _, name := range u.Delete {
		o.Fields = o.Fields.Without(name)
	}
	return o, nil
}

// CheckClass returns a [*ClassError] unless the class is one of u.Classes.
func (u Update) CheckClass(class string) error {
	if len(u.Classes) == 0 || slices.Contains(u.Classes, class) {
		return nil
	}
	return &ClassError{Class: class, Want: u.Classes}
}
