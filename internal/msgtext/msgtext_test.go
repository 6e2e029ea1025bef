package msgtext

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"natstron/bridge/wire"
	"natstron/dc"
)

func townFile(t *testing.T) *dc.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "town.dc")
	if err := os.WriteFile(name, []byte(`dclass Townsman {
  setName(string name) required broadcast db;
  setHealth(uint8(0-100) points) required ram;
  setMood(string mood) ram broadcast;
};
`), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := dc.ParseFiles(name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// What Parse reads, Text writes, with the sender before it.
func TestText(t *testing.T) {
	file := townFile(t)
	for line, want := range map[string]string{
		`20001 SET_FIELD 20001 setName("Flo the baker")`:                                           `SET_FIELD do_id=20001 setName("Flo the baker")`,
		`20001 GET_FIELD 1 20001 setMood`:                                                          `GET_FIELD context=1 do_id=20001 setMood`,
		`402000 CREATE_OBJECT_WITH_REQUIRED 20001 5000:5 dclass=Townsman setName("") setHealth(7)`: `CREATE_OBJECT_WITH_REQUIRED do_id=20001 location=5000:5 dclass=Townsman setName("") setHealth(7)`,
		`20001 SET_FIELDS 20001 setHealth(8) setMood("sad")`:                                       `SET_FIELDS do_id=20001 fields×2 setHealth(8) setMood("sad")`,
		`20001 GET_ACTIVATED 1 20001`:                                                              `GET_ACTIVATED context=1 do_id=20001`,
		`1:20001 GET_LOCATION 5`:                                                                   `GET_LOCATION context=5`,
		`20001 DBSERVER_OBJECT_GET_ALL_RESP 7 0`:                                                   `DBSERVER_OBJECT_GET_ALL_RESP context=7 success=false`,
		`20001 12345`:                                                                              `12345 `,
		`20001 SET_AI 6000 +07`:                                                                    `SET_AI ai_channel=6000 excess=07 ! STATESERVER_OBJECT_SET_AI: excess data: 1 bytes from offset 8`,
	} {
		d, err := Parse(file, 8000, line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		} else if got := Text(file, d); got != "8000: "+want {
			t.Errorf("%s: %s, want 8000: %s", line, got, want)
		}
	}
	d, err := Parse(file, 8000, "20001,2:20001 SET_AI 6000 -3")
	if err != nil || d.RecipientCount() != 2 || d.Recipient(1) != wire.DoID(20001).DatabaseChannel() {
		t.Errorf("%x, %v", []byte(d), err)
	}
	if got := Text(file, d); !strings.Contains(got, "truncated") {
		t.Errorf("cut off, it is %s", got)
	}
}

// Clients' messages are read and written likewise.
func TestClientText(t *testing.T) {
	file := townFile(t)
	for line, want := range map[string]string{
		`CLIENT_HELLO 7 "1.0"`:                         `CLIENT_HELLO dc_hash=7 version="1.0"`,
		`CLIENT_OBJECT_SET_FIELD 20001 setMood("sad")`: `CLIENT_OBJECT_SET_FIELD do_id=20001 setMood("sad")`,
		`CLIENT_ADD_INTEREST_MULTIPLE 1 2 5000 7 8`:    `CLIENT_ADD_INTEREST_MULTIPLE context=1 interest_id=2 parent_id=5000 zones×2 zone_id=7 zone_id=8`,
		`CLIENT_OBJECT_LOCATION 20001 5000:5 -1`:       `CLIENT_OBJECT_LOCATION do_id=20001 rest=88130000050000 ! CLIENT_OBJECT_LOCATION: location: truncated: 4 bytes wanted at offset 10, 3 left`,
		`4711 +01`:                                     `67 12 01`,
	} {
		m, err := ParseClient(file, line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		} else if got := ClientText(file, m); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
	for _, line := range []string{"", "CLIENT_BYE", "CLIENT_HELLO x"} {
		if m, err := ParseClient(file, line); err == nil {
			t.Errorf("%q is taken as %s", line, ClientText(file, m))
		}
	}
	d, err := Parse(file, 8000, "20001 CLIENTAGENT_ADD_POST_REMOVE {5 SET_AI 6000}")
	if err != nil || !strings.Contains(Text(file, d), "0105000000") {
		t.Errorf("%x, %v", []byte(d), err)
	}
}

func TestParseRefuses(t *testing.T) {
	file := townFile(t)
	for _, line := range []string{
		"", "20001", "x SET_AI 6000", "20001 SET_EYE 6000", "20001 SET_AI", "20001 SET_AI six", "20001 SET_AI 6000 7000",
		"20001 SET_FIELD 20001 setNam(1)", "20001 SET_FIELD 20001 setHealth(101)", "20001 SET_AI 6000 +0",
	} {
		if d, err := Parse(file, 8000, line); err == nil {
			t.Errorf("%q is taken as %s", line, Text(file, d))
		}
	}
}

// A message that ends within a value is truncated, wherever it ends.
func TestValuesTruncated(t *testing.T) {
	file := townFile(t)
	d, err := Parse(file, 8000, `20001 SET_FIELD 20001 setName("Flo")`)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.Message()
	if err != nil {
		t.Fatal(err)
	}
	layout, _ := wire.LayoutOf(m.Type)
	body := m.Payload.Rest()
	for n := range body {
		r := wire.NewReader(body[:n])
		err := layout.Decode(&r, Values{file}, func(wire.Arg) {})
		if !errors.Is(err, wire.ErrTruncated) {
			t.Errorf("%d of %d bytes: %v, want wire.ErrTruncated", n, len(body), err)
		}
	}
}
