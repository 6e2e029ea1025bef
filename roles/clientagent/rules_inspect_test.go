package clientagent

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
	"natstron/roles/inspect"
)

// An operator sees which zones a rule shows to a client, and that it is a rule that shows an
// object.
func TestInspectRule(t *testing.T) {
	w := startWalks(t)
	w.connect("a", "")
	channel := w.client("a").session.allocated
	(&walk{walks: w}).setRule(1)
	w.create(walkFirstAvatar, at(walkGrid, walkStart), `Goose setName("walker")`)
	w.order(walkFirstAvatar, "SET_OWNER %d", channel)

	want := inspect.Interest{Rule: true, Parent: walkGrid, Zones: []wire.Zone{1000, 1001, 1100, 1101}}
	if diff := cmp.Diff([]inspect.Interest{want}, w.agent.Inspect(channel)[0].Open); diff != "" {
		t.Error(diff)
	}
	for zone, text := range map[wire.Zone]string{1101: "seen true, rule true, 0 near", 1102: "seen false, rule false, 1 near"} {
		object := walkFirstObject + wire.DoID(zone-walkStart)
		q := inspect.Question{Object: object, Client: channel, Parent: walkGrid, Zone: &zone}
		v := w.agent.Viewers(q).Rows[0]
		if got := fmt.Sprintf("seen %v, rule %v, %d near", v.Sees, v.Rule, len(v.Near)); got != text {
			t.Errorf("zone %d: %s, want %s", zone, got, text)
		}
	}
}
