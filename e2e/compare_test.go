package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"natstron/dc"
)

// Random sequences, sent to the C++ Astron and to us: everybody must hear the same.

// How many sequences are compared, and from which seed on.
const (
	sequencesVariable = "NATSTRON_SEQUENCES"
	seedVariable      = "NATSTRON_SEED"
)

// maxDifferences is how many differences are looked into.
const maxDifferences = 30

// Random sequences of messages, from participants and clients, are sent to the C++ Astron
// and to us, step by step. Everybody must hear the same of each step, except for what
// knownDifferences says.
func TestSequencesAgainstAstron(t *testing.T) {
	reference := os.Getenv(referenceVariable)
	if reference == "" {
		t.Skipf("nothing is compared: %s does not name the C++ astrond", referenceVariable)
	}
	number := func(variable string, otherwise int) int {
		if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
			return n
		}
		return otherwise
	}
	c := newComparison(t, reference)
	seed := uint64(number(seedVariable, 1))
	for i := range number(sequencesVariable, 300) {
		g := &generator{Rand: rand.New(rand.NewPCG(seed, uint64(i)))}
		all := g.sequence()
		if found := c.run(all); found != nil {
			c.report(i, all, found)
			if len(c.reported) == maxDifferences {
				break
			}
		}
	}
	t.Logf("%d sequences, %d steps compared; ended by known differences: %v", c.sequences, c.steps, c.counts())
}

// comparison is the two daemons, and what was found.
type comparison struct {
	t        *testing.T
	theirs   *rival
	ours     *rival
	reported map[string]bool
	known    map[string]int
	sequences,
	steps int
}

func newComparison(t *testing.T, reference string) *comparison {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "compare.dc"))
	must(t, err)
	file, err := dc.ParseFiles(filepath.Join("testdata", "compare.dc"))
	must(t, err)
	next := loopbackNetwork(t)
	c := &comparison{t: t, reported: map[string]bool{}, known: map[string]int{}}
	c.theirs = &rival{t: t, ip: next(), file: file, classes: string(text), program: reference}
	c.ours = &rival{t: t, ip: next(), file: file, classes: string(text)}
	c.theirs.start()
	c.ours.start()
	return c
}

// difference is a step of which somebody heard something else.
type difference struct {
	at           int
	hearer       string
	theirs, ours []string
}

// run plays a sequence at both daemons, until they differ; nil if that is known, or never.
func (c *comparison) run(all []step) *difference {
	c.sequences++
	theirs, err := c.theirs.open(c.sequences)
	if err != nil {
		c.t.Logf("the C++ daemon is started again, before sequence %d: %v", c.sequences, err)
		theirs.abandon()
		c.theirs.stop()
		c.theirs.start()
		theirs, err = c.theirs.open(c.sequences)
	}
	must(c.t, err)
	ours, err := c.ours.open(c.sequences)
	must(c.t, err)
	found := c.play(theirs, ours, all)
	c.end(c.theirs, theirs)
	c.end(c.ours, ours)
	return found
}

// end ends a world; a daemon that does not is started again.
func (c *comparison) end(r *rival, w *world) {
	if err := w.close(); err != nil {
		w.abandon()
		r.stop()
		r.start()
	}
}

func (c *comparison) play(theirs, ours *world, all []step) *difference {
	for i := range all {
		s := &all[i]
		type outcome struct {
			heard map[string][]string
			err   error
		}
		other := make(chan outcome)
		go func() {
			heard, err := theirs.play(i, s)
			other <- outcome{heard, err}
		}()
		mine, err := ours.play(i, s)
		their := <-other
		must(c.t, err)
		c.steps++
		if their.err != nil {
			d := &difference{i, "all", []string{their.err.Error()}, nil}
			if k := c.note(all[:i+1], d); k != nil {
				return nil
			}
			return d
		}
		var unknown *difference
		ended := false
		for _, name := range []string{"ai", "ai2", "watch", "driver", "c1", "c2", "c3"} {
			if same(their.heard[name], mine[name]) {
				continue
			}
			d := &difference{i, name, their.heard[name], mine[name]}
			if k := c.note(all[:i+1], d); k == nil && unknown == nil {
				unknown = d
			} else if k != nil {
				ended = ended || k.end
			}
		}
		if ended {
			return nil // what else differs, comes of that
		}
		if unknown != nil {
			return unknown
		}
	}
	return nil
}

// note counts a difference that is known.
func (c *comparison) note(steps []step, d *difference) *knownDifference {
	k := known(steps, d)
	if k != nil {
		c.known[k.why]++
	}
	return k
}

// report shortens a sequence as far as it still shows a difference that is not known,
// and shows it.
func (c *comparison) report(i int, all []step, found *difference) {
	all = slices.Clone(all[:found.at+1])
	for at := len(all) - 2; at >= 0; at-- {
		less := slices.Delete(slices.Clone(all), at, at+1)
		if d := c.run(less); d != nil {
			all, found = less[:d.at+1], d
			at = min(at, len(all)-1)
		}
	}
	if d := c.run(all); d == nil {
		c.t.Logf("sequence %d differs only sometimes", i)
	}
	last := all[found.at]
	signature := fmt.Sprint(last.by[:1], kindOf(last), found.hearer[:1], firstDifference(found))
	if c.reported[signature] {
		return
	}
	c.reported[signature] = true
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "\t%v\n", &s)
	}
	c.t.Errorf("sequence %d:\n%s%s heard there:\n\t%s\nand here:\n\t%s", i, b.String(), found.hearer,
		strings.Join(found.theirs, "\n\t"), strings.Join(found.ours, "\n\t"))
}

func kindOf(s step) string {
	return strings.Join(strings.Fields(s.line + " x")[:2], " ")
}

func firstDifference(d *difference) string {
	word := func(lines []string) string {
		if len(lines) == 0 {
			return ""
		}
		return strings.Join(strings.Fields(lines[0] + " x")[:2], " ")
	}
	return word(d.theirs) + "/" + word(d.ours)
}

func (c *comparison) counts() (all []string) {
	for why, n := range c.known {
		all = append(all, fmt.Sprintf("%d× %s", n, why))
	}
	slices.Sort(all)
	return all
}
