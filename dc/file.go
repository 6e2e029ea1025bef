package dc

// File is everything that a list of DC files declares. It does not change and is
// safe for concurrent use.
type File struct {
	classes  []*Class // dclasses, structs and undeclared bases, by their place
	byName   map[string]*Class
	fields   []*Field // by id; in the order written with Inheritance.Single
	keywords []string
	imports  []Import
	types    map[string]*Type // by the names that a type may be given by
	warnings []*Error
	hash     uint32

	inheritance Inheritance
}

// Import is an import line: the Python modules in which clients and AI processes
// look for the code of the classes.
type Import struct {
	Module  string
	Symbols []string // of "from Module import Symbols"; nil for "import Module"
}

// Hash is the legacy hash of the whole file, as Panda3D's DCFile::get_hash
// computes it. Clients send it when they log in.
func (f *File) Hash() uint32 { return f.hash }

// Classes are the dclasses in the order of their ids, without structs. Bases
// that no file declares are among them: see [Class.Undeclared].
func (f *File) Classes() []*Class { return f.filter(false) }

// Structs are the structs in the order written.
func (f *File) Structs() []*Class { return f.filter(true) }

// All are the dclasses and structs in the order written. The dclass at index i has
// the id i.
func (f *File) All() []*Class { return f.classes }

func (f *File) filter(isStruct bool) []*Class {
	var list []*Class
	for _, c := range f.classes {
		if c.isStruct == isStruct {
			list = append(list, c)
		}
	}
	return list
}

// ClassByName returns the dclass or struct of that name.
func (f *File) ClassByName(name string) (*Class, bool) {
	c, ok := f.byName[name]
	return c, ok
}

// DClassByName returns the dclass of that name that the files declare: neither a struct nor
// a base that is only named.
func (f *File) DClassByName(name string) (*Class, bool) {
	c, ok := f.byName[name]
	if !ok || c.isStruct || c.undeclared {
		return nil, false
	}
	return c, true
}

// TypeByName returns the type that a field may name so: a typedef, a dclass, a struct or a
// switch.
func (f *File) TypeByName(name string) (*Type, bool) {
	t, ok := f.types[name]
	return t, ok
}

// ClassByID returns the dclass of that id.
func (f *File) ClassByID(id uint16) (*Class, bool) {
	if int(id) >= len(f.classes) || f.classes[id].isStruct {
		return nil, false
	}
	return f.classes[id], true
}

// Inheritance is how the file's classes inherit.
func (f *File) Inheritance() Inheritance { return f.inheritance }

// FieldByID returns the field of that id, of any class. With [Inheritance].Single there
// is none: see [Class.Field].
func (f *File) FieldByID(id uint16) (*Field, bool) {
	if f.inheritance.Single || int(id) >= len(f.fields) {
		return nil, false
	}
	return f.fields[id], true
}

// NumFields is the number of fields with an id; ids are less than it.
func (f *File) NumFields() int { return len(f.fields) }

// Keywords are the keywords that the files declare, in the order written.
func (f *File) Keywords() []string { return f.keywords }

// Imports are the import lines in the order written.
func (f *File) Imports() []Import { return f.imports }

// Warnings are places that Panda3D accepts silently but that are probably mistakes:
// types and bases that no file declares, defaults that are not values of their
// type, a byte that cuts a file short.
func (f *File) Warnings() []*Error { return f.warnings }
