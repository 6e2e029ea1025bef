package metrics

import (
	"natstron/internal/eventsender"
	"natstron/internal/status"
)

// Process is what the process as a whole counts.
type Process struct {
	Version, Go string
	Ready       bool
	Logged      map[string]uint64 // lines of the log from the level warning on, by level
	Unlogged    map[string]uint64 // lines of the log that were dropped, by output
	Denied      uint64            // requests to the web server without the right password
}

func process() table[Process] {
	return table[Process]{
		{
			status.Desc{Name: "astrond_build_info", Kind: status.Gauge, Help: "1, with the version of astrond and of Go.",
				Labels: []string{"version", "go"}},
			func(p Process, to *samples) { to.value(1, p.Version, p.Go) },
		},
		gauge("astrond_ready", "1 if the process can do all of its work, as /readyz says; else 0.",
			func(p Process) int { return truth(p.Ready) }),
		labelled(status.Counter, "astrond_log_warnings_total", "Lines of the log from the level warning on, whether the log shows them or not.", "level",
			func(p Process) map[string]uint64 { return p.Logged }),
		labelled(status.Counter, "astrond_log_dropped_total", "Lines of the log that were dropped since its reader stood still or it could not be written, by output: console or file.", "output",
			func(p Process) map[string]uint64 { return p.Unlogged }),
		counter("astrond_web_denied_total", "Requests to this web server without the right user and password.",
			func(p Process) uint64 { return p.Denied }),
	}
}

func eventSender() table[eventsender.Stats] {
	type stats = eventsender.Stats
	return table[stats]{
		counter("astrond_events_sent_total", "Events given to the network, for the event logger.",
			func(s stats) uint64 { return s.Sent }),
		{
			status.Desc{Name: "astrond_events_lost_total", Kind: status.Counter, Labels: []string{"reason"},
				Help: "Events that were not sent: dropped (the queue was full), too_long (for a UDP packet), refused (by the network)."},
			func(s stats, to *samples) {
				to.value(float64(s.Dropped), "dropped")
				to.value(float64(s.TooLong), "too_long")
				to.value(float64(s.Refused), "refused")
			},
		},
	}
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
