package gamerole

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
	"natstron/roles/ask"
	"natstron/roles/rolestest/script"
	"natstron/roles/stateserver"
)

// begins starts a park that creates an object and has another one created before it is ready.
func begins(t *testing.T, c *script.Cluster, node string) (p *park, started chan error) {
	t.Helper()
	p = newPark(t, c, func(p *park) {
		p.started = func(ready func(error)) {
			at := wire.Location{Parent: 6000, Zone: 1}
			_ = p.Tell(ask.Create(stateServer, "Tree", 6000, wire.Location{}, ask.Values{"setName": "oak"})) // an error is logged
			p.Create(stateServer, "Tree", at, ask.Values{"setName": "elm"}, func(o *Object, err error) {
				if err == nil {
					p.Ask(ask.At(o.DoID(), func(got wire.Location, err error) {
						p.hear("it is at %v", got)
						ready(err)
					}))
				} else {
					ready(err)
				}
			})
		}
	})
	p.node = c.Nodes[node]
	started = make(chan error, 1)
	go func() { started <- p.Role.Start(context.Background()) }()
	t.Cleanup(func() { p.Role.Stop(context.Background(), nil) })
	return p, started
}

// logged waits until the log has a text.
func logged(t *testing.T, c *script.Cluster, text string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(c.Log.String(), text); time.Sleep(time.Millisecond) { // the log tells nobody
		if time.Now().After(deadline) {
			t.Fatalf("the log does not have %q:\n%s", text, c.Log.String())
		}
	}
}

// A role that starts before the state server that it needs says so once, and waits for it; what
// it has sent meanwhile arrives once, in order.
func TestStartBeforeStateServer(t *testing.T) {
	for _, where := range []string{"one", "two"} { // that with the embedded NATS server, and one beside it
		t.Run(where, func(t *testing.T) {
			c := script.New(t, parkFile(t), "one", "two", "three")
			p, started := begins(t, c, where)
			logged(t, c, "nobody serves the channel yet")
			select {
			case err := <-started:
				t.Fatalf("the start ended with %v", err)
			default:
			}
			ss, err := stateserver.New(c.Nodes["three"], stateserver.Options{Control: stateServer, File: c.File, Generate: wire.DoIDRange{Min: 200000, Max: 299999}})
			if err != nil {
				t.Fatal(err)
			}
			script.Serve(t, ss)
			if err := <-started; err != nil {
				t.Fatal(err)
			}
			if len(p.heard) != 2 || p.heard[1] != "it is at 6000:1" {
				t.Errorf("it heard %v", p.heard)
			}
			if n := ss.Stats().Objects(); n != 2 {
				t.Errorf("there are %d objects, want 2", n)
			}
			if n := strings.Count(c.Log.String(), "nobody serves the channel yet"); n != 1 {
				t.Errorf("it was logged %d times:\n%s", n, c.Log.String())
			}
		})
	}
}

// A server of another kind, which claims nothing, is asked, too.
func TestStartWithForeignServer(t *testing.T) {
	c := script.New(t, parkFile(t), "one", "two", "three")
	server := c.JoinAt("three", "a server", stateServer)
	_, started := begins(t, c, "two")
	var got []string
	for deadline := time.Now().Add(20 * time.Second); len(got) < 2 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		server.Record()
		for _, d := range server.Received {
			m, _ := d.Message()
			got = append(got, fmt.Sprint(m.Type))
		}
		server.Received = nil
	}
	want := []string{"STATESERVER_CREATE_OBJECT_WITH_REQUIRED_OTHER", "STATESERVER_GENERATE_OBJECT_OF_AI"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	select {
	case err := <-started:
		t.Errorf("the start ended with %v", err)
	default:
	}
}

// A start that waits ends when it is told to.
func TestStartEndsWhileWaiting(t *testing.T) {
	c := script.New(t, parkFile(t), "one")
	p := newPark(t, c, func(p *park) {
		p.started = func(ready func(error)) {
			_ = p.Tell(ask.Create(stateServer, "Tree", 6000, wire.Location{}, ask.Values{"setName": "oak"})) // an error is logged
			ready(nil)
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), 3*lookAgain)
	defer cancel()
	if err := p.Role.Start(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it started, though its object has not been created: %v", err)
	}
}
