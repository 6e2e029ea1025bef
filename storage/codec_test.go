package storage_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/storagetest"
)

func parse(t testing.TB, text string) *dc.File {
	t.Helper()
	f, err := dc.Parse([]dc.Source{{Name: "test.dc", Text: text}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func field(t testing.TB, f *dc.File, class, name string) *dc.Field {
	t.Helper()
	c, ok := f.ClassByName(class)
	if !ok {
		t.Fatalf("no class %s", class)
	}
	fd, ok := c.FieldByName(name)
	if !ok {
		t.Fatalf("no field %s.%s", class, name)
	}
	return fd
}

func TestEveryTypeThereAndBack(t *testing.T) {
	class := storagetest.Class(storagetest.File(t), "Everything")
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(class.Fields()).Draw(t, "field")
		packed := storagetest.DrawValue(t, f)
		v, err := storage.Encode(f, packed)
		if err != nil {
			t.Fatalf("%v: %v", f, err)
		}
		text := document.AppendValue(nil, v)
		v, err = document.ParseValue(text)
		if err != nil {
			t.Fatalf("%v: %s: %v", f, text, err)
		}
		back, err := storage.Decode(f, v)
		if err != nil {
			t.Fatalf("%v: %x: %s: %v", f, packed, text, err)
		}
		if !bytes.Equal(packed, back) {
			t.Fatalf("%v: %x became %x by way of %s", f, packed, back, text)
		}
	})
}

const forms = `
struct Colour { uint8 red; uint8 green; };
dclass A {
  int8 i8 db; uint8 u8 db; uint32 u32 db; uint64 u64 db; float32 f32 db; float64 f64 db; char c db; string s db;
  string(3) s3 db; blob b db; uint16 list[] db; Colour colour db; int16 / 10 fixed db; uint8(0-9) small db;
  setX(int16 / 10 x) db; setXY(int16 x, int16) db; setNone() db; uint64array old db; uint32uint8array pairs db;
  setZ(int8 z) db; both : setX, setZ;
  uint8 bytes[] db; uint8 two[2] db; uint8(0-9) few[] db; char letters[] db; char pair[2] db; uint8 deep[2][2] db; setBytes(uint8 all[]) db; uint8array ua8 db;
};`

// TestForms holds the table of Encode, value by value.
func TestForms(t *testing.T) {
	file := parse(t, forms)
	for _, c := range []struct{ field, packed, want string }{
		{"i8", "80", `-128`},
		{"u32", "ffffffff", `4294967295`},
		{"u64", "ffffffffffffffff", `-1`},
		{"f32", "0000c03f", `1.5`},
		{"f32", "0100a0ff", `{"$numberDouble":"NaN(0xfff4000020000000)"}`},
		{"f64", "000000000000f87f", `{"$numberDouble":"NaN(0x7ff8000000000000)"}`},
		{"c", "41", `"A"`},
		{"c", "ff", `{"$binary":{"base64":"/w==","subType":"00"}}`},
		{"s", "0300616263", `"abc"`},
		{"s", "0100ff", `{"$binary":{"base64":"/w==","subType":"00"}}`},
		{"s3", "616200", `"ab\u0000"`},
		{"b", "02000001", `{"$binary":{"base64":"AAE=","subType":"00"}}`},
		{"list", "040001000200", `[1,2]`},
		{"colour", "0102", `{"red":1,"green":2}`},
		{"fixed", "0f00", `15`},
		{"setX", "0f00", `{"x":15}`},
		{"setXY", "01000200", `{"x":1,"_1":2}`},
		{"setNone", "", `{}`},
		{"pairs", "05000100000002", `[{"_0":1,"_1":2}]`},
		{"bytes", "030001ff80", `{"$binary":{"base64":"Af+A","subType":"00"}}`},
		{"bytes", "0000", `{"$binary":{"base64":"","subType":"00"}}`},
		{"two", "0102", `{"$binary":{"base64":"AQI=","subType":"00"}}`},
		{"few", "02000109", `{"$binary":{"base64":"AQk=","subType":"00"}}`},
		{"ua8", "02000102", `{"$binary":{"base64":"AQI=","subType":"00"}}`},
		{"letters", "03004162c3", `{"$binary":{"base64":"QWLD","subType":"00"}}`},
		{"letters", "02004162", `"Ab"`},
		{"letters", "0000", `""`},
		{"pair", "4162", `"Ab"`},
		{"deep", "01020304", `[{"$binary":{"base64":"AQI=","subType":"00"}},{"$binary":{"base64":"AwQ=","subType":"00"}}]`},
		{"setBytes", "02000102", `{"all":{"$binary":{"base64":"AQI=","subType":"00"}}}`},
	} {
		f := field(t, file, "A", c.field)
		packed, _ := hex.DecodeString(c.packed)
		v, err := storage.Encode(f, packed)
		if err != nil {
			t.Errorf("%s: %v", c.field, err)
			continue
		}
		if got := string(document.AppendValue(nil, v)); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.field, c.packed, got, c.want)
		}
		if back, err := storage.Decode(f, v); err != nil || !bytes.Equal(back, packed) {
			t.Errorf("%s %s: came back as %x, %v", c.field, c.packed, back, err)
		}
	}
}

// TestDecodeTakes has what others write.
func TestDecodeTakes(t *testing.T) {
	file := parse(t, forms)
	for _, c := range []struct {
		field  string
		stored document.Value
		want   string
	}{
		{"u8", int64(5), "05"},
		{"u8", 5.0, "05"},
		{"u64", 18446744073709549568.0, "00f8ffffffffffff"},
		{"u64", int32(-1), "ffffffffffffffff"},
		{"f32", 0.1, "cdcccc3d"},
		{"f64", int32(2), "0000000000000040"},
		{"b", "ab", "02006162"},
		{"s", []byte("ab"), "02006162"},
		{"colour", document.Document{{Name: "green", Value: int32(2)}, {Name: "red", Value: int32(1)}}, "0102"},
		{"colour", document.Array{int32(1), int32(2)}, "0102"},
		{"setXY", document.Document{{Name: "_0", Value: int32(1)}, {Name: "_1", Value: int32(2)}}, "01000200"},
		{"setX", document.Array{document.Scaled(1.5)}, "0f00"},
		{"fixed", document.Scaled(1.4999999), "0f00"},
		{"fixed", document.Scaled(-3), "e2ff"},
		{"u8", document.Scaled(7), "07"},
		{"bytes", document.Array{int32(1), int64(255)}, "020001ff"},
		{"bytes", "ab", "02006162"},
		{"two", document.Array{int32(1), int32(2)}, "0102"},
		{"letters", document.Array{"A", "b"}, "02004162"},
		{"letters", []byte{0x41, 0xff}, "020041ff"},
		{"pair", []byte("Ab"), "4162"},
		{"deep", document.Array{document.Array{int32(1), int32(2)}, []byte{3, 4}}, "01020304"},
	} {
		got, err := storage.Decode(field(t, file, "A", c.field), c.stored)
		if err != nil || hex.EncodeToString(got) != c.want {
			t.Errorf("%s %v: got %x, %v, want %s", c.field, c.stored, got, err, c.want)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	file := parse(t, forms)
	for _, c := range []struct {
		field  string
		stored document.Value
		want   string
	}{
		{"u8", int32(256), "stored value cannot be read: u8"},
		{"u8", int32(-1), "u8"},
		{"u8", 1.5, "u8: 1.5 is not a whole number"},
		{"u8", "5", `u8: "5" is not a value of uint8`},
		{"u8", document.Array{int32(5)}, "u8: [5] is not a value"},
		{"u8", document.Other{Type: 10}, "u8: null is not a value"},
		{"u8", document.Text("xyz"), `u8: "xyz" is not a value`},
		{"small", int32(10), "small"},
		{"c", "AB", "c"},
		{"s3", "ab", "s3"},
		{"two", []byte{1}, "two"},
		{"few", []byte{10}, "few"},
		{"pair", "abc", "pair"},
		{"list", document.Array{int32(1), "x"}, `list[1]: "x"`},
		{"colour", document.Document{{Name: "red", Value: int32(1)}}, "colour: green is missing"},
		{"colour", document.Document{{Name: "red", Value: int32(1)}, {Name: "green", Value: int32(1)}, {Name: "blue", Value: int32(1)}}, "colour: 3 parts, not 2"},
		{"colour", document.Document{{Name: "red", Value: int32(1)}, {Name: "green", Value: "x"}}, `colour.green: "x"`},
		{"fixed", document.Scaled(1e9), "fixed"},
		{"u64", 1e300, "u64: 1e+300 does not fit"},
	} {
		got, err := storage.Decode(field(t, file, "A", c.field), c.stored)
		if !errors.Is(err, storage.ErrUnreadable) || !bytes.Contains([]byte(err.Error()), []byte(c.want)) {
			t.Errorf("%s %v: got %x, %v, want …%s…", c.field, c.stored, got, err, c.want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	file := parse(t, forms)
	if _, err := storage.Encode(field(t, file, "A", "both"), []byte{0, 0, 0}); !errors.Is(err, storage.ErrValue) {
		t.Error(err)
	}
	for _, packed := range []string{"", "0a", "0100"} {
		b, _ := hex.DecodeString(packed)
		var value *dc.ValueError
		if _, err := storage.Encode(field(t, file, "A", "small"), b); !errors.Is(err, storage.ErrValue) || !errors.As(err, &value) {
			t.Errorf("%q: %v", packed, err)
		}
	}
}

func TestApply(t *testing.T) {
	o := storage.Object{ID: 7, Class: "A", Fields: document.Document{{Name: "x", Value: int32(1)}, {Name: "y", Value: "b"}}}
	got, err := storage.Update{
		Classes: []string{"B", "A"},
		If:      []storage.Condition{{Name: "x", Want: 1.0}, {Name: "z", Want: nil}},
		Set:     document.Document{{Name: "x", Value: int32(2)}, {Name: "z", Value: "new"}},
		Delete:  []string{"y", "none"},
	}.Apply(o)
	want := storage.Object{ID: 7, Class: "A", Fields: document.Document{{Name: "x", Value: int32(2)}, {Name: "z", Value: "new"}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	var mismatch *storage.MismatchError
	if _, err := (storage.Update{If: []storage.Condition{{Name: "y", Want: nil}}}).Apply(o); !errors.As(err, &mismatch) || mismatch.Object.ID != 7 {
		t.Error(err)
	}
	var class *storage.ClassError
	if _, err := (storage.Update{Classes: []string{"B"}, If: []storage.Condition{{Name: "y", Want: nil}}}).Apply(o); !errors.As(err, &class) {
		t.Error(err)
	}
}

func TestIDsCheck(t *testing.T) {
	r := storage.Range{Min: 10, Max: 20}
	for _, c := range []struct {
		ids storage.IDs
		ok  bool
	}{
		{storage.IDs{Next: 10}, true}, {storage.IDs{Next: 21}, true}, {storage.IDs{Next: 22}, false}, {storage.IDs{Next: 9}, false},
		{storage.IDs{Next: 15, Free: []wire.DoID{14, 10}}, true}, {storage.IDs{Next: 15, Free: []wire.DoID{15}}, false},
		{storage.IDs{Next: 15, Free: []wire.DoID{9}}, false}, {storage.IDs{Next: 15, Free: []wire.DoID{11, 11}}, false},
	} {
		if err := c.ids.Check(r); (err == nil) != c.ok {
			t.Errorf("%v: %v", c.ids, err)
		}
	}
	for _, r := range []storage.Range{{Min: 0, Max: 5}, {Min: 6, Max: 5}} {
		if r.Check() == nil {
			t.Errorf("%v is fine", r)
		}
	}
}
