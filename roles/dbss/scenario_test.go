package dbss

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"natstron/bridge/wire"
	"natstron/roles/rolestest/script"
)

// TestScenarios runs the scripts in testdata/scenarios. Each is a cluster of its
// own, and reads like the protocol's document: what is sent, and after the line
// who receives what because of it. The database is a participant as any other, so
// the scripts show what it is asked, and answer in its place. Beside the commands of
// [script.Script] there are
//
//	dbss ranges=FIRST-LAST…           a database-state server; the database is 1200
//	     [max-waiting=N] [max-questions=N] [max-objects=N]
//	wait DURATION                     time goes by
//	stats
//
// Contexts to the database count up from 1 here.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
		c := newCluster(t)
		s := &script.Script{
			Cluster: c.Cluster,
			Settle:  func(*script.Actor, wire.Datagram) { c.settle() },
		}
		s.Commands = map[string]func(script.Args) string{
			"dbss": func(a script.Args) string {
				c.server(c.options(a))
				return ""
			},
			"wait": func(a script.Args) string {
				by, err := time.ParseDuration(a.Names[0])
				must(c.T, err)
				c.wait(by)
				return s.Shown()
			},
			"stats": func(script.Args) string { return c.stats() },
		}
		datadriven.RunTest(t, path, s.Run)
	})
}

func (c *cluster) options(a script.Args) (o Options) {
	c.T.Helper()
	for _, text := range a.Values["ranges"] {
		var r wire.DoIDRange
		if _, err := fmt.Sscanf(text, "%d-%d", &r.Min, &r.Max); err != nil {
			c.T.Fatal(err)
		}
		o.Ranges = append(o.Ranges, r)
	}
	for key, limit := range map[string]*int{"max-waiting": &o.MaxWaiting, "max-questions": &o.MaxQuestions, "max-objects": &o.MaxObjects} {
		if text := a.Get(key); text != "" {
			var err error
			if *limit, err = strconv.Atoi(text); err != nil {
				c.T.Fatal(err)
			}
		}
	}
	return o
}

func (c *cluster) stats() string {
	var b strings.Builder
	for _, r := range c.servers {
		stats := r.Stats()
		fmt.Fprintf(&b, "%s: %d active, %d loading, %d bytes wait, %d questions\n",
			r.Name(), stats.Objects(), stats.Loading, stats.WaitingBytes, stats.Questions)
		fmt.Fprintf(&b, "  %d activated, on average in %v\n", stats.Activation.Count, stats.Activation.Mean())
		fmt.Fprintf(&b, "  %d written, %d ignored, %d unexpected\n", stats.Written, stats.Ignored, stats.Unexpected)
		for _, why := range slices.Sorted(maps.Keys(stats.Failed)) {
			if n := stats.Failed[why]; n > 0 {
				fmt.Fprintf(&b, "  failed, %s: %d\n", why, n)
			}
		}
		for _, reason := range slices.Sorted(maps.Keys(stats.Refused)) {
			if n := stats.Refused[reason]; n > 0 {
				fmt.Fprintf(&b, "  refused, %s: %d\n", reason, n)
			}
		}
	}
	return b.String()
}
