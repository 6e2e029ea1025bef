package eventlogger

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/tinylib/msgp/msgp"
	"pgregory.net/rapid"
)

// packets are one of each form, and what becomes of it.
var packets = []struct {
	name, packet, want string
}{
	{"the reference's test", "\x82\xa3bar\xa3baz\xa4type\xa3foo", `"bar": "baz", "type": "foo"`},
	{"empty map", "\x80", ``},
	{"keys stay in order", "\x83\xa1c\x01\xa1a\x02\xa1b\x03", `"c": 1, "a": 2, "b": 3`},
	{"map16, str8, old raw16 and raw32", "\xde\x00\x03\xd9\x01a\xd9\x01x\xda\x00\x01b\xda\x00\x01y\xdb\x00\x00\x00\x01c\xdb\x00\x00\x00\x01z", `"a": "x", "b": "y", "c": "z"`},
	{"map32, bin", "\xdf\x00\x00\x00\x03\xa1a\xc4\x01x\xa1b\xc5\x00\x01y\xa1c\xc6\x00\x00\x00\x01z", `"a": "x", "b": "y", "c": "z"`},
	{"unsigned", "\x85\xa1a\x7f\xa1b\xcc\xff\xa1c\xcd\xff\xff\xa1d\xce\xff\xff\xff\xff\xa1e\xcf\xff\xff\xff\xff\xff\xff\xff\xff", `"a": 127, "b": 255, "c": 65535, "d": 4294967295, "e": 18446744073709551615`},
	{"signed", "\x85\xa1a\xe0\xa1b\xd0\x80\xa1c\xd1\x80\x00\xa1d\xd2\x80\x00\x00\x00\xa1e\xd3\x80\x00\x00\x00\x00\x00\x00\x00", `"a": -32, "b": -128, "c": -32768, "d": -2147483648, "e": -9223372036854775808`},
	{"signed, but not negative", "\x82\xa1a\xd0\x7f\xa1b\xd3\x00\x00\x00\x00\x00\x00\x00\x01", `"a": 127, "b": 1`},
	{"floats", "\x83\xa1a\xca\x3f\x80\x00\x00\xa1b\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a\xa1c\xcb\x41\x30\x00\x00\x00\x00\x00\x00", `"a": 1, "b": 0.1, "c": 1048576`},
	{"large and small floats", "\x82\xa1a\xcb\x44\xb5\x2d\x02\xc7\xe1\x4a\xf6\xa1b\xcb\x80\x00\x00\x00\x00\x00\x00\x01", `"a": 1e+23, "b": -5e-324`},
	{"float32 is as short as it can be", "\x81\xa1a\xca\x3d\xcc\xcc\xcd", `"a": 0.1`},
	{"no numbers of JSON", "\x83\xa1a\xca\x7f\xc0\x00\x00\xa1b\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00\xa1c\xca\xff\x80\x00\x00", `"a": "NaN", "b": "Infinity", "c": "-Infinity"`},
	{"nil and booleans", "\x83\xa1a\xc0\xa1b\xc2\xa1c\xc3", `"a": null, "b": false, "c": true`},
	{"nested", "\x81\xa1a\x93\x81\xa1b\x90\xdc\x00\x01\x80\xdd\x00\x00\x00\x00", `"a": [{"b": []}, [{}], []]`},
	{"keys that are no texts", "\x87\x01\xc0\xff\xc0\xc0\xc0\xc2\xc0\xc3\xc0\xca\x3f\xc0\x00\x00\xc0\xca\x7f\xc0\x00\x00\xc0", `"1": null, "-1": null, "null": null, "false": null, "true": null, "1.5": null, "NaN": null`},
	{"ext", "\x86\xa1a\xd4\x05A\xa1b\xd5\xffAB\xa1c\xd8\x01ABCDEFGHIJKLMNOP\xa1d\xc7\x00\x02\xa1e\xc8\x00\x01\x03A\xa1f\xc9\x00\x00\x00\x01\x04A",
		`"a": {"ext": 5, "data": "A"}, "b": {"ext": -1, "data": "AB"}, "c": {"ext": 1, "data": "ABCDEFGHIJKLMNOP"}, "d": {"ext": 2, "data": ""}, "e": {"ext": 3, "data": "A"}, "f": {"ext": 4, "data": "A"}`},
	{"our own key", "\x82\xa5_time\xa3now\xa1a\x81\xa5_time\xa3now", `"_time_sent": "now", "a": {"_time": "now"}`},
	{"escapes", "\x81\xa1a\xad\"\\/\n\r\t\b\f\v\x00\x1b\x7f~", `"a": "\"\\/\n\r\t\b\f\u000b\u0000\u001b\u007f~"`},
	{"UTF-8", "\x81\xa1a\xaeé√日\U0001f600\u00b5", `"a": "é√日😀µ"`},
	{"what cannot be printed", "\x81\xa1a\xaf\u0085\u2028\u202e\ufeff\U000e0001", `"a": "\u0085\u2028\u202e\ufeff\udb40\udc01"`},
	{"no UTF-8", "\x81\xa1a\xc4\x06\xff\xc3(\xed\xa0\x80", `"a": "ÿÃ(\u00ed\u00a0\u0080"`},
	{"the replacement character", "\x81\xa1a\xa3\ufffd", `"a": "�"`},
}

func TestPackets(t *testing.T) {
	for _, test := range packets {
		got, err := appendMembers([]byte("dst"), []byte(test.packet))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		want := "dst" + strings.NewReplacer("ÿÃ(", `\u00ff\u00c3(`).Replace(test.want)
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestPacketsThatAreNone(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("\x81\xa1a", n) + "\xc0" }
	deepArrays := func(n int) string { return "\x81\xa1a" + strings.Repeat("\x91", n-1) + "\xc0" }
	for _, test := range []struct {
		name, packet string
		want         error
	}{
		{"nothing", "", errTruncated},
		{"the reference's number", "{", errNotMap},
		{"the reference's numbers", "123", errNotMap},
		{"a text", "\xa3foo", errNotMap},
		{"an array", "\x91\x80", errNotMap},
		{"nil", "\xc0", errNotMap},
		{"leftovers", "\x80\x00", errLeftover},
		{"two maps", "\x80\x80", errLeftover},
		{"a byte that is never used", "\x81\xa1a\xc1", errInvalid},
		{"the same at the start", "\xc1", errInvalid},
		{"the same for a key", "\x81\xc1\xc0", errInvalid},
		{"a map for a key", "\x81\x80\xc0", errKey},
		{"an array for a key", "\x81\x90\xc0", errKey},
		{"an ext for a key", "\x81\xd4\x01A\xc0", errKey},
		{"a count that is a lie", "\xdf\xff\xff\xff\xff\xa1a\x01", errTruncated},
		{"an array whose count is a lie", "\x81\xa1a\xdd\xff\xff\xff\xff\x01", errTruncated},
		{"a length that is a lie", "\x81\xa1a\xdb\xff\xff\xff\xffabc", errTruncated},
		{"an ext whose length is a lie", "\x81\xa1a\xc9\xff\xff\xff\xff\x01abc", errTruncated},
		{"maps as deep as may be", deep(maxDepth), nil},
		{"maps too deep", deep(maxDepth + 1), errDepth},
		{"arrays as deep as may be", deepArrays(maxDepth), nil},
		{"arrays too deep", deepArrays(maxDepth + 1), errDepth},
		{"arrays as deep as fits", "\x81\xa1a" + strings.Repeat("\x91", 65000), errDepth},
	} {
		if _, err := appendMembers(nil, []byte(test.packet)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

// Each packet, cut anywhere, is truncated, and nothing else.
func TestPacketsCut(t *testing.T) {
	for _, test := range packets {
		for n := range test.packet {
			if _, err := appendMembers(nil, []byte(test.packet[:n])); !errors.Is(err, errTruncated) {
				t.Errorf("%s, cut to %d bytes: %v", test.name, n, err)
			}
		}
	}
}

// anyValue draws what MessagePack and JSON both have.
func anyValue(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		rapid.Int64().AsAny(),
		rapid.Uint64().AsAny(),
		rapid.Float64().AsAny(),
		rapid.Float32().AsAny(),
		rapid.String().AsAny(),
	}
	if depth > 0 {
		scalars = append(scalars,
			rapid.SliceOfN(anyValue(depth-1), 0, 20).AsAny(),
			rapid.MapOfN(rapid.String(), anyValue(depth-1), 0, 20).AsAny())
	}
	return rapid.OneOf(scalars...)
}

// What another library writes, we make the JSON of that encoding/json makes of
// the same value.
func TestPacketsOfAnotherLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		event := rapid.MapOfN(rapid.String(), anyValue(3), 0, 20).Draw(t, "event")
		if _, ok := event["_time"]; ok {
			return
		}
		packet, err := msgp.AppendMapStrIntf(nil, event)
		if err != nil {
			t.Fatal(err)
		}
		members, err := appendMembers(nil, packet)
		if err != nil {
			t.Fatalf("%x: %v", packet, err)
		}
		text, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(parsed(t, text), parsed(t, []byte("{"+string(members)+"}"))); diff != "" {
			t.Fatal(diff)
		}
	})
}

// parsed is JSON with its numbers exact, however they are written.
func parsed(t rapid.TB, text []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return plain(v)
}

func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, ok := new(big.Rat).SetString(v.String())
		if !ok {
			return v
		}
		return n.RatString()
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	}
	return v
}

// Text comes back as it was; what is no UTF-8 becomes something that is.
func TestText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.Byte()).Draw(t, "text")
		if rapid.Bool().Draw(t, "UTF-8") {
			text = []byte(rapid.String().Draw(t, "string"))
		}
		written := appendText(nil, text)
		var got string
		if err := json.Unmarshal(written, &got); err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if utf8.Valid(text) && got != string(text) {
			t.Fatalf("%q became %q", text, got)
		}
		for _, r := range string(written) {
			if r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' {
				t.Fatalf("%q has %q in it", written, r)
			}
		}
	})
}

func FuzzPacket(f *testing.F) {
	for _, seed := range packets {
		f.Add([]byte(seed.packet))
	}
	for _, seed := range []string{"", "{", "\xdf\xff\xff\xff\xff", "\x81\xa1a\xc1", "\x81\xa1a\x91\x91\x91\x91\x91\x90", "{\"a\":\n[1]}", `{"_time": "2013-09-17 21:04:05+0200", "a": 1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		var l lineFormatter
		if line, err := l.packet(nil, packet, noon); err == nil {
			checkLine(t, line)
			if most := 100 + 10*len(packet); len(line) > most {
				t.Errorf("%d bytes became %d", len(packet), len(line))
			}
		}
		if line, err := l.foreign(nil, packet, noon); err == nil {
			checkLine(t, line)
		}
	})
}

// checkLine reports whether something is a line as the file has them.
func checkLine(t *testing.T, line []byte) {
	t.Helper()
	text, ended := bytes.CutSuffix(line, []byte{'\n'})
	if !ended || bytes.ContainsAny(text, "\r\n") || !json.Valid(text) || !stamped(text) {
		t.Errorf("no line: %q", line)
	}
}
