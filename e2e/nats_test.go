package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/clientagent/clienttest"
)

// The example of a program on plain NATS.

// A program without a library, on plain NATS, is a participant like any other: clients and
// participants of the message director port reach it, once each, and it reaches them and the
// state server.
func TestExampleNATS(t *testing.T) {
	t.Parallel()
	interpreter, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	file, err := dc.ParseFiles("../examples/nats/greeter.dc")
	must(t, err)
	d := example(t, "nats")
	greeter := python(t, interpreter, d.dir, "greeter.py", d.nats())
	line := greeter.waitFor("the sign is object ")
	number, err := strconv.ParseUint(regexp.MustCompile(`\d+$`).FindString(line), 10, 32)
	must(t, err)
	sign := wire.DoID(number)
	const (
		me      wire.DoID    = 4670
		all     wire.Channel = 4680
		greet   wire.FieldID = 0
		greeted wire.FieldID = 1
	)

	ada := clienttest.Dial(t, d.where("listening for clients"))
	ada.Hello(file.Hash(), "greeter-1")
	ada.SetField(me, greet, "Ada")
	r := ada.Until(wire.ClientObjectSetField)
	if do, field, text := r.DoID(), r.FieldID(), r.Text(); do != me || field != greeted || text != "hello Ada" {
		t.Errorf("the greeter says %q in field %d of %d", text, field, do)
	}

	// To two of its channels: NATS brings two copies. To its own and another's: the other one gets it, too.
	c := d.dial()
	c.Subscribe(5000)
	receive := func() wire.Message {
		t.Helper()
		d, err := c.Receive()
		must(t, err)
		m, err := d.Message()
		must(t, err)
		return m
	}
	for _, to := range [][]wire.Channel{{me.Channel(), all}, {5001, me.Channel()}} {
		c.Send(mdtest.Datagram(t, func(w *wire.Writer) {
			w.Header(5000, wire.StateServerObjectSetField, to...).DoID(me).FieldID(greet).Text("Bob")
		}))
		m := receive()
		if p := m.Payload; m.Type != wire.StateServerObjectSetField || p.DoID() != me || p.FieldID() != greeted || p.Text() != "hello Bob" {
			t.Errorf("the greeter answers %v", m.Type)
		}
	}
	greeter.waitFor("greeted Bob, number 3")
	until(t, "what the sign says", func() bool {
		c.Send(mdtest.Datagram(t, func(w *wire.Writer) {
			w.Header(5000, wire.StateServerObjectGetField, sign.Channel()).Uint32(1).DoID(sign).FieldID(2)
		}))
		p := receive().Payload
		return p.Uint32() == 1 && p.Bool() && p.FieldID() == 2 && p.Text() == "Bob is number 3"
	})

	// What the README types.
	game := filepath.Join(d.dir, "greeter.dc")
	if _, errors, code := astrond(t, "send", "--nats", d.nats(), "--dc", game, "--class", "Greeter", "4670", "greet", "Eve"); code != 0 {
		t.Error(errors)
	}
	greeter.waitFor("greeted Eve, number 4")
	until(t, "what the sign says to an operator", func() bool {
		out, _, _ := astrond(t, "object", "--nats", d.nats(), "--dc", game, strconv.FormatUint(number, 10))
		return strings.Contains(out, "Eve is number 4")
	})
	d.signal(os.Kill)
	greeter.waitFor("the connection to NATS has ended")
	greeter.ends(1)
}
