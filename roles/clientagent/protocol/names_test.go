package protocol

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

// exported are the constants that files export, in order.
func exported(t *testing.T, files ...string) []string {
	t.Helper()
	var names []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if name.IsExported() {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

// No message, code or id of the wire format is missing.
func TestNames(t *testing.T) {
	const wire = "../../../internal/wire/"
	want := exported(t, wire+"clientmsg.go", wire+"msgtype.go", wire+"eject.go", wire+"ids.go")
	if got := exported(t, "names.go"); !slices.Equal(got, want) {
		t.Errorf("names.go has\n%v, want\n%v", got, want)
	}
}
