package metrics

import (
	"natstron/bridge/wire"
	"natstron/internal/status"
	"natstron/roles/database"
)

func databaseServer(s database.Stats) []family {
	requests := newFamily(status.Counter, "astrond_database_requests_total",
		"Requests that are over, by message type and result; other for types that are not a database server's.", "message", "result")
	for msg, results := range s.Operations {
		for result, n := range results {
			requests = requests.sample(status.Sample{Value: float64(n)}, messageName(msg), result.String())
		}
	}
	times := newFamily(status.Histogram, "astrond_database_request_seconds",
		"How long requests took, from their arrival to their answer; those refused as they arrived are not in it.", "message")
	for msg, d := range s.Durations {
		times = times.durations(d, messageName(msg))
	}
	indexes := newFamily(status.Gauge, "astrond_database_index_usable", "1 if objects can be found by this index, 0 while it is made, or if it cannot be unique.", "index")
	for name, usable := range s.Indexes {
		value := 0.0
		if usable {
			value = 1
		}
		indexes = indexes.sample(status.Sample{Value: value}, name)
	}
	return []family{
		requests, times.scaled("db_ops_time", 1000),
		indexes,
		gauge("astrond_database_queue", s.Queue, "Requests that wait, or are under way."),
		gauge("astrond_database_queued_bytes", s.QueuedBytes, "Bytes that they take, about."),
		counter("astrond_database_left_out_total", s.LeftOut, "Requests with fields that are not db, which were left out."),
		counter("astrond_database_announced_total", s.Announced, "Datagrams that announced changes."),
		counter("astrond_database_unanswered_total", s.Unanswered, "Answers and announcements that the backbone did not take in time."),
		counter("astrond_database_lost_total", s.Lost, "Times that the database server was cut off from the backbone."),
	}
}

// messageName is a message type as a label; 0 stands for all that Stats do not
// count one by one.
func messageName(t wire.MsgType) string {
	if t == 0 {
		return "other"
	}
	return t.String()
}
