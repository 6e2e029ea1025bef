package editor

import (
	"strings"

	"natstron/dc/internal/syntax"
)

// outline is the declarations of a file, with the fields of classes in them.
func outline(f *file) []documentSymbol {
	list := []documentSymbol{}
	add := func(name syntax.Name, node syntax.Span, kind int, detail string, children []documentSymbol) {
		list = append(list, f.symbol(name, node, kind, detail, children))
	}
	for _, d := range f.tree.Decls {
		switch d := d.(type) {
		case *syntax.Keywords:
			for _, n := range d.Names {
				add(n, n.Span, symbolConstant, "keyword", nil)
			}
		case *syntax.Typedef:
			add(d.Param.Name, d.Span, symbolType, "typedef", nil)
		case *syntax.Switch:
			add(d.Name, d.Span, symbolEnum, "switch", nil)
		case *syntax.Class:
			kind, bases := symbolClass, ""
			if d.Struct {
				kind = symbolStruct
			}
			for i, b := range d.Bases {
				bases += []string{": ", ", "}[min(i, 1)] + b.Text
			}
			add(d.Name, d.Span, kind, bases, f.fields(d))
		}
	}
	return list
}

func (f *file) fields(d *syntax.Class) []documentSymbol {
	var list []documentSymbol
	for _, field := range d.Fields {
		name, kind, detail := syntax.Name{}, symbolMethod, ""
		switch field := field.(type) {
		case *syntax.Method:
			name, detail = field.Name, keywordsText(field.Keywords)
		case *syntax.Molecular:
			name, detail = field.Name, ": "+strings.Join(namesOf(field.Atomics), ", ")
		case *syntax.Param:
			name, kind, detail = field.Name, symbolField, keywordsText(field.Keywords)
		}
		list = append(list, f.symbol(name, field.Where(), kind, detail, nil))
	}
	return list
}

// symbol is a symbol of the outline. What has no name is called by how it begins.
func (f *file) symbol(name syntax.Name, node syntax.Span, kind int, detail string, children []documentSymbol) documentSymbol {
	text := name.Text
	if text == "" {
		begin := f.text.word(node.Pos)
		text, name.Span = f.text.string[begin.Pos:min(begin.End, node.End)], syntax.Span{Pos: node.Pos, End: node.Pos}
	}
	return documentSymbol{text, detail, kind, f.text.span(node), f.text.span(name.Span), children}
}

func namesOf(list []syntax.Name) []string {
	names := make([]string, len(list))
	for i, n := range list {
		names[i] = n.Text
	}
	return names
}

func keywordsText(list []syntax.Name) string { return strings.Join(namesOf(list), " ") }

// format is what formatting changes; nothing while the file has syntax errors, which are shown as
// such.
func format(f *file) []textEdit {
	if len(f.tree.Errors) > 0 || f.tree.Cut >= 0 {
		return []textEdit{}
	}
	formatted := syntax.Print(f.tree, f.text.string)
	if formatted == f.text.string {
		return []textEdit{}
	}
	return []textEdit{{f.text.span(syntax.Span{End: len(f.text.string)}), formatted}}
}
