package stateserver

import (
	"context"
	"errors"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/msgtext"
	"natstron/roles"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var _ roles.Role = (*Role)(nil)

func TestNewRefuses(t *testing.T) {
	file := townFile(t)
	for name, o := range map[string]Options{
		"no control channel": {File: file},
		"a reserved one":     {File: file, Control: wire.LastReservedChannel},
		"no DC file":         {Control: 402000},
	} {
		if _, err := New(nil, o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestRun: a state server answers while it runs, ends when it is asked to, and
// leaves nobody on the node.
func TestRun(t *testing.T) {
	c := newCluster(t, "one")
	node := c.Node
	before := node.Stats().Participants
	r, err := New(node, Options{Control: 402000, File: c.File})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()

	asker := c.Join("asker", 8000)
	for _, line := range []string{
		`402000 CREATE_OBJECT_WITH_REQUIRED do_id=20001 location=5000:1 dclass=Street setTitle("Elm")`,
		`20001 GET_LOCATION 1`,
	} {
		c.Say(asker, line)
	}
	<-asker.Inbox.Ready
	if got := asker.Inbox.Take(); len(got) != 1 {
		t.Errorf("got %d answers, want 1", len(got))
	}
	if s := r.Stats(); s.Objects() != 1 || s.Messages[wire.StateServerCreateObjectWithRequired] != 1 {
		t.Errorf("stats are %+v", s)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("the end was an error: %v", err)
	}
	r.Stop(t.Context(), nil)
	asker.Leave()
	c.Actors = nil
	if n := node.Stats().Participants; n != before {
		t.Errorf("%d participants are left", n-before)
	}
}

// TestRunFails: when the node cannot go on serving the objects, the state server
// says so and ends.
func TestRunFails(t *testing.T) {
	for name, test := range map[string]struct {
		harm func(r *Role)
		want error
	}{
		"dropped": {
			harm: func(r *Role) {
				r.space.objects[20001].participant.Drop(bridge.ErrBackboneLost)
			},
			want: bridge.ErrBackboneLost,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, "one")
			r, err := New(c.Node, Options{Control: 402000, File: c.File})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.servers = append(c.servers, r)
			asker := c.Join("asker", 8000)
			c.Say(asker, `402000 CREATE_OBJECT_WITH_REQUIRED do_id=20001 location=0:0 dclass=Street setTitle("Elm")`)
			c.settle()
			test.harm(r)
			if err := r.Run(t.Context()); !errors.Is(err, test.want) {
				t.Errorf("Run returned %v, want %v", err, test.want)
			}
		})
	}
}

// TestLimits: neither objects nor what they know of their children grows without
// bound.
func TestLimits(t *testing.T) {
	c := newCluster(t, "one")
	r := c.server("one", 402000)
	r.space.maxObjects = 2
	asker := c.Join("asker", 8000)
	send := func(line string) {
		t.Helper()
		c.Say(asker, line)
		c.settle()
	}
	send(`402000 CREATE_OBJECT_WITH_REQUIRED do_id=20001 location=0:0 dclass=Street setTitle("a")`)
	send(`402000 CREATE_OBJECT_WITH_REQUIRED do_id=20002 location=0:0 dclass=Street setTitle("b")`)
	send(`402000 CREATE_OBJECT_WITH_REQUIRED do_id=20003 location=0:0 dclass=Street setTitle("c")`)
	if n := len(r.space.objects); n != 2 {
		t.Errorf("there are %d objects", n)
	}
	for child := range 20 {
		send("20001 CHANGING_LOCATION " + string(rune('1'+child%9)) + "00" + string(rune('0'+child/9)) + " 20001:1 0:0")
	}
	if n := r.space.known; n != 2*childrenPerObject {
		t.Errorf("%d children are known", n)
	}
	if n := r.Stats().Refused[Full]; n != 1+20-2*childrenPerObject {
		t.Errorf("%d messages were refused", n)
	}
}

// TestStopEndsObjects: a state server that ends tells those who see its objects.
func TestStopEndsObjects(t *testing.T) {
	c := newCluster(t, "one")
	r := c.server("one", 402000)
	c.server("one", 402001)
	ai := c.Join("ai", 8000)
	zone := c.Join("zone", wire.Location{Parent: 20001, Zone: 5}.Channel())
	for _, line := range []string{
		`402001 CREATE_OBJECT_WITH_REQUIRED do_id=20001 location=0:0 dclass=Street setTitle("elsewhere")`,
		`402000 CREATE_OBJECT_WITH_REQUIRED do_id=20002 location=20001:5 dclass=Street setTitle("here")`,
		`20002 SET_AI 8000`,
	} {
		c.Say(ai, line)
	}
	c.settle()
	ai.Take()
	zone.Take()
	c.servers = c.servers[1:]
	r.Stop(t.Context(), nil)
	c.settle()
	for _, a := range []*actor{ai, zone} {
		var got []string
		for _, d := range a.Take() {
			got = append(got, msgtext.Text(c.File, d))
		}
		if want := []string{"402000: DELETE_RAM do_id=20002"}; !slices.Equal(got, want) {
			t.Errorf("%s got %q, want %q", a.Name, got, want)
		}
	}
	if o := c.servers[0].space.objects[20001]; o.children() != 0 {
		t.Errorf("the parent on another server still counts %d children", o.children())
	}
}
