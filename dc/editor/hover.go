package editor

import (
	"fmt"
	"slices"
	"strings"

	"natstron/dc"
)

// Limits of what a hover shows.
const (
	maxHoverCode   = 4000 // bytes of code
	maxHoverFields = 60
)

// hover says what the name at an offset means; nil where there is none.
func hover(f *file, offset int) *hoverResult {
	o, ok := f.at(offset)
	if !ok {
		return nil
	}
	text := f.describe(o)
	if text == "" {
		return nil
	}
	return &hoverResult{markup{"markdown", text}, f.text.span(o.Span)}
}

func (f *file) describe(o occurrence) string {
	switch o.kind {
	case kindKeyword:
		return f.project.describeKeyword(o.name)
	case kindField:
		if o.class == "" { // of a struct without a name
			return describeParam(o)
		}
		return f.project.describeField(o)
	case kindClass, kindImport, kindSwitch, kindTypedef:
		return f.project.describeNamed(o)
	case kindType:
		return paragraphs(f.project.describeNamed(o), describeParam(o))
	case kindBasic:
		if o.typ == nil {
			return paragraphs(code(o.name), "Packed: "+typeTexts[o.name]+".")
		}
		return describeParam(o)
	}
	return describeParam(o)
}

// describeParam says what a parameter, or its type, is.
func describeParam(o occurrence) string {
	switch {
	case o.kind == kindType && (o.typ == nil || o.typ.Kind() != dc.Undeclared):
		return "" // all is said
	case o.typ == nil:
		return code(o.param)
	case o.kind == kindBasic:
		return paragraphs(code(o.typ.String()), describeType(o.typ))
	}
	return paragraphs(code(o.param), describeType(o.typ))
}

func (a *analysis) describeKeyword(name string) string {
	text := keywordTexts[name]
	if p, ok := a.keywords[name]; ok {
		text = strings.TrimSpace(text + " Declared in " + p.file.base() + ".")
	}
	return paragraphs(code("keyword "+name), text)
}

// describeNamed describes a class, a struct, a switch or a typedef.
func (a *analysis) describeNamed(o occurrence) string {
	p, ok := a.find(o)
	if !ok {
		if t := typeTexts[o.name]; t != "" { // float32
			return paragraphs(code(o.name), "Packed: "+t+".")
		}
		return paragraphs(code(o.name), "No DC file of this project declares it.")
	}
	if p.kind == kindClass {
		return a.describeClass(p)
	}
	text := ""
	if a.meaning != nil {
		if t, ok := a.meaning.TypeByName(o.name); ok {
			text = describeType(t)
		}
	}
	return paragraphs(code(p.source()), text, "Declared in "+p.file.base()+".")
}

// source is what was written.
func (p place) source() string {
	s := p.file.text.string[p.node.Pos:p.node.End]
	if len(s) > maxHoverCode {
		s = s[:maxHoverCode] + "…"
	}
	return s
}

func (a *analysis) describeClass(p place) string {
	head, _, _ := strings.Cut(p.source(), "{")
	where := "Declared in " + p.file.base() + "."
	var class *dc.Class
	if a.meaning != nil {
		class, _ = a.meaning.ClassByName(p.name)
	}
	if class == nil {
		return paragraphs(code(head), where)
	}
	if class.IsStruct() {
		return paragraphs(code(p.source()), describeType(class.Type()), where)
	}
	id, _ := class.ID()
	head += fmt.Sprintf("{ // class %d\n", id)
	fields := class.Fields()
	for _, f := range fields[:min(len(fields), maxHoverFields)] {
		head += "  " + f.String() + ";"
		if f.Class() != class {
			head += " // of " + f.Class().Name()
		}
		head += "\n"
	}
	if more := len(fields) - maxHoverFields; more > 0 {
		head += fmt.Sprintf("  // and %s\n", plural(more, "field"))
	}
	return paragraphs(code(head+"}"), where)
}

// describeField describes a field of a class, or of what the class inherits from.
func (a *analysis) describeField(o occurrence) string {
	var f *dc.Field
	if a.meaning != nil {
		if class, ok := a.meaning.ClassByName(o.class); ok {
			f, _ = class.FieldByName(o.name)
			if c := class.Constructor(); c != nil && c.Name() == o.name {
				f = c
			}
		}
	}
	p, ok := a.field(o.class, o.name)
	switch {
	case f == nil && !ok:
		return ""
	case f == nil:
		return code(p.source())
	}
	lines := []string{code(f.String())}
	what := "Field " + fmt.Sprint(f.ID())
	if f.Class().Constructor() == f {
		what = "Constructor"
	}
	what += " of `" + f.Class().Name() + "`."
	if f.Class().Name() != o.class {
		what = strings.TrimSuffix(what, ".") + ", which `" + o.class + "` inherits from."
	}
	for _, b := range f.Class().Bases() {
		if hidden, ok := b.FieldByName(f.Name()); ok {
			what += " It hides that of `" + hidden.Class().Name() + "`."
			break
		}
	}
	lines = append(lines, what+" "+describeType(f.Type()))
	if text, err := f.Text(f.DefaultPacked(), dc.TextStyle{}); err == nil && f.Has(dc.Required) {
		lines = append(lines, "Default: `"+strings.ReplaceAll(shorten(text), "`", "'")+"`.")
	}
	if parts := f.Atomics(); len(parts) > 0 {
		var list []string
		for _, part := range parts {
			list = append(list, "- `"+part.String()+"`")
		}
		lines = append(lines, strings.Join(list[:min(len(list), maxHoverFields)], "\n"))
	}
	var list []string
	for _, k := range f.Keywords() {
		if t := keywordTexts[k]; t != "" {
			list = append(list, "- `"+k+"`: "+t)
		} else if !slices.Contains(list, "- `"+k+"`") {
			list = append(list, "- `"+k+"`")
		}
	}
	return paragraphs(append(lines, strings.Join(list, "\n"))...)
}

func shorten(s string) string {
	const most = 200
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// base is the file's name without its folder.
func (f *file) base() string { return f.name[strings.LastIndexAny(f.name, `/\`)+1:] }

// code is a block of DC code in Markdown.
func code(s string) string {
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + "dc\n" + strings.TrimSpace(s) + "\n" + fence
}

func paragraphs(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), "\n\n")
}
