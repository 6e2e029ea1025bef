package dc

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Notation is how numbers of a type with a divisor are written as text. Such
// fixed-point numbers ("int16 / 10") are packed as whole numbers.
type Notation uint8

const (
	// Scaled divides: a packed 15 is written as 1.5, as in Panda3D's text form.
	Scaled Notation = iota
	// Raw does not: a packed 15 is written as 15, as in Astron's databases.
	Raw
)

// formatNumber writes a number's bits, divided. The text is exact: read back,
// it gives the same bits.
func (t *Type) formatNumber(n uint64) string {
	if t.kind == Char {
		return string(appendQuoted(nil, '"', string([]byte{byte(n)})))
	}
	return string(t.appendNumber(nil, n, Scaled))
}

// rangeText shows the type's range as it was written, or nearly so.
func (t *Type) rangeText() string {
	if t.kind == Char {
		return t.uints.text(t.formatNumber)
	}
	return t.written.String()
}

func (t *Type) appendNumber(b []byte, n uint64, notation Notation) []byte {
	div := uint64(t.divisor)
	if notation == Raw {
		div = 1
	}
	switch t.kind {
	case Char:
		return strconv.AppendUint(b, n, 10)
	case Float32:
		return strconv.AppendFloat(b, float64(math.Float32frombits(uint32(n))), 'g', -1, 32)
	case Float64:
		return appendQuotient(b, math.Float64frombits(n), div)
	}
	if t.limitKind() == Int64 {
		if s := signExtend(n, t.size); s < 0 {
			b = append(b, '-')
			n = -uint64(s)
		}
	}
	return appendFixed(b, n, div)
}

// appendFixed writes n/div with enough digits to get n back.
func appendFixed(b []byte, n, div uint64) []byte {
	b = strconv.AppendUint(b, n/div, 10)
	rest := n % div
	if rest == 0 {
		return b
	}
	// One digit more than the divisor has would do; two more make thirds and
	// the like look less odd. A divisor has ten digits at most, so the product
	// below needs more than 64 bits, but its quotient does not.
	digits, power := 2, uint64(100)
	for d := div; d > 0; d /= 10 {
		digits, power = digits+1, power*10
	}
	high, low := bits.Mul64(rest, power)
	fraction, over := bits.Div64(high, low, div)
	if over >= div-over && fraction+1 < power {
		fraction++
	}
	text := strconv.FormatUint(fraction, 10)
	text = strings.Repeat("0", digits-len(text)) + text
	return append(append(b, '.'), strings.TrimRight(text, "0")...)
}

// appendQuotient writes f/div with enough digits to get f back.
func appendQuotient(b []byte, f float64, div uint64) []byte {
	if div == 1 || math.IsInf(f, 0) || math.IsNaN(f) || f == 0 {
		return strconv.AppendFloat(b, f, 'g', -1, 64)
	}
	short := strconv.FormatFloat(f/float64(div), 'g', -1, 64)
	if r, err := decimal(short); err == nil {
		r.Mul(r, new(big.Rat).SetUint64(div))
		if back, _ := r.Float64(); back == f {
			return append(b, short...)
		}
	}
	const digits = 25 // more than enough for a double
	x := new(big.Float).SetPrec(128).SetFloat64(f)
	x.Quo(x, new(big.Float).SetUint64(div))
	return x.Append(b, 'g', digits)
}

// Errors of a number's text.
var (
	errNoNumber   = errors.New("expected a number")
	errManyDigits = errors.New("too many digits")
)

// decimal reads a number's text exactly: the decimal forms of Go, JSON and DC
// files, and hexadecimal as in DC files.
func decimal(s string) (*big.Rat, error) {
	const maxDigits = 1000
	if len(s) > maxDigits {
		return nil, errManyDigits
	}
	if digits, ok := strings.CutPrefix(s, "0x"); ok {
		n, ok := new(big.Int).SetString("0"+digits, 16)
		if !ok {
			return nil, errNoNumber
		}
		return new(big.Rat).SetInt(n), nil
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if e, err := strconv.Atoi(s[i+1:]); err != nil || e > maxDigits || e < -maxDigits {
			return nil, errManyDigits
		}
	}
	if strings.Trim(s, "0123456789+-.eE") != "" {
		return nil, errNoNumber
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, errNoNumber
	}
	return r, nil
}

// bitsOf turns a number's text into the bits that are packed for it: multiplied
// by the divisor, wrapped by the modulus and rounded in scaled notation. A fraction
// that no divisor accounts for is outside a whole number's range.
func (t *Type) bitsOf(s string, notation Notation) (uint64, *ValueError) {
	if t.kind == Float32 || t.kind == Float64 {
		if f, ok := special(s); ok {
			return t.floatBits(f), nil
		}
	}
	r, err := decimal(s)
	if err != nil {
		return 0, fault(ErrType, 0, "%v: %.40q", err, s)
	}
	if notation == Scaled {
		r.Mul(r, new(big.Rat).SetInt64(int64(t.divisor)))
	}
	if t.kind == Float32 || t.kind == Float64 {
		f, _ := r.Float64()
		if t.kind == Float32 {
			single, _ := r.Float32()
			f = float64(single)
		}
		if f == 0 && strings.HasPrefix(s, "-") {
			f = math.Copysign(0, -1)
		}
		if notation == Scaled {
			f = t.modulus.ofReal(f)
		}
		if math.IsInf(f, 0) {
			return 0, tooBig(t, s)
		}
		return t.floatBits(f), nil
	}
	return t.wholeBits(s, r, notation)
}

// special reads the numbers that have no digits.
func special(s string) (float64, bool) {
	switch s {
	case "NaN":
		return math.NaN(), true
	case "Infinity", "+Inf", "Inf":
		return math.Inf(1), true
	case "-Infinity", "-Inf":
		return math.Inf(-1), true
	}
	return 0, false
}

func (t *Type) floatBits(f float64) uint64 {
	if t.kind == Float32 {
		return uint64(math.Float32bits(float32(f)))
	}
	return math.Float64bits(f)
}

// wholeBits rounds r, if the type has a divisor, and checks that it fits.
func (t *Type) wholeBits(s string, r *big.Rat, notation Notation) (uint64, *ValueError) {
	if !r.IsInt() && (notation == Raw || t.divisor <= 1) {
		return 0, fault(ErrRange, 0, "%.40s is not a whole number", s)
	}
	r.Add(r, big.NewRat(1, 2))
	n := new(big.Int).Div(r.Num(), r.Denom()) // rounds down, as the denominator is positive
	if notation == Scaled && t.modulus.set && t.modulus.whole != 0 {
		n.Mod(n, new(big.Int).SetUint64(t.modulus.whole))
	}
	switch {
	case t.limitKind() == Int64 && n.IsInt64() && fitsSigned(n.Int64(), t.size*8):
		return uint64(n.Int64()), nil
	case t.limitKind() == Uint64 && n.IsUint64() && fitsUnsigned(n.Uint64(), t.size*8):
		return n.Uint64(), nil
	}
	return 0, tooBig(t, n)
}

// decimal packs a number exactly, see [Type.bitsOf].
func (p *packer) decimal(s string) {
	p.packNumber(func(t *Type) {
		n, e := t.bitsOf(s, p.notation)
		p.outOfRange = p.outOfRange || e != nil
		p.buf = appendInt(p.buf, t.size, n)
	})
}
