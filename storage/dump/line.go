package dump

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
)

// AppendObject appends an object as a line.
func AppendObject(b []byte, o storage.Object) []byte {
	b = fmt.Appendf(b, `{"do_id": %d, "dclass": `, o.ID)
	b = document.AppendValue(b, o.Class)
	b = append(b, `, "fields": `...)
	b = document.Append(b, o.Fields)
	return append(b, "}\n"...)
}

// appendIDs appends the ids as a line.
func appendIDs(b []byte, ids storage.IDs) []byte {
	b = fmt.Appendf(b, `{"ids": {"next": %d, "free": [`, ids.Next)
	for i, id := range ids.Free {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendUint(b, uint64(id), 10)
	}
	return append(b, "]}}\n"...)
}

// Write writes all objects, and the ids of the reader's range. Those that cannot be
// read at all are left out, and handed to unreadable. wrote is told of each line.
func Write(ctx context.Context, w io.Writer, from storage.Reader, unreadable func(wire.DoID, error), wrote func()) error {
	out := bufio.NewWriterSize(w, 1<<16)
	ids, err := from.IDs(ctx)
	if err != nil {
		return err
	}
	line := appendIDs(nil, ids)
	if _, err := out.Write(line); err != nil {
		return err
	}
	for o, err := range from.All(ctx, 0) {
		switch {
		case errors.Is(err, storage.ErrUnreadable):
			unreadable(o.ID, err)
			continue
		case err != nil:
			return err
		}
		line = AppendObject(line[:0], o)
		if _, err := out.Write(line); err != nil {
			return err
		}
		wrote()
	}
	return out.Flush()
}

// maxLine bounds a line: many times what an object can hold.
const maxLine = 256 << 20

// Lines is a dump that is read. It can be read once.
type Lines struct {
	scanner *bufio.Scanner
	number  int // of the line
	ids     *storage.IDs
}

// ReadLines reads a dump.
func ReadLines(r io.Reader) *Lines {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 1<<16), maxLine)
	return &Lines{scanner: s}
}

// All are the objects of the lines. A line that cannot be read is an ErrUnreadable with the
// line's number; All goes on.
func (l *Lines) All(ctx context.Context, _ wire.DoID) iter.Seq2[storage.Object, error] {
	return func(yield func(storage.Object, error) bool) {
		for l.scanner.Scan() {
			if err := ctx.Err(); err != nil {
				yield(storage.Object{}, err)
				return
			}
			l.number++
			text := bytes.TrimSpace(l.scanner.Bytes())
			if len(text) == 0 {
				continue
			}
			o, ids, err := parseLine(text)
			if err == nil && ids != nil {
				l.ids = ids
				continue
			}
			if err != nil {
				err = fmt.Errorf("line %d: %w: %w", l.number, storage.ErrUnreadable, err)
			}
			if !yield(o, err) {
				return
			}
		}
		if err := l.scanner.Err(); err != nil {
			yield(storage.Object{}, fmt.Errorf("line %d: %w", l.number+1, err))
		}
	}
}

// IDs are those of the line that tells them, once All has come to its end; nil if
// there is none.
func (l *Lines) IDs(context.Context) (*storage.IDs, error) { return l.ids, nil }

// parseLine reads a line: an object, or ids.
func parseLine(text []byte) (o storage.Object, ids *storage.IDs, err error) {
	d, err := document.Parse(text)
	if err != nil {
		return o, nil, err
	}
	if v, ok := d.Get("ids"); ok {
		ids, err := parseIDs(v)
		return o, ids, err
	}
	for _, e := range d {
		switch e.Name {
		case "do_id":
			id, ok := whole(e.Value)
			if !ok || id < 1 || id > math.MaxUint32 {
				return o, nil, fmt.Errorf("do_id: %v is not a doId", e.Value)
			}
			o.ID = wire.DoID(id)
		case "dclass":
			o.Class, _ = e.Value.(string)
		case "fields":
			if o.Fields, _ = e.Value.(document.Document); o.Fields == nil {
				return o, nil, errors.New("fields: expected an object of names and values")
			}
		default:
			return o, nil, fmt.Errorf("unknown key %q; do_id, dclass and fields are known", e.Name)
		}
	}
	if o.ID == 0 || o.Class == "" || o.Fields == nil {
		return o, nil, errors.New("do_id, dclass and fields are required")
	}
	return o, nil, nil
}

func parseIDs(v document.Value) (*storage.IDs, error) {
	d, _ := v.(document.Document)
	next, _ := d.Get("next")
	n, ok := whole(next)
	if !ok || n < 1 || n > math.MaxUint32+1 {
		return nil, errors.New("ids: next: expected a doId")
	}
	ids := &storage.IDs{Next: uint64(n)}
	free, _ := d.Get("free")
	list, _ := free.(document.Array)
	for _, v := range list {
		id, ok := whole(v)
		if !ok || id < 1 || id > math.MaxUint32 {
			return nil, fmt.Errorf("ids: free: %v is not a doId", v)
		}
		ids.Free = append(ids.Free, wire.DoID(id))
	}
	return ids, nil
}

func whole(v document.Value) (int64, bool) {
	switch v := v.(type) {
	case int32:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}
