package clientagent

import (
	"context"
	"strings"
	"testing"

	"natstron/bridge/wire"
)

// After the backbone was lost, the agent hears of parents again, with one channel of its
// own, as before.
func TestRulesAfterALostBackbone(t *testing.T) {
	w := startWalks(t)
	w.order(walkGrid, `SET_FIELD %d Meadow.setParentingRules("Cartesian", "none")`, walkGrid)
	see := func(name string, avatar wire.DoID) {
		t.Helper()
		w.connect(name, "")
		c := w.client(name)
		w.create(avatar, at(walkGrid, walkStart), `Goose setName("walker")`)
		w.order(avatar, "SET_OWNER %d", c.session.allocated)
		eventually(t, "the client sees its neighbours", func() bool {
			w.agent.enter()
			defer w.agent.leave()
			return c.session.view.Sees(walkFirstObject + walkSize + 1)
		})
	}
	w.connect("first", "")
	w.create(walkFirstAvatar, at(walkGrid, walkStart), `Goose setName("walker")`)
	w.order(walkFirstAvatar, "SET_OWNER %d", w.client("first").session.allocated)
	(&walk{walks: w}).setRule(1)
	see("second", walkFirstAvatar+1)
	before := w.agent.Stats()
	if before.RulesRefused != 1 {
		t.Errorf("%d rules are refused", before.RulesRefused)
	}

	w.agent.rejoin(context.Background())
	w.agent.ejectAll() // as the node does
	if after := w.agent.Stats(); after.RulesRefused != 1 || after.FreeChannels != before.FreeChannels+2 {
		t.Errorf("%d rules are refused, %d channels are free, of %d before", after.RulesRefused, after.FreeChannels, before.FreeChannels)
	}
	see("third", walkFirstAvatar+2)
}

// Without a channel for itself, an agent with avatars cannot start.
func TestRulesNeedAChannel(t *testing.T) {
	o := parkOptions(t)
	o.AvatarClass = "Duck"
	o.Pool = NewChannelPool(firstClient, firstClient)
	o.Pool.takeChannel()
	r, err := New(startNode(t), o)
	must(t, err)
	if err := r.Start(context.Background()); err == nil || !strings.Contains(err.Error(), "all channels are taken") {
		t.Errorf("it starts: %v", err)
	}
	for p := range r.node.Participants() {
		t.Errorf("it leaves %v behind", p)
	}
}

// Options that name what the DC files do not have are refused.
func TestOptionsOfRules(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"no dclass Nobody":      func(o *Options) { o.AvatarClass = "Nobody" },
		"no dclass Nowhere":     func(o *Options) { o.InterestRules = []InterestRule{{Class: "Nowhere"}} },
		"the range is reversed": func(o *Options) { o.InterestRules = []InterestRule{{Zones: []wire.ZoneRange{{Min: 2, Max: 1}}}} },
		"for the same parents":  func(o *Options) { o.InterestRules = []InterestRule{{Parent: 7000}, {Parent: 7000}} },
		"a parent and a class":  func(o *Options) { o.InterestRules = []InterestRule{{Parent: 7000, Class: "Pond"}} },
	} {
		o := parkOptions(t)
		change(&o)
		if _, err := New(nil, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
}
