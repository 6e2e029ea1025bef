package rolestest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"natstron/bridge/bridgetest"
	"natstron/bridge/wire"
)

// line is what a hearer hears, and which step of the sequence it comes of.
type line struct {
	text string
	step int
}

// sequence is steps that somebody sends in one write, and what each hearer heard of
// them in one process.
type sequence struct {
	steps    []step
	byClient bool // y sends it, and comes to the office at its end
	want     map[string][]line
}

func (q *sequence) String() string {
	var names []string
	for _, s := range q.steps {
		names = append(names, s.name)
	}
	return strings.Join(names, "; ")
}

const (
	boundary = 50_000 // and the number of the step: what a step leads to ends here
	theEnd   = 90_000
)

// all is the steps, and the end.
func (q *sequence) all() []step {
	if q.byClient {
		return append(slices.Clone(q.steps), comes(office))
	}
	return append(slices.Clone(q.steps), ends()...)
}

// mark tells all hearers a number.
func (w *world) mark(number int) {
	w.s.t.Helper()
	for _, to := range []func(w *world) wire.Channel{xAt, yAt} {
		must(w.s.t, w.s.gate.Send(say("", to).datagram(w, number)))
	}
	for _, to := range []func(w *world) wire.Channel{(*world).aiAt, (*world).ai2At, (*world).speaker} {
		must(w.s.t, w.s.gate.Send(tell("", to).datagram(w, number)))
	}
}

// begin forgets what a world heard while it was set up; all of it has come.
func (w *world) begin() {
	w.s.t.Helper()
	w.mark(boundary)
	w.hear(boundary)
	w.x.forget()
	w.y.forget()
	for _, r := range []*bridgetest.Recorder{w.sender, w.ai, w.ai2} {
		r.Forget()
	}
}

func (c *client) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = nil
}

// hear is what each hearer heard until it was told a number.
func (w *world) hear(number int) map[string][]string {
	w.s.t.Helper()
	heard := map[string][]string{}
	for name, c := range map[string]*client{"x": w.x, "y": w.y} {
		told, _ := c.until(fmt.Sprint("plain ", number), 0)
		for _, text := range told {
			heard[name] = append(heard[name], w.named(text))
		}
	}
	for name, r := range map[string]*bridgetest.Recorder{"sender": w.sender, "ai": w.ai, "ai2": w.ai2} {
		last := fmt.Sprint("direct ", number)
		r.Wait(last, func(got []wire.Datagram, _ error) bool {
			return len(got) > 0 && w.text(got[len(got)-1:])[0] == last
		})
		all := w.text(r.Got())
		heard[name] = all[:len(all)-1]
	}
	for _, d := range w.s.office.Got() {
		if m, err := d.Message(); err == nil && m.Sender == w.y.channel {
			heard["office"] = append(heard["office"], w.text([]wire.Datagram{d})...)
		}
	}
	return heard
}

// play sends a sequence in one turn, or in one write.
func (w *world) play(q *sequence) {
	w.s.t.Helper()
	if q.byClient {
		w.y.say(w, q.all(), 0)
		return
	}
	turn := w.sender.Node.Begin()
	defer turn.End()
	for i, s := range q.all() {
		must(w.s.t, turn.Route(w.sender.Participant, s.datagram(w, i)))
	}
}

// measure plays sequences in one process, where each step is done before the next.
func measure(t *testing.T, all []*sequence) {
	t.Helper()
	s := newStage(t, bridgetest.Topologies()[0], together, false)
	for i, q := range all {
		w := s.newWorld(i)
		w.build()
		w.complete()
		w.begin()
		steps := q.all()
		for n, each := range steps {
			if q.byClient {
				w.y.say(w, []step{each, comes(gate)}, n)
				s.gate.Wait("the client", func(got []wire.Datagram, _ error) bool { return w.cameTo(got, n+1) })
			} else {
				must(t, w.sender.Send(each.datagram(w, n)))
			}
			w.mark(boundary + n)
		}
		if q.byClient {
			s.office.Wait("the client", func(got []wire.Datagram, _ error) bool { return w.cameTo(got, len(q.steps)) })
		}
		w.mark(theEnd)
		q.want = map[string][]line{}
		for hearer, lines := range w.hear(theEnd) {
			n := 0
			for _, text := range lines {
				if strings.HasSuffix(text, fmt.Sprint(" ", boundary+n)) {
					n++
					continue
				}
				if hearer == "office" { // which no mark is sent to
					_, at, _ := strings.Cut(text, "for step ")
					_, _ = fmt.Sscan(at, &n)
				}
				q.want[hearer] = append(q.want[hearer], line{text, n})
			}
		}
		w.leave()
	}
}

// atOnce is how many worlds there are at a time: their sequences are sent at the
// same time.
const atOnce = 40

// compare plays sequences on a stage, and wants each hearer to hear what it heard in
// one process.
func compare(t *testing.T, s *stage, all []*sequence) (wrong int) {
	t.Helper()
	number := 0
	for some := range slices.Chunk(all, atOnce) {
		var worlds []*world
		for range some {
			worlds = append(worlds, s.newWorld(number))
			number++
		}
		s.quiet()
		for _, w := range worlds {
			w.build()
		}
		for _, w := range worlds {
			w.complete()
		}
		s.quiet()
		for _, w := range worlds {
			w.begin()
		}
		for i, w := range worlds {
			w.play(some[i])
		}
		for i, w := range worlds {
			if some[i].byClient {
				s.office.Wait("the client", func(got []wire.Datagram, _ error) bool { return w.cameTo(got, len(some[i].steps)) })
				continue
			}
			last := fmt.Sprint("direct ", len(some[i].all())-1)
			w.ai2.Wait("the end", func(got []wire.Datagram, _ error) bool { return slices.Contains(w.text(got), last) })
		}
		s.quiet()
		for i, w := range worlds {
			w.mark(theEnd)
			heard := w.hear(theEnd)
			for _, hearer := range []string{"x", "y", "ai", "ai2", "sender", "office"} {
				if complaint := some[i].check(hearer, heard[hearer]); complaint != "" {
					wrong++
					t.Errorf("%v:\n%s %s", some[i], hearer, complaint)
				}
			}
			w.leave()
		}
	}
	return wrong
}
