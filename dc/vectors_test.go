package dc

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// vectorsDC has one of everything.
const vectorsDC = `
keyword p2p;
typedef uint32 DoId;
struct Colour { uint8(0-100) red; uint8(0-100) green; };
struct Item { DoId id; string name; Colour colours[]; };
struct Pair : Colour { Pair(int8 first); uint16; };
dclass Numbers {
  ints(int8 a, int16 b, int32 c, int64 d, uint8 e, uint16 f, uint32 g, uint64 h) ram;
  reals(float32 a, float64 b, float64(-1-1) c, float64 / 10 d, float64 % 7 e, float32 f) ram;
  ranges(int8(-5-5) a, uint16(1-2, 7, 9-100) b, int32(-100000-100000) c, uint64(5-500) d, int64(-9-9) e) ram;
  divided(int16 / 10 a, uint8 / 3 b, int32 / 1000 (-5-5) c, uint32 / 7 d, int64 / 10 e, uint64 / 100 f) ram;
  wrapped(int16 % 360 / 10 a, uint8 % 24 b, uint64 % 1000 c, int64 % 50 / 2 d) ram;
  uint8 one = 3 required;
  int16 / 10 tenth ram;
};
dclass Texts : Numbers {
  texts(char a, char('a'-'f') b, string c, string(5) d, string(2-4) e, blob f, blob(3) g, blob32 h, blob(1-2, 5) i) ram;
  chars(char a[], char b[3]) ram;
  string name required;
};
dclass Lists : Texts {
  old(int8array a, int16array b, int32array c, uint8array d, uint16array e, uint32array f, uint32uint8array g) ram;
  lists(uint8 a[], uint16 b[3], string c[2], int32 d[2-4, 8], uint8 e[2][3], string f[][2], Item g[], Colour h[2]) ram;
  parts(Item a, Pair b, Colour c) ram;
  nothing() ram;
  mine() p2p;
  all : texts, nothing, chars;
  choice(switch (uint8 kind) { case 1: case 2: string name; break; case 3: uint16 n; default: blob data; } what, uint8 after) ram;
  word(switch (string key) { case "a": Colour c; break; case "b": break; } what) ram;
};
dclass Other {
  nothing(uint8 really) required;
  string ints ram;
};
dclass Heir : Lists, Other {
  string name ram;
};
`

// givenDC has fields of one number, for numbers as people write them.
const givenDC = `
dclass Given {
  a(int16 / 10 v); b(uint16 / 100 v); c(int32 / 3 v); d(uint8 v); e(int16 % 360 / 10 v); f(float64 / 10 v);
  g(float32 v); h(float64 % 7 v); i(int16 / 10 (-5-5) v); j(uint32 / 1000 v); k(float64 / 100 v); l(int8 % 24 v);
};
`

// TestWriteVectors writes values for codecs in other languages to the file that
// NATSTRON_DC_VECTORS names: a JSON object a line, which is a schema, or a field of the
// last schema with bytes. json is the value, with numbers as strings "#1.5"; pack is
// what PackJSON makes of it, if other bytes, or its error; check and unpack are the errors
// of Validate and Unpack, if any. Other rows have a number as given, and what PackJSON makes
// of that. A schema comes with the ids of all fields of each class.
func TestWriteVectors(t *testing.T) {
	name := os.Getenv("NATSTRON_DC_VECTORS")
	if name == "" {
		t.Skip("NATSTRON_DC_VECTORS is not set: nobody wants values")
	}
	file, err := os.Create(name)
	must(t, err)
	out := bufio.NewWriter(file)
	w := &vectorWriter{t: t, out: json.NewEncoder(out), random: rand.New(rand.NewPCG(1, 2))}
	w.file(200, Source{"vectors.dc", vectorsDC})
	w.given(3000)
	if os.Getenv("NATSTRON_DC_CORPUS") != "" {
		for _, set := range corpusSets(t) {
			if !set.reject {
				w.file(1, set.files...)
			}
		}
	}
	draw := rapid.Custom(func(t *rapid.T) string { return drawFile(t) })
	for seed := 0; w.values < 10_000; seed++ {
		w.file(10, Source{"drawn.dc", draw.Example(seed)})
	}
	must(t, errors.Join(out.Flush(), file.Close()))
	t.Logf("%d values, and as many broken ones", w.values)
}

type vectorWriter struct {
	t      *testing.T
	out    *json.Encoder
	random *rand.Rand
	values int
}

type vector struct {
	Class  string `json:"class"`
	ID     uint16 `json:"id"`
	Hex    string `json:"hex"`
	JSON   any    `json:"json,omitempty"`
	Pack   string `json:"pack,omitempty"`
	Check  string `json:"check,omitempty"`
	Unpack string `json:"unpack,omitempty"`
}

func (w *vectorWriter) put(v any) { must(w.t, w.out.Encode(v)) }

// file writes some values of each field of the dclasses of a list of files.
func (w *vectorWriter) file(each int, sources ...Source) {
	f, err := Parse(sources)
	if err != nil && sources[0].Name == "drawn.dc" {
		return
	}
	must(w.t, err)
	w.schema(f)
	for _, c := range f.Classes() {
		for _, field := range c.own {
			if !packable(field.typ) {
				continue
			}
			draw := rapid.Custom(func(t *rapid.T) Value {
				rapid.Bool().Draw(t, "something, for methods without arguments")
				return drawValue(t, field.valueType())
			})
			for seed := range each {
				packed, err := field.Pack(draw.Example(seed + w.values))
				if err != nil {
					continue // drawn too long for its length prefix
				}
				w.value(c, field, packed)
				w.value(c, field, w.broken(packed))
				w.values++
			}
		}
	}
}

func (w *vectorWriter) schema(f *File) {
	fields := map[string][]uint16{}
	for _, c := range f.Classes() {
		fields[c.name] = []uint16{}
		for _, field := range c.Fields() {
			fields[c.name] = append(fields[c.name], field.ID())
		}
	}
	w.put(map[string]any{"schema": f.Schema(), "fields": fields})
}

// given writes numbers with few digits, often halfway between two that can be packed.
func (w *vectorWriter) given(n int) {
	f, err := Parse([]Source{{"given.dc", givenDC}})
	must(w.t, err)
	w.schema(f)
	class, _ := f.ClassByName("Given")
	for range n {
		field := class.own[w.random.IntN(len(class.own))]
		digits := w.random.IntN(5)
		number := strconv.FormatFloat((w.random.Float64()-0.3)*math.Pow10(w.random.IntN(6)), 'f', digits, 64)
		if digits > 0 && w.random.IntN(2) == 0 {
			number = number[:len(number)-1] + "5"
		}
		if strings.Trim(number, "-0.") == "" {
			continue // not every language tells -0 from 0 where it is a number without a dot
		}
		packed, err := field.PackJSON([]byte("["+number+"]"), Scaled)
		pack := hex.EncodeToString(packed)
		if err != nil {
			pack = errorKind(err)
		}
		w.put(map[string]any{"class": "Given", "id": field.ID(), "given": json.Number(number), "pack": pack})
	}
}

// broken changes bytes somehow.
func (w *vectorWriter) broken(packed []byte) []byte {
	b := append([]byte{}, packed...)
	switch at := w.random.IntN(len(b) + 1); w.random.IntN(4) {
	case 0:
		return b[:at]
	case 1:
		return append(b[:at], append([]byte{byte(w.random.Uint32())}, packed[at:]...)...)
	default:
		if at < len(b) {
			b[at] ^= 1 << w.random.IntN(8)
		}
		return b
	}
}

func (w *vectorWriter) value(c *Class, f *Field, packed []byte) {
	v := vector{Class: c.name, ID: f.ID(), Hex: hex.EncodeToString(packed)}
	v.Check = errorKind(f.Validate(packed))
	text, err := f.JSON(packed, Scaled)
	v.Unpack = errorKind(err)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		must(w.t, d.Decode(&v.JSON))
		v.JSON = numbersAsText(v.JSON)
		again, err := f.PackJSON(text, Scaled)
		switch {
		case err != nil:
			v.Pack = errorKind(err)
		case !bytes.Equal(again, packed):
			v.Pack = hex.EncodeToString(again)
		}
	}
	w.put(v)
}

func numbersAsText(v any) any {
	switch v := v.(type) {
	case json.Number:
		return "#" + string(v)
	case []any:
		for i := range v {
			v[i] = numbersAsText(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbersAsText(v[k])
		}
	}
	return v
}

// errorKind is the kind of an error, for people who know no Go.
func errorKind(err error) string {
	var e *ValueError
	if !errors.As(err, &e) {
		return ""
	}
	return e.Err.Error()
}
