package traffic

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/watch"
	"natstron/bridge/wire"
	"natstron/dc"
)

const game = `
dclass Avatar {
  setName(string name) required broadcast db;
  setXY(int16/10 x, int16/10 y) required ram clrecv;
  setSecret(uint32 n) required ram;
  setHat(uint8 hat) ownrecv ram;
};
`

func gameFile(t testing.TB) *dc.File {
	t.Helper()
	file, err := dc.Parse([]dc.Source{{Name: "game.dc", Text: game}})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func datagramOf(t testing.TB, w *wire.Writer) wire.Datagram {
	t.Helper()
	d, err := w.Datagram()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTapLines(t *testing.T) {
	zone := wire.Location{Parent: 4618, Zone: 2000}.Channel()
	setField := new(wire.Writer).Header(402000001, wire.StateServerObjectSetField, zone, 5).DoID(7).FieldID(1).Raw([]byte{15, 0, 0xf6, 0xff})
	enter := new(wire.Writer).Header(7, wire.StateServerObjectEnterLocationWithRequired, zone).DoID(7).
		Location(wire.Location{Parent: 4618, Zone: 2000}).DClassID(0).Text("Flippy").Raw([]byte{15, 0, 0xf6, 0xff})
	client := func(message string) *wire.Writer {
		return new(wire.Writer).Header(6, wire.ClientAgentSendDatagram, 5).Text(message)
	}
	tests := []struct {
		name         string
		datagram     *wire.Writer
		plain, named string // without and with the DC file; the latter empty if it is the same
	}{
		{"a field", setField,
			"402000001 → 4618:2000,5  STATESERVER_OBJECT_SET_FIELD  37 B  do_id=7  field_id=1  rest=\"0f00f6ff\"",
			"402000001 → 4618:2000,5  STATESERVER_OBJECT_SET_FIELD  37 B  do_id=7  field_id=\"setXY\"  setXY={\"x\":1.5,\"y\":-1}"},
		// Clients see the name and the place, but not the secret.
		{"an object that enters", enter,
			"7 → 4618:2000  STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED  45 B  do_id=7  location=\"4618:2000\"  dclass_id=0  rest=\"0600466c697070790f00f6ff\"",
			"7 → 4618:2000  STATESERVER_OBJECT_ENTER_LOCATION_WITH_REQUIRED  45 B  do_id=7  location=\"4618:2000\"  dclass_id=\"Avatar\"  setName={\"name\":\"Flippy\"}  setXY={\"x\":1.5,\"y\":-1}"},
		{"a client's message", client("\x78\x00\x07\x00\x00\x00\x03\x00\x09"),
			"6 → 5  CLIENTAGENT_SEND_DATAGRAM  30 B  datagram=\"CLIENT_OBJECT_SET_FIELD\"  do_id=7  field_id=3  rest=\"09\"",
			"6 → 5  CLIENTAGENT_SEND_DATAGRAM  30 B  datagram=\"CLIENT_OBJECT_SET_FIELD\"  do_id=7  field_id=\"setHat\"  setHat={\"hat\":9}"},
		{"half a client's message", client("\x84\x00\x07"), "6 → 5  CLIENTAGENT_SEND_DATAGRAM  24 B  datagram=\"840007\"", ""},
		{"an unknown message", new(wire.Writer).Header(1<<32|9, 64000, 5).Uint8(255), "4294967305 → 5  64000  20 B  ff", ""},
		{"neither sender nor type", new(wire.Writer).Uint8(1).Channel(5), "nobody → 5  no message  9 B", ""},
		{"nobody", new(wire.Writer).Uint8(0), "nobody → nobody  no message  1 B", ""},
		{"truncated", new(wire.Writer).Header(6, wire.StateServerObjectDeleteRAM, 5).Uint8(1),
			"6 → 5  STATESERVER_OBJECT_DELETE_RAM  20 B  rest=\"01\"  (STATESERVER_OBJECT_DELETE_RAM: do_id: truncated: 4 bytes wanted at offset 0, 1 left)", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.named == "" {
				test.named = test.plain
			}
			d := datagramOf(t, test.datagram)
			if diff := cmp.Diff(test.plain, newDecoder(nil).datagram(d).line()); diff != "" {
				t.Errorf("without a DC file:\n%s", diff)
			}
			if diff := cmp.Diff(test.named, newDecoder(gameFile(t)).datagram(d).line()); diff != "" {
				t.Errorf("with a DC file:\n%s", diff)
			}
		})
	}
}

// As a participant of the OTP dialect sees it.
func TestTapInTheOTPDialect(t *testing.T) {
	place := wire.Location{Parent: 4618, Zone: 2000}
	d := newDecoder(gameFile(t))
	d.asOTP()
	for want, w := range map[string]*wire.Writer{
		`7 → 200000000  STATESERVER_OBJECT_ENTER_AI_RECV  55 B  context=0  location="4618:2000"  dclass_id="Avatar"  do_id=7  setName={"name":"Flippy"}  setXY={"x":1.5,"y":-1}  setSecret={"n":1}  other=0`: new(wire.Writer).
			Header(7, wire.StateServerObjectEnterAIWithRequired, 200_000_000).DoID(7).Location(place).DClassID(0).Text("Flippy").Raw([]byte{15, 0, 0xf6, 0xff, 1, 0, 0, 0}),
		`5 → 4618:2000,200000000  STATESERVER_OBJECT_LEAVING_AI_INTEREST  `: new(wire.Writer).
			Header(5, wire.StateServerObjectDeleteRAM, place.Channel(), 200_000_000).DoID(7),
		`  truncated `: new(wire.Writer).Header(7, wire.StateServerObjectEnterAIWithRequired, 5).Uint8(1),
	} {
		got := d.datagram(datagramOf(t, w)).line()
		want, wrong := strings.CutPrefix(want, "  truncated ")
		if !strings.HasPrefix(got, want) || wrong != strings.Contains(got, "truncated") {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// A field or a class that the DC files lack, and a value that ends too early, end
// the decoding with a word; what is left is shown as bytes.
func TestTapSaysWhatItCannotDecode(t *testing.T) {
	for want, w := range map[string]*wire.Writer{
		`field_id=99  rest="01"  (`: new(wire.Writer).Header(6, wire.StateServerObjectSetField, 5).DoID(7).FieldID(99).Uint8(1),
		`field_id="setXY"  rest="0f"  (`: new(wire.Writer).Header(6, wire.StateServerObjectSetField, 5).DoID(7).
			FieldID(1).Uint8(15),
		`dclass_id=99  rest="01"  (`: new(wire.Writer).Header(6, wire.StateServerObjectEnterLocationWithRequired, 5).DoID(7).
			Location(wire.Location{}).DClassID(99).Uint8(1),
	} {
		if got := newDecoder(gameFile(t)).datagram(datagramOf(t, w)).line(); !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}

// What players write must not cluster a terminal as it is.
func TestTapIsSafeToLookAt(t *testing.T) {
	name := "\x1b[2J\u009b2J\n<b>\xff"
	w := new(wire.Writer).Header(6, wire.StateServerObjectSetField, 5).DoID(7).FieldID(0).Text(name)
	line := newDecoder(gameFile(t)).datagram(datagramOf(t, w)).line()
	if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) || !utf8.ValidString(line) {
		t.Errorf("line %q", line)
	}
}

func TestTapShortensForPeople(t *testing.T) {
	w := new(wire.Writer).Header(6, wire.StateServerObjectSetField, 5).DoID(7).FieldID(0).Text(strings.Repeat("ü", 20_000))
	d := newDecoder(gameFile(t)).datagram(datagramOf(t, w))
	line := d.line()
	if len(line) > 1000 || !utf8.ValidString(line) || !strings.Contains(line, "more; --json shows all") {
		t.Errorf("%d bytes: %.400q", len(line), line)
	}
	if len(d.Payload) != 2*(40_000+2+4+2) {
		t.Errorf("the payload has %d digits", len(d.Payload))
	}
}

func TestTapJSON(t *testing.T) {
	var out, notes strings.Builder
	show := tap{decoder: newDecoder(gameFile(t)), json: true, out: &out, notes: &notes}
	w := new(wire.Writer).Header(1<<63, wire.StateServerObjectSetField, 5, 3<<32|1).DoID(7).FieldID(1).Raw([]byte{15, 0, 0xf6, 0xff})
	err := show.show(watch.Observed{
		Time: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), Datagram: datagramOf(t, w),
		Origin: "abc", Seq: 9, Participant: 2, Missed: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	text := `{"time": "2026-01-02T03:04:05.000006Z", "sender": "2147483648:0", "recipients": ["5", "3:1"],
		"type": 2020, "name": "STATESERVER_OBJECT_SET_FIELD", "size": 37,
		"arguments": [{"name": "do_id", "value": 7}, {"name": "field_id", "value": "setXY"}, {"name": "setXY", "value": {"x": 1.5, "y": -1}}],
		"payload": "0700000001000f00f6ff", "origin": "abc", "seq": 9, "participant": 2}`
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(notes.String(), "missed 3") {
		t.Errorf("nothing was said of what was missed: %q", notes.String())
	}
}

// Anything may come over NATS.
func FuzzTap(f *testing.F) {
	f.Add([]byte(nil), false)
	f.Add([]byte{1, 5, 0, 0, 0, 0, 0, 0, 0}, true)
	f.Add([]byte(datagramOf(f, new(wire.Writer).Header(6, wire.StateServerObjectSetFields, 5).DoID(7).Uint16(1).FieldID(1).Uint32(1))), true)
	f.Add([]byte(datagramOf(f, new(wire.Writer).Header(6, wire.StateServerCreateObjectWithRequiredOther, 5).DoID(7).
		Location(wire.Location{}).DClassID(0).Text("x").Uint32(1).Uint32(2).Uint16(1).FieldID(3).Uint8(1))), true)
	decoders := map[bool]decoder{false: newDecoder(nil), true: newDecoder(gameFile(f))}
	f.Fuzz(func(t *testing.T, b []byte, named bool) {
		d := wire.Datagram(b)
		if d.Check() != nil {
			return
		}
		shown := decoders[named].datagram(d)
		if line := shown.line(); strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("line %q", line)
		}
		if _, err := json.Marshal(shown); err != nil {
			t.Error(err)
		}
	})
}
