package mongo

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
)

// maxDepth is how deep a document is looked into. What is deeper stays bytes.
const maxDepth = 400

// toBSON turns a value into the driver's terms.
func toBSON(v document.Value) any {
	switch v := v.(type) {
	case []byte:
		return bson.Binary{Data: v}
	case document.Document:
		return toD(v)
	case document.Array:
		a := make(bson.A, len(v))
		for i, one := range v {
			a[i] = toBSON(one)
		}
		return a
	case document.Scaled:
		return float64(v)
	case document.Text:
		return string(v)
	case document.Other:
		return bson.RawValue{Type: bson.Type(v.Type), Value: []byte(v.Data)}
	}
	return v // int32, int64, float64, string
}

func toD(d document.Document) bson.D {
	out := make(bson.D, len(d))
	for i, e := range d {
		out[i] = bson.E{Key: e.Name, Value: toBSON(e.Value)}
	}
	return out
}

// reader turns BSON into values.
type reader struct {
	scaled bool // real numbers may be divided
}

func (r reader) value(v bson.RawValue, depth int) (document.Value, error) {
	switch v.Type {
	case bson.TypeInt32:
		return v.Int32(), nil
	case bson.TypeInt64:
		return v.Int64(), nil
	case bson.TypeDouble:
		if r.scaled {
			return document.Scaled(v.Double()), nil
		}
		return v.Double(), nil
	case bson.TypeString:
		return v.StringValue(), nil
	case bson.TypeBinary:
		if subtype, data := v.Binary(); subtype == 0 {
			return append([]byte{}, data...), nil
		}
	case bson.TypeEmbeddedDocument:
		if depth < maxDepth {
			return r.document(v.Document(), depth+1)
		}
	case bson.TypeArray:
		if depth < maxDepth {
			return r.array(v.Array(), depth+1)
		}
	}
	return document.Other{Type: byte(v.Type), Data: string(v.Value)}, nil
}

func (r reader) document(raw bson.Raw, depth int) (document.Document, error) {
	elements, err := raw.Elements()
	if err != nil {
		return nil, err
	}
	d := make(document.Document, 0, len(elements))
	for _, e := range elements {
		v, err := r.value(e.Value(), depth)
		if err != nil {
			return nil, err
		}
		d = append(d, document.Element{Name: e.Key(), Value: v})
	}
	return d, nil
}

func (r reader) array(raw bson.RawArray, depth int) (document.Array, error) {
	values, err := raw.Values()
	if err != nil {
		return nil, err
	}
	a := make(document.Array, 0, len(values))
	for _, v := range values {
		one, err := r.value(v, depth)
		if err != nil {
			return nil, err
		}
		a = append(a, one)
	}
	return a, nil
}

// object reads a document of the collection of objects.
func (r reader) object(raw bson.Raw) (storage.Object, error) {
	if err := raw.Validate(); err != nil {
		return storage.Object{}, fmt.Errorf("%w: %w", storage.ErrUnreadable, err)
	}
	id, ok := raw.Lookup("_id").AsInt64OK()
	if !ok || id < 1 || id > 1<<32-1 {
		return storage.Object{}, fmt.Errorf("%w: _id %v is not a doId", storage.ErrUnreadable, raw.Lookup("_id"))
	}
	o := storage.Object{ID: wire.DoID(id)}
	class, ok := raw.Lookup("dclass").StringValueOK()
	if !ok || class == "" {
		return o, fmt.Errorf("%w: dclass is missing", storage.ErrUnreadable)
	}
	fields, err := raw.LookupErr("fields")
	if err != nil || fields.Type != bson.TypeEmbeddedDocument {
		return o, fmt.Errorf("%w: fields is no document", storage.ErrUnreadable)
	}
	d, err := r.document(fields.Document(), 0)
	if err != nil {
		return o, fmt.Errorf("%w: fields: %w", storage.ErrUnreadable, err)
	}
	o.Class, o.Fields = class, d
	return o, nil
}

// key is an id as it is stored.
func key(id wire.DoID) int64 { return int64(id) }

// maxDocument is what a MongoDB server takes of one document.
const maxDocument = 16 << 20

// checkSize returns an error if a document is too long for any server.
func checkSize(d bson.D, what string) error {
	raw, err := bson.Marshal(d)
	if err != nil {
		return fmt.Errorf("%w: %w", storage.ErrValue, err)
	}
	if len(raw) > maxDocument {
		return fmt.Errorf("%w: %s takes %d bytes, and MongoDB at most %d", storage.ErrValue, what, len(raw), maxDocument)
	}
	return nil
}
