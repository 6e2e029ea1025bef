package dc

import (
	"math"
	"math/rand/v2"
)

// How long random text and lists become, beyond their least length.
const (
	randomText = 16
	randomList = 4
)

// AppendRandom appends a value that the field allows, drawn from all of its ranges; text is
// printable ASCII, and text and lists stay short where they may. It is for tests and load
// generators. It fails for a type that is not declared, a switch without cases, and a value that
// no message can hold.
func (f *Field) AppendRandom(dst []byte, r *rand.Rand) ([]byte, error) {
	d := drawing{Rand: r, buf: dst, most: len(dst) + math.MaxUint16, parts: maxParts}
	if e := d.value(f.typ); e != nil {
		return nil, e.under(f.name)
	}
	return d.buf, nil
}

// drawing appends random values.
type drawing struct {
	*rand.Rand
	buf   []byte
	most  int // how long buf may become
	parts int // how many more parts the value may have
}

func (d *drawing) value(t *Type) *ValueError {
	if d.parts--; d.parts < 0 || len(d.buf) > d.most {
		return fault(ErrTooLarge, 0, "a value is too large for a message")
	}
	switch k := t.kind; {
	case k.number() || k == Char:
		d.buf = appendInt(d.buf, t.size, d.number(t))
		return nil
	case k.textual():
		return d.text(t)
	case k == Struct || k == Method || k == Molecular:
		return d.members(t.members)
	case k == Switch:
		return d.switched(t.sw)
	case k == Undeclared:
		return fault(ErrUndeclared, 0, "no file declares the type %s", t.typedef)
	}
	return d.list(t)
}

func (d *drawing) members(members []*Param) *ValueError {
	for _, m := range members {
		if e := d.value(m.typ); e != nil {
			return e.under(m.key)
		}
	}
	return nil
}

func (d *drawing) switched(s *switchType) *ValueError {
	n := len(s.cases)
	switch {
	case n > 0:
		c := s.cases[d.IntN(n)]
		d.buf = append(d.buf, c.value...)
		return d.members(c.set.members[1:])
	case s.other != nil:
		return d.members(s.other.members) // any key leads there
	}
	return fault(ErrCase, 0, "the switch has no cases").under(s.key.key)
}

func (d *drawing) number(t *Type) uint64 {
	bits := t.size * 8
	switch t.limitKind() {
	case Int64:
		low, high := int64(-1)<<(bits-1), int64(1)<<(bits-1)-1
		if t.modulus.set {
			low, high = 0, min(high, int64(t.modulus.whole)-1)
		}
		if n := len(t.ints); n > 0 {
			s := t.ints[d.IntN(n)]
			low, high = s.low, s.high
		}
		return uint64(low) + d.upTo(uint64(high)-uint64(low))
	case Uint64:
		low, high := uint64(0), ^uint64(0)>>(64-bits)
		if t.kind == Char {
			low, high = ' ', '~'
		}
		if t.modulus.set {
			high = min(high, t.modulus.whole-1)
		}
		if n := len(t.uints); n > 0 {
			s := t.uints[d.IntN(n)]
			low, high = s.low, s.high
		}
		return low + d.upTo(high-low)
	}
	low, high := -1000.0, 1000.0
	if t.modulus.set {
		low, high = 0, t.modulus.scaled
	}
	if n := len(t.floats); n > 0 {
		s := t.floats[d.IntN(n)]
		low, high = s.low, s.high
	}
	f := min(low+d.Float64()*(high-low), math.Nextafter(high, low))
	if t.kind == Float32 {
		return uint64(math.Float32bits(float32(f)))
	}
	return math.Float64bits(max(f, low))
}

// upTo is a number from 0 to most.
func (d *drawing) upTo(most uint64) uint64 {
	if most == math.MaxUint64 {
		return d.Uint64()
	}
	return d.Uint64N(most + 1)
}

// length is one that the limits allow, at most extra more than the least of one of their parts.
func (d *drawing) length(l limits[uint64], extra uint64) uint64 {
	s := span[uint64]{0, extra}
	if n := len(l); n > 0 {
		s = l[d.IntN(n)]
	}
	return s.low + d.upTo(min(s.high-s.low, extra))
}

func (d *drawing) text(t *Type) *ValueError {
	n := uint64(0)
	if t.lenBytes == 0 {
		n = uint64(t.size)
	} else {
		n = d.length(t.uints, randomText)
	}
	if n > math.MaxUint16 {
		return fault(ErrTooLarge, 0, "%d bytes are too many for a message", n)
	}
	d.buf = appendInt(d.buf, t.lenBytes, n)
	for range n {
		d.buf = append(d.buf, "abcdefghijklmnopqrstuvwxyz 012345"[d.IntN(33)])
	}
	return nil
}

func (d *drawing) list(t *Type) *ValueError {
	n := uint64(t.fixed)
	if t.lenBytes > 0 {
		n = d.length(t.count, randomList)
	}
	begin := len(d.buf)
	d.buf = appendInt(d.buf, t.lenBytes, 0)
	for i := range n {
		if e := d.value(t.elem.typ); e != nil {
			return e.under(index(int(i)))
		}
	}
	size := uint64(len(d.buf) - begin - t.lenBytes)
	if t.lenBytes > 0 && (!fitsUnsigned(size, 8*t.lenBytes) || size == 0 && n > 0) {
		return fault(ErrTooLarge, 0, "its length cannot tell of %d elements", n)
	}
	appendInt(d.buf[:begin], t.lenBytes, size)
	return nil
}
