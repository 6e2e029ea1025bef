package traffic

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"natstron/bridge/wire"
)

// filterFrom is the filter of a command line.
func filterFrom(t *testing.T, args ...string) *tapFilter {
	t.Helper()
	var f *tapFilter
	app := &cli.App{Writer: io.Discard, ErrWriter: io.Discard, Flags: filterFlags(), Action: func(c *cli.Context) (err error) {
		f, err = filterOf(c, gameFile(t))
		return err
	}}
	if err := app.RunContext(context.Background(), append([]string{"tap"}, args...)); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTapFilter(t *testing.T) {
	place := wire.Location{Parent: 4618, Zone: 2000}
	datagrams := map[string]wire.Datagram{
		"hat": datagramOf(t, new(wire.Writer).Header(7, wire.StateServerObjectSetField, place.Channel()).DoID(7).FieldID(3).Uint8(1)),
		"create": datagramOf(t, new(wire.Writer).Header(5000, wire.StateServerCreateObjectWithRequired, 402000).
			DoID(8).Location(place).DClassID(0).Text("Flippy").Raw([]byte{0, 0, 0, 0}).Uint32(1)),
		"delete":    datagramOf(t, new(wire.Writer).Header(5000, wire.StateServerObjectDeleteRAM, 9).DoID(9)),
		"announced": datagramOf(t, new(wire.Writer).Header(4003, wire.DBServerObjectSetField, wire.DoID(9).DatabaseChannel()).DoID(9).FieldID(0).Text("x")),
		"cut off":   datagramOf(t, new(wire.Writer).Header(7, wire.StateServerObjectSetField, 7).DoID(7)),
		"unknown":   datagramOf(t, new(wire.Writer).Header(7, 64000, 5)),
		"nothing":   datagramOf(t, new(wire.Writer).Uint8(1).Channel(7)),
	}
	for _, test := range []struct{ args, want string }{
		{"", "announced create cut off delete hat nothing unknown"},
		{"--type STATESERVER_OBJECT_SET_FIELD", "cut off hat"},
		{"--type stateserver_*", "create cut off delete hat"},
		{"--type *_SET_FIELD --type 64000", "announced cut off hat unknown"},
		{"--doid 7", "cut off hat unknown"},
		{"--doid 8", "create"},
		{"--doid 9", "announced delete"},
		{"--doid 4618", "create"},
		{"--class Avatar", "announced create hat"},
		{"--field setHat", "hat"},
		{"--field Avatar.setName", "announced create"},
		{"--field setName --doid 9", "announced"},
		{"--class Avatar --type DBSERVER_*", "announced"},
		{"--class Avatar --doid 5", ""},
	} {
		f := filterFrom(t, strings.Fields(test.args)...)
		var got []string
		for _, name := range []string{"announced", "create", "cut off", "delete", "hat", "nothing", "unknown"} {
			if f.wants(datagrams[name], newDecoder(gameFile(t)).values) {
				got = append(got, name)
			}
		}
		if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.args, diff)
		}
	}
}

func TestTapSummary(t *testing.T) {
	began := time.Unix(1000, 0)
	s := newTapSummary(gameFile(t), began)
	for range 20 {
		s.add(datagramOf(t, new(wire.Writer).Header(7, wire.StateServerObjectSetField, 5).DoID(7).FieldID(3).Uint8(1)))
	}
	s.add(datagramOf(t, new(wire.Writer).Header(5000, wire.StateServerCreateObjectWithRequired, 402000).
		DoID(8).DoID(1).Zone(2).DClassID(0).Text("\x1b[2J").Raw([]byte{0, 0, 0, 0}).Uint32(1)))
	s.add(datagramOf(t, new(wire.Writer).Uint8(1).Channel(7)))
	var out strings.Builder
	if err := s.print(&out, began.Add(10*time.Second)); err != nil {
		t.Fatal(err)
	}
	want := `DATAGRAMS  BYTES  A SECOND  MESSAGE                                  ABOUT
20         520 B  2         STATESERVER_OBJECT_SET_FIELD             Avatar.setHat
1          47 B   0.1       STATESERVER_CREATE_OBJECT_WITH_REQUIRED  Avatar
1          9 B    0.1       no message                               ` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// Types out of nowhere do not fill the memory.
	for i := range 3 * maxTallies {
		s.add(datagramOf(t, new(wire.Writer).Header(7, wire.MsgType(20_000+i), 5)))
	}
	if n := len(s.rows()); n > maxTallies+1 {
		t.Errorf("%d kinds are counted", n)
	}
}
