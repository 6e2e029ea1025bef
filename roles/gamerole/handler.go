package gamerole

import (
	"fmt"
	"reflect"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
)

// handler is a function for the updates of a field.
type handler struct {
	function reflect.Value
	types    []reflect.Type // of its arguments, the sender first
}

var channelType = reflect.TypeFor[wire.Channel]()

// Handle has function called with each update of a field: with the sender, which is the client's
// channel if a client sent it, and the arguments. Their types are those of the DC file:
//
//	// login(string name, string password) clsend airecv;
//	manager.Handle("login", func(client wire.Channel, name, password string) { … })
//
//	int8 … uint64, float32, float64   the type of that name, or one made of it, such as wire.DoID;
//	                                  the number as it is packed, not divided
//	string, char                      string
//	blob                              []byte
//	lists                             []any
//	structs                           dc.Record
//	any of these                      any
//
// An update whose value the field does not allow is refused, counted and logged. A molecular
// field has no handler: its update calls those of its methods.
func (o *Object) Handle(field string, function any) error {
	f, ok := o.class.FieldByName(field)
	name := o.class.Name() + "." + field
	switch {
	case !ok:
		return fmt.Errorf("the dclass %s has no field %s", o.class.Name(), field)
	case f.IsMolecular():
		return fmt.Errorf("%s is made of other fields: handle those", name)
	}
	h := handler{function: reflect.ValueOf(function)}
	t := h.function.Type()
	if t.Kind() != reflect.Func || t.NumOut() != 0 || t.IsVariadic() || t.NumIn() == 0 || t.In(0) != channelType {
		return fmt.Errorf("%s needs a func(wire.Channel, …) without results, not a %s", name, t)
	}
	arguments := argumentTypes(f)
	for i := range t.NumIn() {
		h.types = append(h.types, t.In(i))
	}
	fits := len(arguments) == t.NumIn()-1
	for i := 0; fits && i < len(arguments); i++ {
		fits = takes(h.types[i+1], arguments[i])
	}
	if !fits {
		return fmt.Errorf("%s needs a func%s, not a %s", name, signature(arguments), t)
	}
	o.handlers[f] = h
	return nil
}

func signature(arguments []reflect.Type) string {
	text := "(wire.Channel"
	for _, t := range arguments {
		text += ", " + t.String()
	}
	return text + ")"
}

// takes reports whether a parameter takes a value.
func takes(parameter, value reflect.Type) bool {
	return parameter == value || value.AssignableTo(parameter) ||
		parameter.Kind() == value.Kind() && value.Kind() < reflect.Array && value.ConvertibleTo(parameter) ||
		value.Kind() == reflect.String && parameter.Kind() == reflect.String
}

// argumentTypes are the Go types of a field's arguments, as [dc.Value] says.
func argumentTypes(f *dc.Field) []reflect.Type {
	if !f.IsMethod() {
		return []reflect.Type{goType(f.Type())}
	}
	var all []reflect.Type
	for _, p := range f.Type().Params() {
		all = append(all, goType(p.Type()))
	}
	return all
}

func goType(t *dc.Type) reflect.Type {
	switch t.Kind() {
	case dc.Int8:
		return reflect.TypeFor[int8]()
	case dc.Int16:
		return reflect.TypeFor[int16]()
	case dc.Int32:
		return reflect.TypeFor[int32]()
	case dc.Int64:
		return reflect.TypeFor[int64]()
	case dc.Uint8:
		return reflect.TypeFor[uint8]()
	case dc.Uint16:
		return reflect.TypeFor[uint16]()
	case dc.Uint32:
		return reflect.TypeFor[uint32]()
	case dc.Uint64:
		return reflect.TypeFor[uint64]()
	case dc.Float32:
		return reflect.TypeFor[float32]()
	case dc.Float64:
		return reflect.TypeFor[float64]()
	case dc.Char, dc.String:
		return reflect.TypeFor[string]()
	case dc.Blob, dc.Blob32:
		return reflect.TypeFor[[]byte]()
	case dc.Struct, dc.Switch, dc.Method:
		return reflect.TypeFor[dc.Record]()
	}
	return reflect.TypeFor[[]any]()
}

// receive takes n updates of the object's fields, all or none.
func (o *Object) receive(sender wire.Channel, p *wire.Reader, n int) error {
	updates, err := fieldlist.Append(nil, p, uint16(n), func(id wire.FieldID) (*dc.Field, error) {
		f, ok := o.class.Field(uint16(id))
		if !ok {
			return nil, fmt.Errorf("%s(%d) has no field %d", o.class.Name(), o.doID, id)
		}
		return f, nil
	})
	if err == nil {
		err = p.Done()
	}
	type call struct {
		handler
		values []reflect.Value
	}
	var calls []call
	for _, u := range updates {
		if err != nil {
			break
		}
		if err = u.Field.Validate(u.Packed); err != nil {
			break
		}
		err = u.Field.Split(u.Packed, func(f *dc.Field, value []byte) error {
			h, ok := o.handlers[f]
			if !ok {
				o.role.count.Unhandled++
				return nil
			}
			values, err := h.arguments(f, value, sender)
			calls = append(calls, call{h, values})
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("update of %s(%d): %w", o.class.Name(), o.doID, err)
	}
	for _, c := range calls {
		c.function.Call(c.values)
	}
	return nil
}

// arguments are what the function is called with.
func (h *handler) arguments(f *dc.Field, packed []byte, sender wire.Channel) ([]reflect.Value, error) {
	v, err := f.Unpack(packed)
	if err != nil {
		return nil, err
	}
	values := []any{v}
	if r, ok := v.(dc.Record); ok && f.IsMethod() {
		values = values[:0]
		for _, m := range r {
			values = append(values, m.Value)
		}
	}
	all := []reflect.Value{reflect.ValueOf(sender)}
	for i, v := range values {
		all = append(all, reflect.ValueOf(v).Convert(h.types[i+1]))
	}
	return all, nil
}
