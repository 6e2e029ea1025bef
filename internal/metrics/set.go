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
	"natstron/roles/gamerole"
	"natstron/roles/stateserver"
)

// Set is the numbers of a process at a moment. The zero value is empty. It is not
// safe for use by several goroutines.
type Set struct {
	families []*status.Family
	byName   map[string]*status.Family
}

// Process adds what the process as a whole counts.
func (s *Set) Process(p Process) { s.add(process(p)) }

// Node adds the backbone's numbers.
func (s *Set) Node(st bridge.Stats) { s.add(node(st)) }

// MessageDirector adds those of the message director ports.
func (s *Set) MessageDirector(m md.Stats) { s.add(messageDirector(m)) }

// EventSender adds those of the way to the event logger.
func (s *Set) EventSender(st eventsender.Stats) { s.add(eventSender(st)) }

// StateServer adds those of a state server.
func (s *Set) StateServer(role string, st stateserver.RoleStats) {
	s.add(ofRole(role, stateServer(st)))
}

// ClientAgent adds those of a client agent.
func (s *Set) ClientAgent(role string, st clientagent.Stats) { s.add(ofRole(role, clientAgent(st))) }

// Database adds those of a database server.
func (s *Set) Database(role string, st database.Stats) { s.add(ofRole(role, databaseServer(st))) }

// DBSS adds those of a database-state server.
func (s *Set) DBSS(role string, st dbss.Stats) { s.add(ofRole(role, dbssRole(st))) }

// EventLogger adds those of an event logger.
func (s *Set) EventLogger(role string, st eventlogger.Stats) { s.add(ofRole(role, eventLogger(st))) }

// Own adds those of a role of the game's own, which is of that type, and the game's own numbers.
func (s *Set) Own(role, kind string, st gamerole.Stats) {
	s.add(ofRole(role, ownRole(st)))
	s.add(ofRole(role, ownNumbers(kind, st.Own)))
}

// Catalogue describes all metrics that a Set can have, in the order of
// docs/metrics.md: a section for each part of the suite.
func Catalogue() []Section {
	return []Section{
		section("The process", process(Process{})),
		section("The backbone", node(bridge.Stats{})),
		section("The message director port", messageDirector(md.Stats{})),
		section("State server", ofRole("", stateServer(stateserver.RoleStats{}))),
		section("Client agent", ofRole("", clientAgent(clientagent.Stats{}))),
		section("Database server", ofRole("", databaseServer(database.Stats{}))),
		section("Database-state server", ofRole("", dbssRole(dbss.Stats{}))),
		section("Event logger", ofRole("", eventLogger(eventlogger.Stats{}))),
		section("A game's own roles", ofRole("", ownRole(gamerole.Stats{}))),
		section("The way to the event logger", eventSender(eventsender.Stats{})),
	}
}

func section(title string, all []family) Section {
	s := Section{Title: title}
	for _, f := range all {
		s.Metrics = append(s.Metrics, f.Desc)
	}
	return s
}

// Section is the metrics of one part of the suite.
type Section struct {
	Title   string
	Metrics []status.Desc
}

// add adds the samples of metrics.
func (s *Set) add(all []family) {
	if s.byName == nil {
		s.byName = map[string]*status.Family{}
	}
	for _, one := range all {
		f := s.byName[one.Name]
		if f == nil {
			f = &status.Family{Desc: one.Desc}
			s.byName[one.Name] = f
			s.families = append(s.families, f)
		}
		slices.SortFunc(one.Samples, func(a, b status.Sample) int { return compare(one.Labels, a, b) })
		f.Samples = append(f.Samples, one.Samples...)
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
