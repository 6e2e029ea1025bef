package config

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/configfile"
)

// ownOptions are those of a role of a game's own.
type ownOptions struct {
	ID       wire.DoID     `key:"id,required" doc:"Its doId."`
	Patience time.Duration `key:"limits.patience" default:"10s" max:"1m" doc:"How long a login may take."`
	Slots    int           `key:"slots" default:"6" min:"1" max:"10" doc:"How many avatars there are."`
	Names    []string      `key:"names" each:"name" is:"word" doc:"Names."`
}

func (o *ownOptions) Channel() wire.Channel { return o.ID.Channel() }

func (o *ownOptions) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	if o.Slots == 7 {
		report("7 is no number of slots", "write another one", "slots")
	}
}

// Roles of a game's own are read and checked as the others are.
func TestOwnRoles(t *testing.T) {
	own := []configfile.Kind{
		{Name: "park", Options: reflect.TypeFor[ownOptions]()},
		{Name: "zoo", Options: reflect.TypeFor[ownOptions]()},
	}
	read := func(roles string) (*Config, error) {
		return Parse("astrond.yml", []byte("roles:\n"+roles), own...)
	}
	c, err := read("  - {type: stateserver, control: 402000}\n  - {type: zoo, id: 4670, slots: 3, names: [Ada, Bob]}\n  - {type: park, id: 4671, limits: {patience: 20s}}\n")
	if err != nil {
		t.Fatal(err)
	}
	zoo, park := c.Roles[1], c.Roles[2]
	if zoo.Type() != "zoo" || park.Type() != "park" || c.Roles[0].Type() != "stateserver" {
		t.Errorf("the types are %s, %s, %s", c.Roles[0].Type(), zoo.Type(), park.Type())
	}
	if got := fmt.Sprint(zoo.Own.Options, park.Own.Options); got != "&{4670 10s 3 [Ada Bob]} &{4671 20s 6 []}" {
		t.Errorf("read %s", got)
	}
	if channel, ok := zoo.OwnChannel(); !ok || channel != 4670 {
		t.Errorf("its channel is %d, %v", channel, ok)
	}
	if text := c.String(); !strings.Contains(text, "roles[1].type = zoo\nroles[1].id = 4670\nroles[1].limits.patience = 10s\nroles[1].slots = 3\nroles[1].names[0] = Ada\n") {
		t.Errorf("the settings are\n%s", text)
	}
	for text, want := range map[string]string{
		"  - {type: zo, id: 4670}":                              `astrond.yml:2:12: roles[0].type: "zo" is not one of the types` + "\n" + `  2 |   - {type: zo, id: 4670}` + "\n" + `    |            ^ did you mean zoo?`,
		"  - {type: zoo}":                                       "astrond.yml:2:5: roles[0].id: is missing",
		"  - {type: zoo, id: 4670, slot: 3}":                    "roles[0].slot: is not a known key",
		"  - {type: zoo, id: 4670, slots: 11}":                  `roles[0].slots: "11" is too large`,
		"  - {type: zoo, id: 4670, slots: 7}":                   "roles[0].slots: 7 is no number of slots",
		"  - {type: zoo, id: 4670, limits: {patience: 2m}}":     "roles[0].limits.patience: 2m is out of range",
		"  - {type: zoo, id: 4670}\n  - {type: park, id: 4670}": "roles[1]: has channel 4670, as roles[0] on line 2 has",
		"  - {type: zoo, id: 4670}\n  - {type: clientagent, bind: 127.0.0.1, version: x, channels: {min: 4000, max: 5000}}": "4000 to 5000 includes channel 4670",
		"  - {type: zoo, id: 4670}\n  - {type: stateserver, control: 402000, generate: {min: 4000, max: 5000}}":             "roles[1].generate: 4000 to 5000 includes what is at roles[0] on line 2",
	} {
		if _, err := read(text + "\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngives\n%v\nwant\n%s", text, err, want)
		}
	}
	if _, err := Parse("astrond.yml", []byte("roles:\n  - {type: zoo, id: 4670}\n")); err == nil {
		t.Error("a program without that type takes it")
	}
	defer func() {
		if recover() == nil {
			t.Error("a game's own type may have the name of one that is built in")
		}
	}()
	_, _ = Parse("astrond.yml", []byte("roles: []\n"), configfile.Kind{Name: "database", Options: reflect.TypeFor[ownOptions]()})
}
