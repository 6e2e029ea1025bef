package dc

import (
	"fmt"
	"strings"
	"testing"
)

// largeFile makes the text of a DC file of about that many bytes, of the kind
// that games have.
func largeFile(size int) string {
	var b strings.Builder
	b.WriteString("from game import Thing/AI\ntypedef uint32 DoId;\nstruct Item { uint16 id; string label; uint8 quantity = 1; };\n")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `
dclass Thing%d %s {
  // What it is called and where it stands.
  setName%d(string(0-64) name = "Thing") required broadcast db;
  setPos%d(int16 / 10 x, int16 / 10 y, int16 / 10 z, int16 %% 360 / 10 h) broadcast ram;
  setItems%d(Item items[0-40] = [{1, "a", 2}], uint8array old) ram airecv;
  setOwner%d(DoId = 0) required ram;
  setBoth%d : setPos%d;
  uint16(0-1000, 2000) hp%d = 15 required ram;
};
`, i, base(i), i, i, i, i, i, i, i)
	}
	return b.String()
}

func base(i int) string {
	if i%7 == 0 {
		return ""
	}
	return fmt.Sprintf(": Thing%d", i-1)
}

func BenchmarkParse200KB(b *testing.B) {
	text := largeFile(200_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse([]Source{{"large.dc", text}}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseCorpus(b *testing.B) {
	for _, set := range corpusSets(b) {
		if set.reject {
			continue
		}
		b.Run(set.files[len(set.files)-1].Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(set.files); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// typicalFields are fields with a value each.
func typicalFields(t testing.TB) map[string][]byte {
	class := everyKindClass(t)
	values := map[string]string{
		"numbers": `[1,2,3,4,5,6,7,8]`,
		"fixed":   `[1.5,2,3]`,
		"texts":   `["some name","00ff","01","x","abc","0102","00","b"]`,
		"lists":   `["abcdef",[1,2,3],["a","b"],[[1,"x"],[2,"y"]],[[1],[2,3]],[[1,2]],"abcd",[[1,[1,"a"]]]]`,
		"setXY":   `[[1.5],["a"],[2.5]]`,
		"pair":    `[1,"a"]`,
	}
	packed := make(map[string][]byte)
	for name, js := range values {
		f, ok := class.FieldByName(name)
		if !ok {
			t.Fatalf("no field %s", name)
		}
		b, err := f.PackJSON([]byte(js), Scaled)
		must(t, err)
		packed[name] = b
	}
	return packed
}

// readers are what reads a value from the start of bytes.
var readers = map[string]func(f *Field, packed []byte) error{
	"Skip":   func(f *Field, packed []byte) error { _, err := f.Skip(packed); return err },
	"Check":  func(f *Field, packed []byte) error { _, err := f.Check(packed); return err },
	"Unpack": func(f *Field, packed []byte) error { _, err := f.Unpack(packed); return err },
}

func BenchmarkField(b *testing.B) {
	for name, packed := range typicalFields(b) {
		f, _ := everyKindClass(b).FieldByName(name)
		for what, read := range readers {
			b.Run(what+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(packed)))
				b.ReportAllocs()
				for b.Loop() {
					must(b, read(f, packed))
				}
			})
		}
	}
}

func BenchmarkHas(b *testing.B) {
	f, _ := everyKindClass(b).FieldByName("setX")
	for b.Loop() {
		if !f.Has(RAM) {
			b.Fatal("no ram")
		}
	}
}

func TestNoAllocations(t *testing.T) {
	class := everyKindClass(t)
	for name, packed := range typicalFields(t) {
		f, _ := class.FieldByName(name)
		for what, run := range map[string]func(){
			"Skip":     func() { _, _ = f.Skip(packed) },
			"Check":    func() { _, _ = f.Check(packed) },
			"Validate": func() { _ = f.Validate(packed) },
			"UTF8":     func() { _ = f.ValidUTF8(packed) },
			"Split":    func() { _ = f.Split(packed, func(*Field, []byte) error { return nil }) },
			"Has":      func() { _ = f.Has(Required | RAM) },
		} {
			if n := testing.AllocsPerRun(100, run); n != 0 {
				t.Errorf("%s of %s allocates %v times", what, name, n)
			}
		}
	}
}
