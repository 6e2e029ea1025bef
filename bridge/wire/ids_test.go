package wire

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestChannelsOfObjectsAndLocations(t *testing.T) {
	for _, c := range []struct {
		got, want Channel
	}{
		{DoID(101).Channel(), 101},
		{DoID(101).ChildrenChannel(), 1<<32 | 101},
		{DoID(101).DatabaseChannel(), 2<<32 | 101},
		{Location{Parent: 4618, Zone: 2000}.Channel(), 4618<<32 | 2000},
		{Location{Parent: MaxDoID, Zone: 1<<32 - 1}.Channel(), MaxChannel},
	} {
		if c.got != c.want {
			t.Errorf("got channel %d, want %d", c.got, c.want)
		}
	}
}

func TestParseChannel(t *testing.T) {
	for in, want := range map[string]Channel{
		"0":                     0,
		"402000001":             402000001,
		"010":                   10, // not octal
		"18446744073709551615":  MaxChannel,
		"0xFF":                  255,
		"0Xffffffffffffffff":    MaxChannel,
		"4618:2000":             4618<<32 | 2000,
		"0x120a:0x7d0":          4618<<32 | 2000,
		"0:7":                   7,
		"4294967295:4294967295": MaxChannel,
	} {
		got, err := ParseChannel(in)
		if err != nil || got != want {
			t.Errorf("ParseChannel(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
}

func TestParseChannelRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                     "want a decimal number",
		"-1":                   "want a decimal number",
		"+1":                   "want a decimal number",
		"1_000":                "want a decimal number",
		" 1":                   "want a decimal number",
		"0x":                   "want a decimal number",
		"0x-1":                 "want a decimal number",
		"ff":                   "want a decimal number",
		"18446744073709551616": "does not fit 64 bits",
		"4294967296:1":         "parent: 4294967296 does not fit 32 bits",
		"1:0x100000000":        "zone: 0x100000000 does not fit 32 bits",
		"1:":                   "zone: want",
		":1":                   "parent: want",
		"1:2:3":                "zone: want",
	} {
		_, err := ParseChannel(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseChannel(%q): %v; want an error that says %q", in, err, want)
		}
	}
}

func TestLocationIsItsChannelAndItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Channel(rapid.Uint64().Draw(t, "channel"))
		l := c.Location()
		if l.Channel() != c {
			t.Fatalf("%v is channel %d, want %d", l, l.Channel(), c)
		}
		back, err := ParseChannel(l.String())
		if err != nil || back != c {
			t.Fatalf("ParseChannel(%q) = %d, %v; want %d", l, back, err, c)
		}
	})
}
