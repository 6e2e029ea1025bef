package dc

// Field is a field of a class: a method (an "atomic field"), a molecular field,
// which stands for several methods at once, or a parameter.
type Field struct {
	Param
	class    *Class
	keywords keywordList
	atomics  []*Field // of a molecular field
	methods  *Type    // of a molecular field: a struct of its methods
	missing  bool     // a placeholder for a field of an undeclared base
}

// ID is the number of the field in messages, unique among all classes of the file.
// For a constructor, which has none, it is 65535.
func (f *Field) ID() uint16 { return uint16(f.id) }

// Class is the class that declares the field.
func (f *Field) Class() *Class { return f.class }

// Has reports whether the field has all of the given keywords.
func (f *Field) Has(k Keyword) bool { return f.keywords.bits&k == k }

// HasAny reports whether the field has any of the given keywords.
func (f *Field) HasAny(k Keyword) bool { return f.keywords.bits&k != 0 }

// HasNamed reports whether the field has the keyword of that name, built in or
// declared by a file.
func (f *Field) HasNamed(name string) bool { return f.keywords.has(name) }

// Keywords are the names of the field's keywords in the order written. A
// molecular field has those of its first method.
func (f *Field) Keywords() []string { return f.keywords.names }

// IsMolecular reports whether the field is molecular.
func (f *Field) IsMolecular() bool { return f.typ.kind == Molecular }

// IsMethod reports whether the field is a method, an atomic field.
func (f *Field) IsMethod() bool { return f.typ.kind == Method }

// Atomics are the methods that a molecular field stands for, in the order written;
// nil for all other fields. Its value is their values one after the other.
func (f *Field) Atomics() []*Field { return f.atomics }

// valueType is the type of the field's [Value]. The parts of a molecular field's are its
// methods, while its type has their arguments, as they are packed.
func (f *Field) valueType() *Type {
	if f.methods != nil {
		return f.methods
	}
	return f.typ
}

// HasExplicitDefault reports whether the file sets a default for the field or for
// anything in it.
func (f *Field) HasExplicitDefault() bool { return f.explicit }

// DefaultPacked is the packed default of the field: the one that the file sets, or
// else zeros, empty strings, the least values and sizes allowed. It is empty if
// Panda3D finds none (a range that excludes its own least value once the divisor is
// applied again, an undeclared type). A default that the file gives in hex is used
// unchecked. [File.Warnings] names both cases. The caller must not change it.
func (f *Field) DefaultPacked() []byte { return f.packed }
