package eventlogger

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
)

// What is wrong with a packet.
var (
	errNotMap    = errors.New("it is not a MessagePack map")
	errTruncated = errors.New("it ends before its MessagePack map does")
	errLeftover  = errors.New("it goes on behind its MessagePack map")
	errInvalid   = errors.New("it has a byte (0xc1) that MessagePack does not know")
	errKey       = errors.New("a key of a map is neither a text nor a number, true, false or nil")
	errDepth     = errors.New("its maps and arrays are nested more than " + strconv.Itoa(maxDepth) + " deep")
)

// maxDepth bounds how deep maps and arrays may be nested, the outermost map
// included.
const maxDepth = 64

// ownTime stands for a key "_time" of the sender's, as that key is ours.
const ownTime = "_time_sent"

// appendMembers appends the members of the MessagePack map that a packet is, as
// JSON without the braces: `"type": "x", "sender": "y"`. The order of the keys
// stays. On an error what it returns is of no use.
//
// What JSON cannot say is written so:
//
//   - bin and old raw bytes as text, where each byte that is no UTF-8 becomes
//     the character of that number
//   - a key that is a number, true, false or nil: as text
//   - NaN and the infinities: as text
//   - ext: {"ext": type, "data": text}
//
// The source of the forms is protocol document 20 and, for spacing, what the
// reference writes.
func appendMembers(dst, packet []byte) ([]byte, error) {
	d := decoder{in: packet}
	if len(packet) == 0 {
		return dst, errTruncated
	}
	kind, n, err := d.head()
	if err != nil {
		return dst, err
	}
	if kind != kindMap {
		return dst, errNotMap
	}
	dst, err = d.members(dst, n, 1)
	if err == nil && len(d.in) > 0 {
		err = errLeftover
	}
	return dst, err
}

// decoder reads MessagePack from a packet. A count that the packet claims is
// never trusted: nothing is allocated for it, and each element takes a byte at
// least.
type decoder struct{ in []byte }

type kind uint8

const (
	kindInt  kind = iota // its number is signed
	kindUint             // its number is not
	kindFloat32
	kindFloat64
	kindNil
	kindFalse
	kindTrue
	kindText // its number is a length in bytes, from here on
	kindExt
	kindArray // its number is how many elements follow, from here on
	kindMap
)

// head reads what begins a value: its kind, and its number.
func (d *decoder) head() (kind, uint64, error) {
	if len(d.in) == 0 {
		return 0, 0, errTruncated
	}
	b := d.in[0]
	d.in = d.in[1:]
	switch {
	case b < 0x80:
		return kindUint, uint64(b), nil
	case b < 0x90:
		return kindMap, uint64(b & 0x0f), nil
	case b < 0xa0:
		return kindArray, uint64(b & 0x0f), nil
	case b < 0xc0:
		return kindText, uint64(b & 0x1f), nil
	case b >= 0xe0:
		return kindInt, uint64(int64(int8(b))), nil
	}
	f := forms[b-0xc0]
	if f.invalid {
		return 0, 0, errInvalid
	}
	if f.fixed > 0 {
		return f.kind, uint64(f.fixed), nil
	}
	n, err := d.number(int(f.bytes))
	if f.kind == kindInt {
		unused := 64 - 8*uint(f.bytes)
		n = uint64(int64(n<<unused) >> unused)
	}
	return f.kind, n, err
}

// forms are the values that begin with 0xc0 to 0xdf.
var forms = [32]struct {
	kind    kind
	bytes   uint8 // of the number that follows
	fixed   uint8 // the number, if none follows
	invalid bool
}{
	0x00: {kind: kindNil}, 0x01: {invalid: true}, 0x02: {kind: kindFalse}, 0x03: {kind: kindTrue},
	0x04: {kind: kindText, bytes: 1}, 0x05: {kind: kindText, bytes: 2}, 0x06: {kind: kindText, bytes: 4}, // bin
	0x07: {kind: kindExt, bytes: 1}, 0x08: {kind: kindExt, bytes: 2}, 0x09: {kind: kindExt, bytes: 4},
	0x0a: {kind: kindFloat32, bytes: 4}, 0x0b: {kind: kindFloat64, bytes: 8},
	0x0c: {kind: kindUint, bytes: 1}, 0x0d: {kind: kindUint, bytes: 2}, 0x0e: {kind: kindUint, bytes: 4}, 0x0f: {kind: kindUint, bytes: 8},
	0x10: {kind: kindInt, bytes: 1}, 0x11: {kind: kindInt, bytes: 2}, 0x12: {kind: kindInt, bytes: 4}, 0x13: {kind: kindInt, bytes: 8},
	0x14: {kind: kindExt, fixed: 1}, 0x15: {kind: kindExt, fixed: 2}, 0x16: {kind: kindExt, fixed: 4}, 0x17: {kind: kindExt, fixed: 8}, 0x18: {kind: kindExt, fixed: 16},
	0x19: {kind: kindText, bytes: 1}, 0x1a: {kind: kindText, bytes: 2}, 0x1b: {kind: kindText, bytes: 4}, // str, and old raw
	0x1c: {kind: kindArray, bytes: 2}, 0x1d: {kind: kindArray, bytes: 4},
	0x1e: {kind: kindMap, bytes: 2}, 0x1f: {kind: kindMap, bytes: 4},
}

// number reads n bytes, the most significant first.
func (d *decoder) number(n int) (uint64, error) {
	if n > len(d.in) {
		return 0, errTruncated
	}
	var padded [8]byte
	copy(padded[8-n:], d.in[:n])
	d.in = d.in[n:]
	return binary.BigEndian.Uint64(padded[:]), nil
}

// bytes lends n bytes of the packet.
func (d *decoder) bytes(n uint64) ([]byte, error) {
	if n > uint64(len(d.in)) {
		return nil, errTruncated
	}
	b := d.in[:n]
	d.in = d.in[n:]
	return b, nil
}

// members appends n keys and values; depth is that of their map.
func (d *decoder) members(dst []byte, n uint64, depth int) ([]byte, error) {
	var err error
	for i := range n {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if dst, err = d.key(dst, depth); err != nil {
			return dst, err
		}
		dst = append(dst, ": "...)
		if dst, err = d.value(dst, depth); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (d *decoder) key(dst []byte, depth int) ([]byte, error) {
	kind, n, err := d.head()
	if err != nil {
		return dst, err
	}
	switch kind {
	case kindText:
		text, err := d.bytes(n)
		if depth == 1 && string(text) == "_time" {
			text = []byte(ownTime)
		}
		return appendText(dst, text), err
	case kindFloat32, kindFloat64:
		if f := float(kind, n); math.IsNaN(f) || math.IsInf(f, 0) {
			return appendScalar(dst, kind, n), nil // has its quotes already
		}
	case kindArray, kindMap, kindExt:
		return dst, errKey
	}
	dst = append(dst, '"')
	dst = appendScalar(dst, kind, n)
	return append(dst, '"'), nil
}

// value appends one value; depth is that of the map or array that it is in.
func (d *decoder) value(dst []byte, depth int) ([]byte, error) {
	kind, n, err := d.head()
	if err != nil {
		return dst, err
	}
	switch kind {
	case kindText:
		text, err := d.bytes(n)
		return appendText(dst, text), err
	case kindExt:
		return d.ext(dst, n)
	case kindArray, kindMap:
		if depth == maxDepth {
			return dst, errDepth
		}
		if kind == kindArray {
			return d.array(dst, n, depth+1)
		}
		dst = append(dst, '{')
		dst, err = d.members(dst, n, depth+1)
		return append(dst, '}'), err
	default:
		return appendScalar(dst, kind, n), nil
	}
}

func (d *decoder) array(dst []byte, n uint64, depth int) ([]byte, error) {
	var err error
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if dst, err = d.value(dst, depth); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func (d *decoder) ext(dst []byte, n uint64) ([]byte, error) {
	tag, err := d.number(1)
	if err != nil {
		return dst, err
	}
	data, err := d.bytes(n)
	if err != nil {
		return dst, err
	}
	dst = append(dst, `{"ext": `...)
	dst = strconv.AppendInt(dst, int64(int8(tag)), 10)
	dst = append(dst, `, "data": `...)
	dst = appendText(dst, data)
	return append(dst, '}'), nil
}

func appendScalar(dst []byte, kind kind, n uint64) []byte {
	switch kind {
	case kindInt:
		return strconv.AppendInt(dst, int64(n), 10)
	case kindUint:
		return strconv.AppendUint(dst, n, 10)
	case kindFloat32:
		return appendFloat(dst, float(kind, n), 32)
	case kindFloat64:
		return appendFloat(dst, float(kind, n), 64)
	case kindFalse:
		return append(dst, "false"...)
	case kindTrue:
		return append(dst, "true"...)
	default:
		return append(dst, "null"...)
	}
}

func float(kind kind, n uint64) float64 {
	if kind == kindFloat32 {
		return float64(math.Float32frombits(uint32(n)))
	}
	return math.Float64frombits(n)
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	format := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, f, format, -1, bits)
}
