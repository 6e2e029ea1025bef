package dc

import (
	"encoding/binary"
	"math"
)

// signed packs a number that was written with a sign.
func (p *packer) signed(v int64) {
	p.packNumber(func(t *Type) { p.appendSigned(t, t.modulus.ofInt64(v*int64(t.divisor))) })
}

// unsigned packs a number that was written without a sign.
func (p *packer) unsigned(v uint64) {
	p.packNumber(func(t *Type) {
		p.appendUnsigned(t, t.modulus.ofUint64(v*uint64(t.divisor)))
	})
}

// real packs a number that was written with a dot.
func (p *packer) real(v float64) {
	p.packNumber(func(t *Type) { p.appendReal(t, t.modulus.ofReal(v*float64(t.divisor))) })
}

// packNumber calls pack with the type of the current place, which must be that of
// a number, and advances.
func (p *packer) packNumber(pack func(t *Type)) {
	if !p.step() {
		return
	}
	if t := p.cur.p.typ; t.isNumber() {
		pack(t)
	} else {
		p.bad = true
	}
	p.advance()
}

// isNumber reports whether a single number can be packed for the type.
func (t *Type) isNumber() bool { return t.kind.number() || t.kind == Char }

func (m *modulus) ofUint64(n uint64) uint64 {
	if !m.set || m.whole == 0 {
		return n
	}
	return n % m.whole
}

func (m *modulus) ofInt64(n int64) int64 {
	if n < 0 && m.set && m.whole != 0 {
		return int64(m.whole - 1 - uint64(-n-1)%m.whole)
	}
	return int64(m.ofUint64(uint64(n)))
}

func (m *modulus) ofReal(f float64) float64 {
	if !m.set {
		return f
	}
	if f >= 0 {
		return math.Mod(f, m.scaled)
	}
	f = m.scaled - math.Mod(-f, m.scaled)
	if f == m.scaled {
		return 0
	}
	return f
}

// appendSigned packs a scaled number.
func (p *packer) appendSigned(t *Type, n int64) {
	switch t.limitKind() {
	case Int64:
		p.inRange(t.ints.allow(n) && fitsSigned(n, t.limitBits()))
		p.buf = appendInt(p.buf, t.size, uint64(n))
	case Uint64:
		p.inRange(n >= 0 && t.uints.allow(uint64(n)) && fitsUnsigned(uint64(n), t.limitBits()))
		p.buf = appendInt(p.buf, t.size, uint64(n))
	default:
		p.appendFloat(t, float64(n))
	}
}

// appendUnsigned packs a scaled number.
func (p *packer) appendUnsigned(t *Type, n uint64) {
	switch t.limitKind() {
	case Int64:
		p.inRange(int64(n) >= 0 && t.ints.allow(int64(n)) && fitsSigned(int64(n), t.limitBits()))
		p.buf = appendInt(p.buf, t.size, n)
	case Uint64:
		p.inRange(t.uints.allow(n) && fitsUnsigned(n, t.limitBits()))
		p.buf = appendInt(p.buf, t.size, n)
	default:
		p.appendFloat(t, float64(n))
	}
}

// appendReal packs a scaled number. Numbers too large for 32 bits are an error
// only where a range or a smaller type makes them one.
func (p *packer) appendReal(t *Type, f float64) {
	switch t.kind {
	case Int8, Int16, Int32:
		p.appendSigned(t, int64(toInt32(rounded(f))))
	case Int64:
		p.appendSigned(t, toInt64(rounded(f)))
	case Char, Uint8, Uint16, Uint32:
		p.appendUnsigned(t, uint64(uint32(toInt64(rounded(f)))))
	case Uint64:
		p.appendUnsigned(t, toUint64(rounded(f)))
	default:
		p.appendFloat(t, f)
	}
}

func (p *packer) appendFloat(t *Type, f float64) {
	if t.kind == Float32 {
		p.buf = binary.LittleEndian.AppendUint32(p.buf, math.Float32bits(float32(f)))
		return
	}
	p.inRange(t.floats.allow(f))
	p.buf = binary.LittleEndian.AppendUint64(p.buf, math.Float64bits(f))
}

func (p *packer) inRange(ok bool) { p.outOfRange = p.outOfRange || !ok }

// appendInt appends the lowest size bytes of n.
func appendInt(b []byte, size int, n uint64) []byte {
	switch size {
	case 0:
		return b
	case 1:
		return append(b, byte(n))
	case 2:
		return binary.LittleEndian.AppendUint16(b, uint16(n))
	case 4:
		return binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return binary.LittleEndian.AppendUint64(b, n)
}
