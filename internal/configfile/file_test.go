package configfile

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
)

// park is a configuration of nobody's, with a field for each kind of tag.
type park struct {
	Name   string `key:"name" default:"park" doc:"Its name."`
	Gate   gate   `key:"gate,required" doc:"The gate."`
	Rides  []ride `key:"rides" each:"ride" doc:"What there is."`
	Shop   *shop  `key:"shop,ours" doc:"The shop."`
	_      string `key:"old" doc:"Nothing."`
	Hidden int    // not of the file
}

type gate struct {
	_      struct{}       `key:"limits" doc:"Limits."`
	Bind   string         `key:"bind" is:"listen" port:"7000" default:"0.0.0.0:7000" or:"none" doc:"Where it is."`
	Open   bool           `key:"open" default:"on" doc:"Whether it is open."`
	Shut   bool           `key:"limits.let_in" is:"not" default:"true" doc:"Whether anyone may enter."`
	Most   int            `key:"limits.most" is:"size" default:"1MiB" min:"1KiB" doc:"How many."`
	Within time.Duration  `key:"limits.within" is:"milliseconds" doc:"How long."`
	From   []netip.Prefix `key:"from" each:"network" doc:"From where."`
	Mode   uint8          `key:"mode" choices:"day night" doc:"When."`
	IDs    `key:",inline"`
}

type IDs struct {
	ID wire.DoID `key:"id" alone:"give each an id of its own" doc:"Its id."`
}

type ride struct {
	Wheel *wheel `type:"wheel" doc:"A wheel."`
	Train *train `type:"train,ours" doc:"A train."`
	Ghost *train `type:"ghost" refused:"there are no ghosts; take the train" doc:"A ghost."`
}

type wheel struct {
	IDs `key:",inline"`
}

type train struct {
	Cars int `key:"cars,required" min:"1" max:"9" was:"wagons" doc:"Its cars."`
}

func (t *train) CheckKeys(given func(string) bool, report func(problem, fix string, keys ...string)) {
	if t.Cars == 7 && given("cars") {
		report("is a number of bad luck", "write another", "cars")
	}
}

type shop struct {
	Password string `key:"password" is:"secret" doc:"A secret."`
}

func TestParse(t *testing.T) {
	var p park
	f, err := Parse("park.yml", []byte(`
gate:
  bind: 8000
  mode: night
  id: 5000
  from: [10.0.0.0/8]
  limits: {let_in: no, most: 2KiB, within: 250}
rides:
  - {type: wheel, id: 5001}
  - {type: train, cars: 3}
shop: {password: s3cr3t}
old: x
`), &p)
	if err != nil {
		t.Fatal(err)
	}
	want := park{
		Name: "park",
		Gate: gate{Bind: "0.0.0.0:8000", Open: true, Shut: true, Most: 2048, Within: 250 * time.Millisecond,
			From: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Mode: 1, IDs: IDs{5000}},
		Rides: []ride{{Wheel: &wheel{IDs{5001}}}, {Train: &train{3}}},
		Shop:  &shop{"s3cr3t"},
	}
	if !reflect.DeepEqual(want, p) {
		t.Errorf("read %+v, want %+v", p, want)
	}
	settings := `name = park
gate.limits.let_in = false
gate.limits.most = 2KiB
gate.limits.within = 250ms
gate.bind = 0.0.0.0:8000
gate.open = true
gate.from[0] = 10.0.0.0/8
gate.mode = night
gate.id = 5000
rides[0].type = wheel
rides[0].id = 5001
rides[1].type = train
rides[1].cars = 3
shop.password = ***
old = x
`
	if diff := cmp.Diff(settings, f.String()); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if got := fmt.Sprint(f.Addresses()); got != "[{gate.bind 0.0.0.0:8000}]" {
		t.Errorf("addresses %s", got)
	}
}

// What is sound in a file with faults is read.
func TestParseFaults(t *testing.T) {
	var p park
	f, err := Parse("park.yml", []byte(`
name: here
gate: {most: 1, limits: {most: 5}, id: 5000}
rides:
  - {type: wheel, id: 5000}
  - {type: train, wagons: 7}
  - {type: train, cars: 7}
  - {type: ghost, cars: 1}
  - {type: boat}
`), &p)
	if f == nil || err == nil || p.Name != "here" {
		t.Fatalf("read %+v, %v", p, err)
	}
	var got []string
	for _, fault := range err.(*Error).Faults {
		got = append(got, fmt.Sprintf("%d:%d %s: %s; %s", fault.Line, fault.Column, fault.Path, fault.Problem, fault.Fix))
	}
	want := []string{
		"3:8 gate.most: is not a known key; known here: limits, bind, open, from, mode, id",
		"3:32 gate.limits.most: 5 is too small; write at least 1KiB",
		"5:23 rides[0].id: doId 5000 is gate.id on line 3 already; give each an id of its own",
		"6:19 rides[1].wagons: is the old name of cars; write cars instead",
		"7:25 rides[2].cars: is a number of bad luck; write another",
		"8:12 rides[3].type: there are no ghosts; take the train",
		`9:12 rides[4].type: "boat" is not one of the types; known here: wheel, train`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestKeys(t *testing.T) {
	var got []string
	for _, k := range Keys(reflect.TypeFor[park]()) {
		got = append(got, strings.Join(strings.Fields(fmt.Sprint(k.Path, " ", k.Type, " ", k.Default, " ", k.Required, " ", k.Ours)), " "))
	}
	want := []string{
		"name text park false false", "gate section true false", "gate.limits section false false",
		"gate.limits.let_in true or false true false false", "gate.limits.most size 1MiB false false",
		"gate.limits.within duration 0 false false", "gate.bind address 0.0.0.0:7000 false false", "gate.open true or false true false false",
		"gate.from list of networks none false false", "gate.mode word day false false", "gate.id doId 0 false false",
		"rides list of sections none false false", "rides[wheel] section false false", "rides[wheel].type word true false",
		"rides[wheel].id doId 0 false false", "rides[train] section false true", "rides[train].type word true true",
		"rides[train].cars number true true", "rides[ghost] section false false", "rides[ghost].type word true false",
		"rides[ghost].cars number true false", "shop section none false true", "shop.password secret none false true", "old text none false false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}
