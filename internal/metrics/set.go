package metrics

import (
	"slices"
	"strings"

	"natstron/bridge"
	"natstron/bridge/md"
	"natstron/internal/eventsender"
	"natstron/internal/status"
	"natstron/roles/clientagent"
	"natstron/roles/database"
	"natstron/roles/dbss"
	"natstron/roles/eventlogger"
	"natstron/roles/stateserver"
)

// Set is the numbers of a process at a moment. The zero value is empty. It is not
// safe for use by several goroutines.
type Set struct {
	families []*status.Family
	byName   map[string]*status.Family
}

// Process adds what the process as a whole counts.
func (s *Set) Process(p Process) { add(s, process(), p) }

// Node adds the backbone's numbers.
func (s *Set) Node(st bridge.Stats) { add(s, node(), st) }

// MessageDirector adds those of the message director's ports.
func (s *Set) MessageDirector(m md.Stats) { add(s, messageDirector(), m) }

// EventSender adds those of the way to the event logger.
func (s *Set) EventSender(st eventsender.Stats) { add(s, eventSender(), st) }

// StateServer adds those of a state server.
func (s *Set) StateServer(role string, st stateserver.Stats) { add(s, stateServer(), st, role) }

// ClientAgent adds those of a client agent.
func (s *Set) ClientAgent(role string, st clientagent.Stats) { add(s, clientAgent(), st, role) }

// Database adds those of a database server.
func (s *Set) Database(role string, st database.Stats) { add(s, databaseServer(), st, role) }

// DBSS adds those of a database-state server.
func (s *Set) DBSS(role string, st dbss.Stats) { add(s, dbssRole(), st, role) }

// EventLogger adds those of an event logger.
func (s *Set) EventLogger(role string, st eventlogger.Stats) { add(s, eventLogger(), st, role) }

// Catalogue describes all metrics that a Set can have, in the order of
// docs/metrics.md: a section for each part of the suite.
func Catalogue() []Section {
	return []Section{
		{"The process", process().describe()},
		{"The backbone", node().describe()},
		{"The message director port", messageDirector().describe()},
		{"State server", stateServer().describe()},
		{"Client agent", clientAgent().describe()},
		{"Database server", databaseServer().describe()},
		{"Database-state server", dbssRole().describe()},
		{"Event logger", eventLogger().describe()},
		{"The way to the event logger", eventSender().describe()},
	}
}

// Section is the metrics of one part of the suite.
type Section struct {
	Title   string
	Metrics []status.Desc
}

// add reads a table's metrics; role is the value of the label role, if they have
// that.
func add[S any](s *Set, t table[S], stats S, role ...string) {
	if s.byName == nil {
		s.byName = map[string]*status.Family{}
	}
	for _, r := range t {
		f := s.byName[r.Name]
		if f == nil {
			f = &status.Family{Desc: r.Desc}
			s.byName[r.Name] = f
			s.families = append(s.families, f)
		}
		to := samples{names: r.Labels, prefix: role}
		r.read(stats, &to)
		slices.SortFunc(to.all, func(a, b status.Sample) int { return compare(r.Labels, a, b) })
		f.Samples = append(f.Samples, to.all...)
	}
}

// compare orders samples by their labels, whatever map they came from.
func compare(labels []string, a, b status.Sample) int {
	for _, l := range labels {
		if c := strings.Compare(a.Labels[l], b.Labels[l]); c != 0 {
			return c
		}
	}
	return 0
}

// ByName is all samples, for a [status.Snapshot].
func (s *Set) ByName() map[string][]status.Sample {
	m := make(map[string][]status.Sample, len(s.families))
	for _, f := range s.families {
		if len(f.Samples) > 0 {
			m[f.Name] = f.Samples
		}
	}
	return m
}
