package wire

import "testing"

func TestMsgTypes(t *testing.T) {
	seen := map[string]MsgType{}
	last := MsgType(0)
	for _, m := range MsgTypes() {
		if m <= last {
			t.Errorf("%d stands after %d", m, last)
		}
		last = m
		if other, twice := seen[m.String()]; twice {
			t.Errorf("%d and %d are both named %s", other, m, m)
		}
		seen[m.String()] = m
	}
	// 9 of document 19, 22 of document 11, 56 of document 12 with its summary
	// table and 3 more, 19 of document 13, 2 of Ardos', 17 of natstron's own.
	if got, want := len(seen), 9+22+59+19+2+17; got != want {
		t.Errorf("%d message types, want %d", got, want)
	}
}

func TestMsgTypeWithoutName(t *testing.T) {
	for m, want := range map[MsgType]string{0: "0", 1003: "1003", 65535: "65535"} {
		if m.Known() || m.String() != want {
			t.Errorf("type %d: known %v, %q", uint16(m), m.Known(), m)
		}
	}
}
