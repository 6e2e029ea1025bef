package daemon

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"natstron/bridge"
)

// The counters that are logged are the node's; those of troubles only when there
// were some.
func TestStatsAttrs(t *testing.T) {
	calm := statsAttrs(bridge.Stats{Sent: 5})
	if diff := cmp.Diff([]any{"sent", uint64(5)}, calm, cmpopts.IgnoreSliceElements(func(v any) bool { return v != "sent" && v != uint64(5) })); diff != "" {
		t.Error(diff)
	}
	if troubled := statsAttrs(bridge.Stats{Overflows: 2}); len(troubled) != len(calm)+2 {
		t.Errorf("%v has not one counter more than %v", troubled, calm)
	}
}
