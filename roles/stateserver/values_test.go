package stateserver

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/bridge/wire"
	"natstron/dc"
)

// anyValue draws a value that the field allows.
func anyValue(f *dc.Field) *rapid.Generator[[]byte] {
	return rapid.Custom(func(t *rapid.T) []byte {
		for {
			b := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "bytes")
			if len(b) > 2 && rapid.Bool().Draw(t, "as text") {
				b[0], b[1] = byte(len(b)-2), 0
			}
			if n, err := f.Check(b); err == nil {
				return b[:n]
			}
			if rapid.Bool().Draw(t, "give up") {
				return f.DefaultPacked()
			}
		}
	})
}

// TestValues: Values are a map from fields to values.
func TestValues(t *testing.T) {
	class, _ := townFile(t).ClassByName("Townsman")
	rapid.Check(t, func(t *rapid.T) {
		var v Values
		want := map[uint16][]byte{}
		keep := func(f *dc.Field, value []byte) {
			_ = f.Split(value, func(part *dc.Field, value []byte) error {
				if Kept(part) {
					want[part.ID()] = bytes.Clone(value)
				}
				return nil
			})
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				f := rapid.SampledFrom(class.Fields()).Draw(t, "field")
				value := anyValue(f).Draw(t, "value")
				must(t, v.Set(f, value))
				keep(f, value)
			},
			"set nonsense": func(t *rapid.T) {
				f := rapid.SampledFrom(class.Fields()).Draw(t, "field")
				value := rapid.SliceOf(rapid.Byte()).Draw(t, "value")
				if v.Set(f, value) == nil {
					keep(f, value)
				}
			},
			"delete": func(t *rapid.T) {
				f := rapid.SampledFrom(class.Fields()).Draw(t, "field")
				v.Delete(f)
				delete(want, f.ID())
			},
			"defaults": func(t *rapid.T) {
				must(t, v.SetDefaults(class))
				for _, f := range class.RequiredFields() {
					if _, ok := want[f.ID()]; !ok {
						want[f.ID()] = f.DefaultPacked()
					}
				}
			},
			"": func(t *rapid.T) {
				got := map[uint16][]byte{}
				var ids []wire.FieldID
				v.All(func(id wire.FieldID, packed []byte) bool {
					got[uint16(id)] = bytes.Clone(packed)
					ids = append(ids, id)
					return true
				})
				if diff := cmp.Diff(want, got, cmp.Transformer("text", func(b []byte) string { return string(b) })); diff != "" {
					t.Fatalf("-want +got:\n%s", diff)
				}
				if !slices.IsSorted(ids) {
					t.Fatalf("not in order: %v", ids)
				}
				for _, f := range class.Fields() {
					value, ok := v.Get(f)
					if wanted, there := want[f.ID()]; ok != there || !bytes.Equal(value, wanted) {
						t.Fatalf("%s is %x, %v, want %x, %v", f.Name(), value, ok, wanted, there)
					}
				}
				for _, f := range v.Missing(class) {
					if _, ok := want[f.ID()]; ok {
						t.Fatalf("%s is not missing", f.Name())
					}
				}
			},
		})
	})
}

// TestTooLarge: an object never grows beyond what one datagram can show.
func TestTooLarge(t *testing.T) {
	c := newCluster(t, "one")
	s := c.server("one", 402000).space
	asker := c.Join("asker", 8000)
	send := func(build func(w *wire.Writer)) {
		t.Helper()
		var w wire.Writer
		build(&w)
		d, err := w.Datagram()
		must(t, err)
		must(t, asker.Send(d))
		c.settle()
	}
	class, _ := c.File.ClassByName("Library")
	first, _ := class.FieldByName("setFirst")
	second, _ := class.FieldByName("setSecond")
	id, _ := class.ID()
	long := func(n int) string { return string(bytes.Repeat([]byte{'x'}, n)) }
	send(func(w *wire.Writer) {
		w.Header(8000, wire.StateServerCreateObjectWithRequired, 402000).
			DoID(20001).Location(wire.Location{Parent: 5000, Zone: 1}).DClassID(wire.DClassID(id)).Text(long(40_000))
	})
	set := func(f *dc.Field, n int) {
		t.Helper()
		send(func(w *wire.Writer) {
			w.Header(8000, wire.StateServerObjectSetField, 20001).DoID(20001).FieldID(wire.FieldID(f.ID())).Text(long(n))
		})
	}
	length := func(f *dc.Field) int {
		value, _ := s.objects[20001].Get(f)
		return max(0, len(value)-2)
	}
	most := maxEntry - 40_000 - 2 - 2 - 2
	set(second, most+1)
	if n := length(second); n != 0 {
		t.Errorf("the second field has %d bytes, together with the first too many", n)
	}
	set(second, most)
	if n := length(second); n != most {
		t.Errorf("the second field has %d bytes, though %d fit", n, most)
	}
	set(first, 40_001)
	if n := length(first); n != 40_000 {
		t.Errorf("the first field has %d bytes", n)
	}
	if n := s.Stats().Refused[TooLarge]; n != 2 {
		t.Errorf("%d messages were refused as too large, want 2", n)
	}

	// It can show itself in every way.
	asker.Take()
	send(func(w *wire.Writer) {
		w.Header(8000, wire.StateServerObjectGetAll, 20001).Uint32(1).DoID(20001)
	})
	send(func(w *wire.Writer) {
		w.Header(8000, wire.StateServerObjectLocationAck, 20001).Location(wire.Location{Parent: 5000, Zone: 1})
	})
	send(func(w *wire.Writer) {
		w.Header(8000, wire.StateServerObjectGetChildren, wire.DoID(5000).ChildrenChannel()).Uint32(2).DoID(5000)
	})
	send(func(w *wire.Writer) { w.Header(8000, wire.StateServerObjectSetAI, 20001).Channel(8000) })
	send(func(w *wire.Writer) { w.Header(8000, wire.StateServerObjectSetOwner, 20001).Channel(8000) })
	if got := asker.Take(); len(got) != 4 {
		t.Errorf("%d messages show the object, want 4", len(got))
	}

	// An update as long as can be, to location, AI and owner.
	s.unset(s.objects[20001], second)
	set(first, maxValue-2)
	if n := length(first); n != maxValue-2 {
		t.Errorf("the first field has %d bytes, want %d", n, maxValue-2)
	}
	if n := s.Stats().Refused[TooLarge]; n != 2 {
		t.Errorf("%d messages were refused as too large, want still 2", n)
	}
}
