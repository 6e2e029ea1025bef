package dc

import (
	"cmp"
	"slices"

	"natstron/dc/internal/syntax"
)

// Limits of what a list of files may declare, so that no input takes long or
// much memory. The largest real games stay below a hundredth of each.
const (
	maxInherited = 1 << 20   // entries in all classes' tables of fields
	maxDepth     = 256       // of types within types
	maxTypeParts = 1 << 20   // types within one type, all levels together
	maxNumber    = 1<<16 - 1 // classes, and fields
)

// compiler finds the meaning of what was written. It does so in the order of
// the text, as Panda3D does while it reads: what a name means depends on
// what came before it.
type compiler struct {
	file     *File
	symbols  map[string]symbol // what "dclass", "struct" and "switch" named
	typedefs map[string]*typedef
	declared map[string]bool // built-in keywords that a file declared again

	source *Source // that is compiled
	errs   []located
	warns  []located
	broken bool // some syntax is broken, so a missing name may be no error

	inherited  int
	count      int // fields
	packing    budget
	overBudget bool
}

// symbol is a class or a switch; the two share their names.
type symbol struct {
	class *Class
	sw    *switchType
}

// located is an error before its line is looked up.
type located struct {
	source *Source
	syntax.Error
}

// typedef is a name for a parameter: a type, perhaps with a default.
type typedef struct {
	param   *Param
	missing bool // no file declares it, at least not before its first use
}

func newCompiler(i Inheritance) *compiler {
	return &compiler{
		file:     &File{byName: make(map[string]*Class), inheritance: i},
		symbols:  make(map[string]symbol),
		typedefs: make(map[string]*typedef),
		declared: make(map[string]bool),
		packing:  newBudget(),
	}
}

// begin takes up the next file, and the syntax errors in it.
func (c *compiler) begin(s Source, tree *syntax.File) {
	c.source = &s
	for _, e := range tree.Errors {
		c.errs = append(c.errs, located{c.source, e})
		c.broken = true
	}
	if tree.Cut >= 0 {
		c.warn(tree.Cut, "the file ends here, as it does for Panda3D: the byte 0x%02x is outside strings and comments", s.Text[tree.Cut])
	}
}

func (c *compiler) fail(at syntax.Span, format string, args ...any) {
	c.errs = append(c.errs, located{c.source, syntax.Errorf(at.Pos, format, args...)})
}

func (c *compiler) warn(pos int, format string, args ...any) {
	if len(c.warns) < syntax.MaxErrors {
		c.warns = append(c.warns, located{c.source, syntax.Errorf(pos, format, args...)})
	}
}

// tooMany reports whether enough is wrong already.
func (c *compiler) tooMany() bool { return len(c.errs) >= 2*syntax.MaxErrors }

// declare declares what one file holds.
func (c *compiler) declare(tree *syntax.File) {
	for _, d := range tree.Decls {
		if c.tooMany() {
			return
		}
		c.decl(d)
	}
}

// finish computes what needs the whole, and reports.
func (c *compiler) finish() (*File, error) {
	if len(c.errs) == 0 {
		hash, ok := hashFile(c.file)
		if !ok {
			c.fail(syntax.Span{}, "the files are too complex: structs within structs multiply to more than %d parts", maxHashed)
		}
		c.file.hash = hash
	}
	if len(c.errs) > 0 {
		return nil, Errors(report(c.errs))
	}
	c.file.warnings = report(c.warns)
	c.file.types = c.namedTypes()
	return c.file, nil
}

// namedTypes are the types that have a name. What a typedef names hides a class or switch.
func (c *compiler) namedTypes() map[string]*Type {
	types := make(map[string]*Type, len(c.symbols)+len(c.typedefs))
	for name, s := range c.symbols {
		switch {
		case s.class == nil:
			types[name] = switchParam(s.sw).typ
		case !s.class.undeclared:
			types[name] = s.class.asType
		}
	}
	for name, def := range c.typedefs {
		if !def.missing {
			types[name] = def.param.typ
		}
	}
	return types
}

// report puts errors into the order of the text, and looks up their lines. Those of a
// file stand together already.
func report(list []located) []*Error {
	slices.SortStableFunc(list, func(a, b located) int {
		if a.source != b.source {
			return 0
		}
		return cmp.Compare(a.Pos, b.Pos)
	})
	var errs []*Error
	for _, e := range list {
		errs = append(errs, e.source.at(e.Error))
	}
	return errs
}

func (c *compiler) decl(d syntax.Decl) {
	switch d := d.(type) {
	case *syntax.Import:
		c.file.imports = append(c.file.imports, Import{Module: d.Module, Symbols: d.Symbols})
	case *syntax.Keywords:
		c.keywords(d)
	case *syntax.Typedef:
		c.typedef(d)
	case *syntax.Class:
		c.declareClass(d)
	case *syntax.Switch:
		c.declareSwitch(d)
	}
}

// keywords declares keywords. A built-in one that a file declares counts in the
// hash of the fields after it as one of the file's own.
func (c *compiler) keywords(d *syntax.Keywords) {
	for _, n := range d.Names {
		if !slices.Contains(c.file.keywords, n.Text) {
			c.file.keywords = append(c.file.keywords, n.Text)
		}
		if _, ok := KeywordNamed(n.Text); ok {
			c.declared[n.Text] = true
		}
	}
}

func (c *compiler) typedef(d *syntax.Typedef) {
	p := c.param(d.Param, nil)
	old := c.typedefs[p.name]
	switch {
	case c.broken && p.name == "":
	case old == nil:
		c.typedefs[p.name] = &typedef{param: p}
	case old.missing:
		c.fail(d.Param.Name.Span, "typedef %s comes after its first use: move it up", p.name)
	default:
		c.fail(d.Param.Name.Span, "there is a type %s already", p.name)
	}
}

func (c *compiler) declareClass(d *syntax.Class) {
	class := c.class(d)
	if class.name != "" {
		if old, twice := c.symbols[class.name]; twice {
			if old.class != nil && old.class.undeclared {
				c.fail(d.Name.Span, "%s comes after the first class that inherits from it: move it up", class.name)
			} else {
				c.fail(d.Name.Span, "there is a %s already", class.name)
			}
			return
		}
		c.symbols[class.name] = symbol{class: class}
	}
	c.addClass(class, d.Span)
}

// addClass gives a class its place.
func (c *compiler) addClass(class *Class, at syntax.Span) {
	if len(c.file.classes) >= maxNumber {
		c.fail(at, "too many classes: %d at most", maxNumber)
		return
	}
	if !class.isStruct {
		class.number = len(c.file.classes)
	}
	c.file.classes = append(c.file.classes, class)
	if class.name != "" {
		c.file.byName[class.name] = class
	}
	for _, f := range class.own {
		f.classDone = true
	}
}

func (c *compiler) declareSwitch(d *syntax.Switch) {
	sw := c.switchType(d, nil)
	if sw.name == "" {
		return
	}
	if _, twice := c.symbols[sw.name]; twice {
		c.fail(d.Name.Span, "there is a %s already", sw.name)
		return
	}
	c.symbols[sw.name] = symbol{sw: sw}
}
