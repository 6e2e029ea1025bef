package metrics

import (
	"natstron/internal/latency"
	"natstron/internal/status"
	"natstron/roles/dbss"
	"natstron/roles/stateserver"
)

func databaseStateServer() table[dbss.Stats] {
	type stats = dbss.Stats
	return table[stats]{
		labelled(status.Gauge, "astrond_dbss_objects", "Distributed objects that are active.", "dclass",
			func(s stats) map[string]int {
				return classes(s.Stats, func(c stateserver.ClassStats) int { return c.Objects })
			}).as("dbss_objects_size"),
		labelled(status.Gauge, "astrond_dbss_object_bytes", "Bytes of the fields that they keep.", "dclass",
			func(s stats) map[string]int {
				return classes(s.Stats, func(c stateserver.ClassStats) int { return c.Bytes })
			}),
		gauge("astrond_dbss_loading", "Objects that the database has been asked for, to activate them.",
			func(s stats) int { return s.Loading }).as("dbss_loading_size"),
		gauge("astrond_dbss_waiting_bytes", "Bytes of datagrams that wait for such objects.",
			func(s stats) int { return s.WaitingBytes }),
		gauge("astrond_dbss_questions", "Questions to the database that are not answered yet.",
			func(s stats) int { return s.Questions }),
		duration("astrond_dbss_activation_seconds", "How long it took until objects were active, from the request on; those that failed are not in it.",
			func(s stats) latency.Snapshot { return s.Activation }).scaled("dbss_activate_time", 1000),
		labelled(status.Counter, "astrond_dbss_failed_total", "Activations, questions and changes that failed, by reason; unanswered if the database was silent.", "reason",
			func(s stats) map[string]uint64 {
				m := make(map[string]uint64, len(s.Failed))
				for why, n := range s.Failed {
					m[why.String()] = n
				}
				return m
			}),
		counter("astrond_dbss_written_total", "Messages with changes that went to the database.",
			func(s stats) uint64 { return s.Written }),
		counter("astrond_dbss_unexpected_total", "Answers of a database that nobody waited for: too late, or somebody else's.",
			func(s stats) uint64 { return s.Unexpected }),
		counter("astrond_dbss_ignored_total", "Messages for active objects, to objects that were not.",
			func(s stats) uint64 { return s.Ignored }),
		labelled(status.Counter, "astrond_dbss_messages_total", "Messages received, by type; other for those that are none of a state server's, such as the database's.", "message",
			func(s stats) map[string]uint64 { return messages(s.Stats) }),
		labelled(status.Counter, "astrond_dbss_refused_total", "Messages refused, by reason.", "reason",
			func(s stats) map[string]uint64 { return reasons(s.Stats) }),
		counter("astrond_dbss_sent_total", "Datagrams sent.",
			func(s stats) uint64 { return s.Sent }),
	}.ofRole()
}
