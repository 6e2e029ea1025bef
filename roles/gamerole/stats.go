package gamerole

import (
	"fmt"
	"regexp"
)

// Stats are what a role counts, and its game's own numbers.
type Stats struct {
	Received  uint64 // datagrams
	Sent      uint64 // datagrams
	Refused   uint64 // datagrams that were truncated, or had a value that its field does not allow
	Unhandled uint64 // messages and updates that there is no handler for
	Unsent    uint64 // messages that could not be sent
	Objects   int    // whose updates it has

	Asked      uint64 // questions, timers and work
	Unanswered uint64 // of these, those that were not answered in time
	TooMany    uint64 // of these, those that could not be asked
	Open       int    // of these, those that are not over

	Own []Number
}

// A Number is one of the game's own, as it is at a moment.
type Number struct {
	Name, Help string
	Counter    bool
	Value      float64
}

// Stats may be called by any goroutine at any time, but not in a turn.
func (r *Role) Stats() (s Stats) {
	r.Turn(func() {
		s = r.count
		s.Objects = len(r.objects)
		asked := r.askers.Stats()
		s.Asked, s.Unanswered, s.TooMany, s.Open = asked.Asked, asked.Unanswered, asked.Refused, asked.Open
		for _, m := range r.metrics {
			value := m.value
			if m.gauge != nil {
				value = m.gauge()
			}
			s.Own = append(s.Own, Number{m.name, m.help, m.gauge == nil, value})
		}
	})
	return s
}

// Metric is a number of the game's own that only grows. It belongs to the turn.
type Metric struct {
	name, help string
	value      float64
	gauge      func() float64
}

// Add makes the number larger.
func (m *Metric) Add(n float64) { m.value += n }

var metricName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Counter is a number that only grows, from 0. It is exported for Prometheus, and shown on the
// status page, as astrond_game_<type>_<name>_total, with the role's name as a label. It panics if
// the name is not one: lower-case letters, digits, underscores. So does Gauge.
func (r *Role) Counter(name, help string) *Metric { return r.metric(name, help, nil) }

// Gauge is a number that is asked for when somebody wants to know it, in a turn. It is exported as
// astrond_game_<type>_<name>.
func (r *Role) Gauge(name, help string, value func() float64) { r.metric(name, help, value) }

func (r *Role) metric(name, help string, gauge func() float64) *Metric {
	if !metricName.MatchString(name) {
		panic(fmt.Sprintf("gamerole: %q cannot be a metric's name", name))
	}
	m := &Metric{name: name, help: help, gauge: gauge}
	r.metrics = append(r.metrics, m)
	return m
}
