package metrics

import (
	"strconv"

	"natstron/internal/latency"
	"natstron/internal/status"
	"natstron/roles/clientagent"
	"natstron/roles/eventlogger"
	"natstron/roles/stateserver"
)

func stateServer() table[stateserver.Stats] {
	type stats = stateserver.Stats
	return table[stats]{
		labelled(status.Gauge, "astrond_stateserver_objects", "Distributed objects.", "dclass",
			func(s stats) map[string]int {
				return classes(s, func(c stateserver.ClassStats) int { return c.Objects })
			}).as("ss_objects_size"),
		labelled(status.Gauge, "astrond_stateserver_object_bytes", "Bytes of the fields that they keep.", "dclass",
			func(s stats) map[string]int {
				return classes(s, func(c stateserver.ClassStats) int { return c.Bytes })
			}),
		labelled(status.Counter, "astrond_stateserver_messages_total", "Messages received, by type; other for those that are none of a state server's.", "message",
			func(s stats) map[string]uint64 { return messages(s) }),
		labelled(status.Counter, "astrond_stateserver_refused_total", "Messages refused, by reason.", "reason",
			func(s stats) map[string]uint64 { return reasons(s) }),
		counter("astrond_stateserver_sent_total", "Datagrams sent.",
			func(s stats) uint64 { return s.Sent }),
	}.ofRole()
}

func classes(s stateserver.Stats, read func(stateserver.ClassStats) int) map[string]int {
	m := make(map[string]int, len(s.Classes))
	for name, c := range s.Classes {
		m[name] = read(c)
	}
	return m
}

func messages(s stateserver.Stats) map[string]uint64 {
	m := make(map[string]uint64, len(s.Messages))
	for t, n := range s.Messages {
		m[messageName(t)] += n
	}
	return m
}

func reasons(s stateserver.Stats) map[string]uint64 {
	m := make(map[string]uint64, len(s.Refused))
	for reason, n := range s.Refused {
		m[reason.String()] += n
	}
	return m
}

func clientAgent() table[clientagent.Stats] {
	type stats = clientagent.Stats
	return table[stats]{
		gauge("astrond_clientagent_clients", "Clients that are connected.",
			func(s stats) int { return s.Clients }).as("ca_participants_size"),
		gauge("astrond_clientagent_clients_established", "Of these, those that have logged in.",
			func(s stats) int { return s.Established }),
		gauge("astrond_clientagent_free_channels", "How many more clients there are channels for.",
			func(s stats) uint64 { return s.FreeChannels }).as("ca_free_channels_size"),
		gauge("astrond_clientagent_queued_bytes", "Bytes that wait for clients.",
			func(s stats) int { return s.Queued }),
		counter("astrond_clientagent_connections_total", "Connections accepted.",
			func(s stats) uint64 { return s.Connections }),
		counter("astrond_clientagent_refused_total", "Of these, those refused before they had a session: a bad handshake, no place, no channel.",
			func(s stats) uint64 { return s.Refused }),
		counter("astrond_clientagent_hellos_total", "Good CLIENT_HELLOs.",
			func(s stats) uint64 { return s.Hellos }),
		counter("astrond_clientagent_logins_total", "Times that a client became established.",
			func(s stats) uint64 { return s.Logins }),
		labelled(status.Counter, "astrond_clientagent_ejects_total", "Clients ejected, by the code of CLIENT_EJECT; game for the game's own codes.", "code",
			func(s stats) map[string]uint64 { return ejects(s) }),
		counter("astrond_clientagent_dropped_total", "Clients ended by CLIENTAGENT_DROP.",
			func(s stats) uint64 { return s.Dropped }),
		counter("astrond_clientagent_lost_total", "Clients that ended their connection without a word.",
			func(s stats) uint64 { return s.Lost }),
		counter("astrond_clientagent_datagrams_in_total", "Datagrams from clients.",
			func(s stats) uint64 { return s.DatagramsIn }).as("ca_handled_datagrams_total"),
		counter("astrond_clientagent_bytes_in_total", "Their bytes.",
			func(s stats) uint64 { return s.BytesIn }),
		counter("astrond_clientagent_datagrams_out_total", "Datagrams to clients.",
			func(s stats) uint64 { return s.DatagramsOut }),
		counter("astrond_clientagent_bytes_out_total", "Their bytes.",
			func(s stats) uint64 { return s.BytesOut }),
		counter("astrond_clientagent_received_total", "Datagrams from the cluster, each counted once, however many clients it is for.",
			func(s stats) uint64 { return s.Received }),
		counter("astrond_clientagent_malformed_total", "Of these, those refused.",
			func(s stats) uint64 { return s.Malformed }),
		counter("astrond_clientagent_interests_total", "Interests opened or altered.",
			func(s stats) uint64 { return s.Interests }),
		duration("astrond_clientagent_interest_seconds", "How long they took until all of their objects had answered; those that timed out are not in it.",
			func(s stats) latency.Snapshot { return s.InterestTime }).as("ca_interests_time_seconds"),
		counter("astrond_clientagent_interest_timeouts_total", "Of these, those whose objects did not all answer in time.",
			func(s stats) uint64 { return s.InterestTimeout }).as("ca_interests_timeout_total"),
		counter("astrond_clientagent_late_entries_total", "Objects shown to a client after such a timeout.",
			func(s stats) uint64 { return s.LateEntries }),
	}.ofRole()
}

// ejects is by code. A game may send any of 65,536 codes, so those that a client
// agent does not send by itself share one label.
func ejects(s clientagent.Stats) map[string]uint64 {
	m := make(map[string]uint64, len(s.Ejects))
	for code, n := range s.Ejects {
		name := strconv.Itoa(int(code))
		if code.String() == name {
			name = "game"
		}
		m[name] += n
	}
	return m
}

func eventLogger() table[eventlogger.Stats] {
	type stats = eventlogger.Stats
	return table[stats]{
		counter("astrond_eventlogger_received_total", "UDP packets received.",
			func(s stats) uint64 { return s.Received }),
		counter("astrond_eventlogger_heard_total", "Events from the backbone.",
			func(s stats) uint64 { return s.Heard }),
		counter("astrond_eventlogger_written_total", "Events written to the file.",
			func(s stats) uint64 { return s.Written }),
		{
			status.Desc{Name: "astrond_eventlogger_refused_total", Kind: status.Counter, Labels: []string{"reason"},
				Help: "Events that are none, by reason: not_map, truncated, leftover (bytes behind the map), malformed."},
			func(s stats, to *samples) {
				to.value(float64(s.NotMap), "not_map")
				to.value(float64(s.Truncated), "truncated")
				to.value(float64(s.Leftover), "leftover")
				to.value(float64(s.Malformed), "malformed")
			},
		},
		{
			status.Desc{Name: "astrond_eventlogger_lost_total", Kind: status.Counter, Labels: []string{"reason"},
				Help: "Events lost, by reason: dropped (no room in memory, as the file could not be written), kernel (the system dropped the packet), unpublished (the backbone did not take it), receive_error."},
			func(s stats, to *samples) {
				to.value(float64(s.Dropped), "dropped")
				to.value(float64(s.KernelDropped), "kernel")
				to.value(float64(s.Unpublished), "unpublished")
				to.value(float64(s.ReceiveErrors), "receive_error")
			},
		},
	}.ofRole()
}
