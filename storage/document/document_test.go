package document

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func drawValue(t *rapid.T, depth int) Value {
	kinds := 8
	if depth > 3 {
		kinds = 6
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return rapid.Int32().Draw(t, "int32")
	case 1:
		n := rapid.Int64().Draw(t, "int64")
		if n >= math.MinInt32 && n <= math.MaxInt32 {
			return int32(n) // JSON has one kind of whole numbers
		}
		return n
	case 2:
		return math.Float64frombits(rapid.Uint64().Draw(t, "float64"))
	case 3:
		return rapid.String().Draw(t, "string")
	case 4:
		return append([]byte{}, rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")...)
	case 5:
		return rapid.SampledFrom([]Value{Other{8, "\x01"}, Other{8, "\x00"}, Other{8, "\x02"}, Other{10, ""},
			Other{7, "123456789012"}, Text(`("x"`), Text("\xff"), Scaled(1.5), Scaled(-0.25)}).Draw(t, "special")
	case 6:
		a := Array{}
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			a = append(a, drawValue(t, depth+1))
		}
		return a
	}
	return drawDocument(t, depth)
}

func drawDocument(t *rapid.T, depth int) Document {
	d := Document{}
	for range rapid.IntRange(0, 3).Draw(t, "length") {
		name := rapid.OneOf(rapid.String(), rapid.Just("$binary"), rapid.Just("$x"), rapid.Just("\xff"), rapid.StringMatching(`[a-z_]+`)).Draw(t, "name")
		d = append(d, Element{name, drawValue(t, depth+1)})
	}
	return d
}

// sameBits compares real numbers by their bits.
var sameBits = cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) })

func TestThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDocument(t, 0)
		text := Append(nil, d)
		back, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(d, back, sameBits); diff != "" {
			t.Fatalf("%s: (-want +got)\n%s", text, diff)
		}
		if !Equal(d, back) {
			t.Fatalf("%s is not Equal to itself", text)
		}
	})
}

func TestJSONForms(t *testing.T) {
	d := Document{
		{"name", "Alice \"A\"\n"}, {"n", int32(5)}, {"long", int64(1) << 40}, {"f", 2.0}, {"blob", []byte{0, 1}},
		{"nan", math.NaN()}, {"list", Array{int32(1), Document{}}}, {"yes", Other{8, "\x01"}}, {"raw", "\xff"},
	}
	want := `{"name":"Alice \"A\"\n","n":5,"long":1099511627776,"f":2.0,` +
		`"blob":{"$binary":{"base64":"AAE=","subType":"00"}},"nan":{"$numberDouble":"NaN"},"list":[1,{}],"yes":true,` +
		`"raw":{"$binary":{"base64":"/w==","subType":"00"}}}`
	if got := string(Append(nil, d)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got, err := Parse([]byte(" { \"a\" : [ 1 , 2.5 ] ,\n\"b\":\"\\u00e4\\ud83d\\ude00\\/\" , \"c\":{\"$numberLong\":\"7\"} } "))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Document{{"a", Array{int32(1), 2.5}}, {"b", "ä😀/"}, {"c", int64(7)}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "5", "{", `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1} x`, `{a:1}`, `{"a":"x}`, `{"a":"\x"}`,
		`{"a":"\u12"}`, `{"a":1e}`, `{"a":--1}`, `{"a":99999999999999999999}`, `{"a":nul}`, "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}",
		`{"a":{"$binary":"AA"}}`, `{"a":{"$bson":""}}`, `{"a":{"$bson":"0"}}`, `{"a":{"$scaled":"x"}}`, `{"a":{"$what":1}}`,
		`{"a":{"$document":[["x"]]}}`, `{"a":{"$numberDouble":"NaN(0x0)"}}`, `{"a":` + strings.Repeat("[", 1<<16)} {
		if d, err := Parse([]byte(text)); !errors.Is(err, ErrSyntax) {
			t.Errorf("%.40q: got %v, %v", text, d, err)
		}
	}
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b Value
		want bool
	}{
		{int32(1), int64(1), true}, {int32(1), 1.0, true}, {int64(1), 1.5, false}, {0.0, math.Copysign(0, -1), true},
		{math.NaN(), math.Float64frombits(0x7ff8000000000123), true}, {int64(math.MaxInt64), float64(1 << 63), false},
		{int64(1<<53 + 1), float64(1 << 53), false}, {Scaled(1.5), 1.5, true}, {"a", "a", true}, {"a", []byte("a"), false},
		{"1", int32(1), false}, {Text("a"), "a", false}, {Array{int32(1)}, Array{1.0}, true}, {Array{}, Document{}, false},
		{Document{{"a", int32(1)}, {"b", int32(2)}}, Document{{"b", int32(2)}, {"a", int32(1)}}, false},
		{Document{{"a", int32(1)}}, Document{{"a", 1.0}}, true}, {Array{int32(1)}, int32(1), false}, {nil, nil, false},
	} {
		if got := Equal(c.a, c.b); got != c.want {
			t.Errorf("Equal(%#v, %#v) = %v", c.a, c.b, got)
		}
		if got := Equal(c.b, c.a); got != c.want {
			t.Errorf("Equal(%#v, %#v) = %v", c.b, c.a, got)
		}
	}
}

func TestWith(t *testing.T) {
	d := Document{{"a", int32(1)}, {"b", int32(2)}}
	if diff := cmp.Diff(Document{{"a", int32(3)}, {"b", int32(2)}}, d.With("a", int32(3))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Document{{"a", int32(1)}, {"b", int32(2)}, {"c", "x"}}, d.With("c", "x")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Document{{"b", int32(2)}}, d.Without("a")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Document{{"a", int32(1)}, {"b", int32(2)}}, d); diff != "" {
		t.Error("the original changed:", diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"a":[1,2.5,"x",{"$binary":{"base64":"AAE=","subType":"00"}}],"b":{"$document":[["$x",null]]}}`))
	f.Add([]byte(`{"a":{"$bson":"07"},"b":{"$text":"("},"c":{"$numberDouble":"-Infinity"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(Append(nil, d))
		if err != nil || !Equal(d, again) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	d := Document{}
	for i := range 60 {
		d = append(d, Element{"setField" + string(rune('A'+i%26)), Document{{"value", int64(i) << 33}, {"name", "somebody"}}})
	}
	text := Append(nil, d)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
