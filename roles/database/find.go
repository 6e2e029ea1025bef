package database

import (
	"context"
	"errors"
	"slices"
	"strings"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
	"natstron/storage"
)

// finding is a FIND_OBJECTS.
type finding struct {
	entry
	above wire.DoID
	limit int
}

// entry is a value of an index.
type entry struct {
	index  storage.FieldIndex
	packed []byte
}

// maxFound is how many objects an answer names at most: they fit into a datagram.
const maxFound = 16000

// readFind reads a FIND_OBJECTS.
func (r reader) readFind(q *request, body *wire.Reader) error {
	q.find = &finding{}
	id, field := body.DClassID(), body.FieldID()
	if err := body.Err(); err != nil {
		return err
	}
	class, ok := r.file.ClassByID(uint16(id))
	if !ok || class.Undeclared() {
		return fail(UnknownClass, "the DC files have no dclass %d", id)
	}
	f, err := r.field(field)
	if err != nil {
		return err
	}
	if own, ok := class.Field(f.ID()); !ok || own != f {
		return fail(WrongClass, "find: %s has no field %s", class.Name(), f.Name())
	}
	i := slices.IndexFunc(r.indexes, func(x storage.FieldIndex) bool { return x.Class == class && x.Field == f })
	if i < 0 {
		return fail(NotIndexed, "%s.%s is not indexed; %s", class.Name(), f.Name(), r.whatIsIndexed())
	}
	packed, err := fieldlist.Value(body, f)
	if err != nil {
		return err
	}
	q.find.entry = entry{r.indexes[i], packed}
	q.find.above = body.DoID()
	q.find.limit = int(body.Uint16())
	if q.find.limit == 0 || q.find.limit > maxFound {
		q.find.limit = maxFound
	}
	return nil
}

// readIndexed finds out what a request has to do with indexes.
func (r reader) readIndexed(q *request) error {
	changes := func(f *dc.Field, packed []byte) {
		for _, x := range r.indexes {
			if x.Field != f || q.class != nil && x.Class != q.class {
				continue
			}
			q.indexed = true
			if x.Unique && packed != nil {
				q.gives(f.Name(), packed)
				q.unique = append(q.unique, entry{x, packed})
			}
		}
	}
	for _, v := range q.change.Set {
		// It has been checked, so it can be split.
		_ = v.Field.Split(v.Packed, func(f *dc.Field, packed []byte) error {
			changes(f, packed)
			return nil
		})
	}
	for _, f := range q.change.Clear {
		changes(f, nil)
	}
	if q.msg == wire.DBServerSetStoredValues { // the class is not known yet
		for _, n := range q.named {
			for _, x := range r.indexes {
				if x.Field.Name() == n.name {
					q.indexed = true
					q.gives(n.name, n.packed)
				}
			}
		}
	}
	q.indexed = q.indexed || q.msg == wire.DBServerObjectDelete && len(r.indexes) > 0
	switch {
	case q.msg != wire.DBServerCreateObjectIfAbsent:
		q.unique = nil
	case len(q.unique) == 0:
		return fail(NotIndexed, "it gives no value of a unique index of %s; %s", q.class.Name(), r.whatIsIndexed())
	}
	return nil
}

// whatIsIndexed is said to those who want something else.
func (r reader) whatIsIndexed() string {
	if len(r.indexes) == 0 {
		return "the database has no index in its configuration"
	}
	var names []string
	for _, x := range r.indexes {
		name := x.String()
		if x.Unique {
			name += " (unique)"
		}
		names = append(names, name)
	}
	return "the database's index has " + strings.Join(names, ", ")
}

// gives notes a value of a unique index.
func (q *request) gives(field string, packed []byte) {
	if key := field + "\x00" + string(packed); !slices.Contains(q.values, key) {
		q.values = append(q.values, key)
	}
}

func find(ctx context.Context, objects *storage.Objects, indexes *indexes, f *finding) outcome {
	if err := indexes.canUse(f.index); err != nil {
		return outcome{err: err}
	}
	ids, err := objects.Find(ctx, f.index, f.packed, f.above, f.limit+1)
	o := outcome{err: err, ids: ids}
	if len(ids) > f.limit {
		o.ids, o.more = ids[:f.limit], true
	}
	return o
}

// createIfAbsent creates an object, unless another has a value of a unique index. It looks
// first: most of those who ask know their object already.
func createIfAbsent(ctx context.Context, objects *storage.Objects, indexes *indexes, q *request) outcome {
	for {
		for _, e := range q.unique {
			if err := indexes.canUse(e.index); err != nil {
				return outcome{err: err}
			}
			ids, err := objects.Find(ctx, e.index, e.packed, 0, 1)
			if err != nil {
				return outcome{err: err}
			}
			if len(ids) > 0 {
				return outcome{id: ids[0], field: e.index.Field, err: &storage.TakenError{Index: e.index.Index(), ID: ids[0]}}
			}
		}
		id, err := objects.Create(ctx, q.class, q.change.Set)
		var taken *storage.TakenError
		switch {
		case !errors.As(err, &taken):
			return outcome{id: id, err: err}
		case taken.ID != 0:
			f, _ := q.class.FieldByName(taken.Index.Field)
			return outcome{id: taken.ID, field: f, err: err}
		case ctx.Err() != nil:
			return outcome{err: ctx.Err()}
		}
		// Another program has written the value just now: look who has it.
	}
}

// Codes of answers to requests that use indexes.
const (
	codeOK         = 0
	codeTaken      = 1
	codeNotIndexed = 2
	codeNoIndex    = 3
	codeRefused    = 4 // the message
	codeUnable     = 5 // nothing was done
	codeUncertain  = 6 // it may have been done
)

func codeOf(err error) uint16 {
	switch resultOf(err) {
	case Done:
		return codeOK
	case Taken:
		return codeTaken
	case NotIndexed:
		return codeNotIndexed
	case NoIndex:
		return codeNoIndex
	case Unknown, TimedOut:
		return codeUncertain
	case Overloaded, Unavailable, Exhausted, Unreadable:
		return codeUnable
	}
	return codeRefused
}

// writeFound writes what answers a FIND_OBJECTS, behind the context.
func writeFound(w *wire.Writer, o outcome) {
	w.Uint16(codeOf(o.err))
	if o.err != nil {
		return
	}
	w.Bool(o.more).Uint16(uint16(len(o.ids)))
	for _, id := range o.ids {
		w.DoID(id)
	}
}

// writeIfAbsent writes what answers a CREATE_OBJECT_IF_ABSENT, behind the context.
func writeIfAbsent(w *wire.Writer, o outcome) {
	w.Uint16(codeOf(o.err)).DoID(o.id)
	if o.field != nil {
		w.FieldID(wire.FieldID(o.field.ID()))
	}
}
