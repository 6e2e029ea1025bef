package ask

import (
	"fmt"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
)

// Values are values of an object's fields, by the fields' names. A value is as [dc.Value] says,
// with numbers as they are packed: undivided. But a method with one argument, such as
// setName(string), has the value of that argument.
//
// A field that has no value is not there, so read a value in this way:
//
//	name, ok := values["setName"].(string)
type Values map[string]any

// single reports whether a field is a method with one argument.
func single(f *dc.Field) bool { return f.IsMethod() && len(f.Type().Params()) == 1 }

// Pack packs a value of a field, as [Values] has it, and checks it against the field's ranges.
// What [dc.Field.Pack] accepts is accepted: for a method with several arguments also a list of
// them.
func Pack(f *dc.Field, v any) ([]byte, error) {
	if single(f) {
		v = []any{v}
	}
	return f.Pack(v)
}

// Unpack is the value of a field, as [Values] has it. packed must be exactly one; its ranges are
// not checked.
func Unpack(f *dc.Field, packed []byte) (any, error) {
	v, err := f.Unpack(packed)
	if arguments, ok := v.(dc.Record); ok && single(f) {
		return arguments[0].Value, err
	}
	return v, err
}

// add unpacks values into v.
func (v Values) add(packed []dc.FieldValue) error {
	for _, p := range packed {
		one, err := Unpack(p.Field, p.Packed)
		if err != nil {
			return err
		}
		v[p.Field.Name()] = one
	}
	return nil
}

// readValues reads a counted list of fields with their values.
func readValues(file *dc.File, r *wire.Reader) (Values, error) {
	list, err := fieldlist.Append(nil, r, r.Uint16(), finder(file))
	v := Values{}
	if err == nil {
		err = v.add(list)
	}
	return v, err
}

func finder(file *dc.File) fieldlist.Find {
	return func(id wire.FieldID) (*dc.Field, error) {
		f, ok := file.FieldByID(uint16(id))
		if !ok {
			return nil, fmt.Errorf("the DC files have no field %d", id)
		}
		return f, nil
	}
}
