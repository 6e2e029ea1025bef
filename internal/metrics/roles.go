package metrics

import (
	"strconv"

	"natstron/bridge/wire"
	"natstron/internal/latency"
	"natstron/internal/sizes"
	"natstron/internal/status"
	"natstron/roles/clientagent"
	"natstron/roles/dbss"
	"natstron/roles/eventlogger"
	"natstron/roles/stateserver"
)

func stateServer() table[stateserver.Stats] {
	return space("stateserver", "ss_objects_size", "ss_objects_bytes_size", func(s stateserver.Stats) stateserver.Stats { return s }).ofRole()
}

// space is the metrics of whatever holds objects; part is its place in their names.
func space[S any](part, objectsAlias, sizesAlias string, of func(S) stateserver.Stats) table[S] {
	prefix := "astrond_" + part + "_"
	return table[S]{
		labelled(status.Gauge, prefix+"objects", "Distributed objects that are active.", "dclass",
			func(s S) map[string]int {
				return classes(of(s), func(c stateserver.ClassStats) int { return c.Objects })
			}).as(objectsAlias),
		labelled(status.Gauge, prefix+"object_bytes", "Bytes of the fields that they keep.", "dclass",
			func(s S) map[string]int {
				return classes(of(s), func(c stateserver.ClassStats) int { return c.Bytes })
			}),
		labelled(status.Counter, prefix+"messages_total", "Messages received, by type; other for types that are not a state server's.", "message",
			func(s S) map[string]uint64 { return messages(of(s)) }),
		labelled(status.Counter, prefix+"refused_total", "Messages refused, by reason.", "reason",
			func(s S) map[string]uint64 { return byName(of(s).Refused) }),
		counter(prefix+"sent_total", "Datagrams sent.",
			func(s S) uint64 { return of(s).Sent }),
		size(prefix+"created_bytes", "Bytes of the fields of objects, as they were when they were created.",
			func(s S) sizes.Counts { return of(s).Sizes }).as(sizesAlias),
	}
}

func dbssRole() table[dbss.Stats] {
	type stats = dbss.Stats
	return append(space("dbss", "dbss_objects_size", "dbss_objects_bytes_size", func(s stats) stateserver.Stats { return s.Stats }),
		gauge("astrond_dbss_loading", "Objects that are being loaded.",
			func(s stats) int { return s.Loading }).as("dbss_loading_size"),
		gauge("astrond_dbss_questions", "Questions to the database that are open.",
			func(s stats) int { return s.Questions }),
		gauge("astrond_dbss_waiting_bytes", "Bytes of datagrams that wait for objects that are being loaded.",
			func(s stats) int { return s.WaitingBytes }),
		duration("astrond_dbss_activate_seconds", "How long activations took that succeeded.",
			func(s stats) latency.Snapshot { return s.Activation }).scaled("dbss_activate_time", 1000),
		labelled(status.Counter, "astrond_dbss_failed_total", "Activations, questions, writes and changes that failed, by reason.", "reason",
			func(s stats) map[string]uint64 { return byName(s.Failed) }),
		counter("astrond_dbss_written_total", "Messages with changes that went to the database.",
			func(s stats) uint64 { return s.Written }),
		counter("astrond_dbss_unexpected_total", "Answers of a database to no open question.",
			func(s stats) uint64 { return s.Unexpected }),
		counter("astrond_dbss_ignored_total", "Messages to inactive objects that only an active one handles.",
			func(s stats) uint64 { return s.Ignored }),
	).ofRole()
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

// byName is counts under the names of what they count.
func byName[K interface {
	comparable
	String() string
}](counts map[K]uint64) map[string]uint64 {
	m := make(map[string]uint64, len(counts))
	for k, n := range counts {
		m[k.String()] += n
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
		gauge("astrond_clientagent_draining", "1 while it takes no new clients and waits for the others to leave, else 0.",
			func(s stats) int { return truth(!s.DrainsUntil.IsZero()) }),
		gauge("astrond_clientagent_free_channels", "How many more clients there are channels for.",
			func(s stats) uint64 { return s.FreeChannels }).as("ca_free_channels_size"),
		gauge("astrond_clientagent_queued_bytes", "Bytes that wait for clients.",
			func(s stats) int { return s.Queued }),
		counter("astrond_clientagent_connections_total", "Connections accepted.",
			func(s stats) uint64 { return s.Connections }),
		counter("astrond_clientagent_refused_total", "Of these, those refused before they had a session: a bad handshake, another protocol, no place, no channel.",
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
		size("astrond_clientagent_datagram_in_bytes", "Sizes of the datagrams from clients.",
			func(s stats) sizes.Counts { return s.SizesIn }).as("ca_datagrams_bytes_size"),
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
	m := map[string]uint64{"game": 0}
	for code := range wire.EjectCode(1000) {
		if name := strconv.Itoa(int(code)); code.String() != name {
			m[name] = 0
		}
	}
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
				Help: "Events refused, by reason: not_map, truncated, leftover (bytes behind the map), malformed."},
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
