package dc

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestLanguage runs the scripts of testdata. Where one shows a hash, a number or
// a packed default, it is what Panda3D computes for the text.
//
//	parse     the input as one file, or as several divided by lines of "---":
//	          its hash and warnings, or all errors
//	show      the classes and fields of what was parsed last
//	fmt       the input in canonical layout
//	inheritance  the input in each of Panda3D's settings
func TestLanguage(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var last *File
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "parse":
				f, err := Parse(split(d.Input))
				if err != nil {
					return err.Error() + "\n"
				}
				last = f
				return showFile(f)
			case "show":
				return dump(last)
			case "fmt":
				files, err := Format(split(d.Input))
				if err != nil {
					return err.Error() + "\n"
				}
				texts := make([]string, len(files))
				for i, f := range files {
					texts[i] = f.Text
				}
				return strings.Join(texts, "---\n")
			case "inheritance":
				return inheritance(t, d.Input)
			case "values":
				return runValues(t, d, last)
			}
			t.Fatalf("no command %s", d.Cmd)
			return ""
		})
	})
}

// split cuts the input of a script into files.
func split(input string) []Source {
	var sources []Source
	for i, text := range strings.Split(input, "\n---\n") {
		sources = append(sources, Source{Name: fmt.Sprintf("%c.dc", 'a'+i), Text: text})
	}
	return sources
}

func showFile(f *File) string {
	s := fmt.Sprintf("hash 0x%08x\n", f.Hash())
	for _, w := range f.Warnings() {
		s += "warning: " + w.Error() + "\n"
	}
	return s
}

// dump shows everything that a file means.
func dump(f *File) string {
	var b strings.Builder
	for _, i := range f.Imports() {
		fmt.Fprintf(&b, "import %s %q\n", i.Module, i.Symbols)
	}
	if len(f.Keywords()) > 0 {
		fmt.Fprintf(&b, "keywords %s\n", strings.Join(f.Keywords(), " "))
	}
	for _, c := range f.All() {
		dumpClass(&b, c)
	}
	return b.String()
}

func dumpClass(b *strings.Builder, c *Class) {
	what := "dclass"
	if c.IsStruct() {
		what = "struct"
	}
	if c.Undeclared() {
		what = "undeclared dclass"
	}
	number := "-"
	if id, ok := c.ID(); ok {
		number = fmt.Sprint(id)
	}
	fmt.Fprintf(b, "%s %s %s", number, what, c.Name())
	for _, base := range c.Bases() {
		fmt.Fprintf(b, " :%s", base.Name())
	}
	b.WriteString("\n")
	if f := c.Constructor(); f != nil {
		fmt.Fprintf(b, "  - %v\n", f)
	}
	for _, f := range c.Fields() {
		from := ""
		if f.Class() != c {
			from = "  from " + f.Class().Name()
		}
		explicit := ""
		if f.HasExplicitDefault() {
			explicit = " explicit"
		}
		fmt.Fprintf(b, "  %d %v%s\n     %s\n     default %x%s\n", f.ID(), f, from, dumpType(f.Type()), f.DefaultPacked(), explicit)
	}
}

// dumpType shows how values are laid out, down to the last part.
func dumpType(t *Type) string {
	s := t.Kind().String()
	if t.Typedef() != "" {
		s = t.Typedef() + "=" + s
	}
	if t.lenBytes > 0 {
		s += fmt.Sprintf("+%d", t.lenBytes)
	}
	if t.divisor != 1 {
		s += fmt.Sprintf("/%d", t.divisor)
	}
	if t.modulus.set {
		s += fmt.Sprintf("%%%v", t.modulus.scaled)
	}
	for _, l := range []string{t.ints.String(), t.uints.String(), t.floats.String(), t.count.String()} {
		if l != "" {
			s += "(" + l + ")"
		}
	}
	switch {
	case t.Kind() == Switch:
		s += "{" + dumpParams([]*Param{t.sw.key})
		for _, c := range t.sw.cases {
			s += fmt.Sprintf(" %x:%s", c.value, dumpParams(c.set.members[1:]))
		}
		if t.sw.other != nil {
			s += " default:" + dumpParams(t.sw.other.members[1:])
		}
		s += "}"
	case t.Elem() != nil && t.Kind() == Array:
		s += "[" + dumpParams([]*Param{t.elem}) + "]"
	case len(t.Params()) > 0:
		s += "{" + dumpParams(t.Params()) + "}"
	}
	return s
}

func dumpParams(params []*Param) string {
	list := make([]string, len(params))
	for i, p := range params {
		list[i] = p.Name() + " " + dumpType(p.Type())
		if p.ownDefault {
			list[i] += fmt.Sprintf(" = %x", p.packed)
		}
	}
	return strings.Join(list, ", ")
}
