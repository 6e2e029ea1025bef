package eventlogger

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// noon is a time for tests, two hours east of Greenwich.
var noon = time.Date(2013, 9, 17, 12, 0, 0, 0, time.FixedZone("", 2*60*60))

func TestLinesOfPackets(t *testing.T) {
	var l lineFormatter
	for _, test := range []struct {
		packet string
		at     time.Time
		want   string
	}{
		{"\x81\xa1a\x01", noon, `{"_time": "2013-09-17 12:00:00+0200", "a": 1}` + "\n"},
		{"\x80", noon.Add(999 * time.Millisecond), `{"_time": "2013-09-17 12:00:00+0200"}` + "\n"},
		{"\x81\xa1a\x01", noon.Add(time.Second).UTC(), `{"_time": "2013-09-17 10:00:01+0000", "a": 1}` + "\n"},
	} {
		got, err := l.packet([]byte("before "), []byte(test.packet), test.at)
		if err != nil {
			t.Error(err)
		}
		same(t, "before "+test.want, string(got))
	}
}

func TestLinesOfTheBackbone(t *testing.T) {
	const stamp = `{"_time": "2013-09-17 12:00:00+0200"`
	for _, test := range []struct {
		name, event, want string
		err               error
	}{
		{name: "an event logger's", event: `{"_time": "2001-01-01 00:00:00+0000", "a": 1}`, want: `{"_time": "2001-01-01 00:00:00+0000", "a": 1}`},
		{name: "a script's", event: `{"a":1}`, want: stamp + `, "a":1}`},
		{name: "a script's, of several lines", event: " {\r\n\t\"a\" :\n1}\n", want: stamp + `, "a" : 1}`},
		{name: "empty", event: "{\n }", want: stamp + `}`},
		{name: "a time that is none", event: `{"_time": "2001-99-01 00:00:00+0000"}`, want: stamp + `, "_time": "2001-99-01 00:00:00+0000"}`},
		{name: "a time that is too short", event: `{"_time": "now"}`, want: stamp + `, "_time": "now"}`},
		{name: "MessagePack", event: "\x81\xa1a\x01", want: stamp + `, "a": 1}`},
		{name: "brackets in texts", event: `{"a":"` + strings.Repeat(`[\"{`, 100) + `"}`, want: stamp + `, "a":"` + strings.Repeat(`[\"{`, 100) + `"}`},
		{name: "no JSON", event: `{"a":}`, err: errNotJSON},
		{name: "an array", event: `[]`, err: errNotMap},
		{name: "nothing", event: ``, err: errTruncated},
		{name: "two", event: `{}{}`, err: errNotJSON},
		{name: "deep", event: strings.Repeat(`{"a":`, maxDepth) + "1" + strings.Repeat("}", maxDepth),
			want: stamp + ", " + (strings.Repeat(`{"a":`, maxDepth) + "1" + strings.Repeat("}", maxDepth))[1:]},
		{name: "too deep", event: strings.Repeat(`{"a":`, maxDepth+1) + "1" + strings.Repeat("}", maxDepth+1), err: errDepth},
	} {
		var l lineFormatter
		got, err := l.foreign(nil, []byte(test.event), noon)
		if !errors.Is(err, test.err) {
			t.Errorf("%s: error is %v, want %v", test.name, err, test.err)
		}
		if test.err != nil {
			continue
		}
		same(t, test.want+"\n", string(got), test.name)
	}
}

func BenchmarkLine(b *testing.B) {
	packet := []byte("\x84\xa4type\xabclient-lost\xa6sender\xacClient: 4000\xa2ip\xa9127.0.0.1\xa6reason\xb8the connection was reset")
	var l lineFormatter
	var line []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if line, err = l.packet(line[:0], packet, noon); err != nil {
			b.Fatal(err)
		}
	}
}
