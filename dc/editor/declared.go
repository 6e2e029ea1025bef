package editor

import "natstron/dc/internal/syntax"

// place is where something is declared.
type place struct {
	file *file
	occurrence
}

// declarations are where the names of a project are declared. Of several declarations of a name,
// the first counts.
type declarations struct {
	keywords map[string]place
	typedefs map[string]place
	classes  map[string]place // dclasses, structs and switches
	fields   map[string]map[string]place
	bases    map[string][]string // of classes, by name
	order    []place             // all of them but fields
}

func declared(files []*file) *declarations {
	d := &declarations{
		keywords: map[string]place{}, typedefs: map[string]place{}, classes: map[string]place{},
		fields: map[string]map[string]place{}, bases: map[string][]string{},
	}
	for _, f := range files {
		f.walk(func(o occurrence) { d.add(place{f, o}) })
		for _, decl := range f.tree.Decls {
			if c, ok := decl.(*syntax.Class); ok && d.bases[c.Name.Text] == nil {
				for _, b := range c.Bases {
					d.bases[c.Name.Text] = append(d.bases[c.Name.Text], b.Text)
				}
			}
		}
	}
	return d
}

func (d *declarations) add(p place) {
	if !p.declared {
		return
	}
	var names map[string]place
	switch p.kind {
	case kindKeyword:
		names = d.keywords
	case kindTypedef:
		names = d.typedefs
	case kindClass, kindSwitch:
		names = d.classes
	case kindField:
		if p.class == "" {
			return // nothing else names it
		}
		if d.fields[p.class] == nil {
			d.fields[p.class] = map[string]place{}
		}
		if _, twice := d.fields[p.class][p.name]; !twice {
			d.fields[p.class][p.name] = p
		}
	}
	if names == nil {
		return
	}
	if _, twice := names[p.name]; !twice {
		names[p.name] = p
		d.order = append(d.order, p)
	}
}

// find is where an occurrence is declared.
func (d *declarations) find(o occurrence) (place, bool) {
	var p place
	ok := false
	switch o.kind {
	case kindKeyword:
		p, ok = d.keywords[o.name]
	case kindField:
		return d.field(o.class, o.name)
	case kindType, kindTypedef:
		if p, ok = d.typedefs[o.name]; !ok {
			p, ok = d.classes[o.name]
		}
	case kindClass, kindSwitch, kindImport:
		p, ok = d.classes[o.name]
	}
	return p, ok
}

// lineage calls each for a class and all that it inherits from, each once, until it returns true.
func (d *declarations) lineage(class string, each func(class string) bool) {
	seen := map[string]bool{}
	for next := []string{class}; len(next) > 0; next = next[1:] {
		if at := next[0]; !seen[at] {
			seen[at] = true
			if each(at) {
				return
			}
			next = append(next, d.bases[at]...)
		}
	}
}

// field is where a field of a class, or of what it inherits from, is declared.
func (d *declarations) field(class, name string) (p place, ok bool) {
	d.lineage(class, func(class string) bool {
		p, ok = d.fields[class][name]
		return ok
	})
	return p, ok
}

// definition is where the name at an offset is declared; nil where nothing is declared.
func (s *server) definition(f *file, offset int) *location {
	o, ok := f.at(offset)
	if !ok {
		return nil
	}
	p, ok := f.project.find(o)
	if !ok {
		return nil
	}
	uri := uriOf(p.file.name)
	if d := s.open[p.file.name]; d != nil {
		uri = d.uri
	}
	return &location{uri, p.file.text.span(p.Span)}
}
