package wire

import (
	"strings"
	"testing"
)

func TestClientMsgTypes(t *testing.T) {
	seen := map[string]bool{}
	last := ClientMsgType(0)
	for _, m := range ClientMsgTypes() {
		if m <= last {
			t.Errorf("%d stands after %d", m, last)
		}
		last = m
		if !strings.HasPrefix(m.String(), "CLIENT_") || seen[m.String()] {
			t.Errorf("%d is named %s, which is odd or taken", m, m)
		}
		seen[m.String()] = true
	}
	if got, want := len(seen), 26; got != want {
		t.Errorf("%d message types, want %d", got, want)
	}
	if got := ClientMsgType(6); got.Known() || got.String() != "6" {
		t.Errorf("type 6: known %v, %q", got.Known(), got)
	}
}

// The code in the protocol is 161, whatever older tables say.
func TestLeavingOwner(t *testing.T) {
	if got := ClientMsgType(161).String(); got != "CLIENT_OBJECT_LEAVING_OWNER" {
		t.Errorf("161 is %s", got)
	}
}
