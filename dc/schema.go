package dc

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// Schema is a file as plain data: what it takes to pack and to read values, for code in
// other languages. Its JSON is short, and the same for the same file.
type Schema struct {
	Hash    uint32         `json:"hash"`
	Structs []StructSchema `json:"structs"` // each after those that it has in it
	Classes []ClassSchema  `json:"classes"` // dclasses, each after its bases
}

// StructSchema is a struct, or a dclass that is used like one.
type StructSchema struct {
	Name    string        `json:"name"`
	Members []ParamSchema `json:"members"` // as [Type.Params]
}

// ClassSchema is a dclass.
type ClassSchema struct {
	Name   string        `json:"name"`
	ID     uint16        `json:"id"`
	Bases  []string      `json:"bases,omitempty"`
	Fields []FieldSchema `json:"fields"` // its own
}

// FieldSchema is a field. A method has Args, a parameter a Type, and a molecular field
// the ids of its methods.
type FieldSchema struct {
	ID       uint16        `json:"id"`
	Name     string        `json:"name"`
	Keywords []string      `json:"keywords,omitempty"`
	Args     []ParamSchema `json:"args,omitzero"`
	Type     *TypeSchema   `json:"type,omitempty"`
	Atomics  []uint16      `json:"atomics,omitempty"`
}

// ParamSchema is a part of a value. Its JSON is [name, type].
type ParamSchema struct {
	Name string // as [Param.Key]
	Type *TypeSchema
}

// MarshalJSON makes a pair of it.
func (p ParamSchema) MarshalJSON() ([]byte, error) { return json.Marshal([]any{p.Name, p.Type}) }

// CaseSchema is a case of a switch. Its JSON is [value, members].
type CaseSchema struct {
	Value   []byte        // of the key, packed; hexadecimal digits in JSON
	Members []ParamSchema // without the key
}

// MarshalJSON makes a pair of it.
func (c CaseSchema) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{hex.EncodeToString(c.Value), c.Members})
}

// SpanSchema is a part of a range, both ends included. Its JSON is [low, high], with
// ends that a float64 does not hold in quotation marks.
type SpanSchema struct{ Low, High string }

// MarshalJSON makes a pair of it.
func (s SpanSchema) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{jsonEnd(s.Low), jsonEnd(s.High)})
}

func jsonEnd(s string) any {
	const most = 1 << 53
	if n, err := strconv.ParseFloat(s, 64); err == nil && n >= -most && n <= most {
		return json.Number(s)
	}
	return s
}

// TypeSchema is a type. Its JSON is the kind alone if there is nothing else.
type TypeSchema struct {
	// Kind is the word of a DC file for a number, char, string, blob or blob32; or array
	// (the old ones, too), struct (methods, too), switch, or undeclared.
	Kind string `json:"kind"`
	// Name of a struct: it is in [Schema].Structs, and Members is nil. Of a switch or
	// an undeclared type, what it was called.
	Name string `json:"name,omitempty"`

	Divisor uint32       `json:"divisor,omitempty"` // 0 is 1
	Modulus string       `json:"modulus,omitempty"` // of packed numbers
	Range   []SpanSchema `json:"range,omitempty"`   // of packed numbers, or of a length in bytes

	// Size is the only number of bytes or elements, which are packed without a length.
	Size  *int         `json:"size,omitempty"`
	Count []SpanSchema `json:"count,omitempty"` // of elements
	Of    *TypeSchema  `json:"of,omitempty"`    // the elements of an array

	Members []ParamSchema `json:"members,omitzero"`
	Key     *ParamSchema  `json:"key,omitempty"`
	Cases   []CaseSchema  `json:"cases,omitempty"`
	Default []ParamSchema `json:"default,omitzero"` // nil if there is none
}

// MarshalJSON makes a string of a kind alone.
func (t *TypeSchema) MarshalJSON() ([]byte, error) {
	type plain TypeSchema
	b, err := json.Marshal((*plain)(t))
	if alone, _ := json.Marshal(map[string]string{"kind": t.Kind}); string(b) == string(alone) {
		return json.Marshal(t.Kind)
	}
	return b, err
}

// Schema returns the file as plain data. It is made again by each call.
func (f *File) Schema() *Schema {
	s := &schemaMaker{known: map[*Class]bool{}}
	s.Hash, s.Classes, s.Structs = f.hash, []ClassSchema{}, []StructSchema{}
	for _, c := range f.Structs() {
		s.typ(c.asType)
	}
	for _, c := range f.Classes() {
		id, _ := c.ID()
		class := ClassSchema{Name: c.name, ID: id, Fields: []FieldSchema{}}
		for _, b := range c.bases {
			class.Bases = append(class.Bases, b.name)
		}
		for _, field := range c.own {
			class.Fields = append(class.Fields, s.field(field))
		}
		s.Classes = append(s.Classes, class)
	}
	return &s.Schema
}

type schemaMaker struct {
	Schema
	known map[*Class]bool
}

func (s *schemaMaker) field(f *Field) FieldSchema {
	field := FieldSchema{ID: f.ID(), Name: f.name, Keywords: f.keywords.names}
	switch {
	case f.IsMolecular():
		for _, a := range f.atomics {
			field.Atomics = append(field.Atomics, a.ID())
		}
	case f.IsMethod():
		field.Args = s.params(f.typ.members)
	default:
		field.Type = s.typ(f.typ)
	}
	return field
}

func (s *schemaMaker) params(params []*Param) []ParamSchema {
	list := []ParamSchema{}
	for _, p := range params {
		list = append(list, ParamSchema{p.key, s.typ(p.typ)})
	}
	return list
}

func (s *schemaMaker) typ(t *Type) *TypeSchema {
	m := &TypeSchema{Kind: t.kind.String()}
	switch k := t.kind; {
	case k == Undeclared || k == Molecular:
		m.Name = t.typedef
	case k == Switch:
		s.switched(m, t.sw)
	case k == Struct && t.class != nil && t.class.name != "":
		m.Name = t.class.name
		if !s.known[t.class] {
			s.known[t.class] = true
			members := s.params(t.members) // which may add structs before this one
			s.Structs = append(s.Structs, StructSchema{m.Name, members})
		}
	case k == Struct || k == Method:
		m.Kind, m.Members = Struct.String(), s.params(t.members)
	case k.textual():
		if t.lenBytes == 0 {
			m.Size = &t.size
		} else {
			m.Range = spans(t.uints)
		}
	case t.elem != nil:
		m.Kind, m.Of = Array.String(), s.typ(t.elem.typ)
		if t.lenBytes == 0 {
			m.Size = &t.fixed
		} else {
			m.Count = spans(t.count)
		}
	default:
		s.number(m, t)
	}
	return m
}

func (s *schemaMaker) number(m *TypeSchema, t *Type) {
	if t.divisor > 1 {
		m.Divisor = t.divisor
	}
	switch t.limitKind() {
	case Int64:
		m.Range = spans(t.ints)
	case Uint64:
		m.Range = spans(t.uints)
	default:
		m.Range = spans(t.floats)
		if t.modulus.set {
			m.Modulus = exactText(t.modulus.scaled)
		}
		return
	}
	if t.modulus.set && t.modulus.whole != 0 {
		m.Modulus = exactText(t.modulus.whole)
	}
}

func (s *schemaMaker) switched(m *TypeSchema, sw *switchType) {
	m.Name = sw.name
	m.Key = &ParamSchema{sw.key.key, s.typ(sw.key.typ)}
	for _, c := range sw.cases {
		m.Cases = append(m.Cases, CaseSchema{c.value, s.params(c.set.members[1:])})
	}
	if sw.other != nil {
		m.Default = s.params(sw.other.members[1:])
	}
}

func spans[N int64 | uint64 | float64](l limits[N]) []SpanSchema {
	var list []SpanSchema
	for _, one := range l {
		list = append(list, SpanSchema{exactText(one.low), exactText(one.high)})
	}
	return list
}

// exactText is a number with all of its digits.
func exactText[N int64 | uint64 | float64](n N) string {
	switch n := any(n).(type) {
	case int64:
		return strconv.FormatInt(n, 10)
	case uint64:
		return strconv.FormatUint(n, 10)
	default:
		return strconv.FormatFloat(n.(float64), 'g', -1, 64)
	}
}
