package eventlogger

import (
	"errors"
	"math"
	"strconv"

	"github.com/tinylib/msgp/msgp"
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
	d := decoder{packet}
	switch t, err := d.next(); {
	case err != nil:
		return dst, err
	case t != msgp.MapType:
		return dst, errNotMap
	}
	dst, err := d.members(dst, 1)
	if err == nil && len(d.in) > 0 {
		err = errLeftover
	}
	return dst, err
}

// decoder reads MessagePack from a packet. A count that the packet claims is
// never trusted: nothing is allocated for it, and each element takes a byte at
// least.
type decoder struct{ in []byte }

// next is the type of the next value.
func (d *decoder) next() (msgp.Type, error) {
	if len(d.in) == 0 {
		return 0, errTruncated
	}
	t := msgp.NextType(d.in)
	switch t {
	case msgp.InvalidType:
		return t, errInvalid
	case msgp.TimeType, msgp.Complex64Type, msgp.Complex128Type: // the library's own
		return msgp.ExtensionType, nil
	}
	return t, nil
}

// members appends the keys and values of a map; depth is that of the map.
func (d *decoder) members(dst []byte, depth int) ([]byte, error) {
	n, rest, err := msgp.ReadMapHeaderBytes(d.in)
	if err != nil {
		return dst, errTruncated // its type is known
	}
	d.in = rest
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
	t, err := d.next()
	if err != nil {
		return dst, err
	}
	begin := len(dst)
	switch t {
	case msgp.MapType, msgp.ArrayType, msgp.ExtensionType:
		return dst, errKey
	case msgp.StrType, msgp.BinType:
		if dst, err = d.scalar(dst, t); depth == 1 && string(dst[begin:]) == `"_time"` {
			dst = append(dst[:begin], `"_time_sent"`...) // the key "_time" is ours
		}
		return dst, err
	}
	dst, err = d.scalar(append(dst, '"'), t)
	if err == nil && dst[begin+1] == '"' { // no number of JSON: it has its quotes
		return append(dst[:begin], dst[begin+1:]...), nil
	}
	return append(dst, '"'), err
}

// value appends one value; depth is that of the map or array that it is in.
func (d *decoder) value(dst []byte, depth int) ([]byte, error) {
	t, err := d.next()
	if err != nil {
		return dst, err
	}
	switch t {
	case msgp.ExtensionType:
		return d.ext(dst)
	case msgp.ArrayType, msgp.MapType:
		if depth == maxDepth {
			return dst, errDepth
		}
		if t == msgp.ArrayType {
			return d.array(dst, depth+1)
		}
		dst, err = d.members(append(dst, '{'), depth+1)
		return append(dst, '}'), err
	}
	return d.scalar(dst, t)
}

func (d *decoder) array(dst []byte, depth int) ([]byte, error) {
	n, rest, err := msgp.ReadArrayHeaderBytes(d.in)
	if err != nil {
		return dst, errTruncated
	}
	d.in = rest
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

func (d *decoder) ext(dst []byte) ([]byte, error) {
	rest, err := msgp.Skip(d.in)
	if err != nil {
		return dst, errTruncated
	}
	head := 2                          // a byte that says how long it is, and its type
	if lead := d.in[0]; lead <= 0xc9 { // the length is in one, two or four bytes behind that
		head += 1 << (lead - 0xc7)
	}
	whole := d.in[:len(d.in)-len(rest)]
	d.in = rest
	dst = append(dst, `{"ext": `...)
	dst = strconv.AppendInt(dst, int64(int8(whole[head-1])), 10)
	dst = append(dst, `, "data": `...)
	return append(appendText(dst, whole[head:]), '}'), nil
}

// scalar appends a text, a number, true, false or null.
func (d *decoder) scalar(dst []byte, t msgp.Type) (_ []byte, err error) {
	switch t {
	case msgp.StrType, msgp.BinType:
		var text []byte
		if t == msgp.StrType {
			text, d.in, err = msgp.ReadStringZC(d.in)
		} else {
			text, d.in, err = msgp.ReadBytesZC(d.in)
		}
		dst = appendText(dst, text)
	case msgp.IntType:
		var n int64
		n, d.in, err = msgp.ReadInt64Bytes(d.in)
		dst = strconv.AppendInt(dst, n, 10)
	case msgp.UintType:
		var n uint64
		n, d.in, err = msgp.ReadUint64Bytes(d.in)
		dst = strconv.AppendUint(dst, n, 10)
	case msgp.Float32Type:
		var f float32
		f, d.in, err = msgp.ReadFloat32Bytes(d.in)
		dst = appendFloat(dst, float64(f), 32)
	case msgp.Float64Type:
		var f float64
		f, d.in, err = msgp.ReadFloat64Bytes(d.in)
		dst = appendFloat(dst, f, 64)
	case msgp.BoolType:
		var b bool
		b, d.in, err = msgp.ReadBoolBytes(d.in)
		dst = strconv.AppendBool(dst, b)
	default:
		d.in, err = msgp.ReadNilBytes(d.in)
		dst = append(dst, "null"...)
	}
	if err != nil {
		err = errTruncated // its type is known
	}
	return dst, err
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
