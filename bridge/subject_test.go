package bridge

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
)

func TestSubjectOfAChannel(t *testing.T) {
	for _, test := range []struct {
		channel wire.Channel
		subject string
	}{
		{0, "astron.0.0.0.0"},
		{1, "astron.0.0.0.1"},
		{999_999, "astron.0.0.0.999999"},
		{1_000_000, "astron.0.0.1.1000000"},
		{99_999_999, "astron.0.0.99.99999999"},
		{100_000_000, "astron.0.1.0.100000000"},
		{402_000_001, "astron.0.4.2.402000001"},
		{1<<32 - 1, "astron.0.42.94.4294967295"},
		{1 << 32, "astron.1.0"},
		{4618<<32 | 2000, "astron.4618.2000"},
		{wire.MaxChannel, "astron.4294967295.4294967295"},
	} {
		if got := (Subjects{}).Subject(test.channel); got != test.subject {
			t.Errorf("channel %d: subject %q, want %q", test.channel, got, test.subject)
		}
	}
}

func TestChannelIsTheInverseOfSubject(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Subjects{Prefix: rapid.SampledFrom([]string{"", "astron", "a", "toons.live"}).Draw(t, "prefix")}
		c := wire.Channel(rapid.Uint64().Draw(t, "channel") >> rapid.IntRange(0, 63).Draw(t, "shift"))
		back, err := s.Channel(s.Subject(c))
		if err != nil || back != c {
			t.Fatalf("%d is %q is %d, %v", c, s.Subject(c), back, err)
		}
		if !strings.HasPrefix(s.Subject(c), strings.TrimSuffix(s.All(), ">")) {
			t.Fatalf("%q does not hear %q", s.All(), s.Subject(c))
		}
		if strings.HasPrefix(s.Subject(c), s.Control()+".") {
			t.Fatalf("the datagram subject %q is among the control subjects", s.Subject(c))
		}
	})
}

func TestChannelRefusesOtherSubjects(t *testing.T) {
	for _, subject := range []string{
		"", "astron", "astron.", "astron.0", "astron.0.", "astron.1", "other.1.1", "astronctl.hb.x",
		"astron.*", "astron.>", "astron.0.>", "astron.0.1.>", "astron.0.1.*.5", "astron.0.0.0.*", "astron.1.*",
		"astron.01.1", "astron.1.01", "astron.0.00.0.1", "astron.0.0.00.1", "astron.0.0.0.01", "astron.00.0.0.1",
		"astron.+1.1", "astron.1.+1", "astron.-1.1", "astron.1.-0", "astron.0x1.1", "astron.1_0.1", "astron.1.1 ",
		"astron.1.4294967296", "astron.4294967296.1", "astron.1.18446744073709551616",
		"astron.0.5", "astron.0.0.5", "astron.0.0.0.1.1", "astron.1.1.1", "astron.1.1.1.1", "astron.1.1.1.1.1",
		"astron.0.1.0.5", "astron.0.0.1.5", "astron.0.4.3.402000001", "astron.0.0.0.4294967295", "astron.0.42.95.4294967295",
		"astron..1", "astron.1.", "astron.1..", ".astron.1.1", "Astron.1.1", "astron.1.1\r\n",
	} {
		if c, err := (Subjects{}).Channel(subject); err == nil {
			t.Errorf("%q was read as channel %d", subject, c)
		}
	}
}

func FuzzChannel(f *testing.F) {
	for _, seed := range []string{"astron.0.4.2.402000001", "astron.4618.2000", "astron.0.1.>", "astron.01.1", "astron.0.0.0.0", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, subject string) {
		c, err := Subjects{}.Channel(subject)
		if err == nil && (Subjects{}).Subject(c) != subject {
			t.Fatalf("%q was read as %d, whose subject is %q", subject, c, Subjects{}.Subject(c))
		}
	})
}

func TestCheckPrefix(t *testing.T) {
	for _, good := range []string{"astron", "a", "toons.live", "x-1_2", strings.Repeat("p", 64)} {
		if err := CheckPrefix(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", ".", "a.", ".a", "a..b", "a b", "a\tb", "a\r", "a\n", "a\x00", "*", "a.*", ">", "a.>", "a*b",
		"$SYS", "$JS.x", "_INBOX", "_A", strings.Repeat("p", 65),
	} {
		if CheckPrefix(bad) == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
