package metrics

import (
	"strconv"
	"strings"

	"natstron/bridge/wire"
	"natstron/internal/status"
	"natstron/roles/clientagent"
	"natstron/roles/dbss"
	"natstron/roles/eventlogger"
	"natstron/roles/gamerole"
	"natstron/roles/stateserver"
)

func stateServer(s stateserver.RoleStats) []family {
	return append(append(space("stateserver", "ss_objects_size", "ss_objects_bytes_size", s.Stats),
		gauge("astrond_stateserver_free_doids", s.FreeDoIDs, "DoIds that it can still give to objects whose creators leave the choice to it; 0 if it gives none.")),
		kept("stateserver", s.Survival)...)
}

// kept is the metrics of a role whose objects may survive its process.
func kept(part string, v stateserver.SurvivalStats) []family {
	prefix := "astrond_" + part + "_"
	return []family{
		counter(prefix+"kept_batches_total", v.Batches, "Batches of changes written to JetStream; these metrics are 0 with survive: off."),
		counter(prefix+"kept_bytes_total", v.Bytes, "Their bytes."),
		duration(prefix+"kept_seconds", v.Waits, "How long JetStream took for a batch."),
		counter(prefix+"kept_retries_total", v.Retries, "Times that JetStream did not take a batch, or did not answer."),
		gauge(prefix+"held_bytes", v.Held, "Bytes of what objects announce that wait until JetStream has what they are about."),
		counter(prefix+"snapshots_total", v.Snapshots, "Snapshots of all objects completed."),
		gauge(prefix+"snapshot_bytes", v.SnapshotBytes, "Bytes of the last one."),
		gauge(prefix+"restored_objects", v.Restored, "Objects of the process before that were there at the start."),
		gauge(prefix+"restore_seconds", v.RestoreTime.Seconds(), "How long it took to read them."),
		counter(prefix+"damaged_total", v.Damaged, "Entries and records that could not be used then."),
	}
}

// space is the metrics of a role that holds objects; part is its place in their names.
func space(part, objectsAlias, sizesAlias string, s stateserver.Stats) []family {
	prefix := "astrond_" + part + "_"
	objects, bytes, messages := map[string]int{}, map[string]int{}, map[string]uint64{}
	for name, c := range s.Classes {
		objects[name], bytes[name] = c.Objects, c.Bytes
	}
	for t, n := range s.Messages {
		messages[messageName(t)] += n
	}
	return []family{
		labelled(status.Gauge, prefix+"objects", "dclass", objects, "Distributed objects that are active.").as(objectsAlias),
		labelled(status.Gauge, prefix+"object_bytes", "dclass", bytes, "Bytes of the fields that they keep."),
		labelled(status.Counter, prefix+"messages_total", "message", messages, "Messages received, by type; other for types that are not a state server's."),
		labelled(status.Counter, prefix+"refused_total", "reason", named(s.Refused), "Messages refused, by reason."),
		counter(prefix+"sent_total", s.Sent, "Datagrams sent."),
		size(prefix+"created_bytes", s.Sizes, "Bytes of the fields of objects, as they were when they were created.").as(sizesAlias),
	}
}

func dbssRole(s dbss.Stats) []family {
	return append(append(space("dbss", "dbss_objects_size", "dbss_objects_bytes_size", s.Stats),
		gauge("astrond_dbss_loading", s.Loading, "Objects that are being loaded.").as("dbss_loading_size"),
		gauge("astrond_dbss_questions", s.Questions, "Questions to the database that are open."),
		gauge("astrond_dbss_waiting_bytes", s.WaitingBytes, "Bytes of datagrams that wait for objects that are being loaded."),
		duration("astrond_dbss_activate_seconds", s.Activation, "How long activations took that succeeded.").scaled("dbss_activate_time", 1000),
		labelled(status.Counter, "astrond_dbss_failed_total", "reason", named(s.Failed), "Activations, questions, writes and changes that failed, by reason."),
		counter("astrond_dbss_written_total", s.Written, "Messages with changes that went to the database."),
		counter("astrond_dbss_unexpected_total", s.Unexpected, "Answers of a database to no open question."),
		counter("astrond_dbss_ignored_total", s.Ignored, "Messages to inactive objects that only an active one handles.")),
		kept("dbss", s.Survival)...)
}

func clientAgent(s clientagent.Stats) []family {
	return []family{
		gauge("astrond_clientagent_clients", s.Clients, "Clients that are connected.").as("ca_participants_size"),
		gauge("astrond_clientagent_clients_established", s.Established, "Of these, those that have logged in."),
		gauge("astrond_clientagent_draining", truth(!s.DrainsUntil.IsZero()), "1 while it takes no new clients and waits for the others to leave, else 0."),
		gauge("astrond_clientagent_free_channels", s.FreeChannels, "How many more clients there are channels for.").as("ca_free_channels_size"),
		gauge("astrond_clientagent_queued_bytes", s.Queued, "Bytes that wait for clients."),
		counter("astrond_clientagent_connections_total", s.Connections, "Connections accepted."),
		counter("astrond_clientagent_refused_total", s.Refused, "Of these, those refused before they had a session: a bad handshake, another protocol, no place, no channel."),
		counter("astrond_clientagent_hellos_total", s.Hellos, "Good CLIENT_HELLOs."),
		counter("astrond_clientagent_logins_total", s.Logins, "Times that a client became established."),
		labelled(status.Counter, "astrond_clientagent_ejects_total", "code", ejects(s), "Clients ejected, by the code of CLIENT_EJECT; game for the game's own codes."),
		counter("astrond_clientagent_dropped_total", s.Dropped, "Clients ended by CLIENTAGENT_DROP."),
		counter("astrond_clientagent_lost_total", s.Lost, "Clients that ended their connection without CLIENT_DISCONNECT."),
		gauge("astrond_clientagent_waiting", s.Waiting, "Of the clients, those whose connection is lost and whose session waits for them to come back."),
		gauge("astrond_clientagent_kept_bytes", s.Kept, "Bytes kept for clients that may come back."),
		counter("astrond_clientagent_tokens_total", s.Tokens, "Tokens given to clients that asked for one, so that they can come back."),
		counter("astrond_clientagent_waits_total", s.Waits, "Times that a session waited for its client."),
		counter("astrond_clientagent_resumed_total", s.Resumed, "Times that a client came back."),
		counter("astrond_clientagent_expired_total", s.Expired, "Sessions that waited and ended; they count as lost, too."),
		counter("astrond_clientagent_handed_over_total", s.HandedOver, "Sessions that another agent took over, as their clients came back there."),
		counter("astrond_clientagent_taken_over_total", s.TakenOver, "Sessions of other agents that were taken over."),
		counter("astrond_clientagent_checkpoints_total", s.Checkpoints, "Times that the other processes were told what a session is, so that it outlives this process."),
		counter("astrond_clientagent_recovered_total", s.Recovered, "Sessions of processes that were killed or lost the backbone, which went on here."),
		counter("astrond_clientagent_tickets_void_total", s.Void, "Clients that cannot come back any more, as too much was kept that they had not acknowledged."),
		counter("astrond_clientagent_questions_total", s.Questions, "Questions of a game's own client class, timers and work in goroutines included."),
		counter("astrond_clientagent_questions_unanswered_total", s.Unanswered, "Of these, those that were not answered in time."),
		counter("astrond_clientagent_questions_refused_total", s.QuestionsRefused, "Of these, those that could not be asked, most often because limits.open_questions were open for the client."),
		gauge("astrond_clientagent_questions_open", s.OpenQuestions, "Questions of a client class that wait for their answers."),
		counter("astrond_clientagent_datagrams_in_total", s.DatagramsIn, "Datagrams from clients.").as("ca_handled_datagrams_total"),
		counter("astrond_clientagent_bytes_in_total", s.BytesIn, "Their bytes."),
		size("astrond_clientagent_datagram_in_bytes", s.SizesIn, "Sizes of the datagrams from clients.").as("ca_datagrams_bytes_size"),
		counter("astrond_clientagent_datagrams_out_total", s.DatagramsOut, "Datagrams to clients."),
		counter("astrond_clientagent_bytes_out_total", s.BytesOut, "Their bytes."),
		counter("astrond_clientagent_received_total", s.Received, "Datagrams from the cluster, each counted once, however many clients it is for."),
		counter("astrond_clientagent_malformed_total", s.Malformed, "Of these, those refused."),
		counter("astrond_clientagent_interests_total", s.Interests, "Interests opened or altered."),
		duration("astrond_clientagent_interest_seconds", s.InterestTime, "How long they took until all of their objects had answered; those that timed out are not in it.").as("ca_interests_time_seconds"),
		counter("astrond_clientagent_interest_timeouts_total", s.InterestTimeout, "Of these, those whose objects did not all answer in time.").as("ca_interests_timeout_total"),
		counter("astrond_clientagent_late_entries_total", s.LateEntries, "Objects shown to a client after such a timeout."),
		counter("astrond_clientagent_rule_shifts_total", s.Shifts, "Times that the rules of parents (setParentingRules) opened or closed zones for a client."),
		counter("astrond_clientagent_rules_refused_total", s.RulesRefused, "Rules of parents that make no sense, and stand for none."),
	}
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

func eventLogger(s eventlogger.Stats) []family {
	return []family{
		counter("astrond_eventlogger_received_total", s.Received, "UDP packets received."),
		counter("astrond_eventlogger_heard_total", s.Heard, "Events from the backbone."),
		counter("astrond_eventlogger_written_total", s.Written, "Events written to the file."),
		labelled(status.Counter, "astrond_eventlogger_refused_total", "reason",
			map[string]uint64{"not_map": s.NotMap, "truncated": s.Truncated, "leftover": s.Leftover, "malformed": s.Malformed},
			"Events refused, by reason: not_map, truncated, leftover (bytes behind the map), malformed."),
		labelled(status.Counter, "astrond_eventlogger_lost_total", "reason",
			map[string]uint64{"dropped": s.Dropped, "kernel": s.KernelDropped, "unpublished": s.Unpublished, "receive_error": s.ReceiveErrors},
			"Events lost, by reason: dropped (no room in memory, as the file could not be written), kernel (the system dropped the packet), unpublished (the backbone did not take it), receive_error."),
	}
}

func ownRole(s gamerole.Stats) []family {
	return []family{
		counter("astrond_own_received_total", s.Received, "Datagrams that the role received."),
		counter("astrond_own_sent_total", s.Sent, "Datagrams that it sent."),
		counter("astrond_own_refused_total", s.Refused, "Datagrams that were truncated, or had a value that its field does not allow."),
		counter("astrond_own_unhandled_total", s.Unhandled, "Messages and updates of fields that it has no handler for."),
		counter("astrond_own_unsent_total", s.Unsent, "Messages that could not be sent: the log has the reason."),
		gauge("astrond_own_objects", s.Objects, "Objects that it serves, or that it is the AI or the owner of."),
		counter("astrond_own_questions_total", s.Asked, "Questions that it asked, timers, and work that it handed over."),
		counter("astrond_own_questions_unanswered_total", s.Unanswered, "Of these, those that were not over in time."),
		counter("astrond_own_questions_refused_total", s.TooMany, "Of these, those that were wrong, or too many at once."),
		gauge("astrond_own_questions_open", s.Open, "Of these, those that are not over."),
	}
}

// ownNumbers are the game's own numbers of a role of that type.
func ownNumbers(kind string, numbers []gamerole.Number) (all []family) {
	kind = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, strings.ToLower(kind))
	for _, n := range numbers {
		name := "astrond_game_" + kind + "_" + n.Name
		if n.Counter {
			all = append(all, counter(name+"_total", n.Value, n.Help))
		} else {
			all = append(all, gauge(name, n.Value, n.Help))
		}
	}
	return all
}
