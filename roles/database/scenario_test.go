package database

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"natstron/bridge/wire"
	"natstron/roles/rolestest/script"
	"natstron/storage"
)

// TestScenarios runs the scripts in testdata/scenarios, each on every backend, with
// the same result. They read like the protocol's document: what is sent, and after
// the line who receives what because of it, message by message. Beside the commands of
// [script.Script] there are
//
//	server control=CHANNEL ids=MIN-MAX [broadcast=false] [index=(Class.field, …)]   on a new, empty store;
//	                           a field with ! behind it is unique
//	restart [dc=FILE] [index=…]   ends it, and starts it again on the same store
//	stats
func TestScenarios(t *testing.T) {
	t.Parallel()
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
				datadriven.RunTest(t, path, scenario(t, b).Run)
			})
		})
	}
}

func scenario(t *testing.T, b backend) *script.Script {
	c := newCluster(t)
	var place string
	var ids storage.Range
	var o Options
	serve := func() {
		o.Open = func(context.Context) (storage.Store, error) { return b.open(place, ids, c.File) }
		c.serve(o)
		c.logged("opened the database")
	}
	s := &script.Script{Cluster: c.Cluster, Each: true, LogLine: logLine}
	s.Settle = func(from *script.Actor, sent wire.Datagram) {
		c.settle(from, sent)
		if c.role != nil {
			c.role.complaints.Reset() // whatever comes next is logged, too
		}
	}
	s.Commands = map[string]func(script.Args) string{
		"server": func(a script.Args) string {
			low, high, _ := strings.Cut(a.Get("ids"), "-")
			ids = storage.Range{Min: wire.DoID(s.Chan(low)), Max: wire.DoID(s.Chan(high))}
			o = Options{Control: s.Chan(a.Get("control")), Broadcast: a.Get("broadcast") != "false", Index: indexesOf(a.Values["index"])}
			place = b.place(t)
			serve()
			return ""
		},
		"restart": func(a script.Args) string {
			c.end()
			if file := a.Get("dc"); file != "" {
				c.File = script.ParseDC(c.T, "testdata/"+file)
			}
			if list, given := a.Values["index"]; given {
				o.Index = indexesOf(list)
			}
			serve()
			return ""
		},
		"stats": func(script.Args) string { return c.stats() },
	}
	return s
}

func indexesOf(list []string) (all []Index) {
	for _, name := range list {
		if field, unique := strings.CutSuffix(name, "!"); field != "" {
			all = append(all, Index{Field: field, Unique: unique})
		}
	}
	return all
}

// logLine is what is shown of a line of the log.
func logLine(line string) string {
	if strings.Contains(line, asked) {
		return ""
	}
	return reason.ReplaceAllString(plain.ReplaceAllString(line, ""), "$1…$2")
}

// asked is in what is logged about the harness's own questions.
var asked = fmt.Sprintf("sender=%d ", markerChannel)

// reason is why a value cannot be read, which backends say in their own words.
var reason = regexp.MustCompile(`(cannot be read: ).*(" do_id=)`)

// plain leaves out of a log line the time, and what all of them begin with.
var plain = regexp.MustCompile(`time=\S+ level=|msg="a request failed" role=\S+ `)

func (c *cluster) stats() string {
	var b strings.Builder
	stats := c.role.Stats()
	for _, msg := range append([]wire.MsgType{0}, wire.MsgTypes()...) {
		for _, result := range Results() {
			if n := stats.Operations[msg][result]; n > 0 {
				fmt.Fprintf(&b, "%s %s: %d\n", msg, result, n)
			}
		}
	}
	fmt.Fprintf(&b, "left out: %d, announced: %d\n", stats.LeftOut, stats.Announced)
	return b.String()
}
