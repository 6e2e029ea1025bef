package syntax

import (
	"strings"
	"testing"
)

// TestRecovery checks that the reading goes on behind an error, and where.
func TestRecovery(t *testing.T) {
	const text = `dclass A { f(; g(uint8); h(uint8 struct); i(); };
		dclass B { switch (uint8 k) { case: uint8 a; case 2: uint8 b; } s; };
		oops { ; } ; dclass C { j() k(); l(); }`
	f := NewParser().File(text)
	if len(f.Errors) != 5 {
		t.Errorf("%d errors, want 5: %v", len(f.Errors), f.Errors)
	}
	var got []string
	for _, d := range f.Decls {
		c := d.(*Class)
		got = append(got, c.Name.Text)
		for _, f := range c.Fields {
			if m, ok := f.(*Method); ok {
				got = append(got, m.Name.Text)
			}
		}
	}
	if s := strings.Join(got, " "); s != "A g i B C l" {
		t.Errorf("got %s", s)
	}
}

func TestLimits(t *testing.T) {
	deep := func(open, inside, closing string, n int) string {
		return strings.Repeat(open, n) + inside + strings.Repeat(closing, n)
	}
	tests := []struct {
		name, text, want string
	}{
		{"values", "dclass A { f(uint8 x = " + deep("[", "1", "]", 100_000) + "); };", "nested too deeply"},
		{"structs", deep("struct { ", "uint8 x;", "} x;", 100_000), "nested too deeply"},
		{"switches", deep("switch (", "uint8", ") { } ", 100_000), "nested too deeply"},
		{"errors", strings.Repeat("oops ;", 100_000), "too many errors"},
		{"size", strings.Repeat(" ", MaxSize+1), "too many"},
	}
	for _, test := range tests {
		f := NewParser().File(test.text)
		if len(f.Errors) == 0 || len(f.Errors) > MaxErrors {
			t.Errorf("%s: %d errors", test.name, len(f.Errors))
			continue
		}
		found := false
		for _, e := range f.Errors {
			found = found || strings.Contains(e.Msg, test.want)
		}
		if !found {
			t.Errorf("%s: no error with %q, first %q", test.name, test.want, f.Errors[0].Msg)
		}
	}
}

func TestKeywordsLast(t *testing.T) {
	p := NewParser("old")
	if f := p.File("keyword fresh; dclass A { f() old fresh; };"); len(f.Errors) > 0 {
		t.Fatal(f.Errors)
	}
	f := p.File("dclass B { f() fresh; g(uint8 fresh); };")
	if len(f.Errors) != 1 || !strings.Contains(f.Errors[0].Msg, "which is a keyword") {
		t.Errorf("errors %v, want one about a keyword", f.Errors)
	}
	if v, errs := ParseValue("{fresh = 1, old = 2}"); len(errs) > 0 || len(v.List) != 2 {
		t.Errorf("no word is a keyword in a value, but: %v", errs)
	}
}

func TestCut(t *testing.T) {
	f := NewParser().File("dclass A { };\xefdclass B { };")
	if f.Cut != 13 || len(f.Decls) != 1 || len(f.Errors) != 0 {
		t.Errorf("cut at %d, %d declarations, errors %v", f.Cut, len(f.Decls), f.Errors)
	}
}
