package dc

import (
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf8"
)

// Skip returns the length of the field's value at the start of b, without checking
// any constraint. The error is a [*ValueError]. Success allocates nothing.
func (f *Field) Skip(b []byte) (int, error) { return f.measure(b, skipping) }

// Check returns the length of the field's value at the start of b, after checking
// every range, size, count and length in it. The error is a [*ValueError]. Success
// allocates nothing.
func (f *Field) Check(b []byte) (int, error) { return f.measure(b, strict) }

// Validate checks that b is exactly one value of the field. The error is a
// [*ValueError]. Success allocates nothing.
func (f *Field) Validate(b []byte) error {
	n, err := f.measure(b, strict)
	if err == nil && n < len(b) {
		return excess(n, b).under(f.name)
	}
	return err
}

// ValidUTF8 reports whether all text in b is UTF-8: each string, each char by itself,
// and each array of chars as a whole, since Panda3D makes one string of it. b must be
// exactly one value of the field. Success allocates nothing.
func (f *Field) ValidUTF8(b []byte) bool {
	if !f.typ.text || isASCII(b) {
		return true
	}
	end, e := f.typ.walk(b, 0, inUTF8)
	return e == nil && end == len(b)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (f *Field) measure(b []byte, how scan) (int, error) {
	end, e := f.typ.walk(b, 0, how)
	if e != nil {
		return 0, e.under(f.name)
	}
	return end, nil
}

// scan says what walk looks at besides the lengths of values.
type scan uint8

const (
	skipping scan = iota // nothing
	strict               // ranges, sizes and counts
	inUTF8               // whether text is UTF-8
)

// concerns reports whether a scan has to look at values of the type.
func (t *Type) concerns(how scan) bool {
	return how == strict && t.checked || how == inUTF8 && t.text
}

// walk finds the end of the value that begins at b[at], and checks what the scan says.
func (t *Type) walk(b []byte, at int, how scan) (int, *ValueError) {
	if t.size >= 0 && !t.concerns(how) {
		if t.size > len(b)-at {
			return 0, truncated(at, t.size, len(b)-at)
		}
		return at + t.size, nil
	}
	switch k := t.kind; {
	case how == strict && (k.number() || k == Char):
		return t.walkNumber(b, at)
	case k == Switch:
		return t.sw.walk(b, at, how)
	case k == Struct || k == Method || k == Molecular:
		return walkMembers(t.members, b, at, how)
	case k == Array && t.lenBytes == 0 && !(how == inUTF8 && t.elem.typ.kind == Char):
		return t.walkFixedArray(b, at, how)
	case k == Undeclared:
		return 0, fault(ErrUndeclared, at, "no file declares the type %s", t.typedef)
	}
	begin, end, e := t.content(b, at)
	switch {
	case e != nil || !t.concerns(how):
	case how == strict:
		e = t.checkContent(b[:end], begin)
	case t.kind == Array && t.elem.typ.kind != Char:
		e = t.checkElements(b[:end], begin, how)
	case !utf8.Valid(b[begin:end]):
		e = fault(ErrRange, begin, "not UTF-8")
	}
	return end, e
}

// content returns where the content of a string, a blob or an array begins and ends:
// behind its length, if it has one.
func (t *Type) content(b []byte, at int) (begin, end int, e *ValueError) {
	var n uint64
	switch begin = at + t.lenBytes; {
	case begin > len(b):
		return 0, 0, truncated(at, t.lenBytes, len(b)-at)
	case t.lenBytes == 2:
		n = uint64(binary.LittleEndian.Uint16(b[at:]))
	case t.lenBytes == 4:
		n = uint64(binary.LittleEndian.Uint32(b[at:]))
	case t.size > len(b)-at:
		return 0, 0, truncated(at, t.size, len(b)-at)
	default:
		return at, at + t.size, nil
	}
	if n > uint64(len(b)-begin) {
		return 0, 0, fault(ErrTruncated, at, "truncated: its length says %d, %s left", n, count(len(b)-begin, "byte"))
	}
	return begin, begin + int(n), nil
}

// checkContent checks the content after a length, which ends with b.
func (t *Type) checkContent(b []byte, at int) *ValueError {
	n := len(b) - at
	if t.kind.textual() {
		if !t.uints.allow(uint64(n)) {
			return fault(ErrRange, at, "a length of %d is outside %s", n, t.uints.String())
		}
		return nil
	}
	size := kinds[t.kind].size
	if t.kind == Array {
		size = t.elem.typ.size
	}
	if size > 0 {
		if n%size != 0 {
			return fault(ErrExcess, at, "a length of %d is not a multiple of %s", n, count(size, "byte"))
		}
		if t.kind != Array || !t.elem.typ.checked {
			return t.checkCount(at, n/size)
		}
	}
	return t.checkElements(b, at, strict)
}

func (t *Type) checkCount(at, n int) *ValueError {
	if !t.count.allow(uint64(n)) {
		return fault(ErrRange, at, "a count of %d is outside %s", n, t.count.String())
	}
	return nil
}

// checkElements checks elements up to the end of b.
func (t *Type) checkElements(b []byte, at int, how scan) *ValueError {
	n, begin := 0, at
	for ; at < len(b); n++ {
		next, e := t.elem.typ.walk(b, at, how)
		if e != nil {
			return e.under(index(n))
		}
		if next == at {
			return fault(ErrExcess, at, "%s left for elements that have none", count(len(b)-at, "byte")).under(index(n))
		}
		at = next
	}
	if how != strict {
		return nil
	}
	return t.checkCount(begin, n)
}

func index(n int) string { return "[" + strconv.Itoa(n) + "]" }

// walkFixedArray finds the end of an array with a fixed number of elements and no
// length.
func (t *Type) walkFixedArray(b []byte, at int, how scan) (int, *ValueError) {
	begin := at
	for n := range t.fixed {
		next, e := t.elem.typ.walk(b, at, how)
		if e != nil {
			return 0, e.under(index(n))
		}
		at = next
		if at == begin && n > maxEmpty {
			return 0, fault(ErrTooLarge, at, "too many elements without a byte")
		}
	}
	return at, nil
}

// maxEmpty is how many parts without bytes a value may have.
const maxEmpty = math.MaxUint16

func walkMembers(members []*Param, b []byte, at int, how scan) (int, *ValueError) {
	for _, m := range members {
		next, e := m.typ.walk(b, at, how)
		if e != nil {
			return 0, e.under(m.key)
		}
		at = next
	}
	return at, nil
}

func (s *switchType) walk(b []byte, at int, how scan) (int, *ValueError) {
	next, e := s.key.typ.walk(b, at, how)
	if e != nil {
		return 0, e.under(s.key.key)
	}
	set := s.choose(b[at:next])
	if set == nil {
		return 0, fault(ErrCase, at, "no case for the key %x", b[at:next]).under(s.key.key)
	}
	return walkMembers(set.members[1:], b, next, how)
}

// walkNumber checks a number against its range.
func (t *Type) walkNumber(b []byte, at int) (int, *ValueError) {
	if len(b)-at < t.size {
		return 0, truncated(at, t.size, len(b)-at)
	}
	bits := readInt(b[at:], t.size)
	ok := true
	switch t.limitKind() {
	case Int64:
		ok = t.ints.allow(signExtend(bits, t.size))
	case Uint64:
		ok = t.uints.allow(bits)
	case Float64:
		ok = t.floats.allow(math.Float64frombits(bits))
	}
	if !ok {
		return 0, fault(ErrRange, at, "%s is outside %s", t.formatNumber(bits), t.rangeText())
	}
	return at + t.size, nil
}

// readInt reads a number of that many bytes.
func readInt(b []byte, size int) uint64 {
	switch size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}

func signExtend(n uint64, size int) int64 {
	shift := 64 - 8*size
	return int64(n<<shift) >> shift
}
