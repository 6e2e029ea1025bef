package dc

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scriptTexts are the inputs of the scripts in testdata.
func scriptTexts(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*/*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts in testdata: %v", err)
	}
	var texts []string
	for _, path := range paths {
		script, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(script), "\nparse\n")[1:] {
			text, _, _ := strings.Cut(part, "\n----\n")
			texts = append(texts, text)
		}
	}
	return texts
}

// FuzzParse: whatever the text, parsing ends, with a file or with errors; and
// what means something keeps its meaning when it is formatted.
func FuzzParse(f *testing.F) {
	for _, text := range scriptTexts(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		files := []Source{{"fuzz.dc", text}}
		file, err := Parse(files)
		if err != nil {
			if len(err.Error()) == 0 {
				t.Fatal("an error without a text")
			}
			return
		}
		if strings.IndexFunc(text, func(r rune) bool { return r == 0 || r >= 0x80 }) < 0 {
			checkFormat(t, files, file)
		}
		for _, class := range file.All() {
			for _, field := range class.Fields() {
				if got, ok := class.Field(field.ID()); !ok || got != field {
					t.Fatalf("%s has no field %d", class.Name(), field.ID())
				}
				checkBytes(t, field, field.DefaultPacked())
			}
		}
	})
}

// everyKind has fields with all there is to a value.
const everyKind = `
	keyword extra;
	typedef uint8(0-9) Digit = 3;
	struct Pair { Digit a; string(0-4) b; };
	struct Empty { };
	switch Pick (uint8 kind) { case 1: Pair p; break; case 2: case 3: blob32 b; uint16 c; break; };
	switch Nothing (Empty e) { case {}: Empty none; };
	dclass All {
	  numbers(int8 a, int16 b, int32 c, int64 d, uint8 e, uint16 f, uint32 g, uint64 h);
	  reals(float64 a, float32 b, float64 / 10 (-1-1) c);
	  fixed(int16 / 100 (-5-5) a, uint64 / 7 b, int64 / 1000 c);
	  texts(string a, blob b, blob32 c, char d, string(3) e, blob(0-2) f, blob32(1) g, char('a'-'f') h);
	  old(int8array a, uint16array b, int32array c, uint32uint8array d);
	  lists(uint8 a[], uint16 b[3], string c[2], Pair d[1-2], uint8 e[2][], uint8 f[][2], char g[4], Pick h[]);
	  nested(Pair a, Pick b, struct { Pair x[]; Pick y; } c);
	  empties(Empty a, Empty b[], Empty c[1000000], Nothing d, Nothing e[], Nothing f[100000]);
	  setX(int16 / 10 x) ram; setY(string y) ram; setXY : setX, setY, setX;
	  Pair pair = {4, "four"};
	  none();
	};`

func everyKindClass(t testing.TB) *Class {
	t.Helper()
	file, err := Parse([]Source{{"every.dc", everyKind}})
	if err != nil {
		t.Fatal(err)
	}
	class, _ := file.ClassByName("All")
	return class
}

// FuzzUnpack: whatever the bytes, no field's functions fail otherwise than with
// an error, and they agree with each other.
func FuzzUnpack(f *testing.F) {
	class := everyKindClass(f)
	for i, field := range class.Fields() {
		f.Add(uint8(i), field.DefaultPacked())
		f.Add(uint8(i), []byte{1, 0, 1, 0, 2, 0, 97, 98, 3, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	}
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		fields := class.Fields()
		checkBytes(t, fields[int(which)%len(fields)], b)
	})
}

// checkBytes holds everything that reads bytes against each other.
func checkBytes(t *testing.T, f *Field, b []byte) {
	before := bytes.Clone(b)
	skipped, skipErr := f.Skip(b)
	checked, checkErr := f.Check(b)
	if checkErr == nil && (skipErr != nil || skipped != checked) {
		t.Fatalf("%v: check %x gives %d, skip %d, %v", f, b, checked, skipped, skipErr)
	}
	if skipErr == nil && skipped > len(b) {
		t.Fatalf("%v: skip %x gives %d", f, b, skipped)
	}
	v, err := f.Unpack(b)
	if err == nil && (skipErr != nil || skipped != len(b)) {
		t.Fatalf("%v: unpacks %x, but skip gives %d, %v", f, b, skipped, skipErr)
	}
	if f.Validate(b) == nil && err == nil {
		packed, err := f.Pack(v)
		if err != nil || !bytes.Equal(packed, b) {
			t.Fatalf("%v: %x unpacked and packed is %x, %v", f, b, packed, err)
		}
		for _, notation := range []Notation{Scaled, Raw} {
			js, err := f.JSON(b, notation)
			if err != nil {
				t.Fatalf("%v: JSON of %x: %v", f, b, err)
			}
			if back, err := f.PackJSON(js, notation); err != nil || len(back) != len(b) {
				t.Fatalf("%v: %x became %s became %x, %v", f, b, js, back, err)
			}
			text, err := f.Text(b, TextStyle{Notation: notation, Names: true})
			if err != nil {
				t.Fatalf("%v: text of %x: %v", f, b, err)
			}
			if back, err := f.ParseText(text, notation); err != nil || notation == Raw && !bytes.Equal(back, b) {
				t.Fatalf("%v: %x became %s became %x, %v", f, b, text, back, err)
			}
		}
	}
	_ = f.Split(b, func(*Field, []byte) error { return nil })
	if !bytes.Equal(before, b) {
		t.Fatalf("%v: the bytes %x became %x", f, before, b)
	}
}
