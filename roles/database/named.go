package database

import (
	"context"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
)

// Requests that name fields, as those to Disney's databases did. What the names mean
// depends on the class of the object, which only the store knows.

// An ObjectType is the number by which DBSERVER_CREATE_STORED_OBJECT knows a class.
type ObjectType struct {
	ID    uint16 `key:"id,required" alone:"give each type a number of its own" doc:"The number by which processes of the OTP dialect create such objects."`
	Class string `key:"class,required" but:"a name as DC files have it" doc:"The class, which the DC files must have."`
}

// named is a field by name, and its packed value.
type named struct {
	name   string
	packed []byte
}

// most is what a count of so many things may be, of which each has a length at least.
func most(count uint16, body *wire.Reader) int { return min(int(count), body.Len()/2) }

// readNames reads a counted list of names.
func readNames(q *request, body *wire.Reader) {
	count := body.Uint16()
	q.names = make([]string, 0, most(count, body))
	for range count {
		if q.names = append(q.names, body.Text()); body.Err() != nil {
			return
		}
	}
}

// readNamed reads a counted list of names and values.
func readNamed(q *request, body *wire.Reader) {
	count := body.Uint16()
	q.named = make([]named, 0, most(count, body))
	for range count {
		if q.named = append(q.named, named{body.Text(), body.Blob()}); body.Err() != nil {
			return
		}
	}
}

// createStored reads a CREATE_STORED_OBJECT.
func (r reader) createStored(q *request, body *wire.Reader) error {
	body.Blob() // always empty
	number := body.Uint16()
	readNamed(q, body)
	if err := body.Err(); err != nil {
		return err
	}
	class, ok := r.types[number]
	if !ok {
		return fail(UnknownClass, "create: there is no object type %d in the configuration (objects)", number)
	}
	values, err := fieldsNamed(q, class)
	if err != nil && interleaved(q.named, class) {
		values, err = fieldsNamed(q, class)
	}
	if err != nil {
		return err
	}
	r.complete(q, class, values)
	return nil
}

// interleaved puts names and values in the order that most have who send them: some
// write all names first, and then all values, which looks the same.
func interleaved(all []named, class *dc.Class) bool {
	var texts []string
	for _, n := range all {
		texts = append(texts, n.name, string(n.packed))
	}
	for i := range all {
		if _, ok := class.FieldByName(texts[i]); !ok {
			return false
		}
	}
	for i := range all {
		all[i] = named{texts[i], []byte(texts[len(all)+i])}
	}
	return true
}

// fieldsNamed finds the fields that a request gives values to. Those that are not db are
// left out.
func fieldsNamed(q *request, class *dc.Class) ([]dc.FieldValue, error) {
	var values []dc.FieldValue
	for _, n := range q.named {
		f, ok := class.FieldByName(n.name)
		if !ok {
			return nil, fail(UnknownField, "%s has no field %q", class.Name(), n.name)
		}
		if err := f.Validate(n.packed); err != nil {
			return nil, err
		}
		if f.Has(dc.DB) {
			values = append(values, dc.FieldValue{Field: f, Packed: n.packed})
		} else {
			q.leftOut = f
		}
	}
	return values, nil
}

// setNamed is SET_STORED_VALUES.
func setNamed(ctx context.Context, objects *storage.Objects, q *request) error {
	s, err := objects.Get(ctx, q.id)
	if err != nil {
		return err
	}
	values, err := fieldsNamed(q, s.Class)
	if err != nil {
		return err
	}
	if len(values) == 0 {
		return noStoredField(q.leftOut)
	}
	q.change.Set = dc.SortValues(values)
	return objects.Update(ctx, q.id, q.change)
}

// getNamed is GET_STORED_VALUES.
func getNamed(ctx context.Context, objects *storage.Objects, q *request) outcome {
	s, err := objects.Get(ctx, q.id)
	if err != nil {
		return outcome{err: err}
	}
	o := outcome{found: make([][]byte, len(q.names))}
	for i, name := range q.names {
		f, ok := s.Class.FieldByName(name)
		if !ok || !f.Has(dc.DB) {
			continue
		}
		if err := readable(s, f); err != nil {
			return outcome{err: err}
		}
		o.found[i], _ = s.Get(f)
	}
	return o
}

// Codes of answers to requests that name fields.
const (
	codeDone     = 0
	codeNotFound = 1
	codeFailed   = 2
)

// writeNamed writes what answers a GET_STORED_VALUES, behind the context.
func writeNamed(w *wire.Writer, q *request, o outcome) {
	w.DoID(q.id).Uint16(uint16(len(q.names)))
	for _, name := range q.names {
		w.Text(name)
	}
	switch {
	case o.err == nil:
		w.Uint8(codeDone)
	case resultOf(o.err) == NotFound:
		w.Uint8(codeNotFound)
		return
	default:
		w.Uint8(codeFailed)
		return
	}
	for _, packed := range o.found {
		w.Blob(packed).Bool(packed != nil)
	}
}
