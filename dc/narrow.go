package dc

// narrow.go holds what may follow a built-in type's word: a range, a divisor, a
// modulus. They may come in any order and more than once; a later divisor
// scales the range and the modulus that are there already, so both keep what
// was written.

// setRange narrows the type. It returns false if the range does not suit it.
func (t *Type) setRange(r limits[float64]) bool {
	t.written = r
	t.ints, t.uints, t.floats = nil, nil, nil
	ok := true
	div := float64(t.divisor)
	switch bits := t.limitBits(); t.limitKind() {
	case Int64:
		for _, s := range r {
			low, high := toInt64(rounded(s.low*div)), toInt64(rounded(s.high*div))
			ok = ok && fitsSigned(low, bits) && fitsSigned(high, bits)
			// As in Panda3D, spans that scaling made overlap are lost silently.
			t.ints.add(low, high)
		}
	case Uint64:
		for _, s := range r {
			low, high := toUint64(rounded(s.low*div)), toUint64(rounded(s.high*div))
			ok = ok && fitsUnsigned(low, bits) && fitsUnsigned(high, bits)
			t.uints.add(low, high)
		}
	case Float64:
		for _, s := range r {
			t.floats.add(s.low*div, s.high*div)
		}
	default:
		ok = false
	}
	t.layOut()
	return ok
}

// limitKind says in which form the type keeps its limits: Int64, Uint64,
// Float64, or Undeclared for none.
func (t *Type) limitKind() Kind {
	switch t.kind {
	case Int8, Int16, Int32, Int64, Int8Array, Int16Array, Int32Array:
		return Int64
	case Uint8, Uint16, Uint32, Uint64, Uint8Array, Uint16Array, Uint32Array, Char, String, Blob, Blob32:
		return Uint64
	case Float64:
		return Float64
	}
	return Undeclared
}

// limitBits is how many bits the ends of a range may take.
func (t *Type) limitBits() int {
	switch t.kind {
	case String, Blob:
		return 16
	case Blob32:
		return 32
	}
	return kinds[t.kind].size * 8
}

// setDivisor makes the packed number stand for its part by d. It returns false
// if d is not a divisor.
func (t *Type) setDivisor(d uint32) bool {
	if d == 0 || !t.numeric() {
		return false
	}
	t.divisor = d
	if len(t.written) > 0 {
		t.setRange(t.written)
	}
	if t.modulus.set {
		t.setModulus(t.modulus.written)
	}
	return true
}

// setModulus wraps numbers into [0, m) when they are packed. It returns false
// if the type cannot take that.
func (t *Type) setModulus(m float64) bool {
	if !t.numeric() || m <= 0 {
		return false
	}
	scaled := m * float64(t.divisor)
	t.modulus = modulus{set: true, written: m, scaled: scaled, whole: toUint64(rounded(scaled))}
	bits := kinds[t.kind].size * 8
	switch t.kind {
	case Uint64, Float64:
		return true
	case Uint32Uint8Array:
		return false
	case Int8, Int16, Int32, Int64, Int8Array, Int16Array, Int32Array:
		bits--
	}
	return fitsUnsigned(t.modulus.whole-1, bits)
}
