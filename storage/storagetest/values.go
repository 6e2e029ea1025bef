package storagetest

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"natstron/dc"
)

const text = `
keyword persisted;
struct Colour { uint8(0-100) red; uint8 green; };
struct Nested : Colour { string name; Colour pair[2]; uint16 list[]; blob data; };

dclass Avatar {
  setName(string name) required db;
  uint32 hp db;
  uint32 mp db;
  setPos(int16 / 10 x, int16 / 10 y) db;
  setFriends(uint32 ids[]) db;
  blob data db;
};

dclass Toon : Avatar {
  setHat(string hat = "none") db;
};

dclass Everything {
  int8 i8 db; int16 i16 db; int32 i32 db; int64 i64 db;
  uint8 u8 db; uint16 u16 db; uint32 u32 db; uint64 u64 db;
  float32 f32 db; float64 f64 db; char c db;
  string s db; string(4) s4 db; string(2-5) s25 db;
  blob b db; blob(3) b3 db; blob32 b32 db;
  int16 / 100 fixed db; uint16(0-500) % 360 angle db; float64 / 10 tenths db; uint64 / 1000 thousandths db;
  int16(-5-5, 100) ranged db;
  uint64 longs[] db; string words[] db; int8 three[3] db; uint8 deep[2][2] db; blob blobs[1-3] db; float32 floats[] db;
  uint8 raw[] db; uint8(0-100) few[1-4] db; char letters[] db; char pair[2] db;
  int8array ia8 db; int16array ia16 db; int32array ia32 db;
  uint8array ua8 db; uint16array ua16 db; uint32array ua32 db; uint32uint8array pairs db;
  Colour colour db; Nested nested db; Nested several[] db;
  switch (uint8 kind) {
    case 1: string name; break;
    case 2: uint64 big; float32 real; break;
    default: blob data; Colour colour;
  } choice db;
  setNone() db; setOne(uint8 one) db; setUnnamed(uint8, string, int64) db; setMixed(uint32 a, string b, Nested c, float64 d[]) db;
};`

// File is the DC file of the suite.
func File(t testing.TB) *dc.File {
	t.Helper()
	f, err := dc.Parse([]dc.Source{{Name: "storagetest.dc", Text: text}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Class is the dclass of that name, which the file has.
func Class(f *dc.File, name string) *dc.Class {
	c, ok := f.ClassByName(name)
	if !ok {
		panic("storagetest: no dclass " + name)
	}
	return c
}

// Field is the field of that name, which the class has.
func Field(c *dc.Class, name string) *dc.Field {
	f, ok := c.FieldByName(name)
	if !ok {
		panic("storagetest: no field " + name)
	}
	return f
}

// DrawValue draws a packed value of a field of [File].
func DrawValue(t *rapid.T, f *dc.Field) []byte {
	if f.Type().Kind() == dc.Switch {
		packed, err := f.Pack(drawChoice(t))
		if err != nil {
			t.Fatalf("%v: %v", f, err)
		}
		return packed
	}
	packed, err := f.Pack(draw(t, f.Type(), f.Name()))
	if err != nil {
		return f.DefaultPacked() // outside a range
	}
	return packed
}

// drawChoice draws the switch of the file.
func drawChoice(t *rapid.T) dc.Record {
	switch kind := rapid.Uint8Range(1, 3).Draw(t, "kind"); kind {
	case 1:
		return dc.Record{{Name: "kind", Value: kind}, {Name: "name", Value: drawText(t, 20)}}
	case 2:
		return dc.Record{{Name: "kind", Value: kind}, {Name: "big", Value: rapid.Uint64().Draw(t, "big")},
			{Name: "real", Value: math.Float32frombits(rapid.Uint32().Draw(t, "real"))}}
	default:
		return dc.Record{{Name: "kind", Value: kind}, {Name: "data", Value: []byte(drawText(t, 20))},
			{Name: "colour", Value: dc.Record{{Name: "red", Value: uint8(7)}, {Name: "green", Value: rapid.Uint8().Draw(t, "green")}}}}
	}
}

func drawText(t *rapid.T, most int) string {
	return rapid.OneOf(rapid.StringN(0, -1, most), rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, most), func(b []byte) string { return string(b) })).Draw(t, "text")
}

// draw draws a value in Go's terms; it need not be within the type's ranges.
func draw(t *rapid.T, typ *dc.Type, name string) dc.Value {
	k := typ.Kind()
	switch {
	case k == dc.Struct || k == dc.Method:
		r := dc.Record{}
		for _, p := range typ.Params() {
			r = append(r, dc.Member{Name: p.Key(), Value: draw(t, p.Type(), p.Key())})
		}
		return r
	case k == dc.Char:
		return string([]byte{rapid.Byte().Draw(t, name)})
	case k == dc.String || k == dc.Blob || k == dc.Blob32:
		if typ.Size() >= 0 {
			return string(rapid.SliceOfN(rapid.Byte(), typ.Size(), typ.Size()).Draw(t, name))
		}
		return drawText(t, 20)
	case typ.Elem() != nil:
		n := rapid.IntRange(1, 3).Draw(t, "length of "+name)
		if typ.Size() >= 0 {
			n = typ.Size() / typ.Elem().Size()
		}
		list := []any{}
		for range n {
			list = append(list, draw(t, typ.Elem(), name))
		}
		return list
	}
	return drawNumber(t, k, name)
}

func drawNumber(t *rapid.T, k dc.Kind, name string) dc.Value {
	bits := rapid.Uint64().Draw(t, name)
	switch k {
	case dc.Int8:
		return int8(bits)
	case dc.Int16:
		return int16(bits)
	case dc.Int32:
		return int32(bits)
	case dc.Int64:
		return int64(bits)
	case dc.Uint8:
		return uint8(bits)
	case dc.Uint16:
		return uint16(bits)
	case dc.Uint32:
		return uint32(bits)
	case dc.Float32:
		return math.Float32frombits(uint32(bits))
	case dc.Float64:
		return math.Float64frombits(bits)
	}
	return bits
}
