package stateserver

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"natstron/bridge/wire"
	"natstron/roles/rolestest/script"
)

// TestScenarios runs the scripts in testdata/scenarios, which e2e plays with whole daemons, too,
// and those in testdata/alone, which need to know what a daemon chooses by chance. Each is a cluster of its
// own, and reads like the protocol's document: what is sent, and after the line
// who receives what because of it. Beside the commands of [script.Script] there are
//
//	cluster NODE [NODE]               start; the first command
//	server on=NODE control=CHANNEL    a state server, with static objects, one a
//	    [generate=MIN-MAX]            line: DOID DCLASS FIELD=VALUE…
//	minute                            the doIds of objects that have ended have rested
//	stats
func TestScenarios(t *testing.T) {
	for _, folder := range []string{"testdata/scenarios", "testdata/alone"} {
		datadriven.Walk(t, folder, func(t *testing.T, path string) {
			s := scenario(t)
			datadriven.RunTest(t, path, s.Run)
		})
	}
}

func scenario(t *testing.T) *script.Script {
	var c *cluster
	s := &script.Script{}
	s.Sent = func() {
		for _, r := range c.servers {
			r.space.complaints.Reset() // whatever comes next is logged, too
		}
	}
	s.Settle = func(*script.Actor, wire.Datagram) {
		c.settle()
		s.Sent()
	}
	s.Commands = map[string]func(script.Args) string{
		"cluster": func(a script.Args) string {
			c = newCluster(t, a.Names...)
			s.Cluster = c.Cluster
			return ""
		},
		"server": func(a script.Args) string {
			o := Options{Control: s.Chan(a.Get("control")), Objects: static(s, a.Input)}
			if lo, hi, ok := strings.Cut(a.Get("generate"), "-"); ok {
				o.Generate = wire.DoIDRange{Min: wire.DoID(s.Chan(lo)), Max: wire.DoID(s.Chan(hi))}
			}
			r := c.serverWith(a.Get("on"), o)
			if r.space.given != nil {
				r.space.given.at = o.Generate.Min
			}
			c.settle()
			return ""
		},
		"minute": func(script.Args) string {
			for _, r := range c.servers {
				must(t, r.space.Enter(func() error {
					for d := r.space.given; d != nil && len(d.resting) > 0; {
						d.wake()
					}
					return nil
				}))
			}
			return ""
		},
		"stats": func(script.Args) string { return c.stats() },
	}
	return s
}

func (c *cluster) stats() string {
	var b strings.Builder
	for _, r := range c.servers {
		stats := r.Stats()
		fmt.Fprintf(&b, "%s: %d objects\n", r.Name(), stats.Objects())
		for _, name := range slices.Sorted(maps.Keys(stats.Classes)) {
			c := stats.Classes[name]
			fmt.Fprintf(&b, "  %s: %d objects, %d bytes\n", name, c.Objects, c.Bytes)
		}
		for _, reason := range slices.Sorted(maps.Keys(stats.Refused)) {
			if n := stats.Refused[reason]; n > 0 {
				fmt.Fprintf(&b, "  refused %s: %d\n", reason, n)
			}
		}
	}
	return b.String()
}

// static reads the static objects of a server.
func static(s *script.Script, text string) (all []StaticObject) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		o := StaticObject{ID: wire.DoID(s.Chan(words[0])), Class: words[1], Fields: map[string]string{}}
		for _, word := range words[2:] {
			name, value, _ := strings.Cut(word, "=")
			o.Fields[name] = value
		}
		all = append(all, o)
	}
	return all
}
