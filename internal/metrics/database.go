package metrics

import (
	"natstron/bridge/wire"
	"natstron/internal/status"
	"natstron/roles/database"
)

func databaseServer() table[database.Stats] {
	type stats = database.Stats
	return table[stats]{
		{
			status.Desc{Name: "astrond_database_requests_total", Kind: status.Counter, Labels: []string{"message", "result"},
				Help: "Requests that are over, by message type and result; other for types that are not a database server's."},
			func(s stats, to *samples) {
				for msg, results := range s.Operations {
					for result, n := range results {
						to.value(float64(n), messageName(msg), result.String())
					}
				}
			},
		},
		row[stats]{
			status.Desc{Name: "astrond_database_request_seconds", Kind: status.Histogram, Labels: []string{"message"},
				Help: "How long requests took, from their arrival to their answer; those refused as they arrived are not in it."},
			func(s stats, to *samples) {
				for msg, d := range s.Durations {
					to.durations(d, messageName(msg))
				}
			},
		}.scaled("db_ops_time", 1000),
		gauge("astrond_database_queue", "Requests that wait, or are under way.",
			func(s stats) int { return s.Queue }),
		gauge("astrond_database_queued_bytes", "Bytes that they take, about.",
			func(s stats) int { return s.QueuedBytes }),
		counter("astrond_database_left_out_total", "Requests with fields that are not db, which were left out.",
			func(s stats) uint64 { return s.LeftOut }),
		counter("astrond_database_announced_total", "Datagrams that announced changes.",
			func(s stats) uint64 { return s.Announced }),
		counter("astrond_database_unanswered_total", "Answers and announcements that the backbone did not take in time.",
			func(s stats) uint64 { return s.Unanswered }),
		counter("astrond_database_lost_total", "Times that the database server was cut off from the backbone.",
			func(s stats) uint64 { return s.Lost }),
	}.ofRole()
}

// messageName is a message type as a label; 0 stands for all that Stats do not
// count one by one.
func messageName(t wire.MsgType) string {
	if t == 0 {
		return "other"
	}
	return t.String()
}
