package dc

import (
	"cmp"
	"slices"
)

// Class is a dclass or a struct.
type Class struct {
	name       string
	number     int // its place among all classes and structs; -1 for a struct
	isStruct   bool
	undeclared bool // a base that no file declares
	bases      []*Class

	incomplete bool // undeclared, or inherits from an undeclared class

	constructor  *Field
	constructors map[string]*Field // its own and its bases', by name
	own          []*Field          // its own fields, without the constructor
	ownByName    map[string]*Field

	inherited []*Field // all fields, its own and its bases', in order
	byID      []*Field // the same, by id
	byName    map[string]*Field
	required  []*Field
	unordered bool // required is not by id, or has a field twice

	asType *Type // the class as the type of a parameter
}

// ID is the number of the class in messages: its index among all dclasses and
// structs of the file. For a struct, which has none, ok is false.
func (c *Class) ID() (id uint16, ok bool) {
	if c.number < 0 {
		return 0, false
	}
	return uint16(c.number), true
}

// Name is the class's name; it may be empty.
func (c *Class) Name() string { return c.name }

// IsStruct reports whether the class was declared as a struct.
func (c *Class) IsStruct() bool { return c.isStruct }

// Undeclared reports whether no file declares the class: it is only known as a base
// of others, and has no fields. A client that has its declaration counts its fields,
// so its numbers and hash differ.
func (c *Class) Undeclared() bool { return c.undeclared }

// Bases are the classes that the class inherits from directly, in the order written.
func (c *Class) Bases() []*Class { return c.bases }

// Constructor is the method of a struct that has the struct's name, or nil. It
// has no id; where the struct is packed, it comes first.
func (c *Class) Constructor() *Field { return c.constructor }

// OwnFields are the fields declared in the class itself, in the order written.
func (c *Class) OwnFields() []*Field { return c.own }

// Fields are all fields of the class, including inherited ones, in ascending order
// of id. A field hides inherited ones of the same name; if two bases have a field of
// the same name, the first one's counts. Inherited fields without a name are left out.
// Another [Inheritance] may differ.
func (c *Class) Fields() []*Field { return c.inherited }

// RequiredFields are the fields with the keyword required, except molecular ones, in
// the order of Fields: messages carry their values in this order.
func (c *Class) RequiredFields() []*Field { return c.required }

// Ordered reports whether RequiredFields are in ascending order of id, each once: always,
// unless the file has another [Inheritance].
func (c *Class) Ordered() bool { return !c.unordered }

// Field returns the field of that id if it belongs to the class or is inherited.
func (c *Class) Field(id uint16) (*Field, bool) {
	i, ok := slices.BinarySearchFunc(c.byID, int(id), func(f *Field, id int) int {
		return cmp.Compare(f.id, id)
	})
	if !ok {
		return nil, false
	}
	return c.byID[i], true
}

// FieldByName returns the field of that name if it belongs to the class or is
// inherited.
func (c *Class) FieldByName(name string) (*Field, bool) {
	f, ok := c.byName[name]
	return f, ok
}

// Inherits reports whether the class is other or inherits from it.
func (c *Class) Inherits(other *Class) bool {
	seen := map[*Class]bool{}
	var reaches func(*Class) bool
	reaches = func(at *Class) bool {
		if at == other || seen[at] {
			return at == other
		}
		seen[at] = true
		return slices.ContainsFunc(at.bases, reaches)
	}
	return reaches(c)
}

// Type is the class as the type of a parameter: the constructor, if it has one, and
// then its fields in order, without molecular ones.
func (c *Class) Type() *Type { return c.asType }

// inherit makes the table of all fields, once the class's own are known. Its
// bases have theirs already.
func (c *Class) inherit(how Inheritance) {
	c.byName = make(map[string]*Field, len(c.own))
	for _, f := range c.own {
		if f.name != "" {
			c.byName[f.name] = f
		}
	}
	for _, b := range c.bases {
		c.incomplete = c.incomplete || b.incomplete
		for name, f := range b.constructors {
			c.addConstructor(name, f)
		}
		for _, f := range b.inherited {
			_, hidden := c.byName[f.name]
			if f.name != "" && !hidden {
				c.byName[f.name] = f
			}
			if !how.virtual() || f.name != "" && !hidden || f.name == "" && how.Unsorted {
				c.inherited = append(c.inherited, f)
			}
		}
	}
	c.inherited = append(c.inherited, c.own...)
	byID := func(a, b *Field) int { return cmp.Compare(a.id, b.id) }
	if how.virtual() && !how.Unsorted {
		slices.SortFunc(c.inherited, byID)
	}
	c.byID = c.inherited
	if !slices.IsSortedFunc(c.byID, byID) {
		c.byID = slices.SortedFunc(slices.Values(c.inherited), byID)
	}
	for _, f := range c.inherited {
		if f.Has(Required) && !f.IsMolecular() {
			c.unordered = c.unordered || len(c.required) > 0 && c.required[len(c.required)-1].id >= f.id
			c.required = append(c.required, f)
		}
	}
}

func (c *Class) addConstructor(name string, f *Field) {
	if c.constructors == nil {
		c.constructors = make(map[string]*Field)
	}
	if c.constructors[name] == nil {
		c.constructors[name] = f
	}
}

// find looks a field up as a molecular field's list does: its own fields and
// the constructor, then its bases' one after the other.
func (c *Class) find(name string) *Field {
	if f := c.ownByName[name]; f != nil {
		return f
	}
	for _, b := range c.bases {
		if f := b.byName[name]; f != nil {
			return f
		}
		if f := b.constructors[name]; f != nil {
			return f
		}
	}
	return nil
}
