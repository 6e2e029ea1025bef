package document

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Append appends a document as JSON text.
func Append(dst []byte, d Document) []byte {
	for _, e := range d {
		if strings.HasPrefix(e.Name, "$") || !utf8.ValidString(e.Name) {
			return appendPairs(dst, d)
		}
	}
	dst = append(dst, '{')
	for i, e := range d {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, e.Name), ':')
		dst = AppendValue(dst, e.Value)
	}
	return append(dst, '}')
}

func appendPairs(dst []byte, d Document) []byte {
	dst = append(dst, `{"$document":[`...)
	for i, e := range d {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendValue(append(dst, '['), e.Name)
		dst = append(AppendValue(append(dst, ','), e.Value), ']')
	}
	return append(dst, `]}`...)
}

// AppendValue appends a value as JSON text. A value that is not one of those of
// [Value] panics.
func AppendValue(dst []byte, v Value) []byte {
	switch v := v.(type) {
	case int32:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return appendFloat(dst, v)
	case Scaled:
		return append(appendFloat(append(dst, `{"$scaled":`...), float64(v)), '}')
	case string:
		if !utf8.ValidString(v) {
			return appendBinary(dst, []byte(v))
		}
		return appendString(dst, v)
	case Text:
		return append(AppendValue(append(dst, `{"$text":`...), string(v)), '}')
	case []byte:
		return appendBinary(dst, v)
	case Document:
		return Append(dst, v)
	case Array:
		dst = append(dst, '[')
		for i, one := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendValue(dst, one)
		}
		return append(dst, ']')
	case Other:
		return appendOther(dst, v)
	}
	panic(fmt.Sprintf("document: a %T is not a value", v))
}

func appendBinary(dst, b []byte) []byte {
	dst = append(dst, `{"$binary":{"base64":"`...)
	return append(base64.StdEncoding.AppendEncode(dst, b), `","subType":"00"}}`...)
}

func appendOther(dst []byte, v Other) []byte {
	switch {
	case v.Type == typeBool && v.Data == "\x00":
		return append(dst, "false"...)
	case v.Type == typeBool && v.Data == "\x01":
		return append(dst, "true"...)
	case v.Type == typeNull && v.Data == "":
		return append(dst, "null"...)
	}
	dst = hex.AppendEncode(append(dst, `{"$bson":"`...), []byte{v.Type})
	return append(hex.AppendEncode(dst, []byte(v.Data)), `"}`...)
}

// quietNaN is what math.NaN returns.
const quietNaN = 0x7FF8000000000001

func appendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f) && math.Float64bits(f) == quietNaN:
		return append(dst, `{"$numberDouble":"NaN"}`...)
	case math.IsNaN(f):
		return fmt.Appendf(dst, `{"$numberDouble":"NaN(0x%016x)"}`, math.Float64bits(f))
	case math.IsInf(f, 1):
		return append(dst, `{"$numberDouble":"Infinity"}`...)
	case math.IsInf(f, -1):
		return append(dst, `{"$numberDouble":"-Infinity"}`...)
	}
	begin := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
	if bytes.ContainsAny(dst[begin:], ".e") {
		return dst
	}
	return append(dst, ".0"...)
}

const hexDigits = "0123456789abcdef"

// appendString writes a string that is UTF-8.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[from:]...), '"')
}
