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

func process(p Process) []family {
	return []family{
		newFamily(status.Gauge, "astrond_build_info", "1, with the version of astrond and of Go.", "version", "go").
			sample(status.Sample{Value: 1}, p.Version, p.Go),
		gauge("astrond_ready", truth(p.Ready), "1 if the process can do all of its work, as /readyz says; else 0."),
		labelled(status.Counter, "astrond_log_warnings_total", "level", p.Logged, "Lines of the log from the level warning on, whether the log shows them or not."),
		labelled(status.Counter, "astrond_log_dropped_total", "output", p.Unlogged, "Lines of the log that were dropped because its reader was stopped or it could not be written, by output: console or file."),
		counter("astrond_web_denied_total", p.Denied, "Requests to this web server without the right user and password."),
	}
}

func eventSender(s eventsender.Stats) []family {
	return []family{
		counter("astrond_events_sent_total", s.Sent, "Events given to the network, for the event logger."),
		labelled(status.Counter, "astrond_events_lost_total", "reason",
			map[string]uint64{"dropped": s.Dropped, "too_long": s.TooLong, "refused": s.Refused},
			"Events that were not sent: dropped (the queue was full), too_long (for a UDP packet), refused (by the network)."),
	}
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
