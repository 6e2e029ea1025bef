package routing

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/bridge/wire"
)

// coverageModel is what a coverage is held against: what is wanted, by the
// point, and the subscriptions as the stream of changes tells them.
type coverageModel struct {
	t      *rapid.T
	subs   map[Cover]bool
	wanted func(wire.Channel) bool // that must not be without a subscription now
}

// change checks after every single change that nothing wanted is unheard: make
// before break.
func (m *coverageModel) change(c Cover, on bool) {
	if m.subs[c] == on {
		m.t.Fatalf("%+v is switched to %v, and was so already", c, on)
	}
	if on {
		m.subs[c] = true
	} else {
		delete(m.subs, c)
	}
	m.check()
}

func (m *coverageModel) check() {
	for _, c := range points {
		if m.wanted(c) && !m.hears(c) {
			m.t.Fatalf("%d is wanted, and none of %v hears it", c, m.subjects())
		}
	}
}

func (m *coverageModel) hears(c wire.Channel) bool {
	subject := subject(c)
	for have := range m.subs {
		if heard(string(have.Append(nil, "astron")), subject) {
			return true
		}
	}
	return false
}

func (m *coverageModel) subjects() (all []string) {
	for c := range m.subs {
		all = append(all, string(c.Append(nil, "astron")))
	}
	slices.Sort(all)
	return all
}

// settled checks what holds when a change is complete.
func (m *coverageModel) settled(threshold int, wantedAtAll bool) {
	perBucket := map[Cover]int{}
	for a := range m.subs {
		for b := range m.subs {
			if a != b && a.Contains(b) {
				m.t.Fatalf("%+v is subscribed inside %+v", b, a)
			}
		}
		if a.level == levelOne {
			perBucket[bucketOf(wire.Channel(a.hi)<<32|wire.Channel(a.lo))]++
		}
	}
	for bucket, n := range perBucket {
		if n > threshold {
			m.t.Fatalf("%d single subscriptions in %+v, at most %d", n, bucket, threshold)
		}
	}
	if !wantedAtAll && len(m.subs) > 0 {
		m.t.Fatalf("nothing is wanted, and there is still %v", m.subjects())
	}
}

func TestCoverageAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const threshold = 2
		channels := map[wire.Channel]bool{}
		ranges := map[Span]int{}
		m := &coverageModel{t: t, subs: map[Cover]bool{}}
		m.wanted = func(c wire.Channel) bool {
			if channels[c] {
				return true
			}
			for s := range ranges {
				if s.Contains(c) {
					return true
				}
			}
			return false
		}
		v := NewCoverage(Thresholds{threshold, threshold}, m.change)
		t.Repeat(map[string]func(*rapid.T){
			"add channel": func(t *rapid.T) {
				if c := anyPoint().Draw(t, "channel"); !channels[c] {
					v.addChannel(c)
					channels[c] = true
				}
			},
			"remove channel": func(t *rapid.T) {
				if c, ok := drawKey(t, channels, cmp.Compare); ok {
					delete(channels, c)
					v.removeChannel(c)
				}
			},
			"add range": func(t *rapid.T) {
				s := pointSpan().Draw(t, "range")
				v.AddRange(s)
				ranges[s]++
			},
			"remove range": func(t *rapid.T) {
				if s, ok := drawKey(t, ranges, compareSpans); ok {
					if ranges[s]--; ranges[s] == 0 {
						delete(ranges, s)
					}
					v.RemoveRange(s)
				}
			},
			"": func(t *rapid.T) {
				m.check()
				m.settled(threshold, len(channels)+len(ranges) > 0)
				if len(m.subs) != len(v.active) {
					t.Fatalf("told %d subscriptions, believes in %d", len(m.subs), len(v.active))
				}
			},
		})
		for s, n := range ranges {
			delete(ranges, s)
			for range n {
				v.RemoveRange(s)
			}
		}
		for c := range channels {
			delete(channels, c)
			v.removeChannel(c)
		}
		m.settled(threshold, false)
		if len(v.buckets)+len(v.ranges)+len(v.active) > 0 {
			t.Fatalf("left behind: %d buckets, %d ranges, %d active", len(v.buckets), len(v.ranges), len(v.active))
		}
	})
}

func compareSpans(a, b Span) int { return cmp.Or(cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi)) }

// drawKey draws one of a map's keys; false if there is none.
func drawKey[K comparable, V any](t *rapid.T, from map[K]V, compare func(a, b K) int) (K, bool) {
	if len(from) == 0 {
		var none K
		return none, false
	}
	keys := slices.SortedFunc(maps.Keys(from), compare)
	return rapid.SampledFrom(keys).Draw(t, "which"), true
}

// Participants' own changes keep the order, too: what a participant has before
// and after a change is heard at every moment of it.
func TestSubscriptionsMakeBeforeTheyBreak(t *testing.T) {
	type has = map[wire.Channel]bool
	rapid.Check(t, func(t *rapid.T) {
		const threshold = 2
		m := &coverageModel{t: t, subs: map[Cover]bool{}, wanted: func(wire.Channel) bool { return false }}
		table := NewTable[*member](Thresholds{threshold, threshold}, m.change)

		var who []*member
		model := map[*member]has{}
		enter := func() {
			p := new(member)
			who = append(who, p)
			model[p] = has{}
		}
		enter()
		unsubscribeRange := func(p *member, s Span) {
			p.ranges, _ = table.UnsubscribeRange(p, &p.channels, p.ranges, s)
		}
		// step makes p's set next, by do; what is in both is wanted throughout.
		step := func(p *member, next has, do func()) {
			before := model[p]
			model[p] = has{}
			for c := range next {
				model[p][c] = before[c] && next[c]
			}
			do()
			model[p] = next
		}
		m.wanted = func(c wire.Channel) bool {
			for _, h := range model {
				if h[c] {
					return true
				}
			}
			return false
		}
		change := func(s Span, on bool, do func(p *member)) func() {
			return func() {
				p := rapid.SampledFrom(who).Draw(t, "who")
				next := maps.Clone(model[p])
				for _, c := range points {
					if s.Contains(c) {
						next[c] = on
					}
				}
				step(p, next, func() { do(p) })
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"enter": func(t *rapid.T) {
				if len(who) < 3 {
					enter()
				}
			},
			"leave": func(t *rapid.T) {
				if len(who) > 1 {
					p := rapid.SampledFrom(who).Draw(t, "who")
					who = slices.DeleteFunc(who, func(q *member) bool { return q == p })
					delete(model, p)
					unsubscribeRange(p, Span{0, wire.MaxChannel})
				}
			},
			"subscribe": func(t *rapid.T) {
				c := anyPoint().Draw(t, "channel")
				change(Span{c, c}, true, func(p *member) {
					if !p.channels.Has(c) && !p.ranges.Contains(c) {
						table.Subscribe(p, &p.channels, c)
					}
				})()
			},
			"unsubscribe": func(t *rapid.T) {
				c := anyPoint().Draw(t, "channel")
				p := rapid.SampledFrom(who).Draw(t, "who")
				next := maps.Clone(model[p])
				next[c] = p.ranges.Contains(c) // a single channel is not cut out of a range
				step(p, next, func() { table.Unsubscribe(p, &p.channels, c) })
			},
			"subscribe range": func(t *rapid.T) {
				s := pointSpan().Draw(t, "range")
				change(s, true, func(p *member) { p.ranges = table.SubscribeRange(p, p.ranges, s) })()
			},
			"unsubscribe range": func(t *rapid.T) {
				s := pointSpan().Draw(t, "range")
				change(s, false, func(p *member) { unsubscribeRange(p, s) })()
			},
			"": func(t *rapid.T) {
				m.check()
				any := false
				for _, c := range points {
					any = any || m.wanted(c)
				}
				// A range between two points may be left over that has no point in it.
				m.settled(threshold, any || table.Ranges() > 0)
			},
		})
		for _, p := range who {
			delete(model, p)
			unsubscribeRange(p, Span{0, wire.MaxChannel})
		}
		m.settled(threshold, false)
		if table.Channels()+table.Ranges() > 0 {
			t.Fatalf("left behind: %d channels, %d ranges", table.Channels(), table.Ranges())
		}
	})
}

// Past the threshold one bucket is subscribed instead of its channels, and
// stays until it is empty: single channels come back with the next one.
func TestCoverageTakesTheBucket(t *testing.T) {
	var log []string
	v := NewCoverage(Thresholds{Bucket: 2, Zones: 3}, func(c Cover, on bool) {
		sign := "-"
		if on {
			sign = "+"
		}
		log = append(log, sign+string(c.Append(nil, "a")))
	})
	expect := func(want ...string) {
		t.Helper()
		slices.Sort(log)
		slices.Sort(want)
		if diff := gocmp.Diff(want, log); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		log = nil
	}
	v.addChannel(1000001)
	v.addChannel(1000002)
	expect("+a.0.0.1.1000001", "+a.0.0.1.1000002")
	v.addChannel(1000003)
	expect("+a.0.0.1.*", "-a.0.0.1.1000001", "-a.0.0.1.1000002")
	v.addChannel(1000004)
	v.removeChannel(1000001)
	v.removeChannel(1000002)
	v.removeChannel(1000003)
	expect()
	v.AddRange(Span{0, 1<<32 - 1})
	expect("+a.0.>", "-a.0.0.1.*")
	v.RemoveRange(Span{0, 1<<32 - 1})
	expect("+a.0.0.1.*", "-a.0.>")
	v.removeChannel(1000004)
	expect("-a.0.0.1.*")
	v.addChannel(1000005)
	expect("+a.0.0.1.1000005")
	for zone := range wire.Zone(3) { // zones have a threshold of their own
		v.addChannel(wire.Location{Parent: 7, Zone: zone}.Channel())
	}
	expect("+a.7.0", "+a.7.1", "+a.7.2")
	v.addChannel(wire.Location{Parent: 7, Zone: 3}.Channel())
	expect("+a.7.*", "-a.7.0", "-a.7.1", "-a.7.2")
}
