package dc

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"natstron/dc/internal/syntax"
)

// TestExhaustion has short texts that stand for very much. All must be dealt
// with in no time, whatever comes of them.
func TestExhaustion(t *testing.T) {
	doubling := func(first, member string) string {
		s := first
		for i := 1; i < 60; i++ {
			s += fmt.Sprintf("struct S%d { S%d a; S%d b; %s };\n", i, i-1, i-1, member)
		}
		return s + "dclass A { f(S59 s) ram; };"
	}
	chain := func(n int, line string) string {
		var b strings.Builder
		for i := 1; i < n; i++ {
			b.WriteString(strings.NewReplacer("$", fmt.Sprint(i), "^", fmt.Sprint(i-1)).Replace(line))
		}
		return b.String()
	}
	tests := []struct{ name, text, want string }{
		{"structs that double", doubling("struct S0 { uint8 x; };", ""), "multiply"},
		{"empty structs that double", doubling("struct S0 { };", ""), "multiply"},
		{"empty switches that double", doubling("struct E { }; switch W (E e) { case {}: default: uint8 x; }; struct S0 { W a; W b; };", ""), "multiply"},
		{"many uses", chain(3000, "struct S$ { uint8 a; uint8 b; };\n") + "struct All {" + chain(3000, "S$ s$;") + "};" + chain(3000, "dclass D$ { f(All a) ram; };\n"), "too long"},
		{"many uses with a default", chain(3000, "struct S$ { uint8 a; uint8 b; };\n") + "struct All {" + chain(3000, "S$ s$;") + "};" + chain(3000, "dclass D$ { All a = <00> ram; };\n"), "too complex"},
		{"nested structs", "struct S0 { uint8 x; };" + chain(5000, "struct S$ { S^ a; };\n"), "nested too deeply"},
		{"nested arrays", "typedef uint8 T0[];" + chain(5000, "typedef T^ T$[];\n"), "nested too deeply"},
		{"a long line of classes", "dclass D0 { f0(); };" + chain(5000, "dclass D$ : D^ { f$(); };\n"), "too many inherited fields"},
		{"a lattice of classes", "dclass A0 { x(); }; dclass B0 { y(); };" + chain(200, "dclass A$ : A^, B^ { }; dclass B$ : A^, B^ { m$ : x, y; };\n"), ""},
		{"a lattice of undeclared classes", "dclass A0 : U { }; dclass B0 : U { };" + chain(200, "dclass A$ : A^, B^ { }; dclass B$ : A^, B^ { m$ : x, y; };\n"), ""},
		{"a long default", "dclass A { blob b = {0 * 4000000000}; };", "too long"},
		{"a long default of nothing", "struct E { }; dclass A { E e[] = {<> * 4000000000}; };", "too long"},
		{"a long default of the wrong kind", "dclass A { uint8 x = 1 * 4000000000; };", "not a value"},
		{"many long defaults", chain(2000, "dclass A$ { uint8 x[] = {0 * 60000}; };"), "too long"},
		{"large arrays", "dclass A { uint8 a[4000000000]; uint32 b[1000000][1000000]; string c[1000000000]; uint64 d[2000000000]; };", ""},
		{"large arrays of nothing", "struct E { }; dclass A { E a[2000000000]; E b[2000000000][2000000000]; E c[1000000-2000000000]; };", ""},
		{"many fields", "dclass A {" + chain(70000, "f$();") + "};", "too many fields"},
		{"many classes", chain(70000, "dclass D$ { };"), "too many classes"},
		{"many errors", "dclass A {" + chain(70000, "uint8(9-1) f$;") + "};", "reversed"},
		{"long names", "dclass " + strings.Repeat("A", 1<<20) + " { f(" + strings.Repeat("B", 1<<20) + "); };", ""},
		{"a long line of errors", strings.Repeat("dclass A { f( }; ", 50000), "too many errors"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			const soon = time.Minute // on a slow and busy machine, with the race detector; what hangs takes longer
			begin := time.Now()
			f, err := Parse([]Source{{"hostile.dc", test.text}})
			switch {
			case test.want == "" && err != nil:
				t.Errorf("%.2000v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("want an error with %q, got %.2000v", test.want, err)
			case err != nil && len(err.Error()) > 200_000:
				t.Errorf("%d bytes of errors", len(err.Error()))
			case err == nil:
				readAll(f)
			}
			if took := time.Since(begin); took > soon {
				t.Errorf("took %v", took)
			}
		})
	}
}

// readAll reads some bytes as every field's value.
func readAll(f *File) {
	long := make([]byte, 65535)
	for _, b := range [][]byte{nil, long, append(long, 0xff)} {
		for i := range f.NumFields() {
			field, _ := f.FieldByID(uint16(i))
			_, _ = field.Skip(b)
			_, _ = field.Check(b)
			_, _ = field.Unpack(b)
			_, _ = field.JSON(b, Scaled)
			_ = field.ValidUTF8(b)
		}
	}
}

func TestTooLong(t *testing.T) {
	text := strings.Repeat(" ", syntax.MaxSize)
	for n, want := range map[int]bool{4: true, 5: false} {
		sources := make([]Source, n)
		for i := range sources {
			sources[i] = Source{Name: fmt.Sprint(i), Text: text}
		}
		if _, err := Parse(sources); (err == nil) != want {
			t.Errorf("%d files: %v", n, err)
		}
	}
	if _, err := Parse([]Source{{"long", text + " "}}); err == nil {
		t.Error("a file that is too long was accepted")
	}
}

func TestConversions(t *testing.T) {
	big := float64(1 << 63)
	for _, test := range []struct {
		f   float64
		i32 int32
		i64 int64
		u64 uint64
	}{
		{0, 0, 0, 0},
		{1.9, 1, 1, 1},
		{-1.9, -1, -1, 1<<64 - 1},
		{2147483647.5, math.MaxInt32, 2147483647, 2147483647},
		{2147483648, math.MinInt32, 2147483648, 2147483648},
		{-2147483648.9, math.MinInt32, -2147483648, 1<<64 - 2147483648},
		{big, math.MinInt32, math.MinInt64, 1 << 63},
		{-big, math.MinInt32, math.MinInt64, 1 << 63},
		{2 * big, math.MinInt32, math.MinInt64, 0},
		{math.Inf(-1), math.MinInt32, math.MinInt64, 1 << 63},
		{math.NaN(), math.MinInt32, math.MinInt64, 0},
	} {
		if got := toInt32(test.f); got != test.i32 {
			t.Errorf("int32 of %v: %d, want %d", test.f, got, test.i32)
		}
		if got := toInt64(test.f); got != test.i64 {
			t.Errorf("int64 of %v: %d, want %d", test.f, got, test.i64)
		}
		if got := toUint64(test.f); got != test.u64 {
			t.Errorf("uint64 of %v: %d, want %d", test.f, got, test.u64)
		}
	}
}
