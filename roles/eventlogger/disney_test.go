package eventlogger

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"natstron/bridge/wire"
)

// disney is a packet of a Disney AI, whose length is right.
func disney(t testing.TB, kind uint16, fill func(w *wire.Writer)) []byte {
	t.Helper()
	w := new(wire.Writer).Uint16(0).Uint16(kind).Uint16(6).Uint32(201_100_000)
	fill(w)
	d, err := w.Datagram()
	if err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint16(d, uint16(len(d)-2))
	return d
}

func TestPacketsOfDisneyProcesses(t *testing.T) {
	event := func(w *wire.Writer) { w.Text("enter").Text("100").Text(`a "b"|` + "\xff") }
	cut := disney(t, 1, event)
	binary.LittleEndian.PutUint16(cut, 2000) // its description was longer
	for name, c := range map[string]struct {
		packet []byte
		want   string // empty: none of Disney's
	}{
		"an event":          {disney(t, 1, event), `"type": "enter", "sender": "201100000", "who": "100", "description": "a \"b\"|\u00ff"`},
		"one that was cut":  {cut, `"type": "enter", "sender": "201100000", "who": "100", "description": "a \"b\"|\u00ff"`},
		"a status":          {disney(t, 2, func(w *wire.Writer) { w.Text("").Uint32(5).Uint32(752) }), `"type": "status", "sender": "201100000", "who": "", "avatars": 5, "objects": 752`},
		"a long status":     {disney(t, 3, func(w *wire.Writer) { w.Text("x").Uint64(1 << 40).Uint32(5).Uint32(752) }), `"type": "status", "sender": "1099511627776", "who": "x", "avatars": 5, "objects": 752`},
		"a kind of nothing": {disney(t, 4, event), ""},
		"excess":            {disney(t, 2, func(w *wire.Writer) { w.Text("").Uint32(5).Uint32(752).Uint8(1) }), ""},
		"truncated":         {disney(t, 2, func(w *wire.Writer) { w.Text("").Uint32(5) }), ""},
		"a wrong length":    {append(disney(t, 1, event), 0), ""},
		"nothing":           {nil, ""},
		// A length of 0x81 begins as a map of one element does.
		"the length of a map": {disney(t, 1, func(w *wire.Writer) { w.Text("e").Text("").Text(strings.Repeat("x", 0x81-8-7)) }),
			`"type": "e", "sender": "201100000", "who": "", "description": "` + strings.Repeat("x", 0x81-8-7) + `"`},
		// {"type": "x"}, {1: 2} with a number for a key, a map of 16 bits' length.
		"a map":             {[]byte("\x81\xa4type\xa1x"), ""},
		"a map of numbers":  {[]byte{0x81, 0x00, 0x01}, ""},
		"a map of many":     {[]byte{0xde, 0x00, 0x01, 0x01, 0x02}, ""},
		"a map of too many": {[]byte{0xdf, 0x00, 0x00, 0x00, 0x00}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := appendDisney([]byte("{"), c.packet)
			if ok != (c.want != "") || ok && string(got) != "{"+c.want {
				t.Errorf("got %s, %v, want %s", got, ok, c.want)
			}
			var lines lineFormatter
			line, err := lines.packet(nil, c.packet, time.Now())
			if ok && (err != nil || !json.Valid(line) || !strings.Contains(string(line), c.want)) {
				t.Errorf("the line is %s: %v", line, err)
			}
		})
	}
}
