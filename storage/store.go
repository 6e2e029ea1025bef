package storage

import (
	"context"
	"fmt"
	"iter"

	"natstron/bridge/wire"
	"natstron/storage/document"
)

// Store is what a database does for Astron: it keeps objects, and gives each
// a fresh doId out of its range. storagetest.Run is this contract as tests; every
// backend passes it. [Objects] is the view of a Store in DC terms.
//
// # Atomic
//
// Each call happens at once for the object it is about, and in one piece: nobody
// sees half of an Update, and of two Updates that want the same value one fails.
// There is nothing of the kind for several objects.
//
// # Answered means kept
//
// When a call has returned nil, what it did outlives the process, and, unless the
// backend says otherwise, a power cut. A Get that begins later sees it.
//
// # Errors
//
// A returned error is an [*Error]; ask for its kind with errors.Is. There are three
// sorts:
//
//   - The call was understood and had no effect: [ErrNotFound], [ErrExists],
//     [ErrClass], [ErrMismatch], [ErrExhausted], [ErrUnreadable], [ErrValue].
//     Doing the same again gives the same, until somebody changes the data.
//   - The call had no effect, but may have one later: [ErrUnavailable],
//     [ErrClosed]. It may be repeated as it is.
//   - It is not known whether the call had its effect: [ErrUnknown], and the
//     context's own error. It may have it still for a moment after the call
//     returned. Get, All and a plain Update (without conditions) may be repeated as
//     they are. Before repeating a Create, a Delete or an Update with conditions,
//     look: repeating a Create may leave an object that nobody knows of,
//     and a conditional Update that succeeded fails the second time.
//
// # Contexts
//
// A call returns soon after its context has ended. If it had not begun, it never
// will; otherwise it is done in whole or not at all, and which of them is not known
// (the last sort above). A cancelled context never damages anything, and the next
// call works.
//
// # Concurrency
//
// All methods may be called by any number of goroutines at once. Calls for one
// object that overlap happen in some order; who needs one waits for the answer.
type Store interface {
	// Create keeps a new object and returns its doId: the next of the range
	// that no object ever had, or, once they are used up, the one whose object was
	// deleted the longest time ago. A failed Create uses up no id (with
	// ErrUnknown it may). Objects that are there already, put or imported, are
	// stepped over. ErrExhausted if every id of the range is taken.
	Create(ctx context.Context, class string, fields document.Document) (wire.DoID, error)

	// Get returns the object, or ErrNotFound. ErrUnreadable if what is stored
	// under that id is no object at all; a single value is never the reason.
	Get(ctx context.Context, id wire.DoID) (Object, error)

	// Update changes fields of an object, if all the conditions hold; see Update.
	// ErrNotFound, ErrClass (with [*ClassError]), ErrMismatch
	// (with [*MismatchError]), in this order.
	Update(ctx context.Context, id wire.DoID, u Update) error

	// Delete removes the object, or returns ErrNotFound. Its id, if of the
	// range, can be given anew, after all that were free before it.
	Delete(ctx context.Context, id wire.DoID) error

	// Put keeps an object under the id that it has, which may be outside the
	// range: for imports. ErrExists if there is one.
	Put(ctx context.Context, o Object) error

	// All goes through the objects above the given id, in the order of their ids,
	// whatever the range. Objects that change meanwhile are seen as they are when
	// their turn comes, or as they were. An object that is ErrUnreadable comes as
	// an Object with nothing but its ID, and that error; All goes on. After any
	// other error it ends.
	All(ctx context.Context, above wire.DoID) iter.Seq2[Object, error]

	// IDs says which ids are given next, and SetIDs sets it: for imports. Create
	// never gives an id that an object has, whatever SetIDs was told. SetIDs with
	// a Next or a Free outside the range is ErrValue.
	IDs(ctx context.Context) (IDs, error)
	SetIDs(ctx context.Context, ids IDs) error

	// Close waits for calls under way, which end soon, and lets go of everything.
	// Later calls return ErrClosed. A second Close does nothing.
	Close() error
}

// Reader is a [Store] opened for reading alone, which may be done while another
// process has it open. Its methods are those of Store.
type Reader interface {
	Get(ctx context.Context, id wire.DoID) (Object, error)
	All(ctx context.Context, above wire.DoID) iter.Seq2[Object, error]
	IDs(ctx context.Context) (IDs, error)
	Close() error
}

var _ Reader = Store(nil)

// Counter is a [Store] or [Reader] that knows soon how much it holds.
type Counter interface {
	// Count says how many objects there are, and the greatest of their ids, 0 if
	// there is none.
	Count(ctx context.Context) (objects int64, highest wire.DoID, err error)
}

// Object is one object as it is stored.
type Object struct {
	ID     wire.DoID
	Class  string // the dclass's name
	Fields document.Document
}

// Update is a change to the fields of one object.
type Update struct {
	// Classes are the names of the classes that the object may be of; any if there
	// are none. ErrClass otherwise.
	Classes []string
	// If are conditions that must all hold; ErrMismatch otherwise.
	If []Condition
	// Set are fields that get a value. Fields that the object has keep their place.
	Set document.Document
	// Delete are the names of fields that shall have no value. Those that have
	// none already are fine. A name is either in Set or here.
	Delete []string
}

// Condition is what a field must be for an Update to happen.
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

// Contains says whether the id is of the range.
func (r Range) Contains(id wire.DoID) bool { return id >= r.Min && id <= r.Max }

// Check returns an error if the range is empty or has the id 0, which is none.
func (r Range) Check() error {
	if r.Min == 0 || r.Min > r.Max {
		return fmt.Errorf("generate: %d to %d is no range of doIds: it needs 0 < min <= max", r.Min, r.Max)
	}
	return nil
}

// IDs is the state of the ids of a range.
type IDs struct {
	// Next is the least id that was never given; Max+1 once all were.
	// It is 64 bits wide because Max may be the greatest doId.
	Next uint64
	// Free are ids that were given and are free again, in the order in which
	// they will be given once Next is past the range.
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

// Apply returns what the update makes of an object, or the error that Update has
// to return, without its [*Error]. It changes nothing of o. Backends that read,
// change and write use it, so that they all do the same.
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

// CheckClass returns a [*ClassError] unless the object's class is one of those that
// the update is for.
func (u Update) CheckClass(class string) error {
	for _, c := range u.Classes {
		if c == class {
			return nil
		}
	}
	if len(u.Classes) == 0 {
		return nil
	}
	return &ClassError{Class: class, Want: u.Classes}
}
