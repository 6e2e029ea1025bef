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

	incomplete bool // undeclared, or inherits from what is

	constructor  *Field
	constructors map[string]*Field // its own and its bases', by name
	own          []*Field          // its own fields, without the constructor
	ownByName    map[string]*Field

	inherited []*Field // all fields, its own and its bases', in order
	byID      []*Field // the same, by id
	byName    map[string]*Field
	required  []*Field

	asType *Type // the class as the type of a parameter
}

// ID is the number that stands for the class in messages: its place among all
// dclasses and structs of the file, from zero. A struct has none: ok is false.
func (c *Class) ID() (id uint16, ok bool) {
	if c.number < 0 {
		return 0, false
	}
	return uint16(c.number), true
}

// Name is the class's name; it may be empty.
func (c *Class) Name() string { return c.name }

// IsStruct says whether the class was declared as a struct.
func (c *Class) IsStruct() bool { return c.isStruct }

// Undeclared says that the class is only known as a base of others: no file
// declares it. It has no fields. A client that has the whole file counts its
// fields, so numbers and the hash differ from what they would be with it.
func (c *Class) Undeclared() bool { return c.undeclared }

// Bases are the classes that this one inherits from directly, in the order written.
func (c *Class) Bases() []*Class { return c.bases }

// Constructor is the method of a struct that has the struct's name, or nil. It
// has no id; where the struct is packed, it comes first.
func (c *Class) Constructor() *Field { return c.constructor }

// OwnFields are the fields declared in the class itself, in the order written.
func (c *Class) OwnFields() []*Field { return c.own }

// Fields are all fields of the class, inherited ones included, in ascending
// order of id. A field hides the inherited ones of its name; of two bases that
// both have a name, the first counts. Inherited fields without a name are left
// out. With another [Inheritance] it may be otherwise.
func (c *Class) Fields() []*Field { return c.inherited }

// RequiredFields are the fields with the keyword required, in the order of Fields,
// without the molecular ones: those whose values an object always has, in
// the order in which messages carry them.
func (c *Class) RequiredFields() []*Field { return c.required }

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

// Inherits says whether the class is other, or inherits from it.
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

// Type is the class as the type of a parameter: its fields without the
// molecular ones, in order, behind the constructor if it has one.
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
