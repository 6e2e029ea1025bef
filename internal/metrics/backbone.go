package metrics

import (
	"natstron/bridge"
	"natstron/bridge/md"
	"natstron/internal/status"
)

func node(s bridge.Stats) []family {
	return []family{
		gauge("astrond_backbone_connected", truth(s.Connected), "1 while the process is on the backbone, else 0."),
		gauge("astrond_backbone_peers", s.Peers, "Other processes of the cluster that this one knows."),
		gauge("astrond_backbone_clashes", s.Clashes, "Things that this process and another one cannot serve both: one of them waits, or is about to end."),
		gauge("astrond_backbone_dc_mismatches", s.DCMismatches, "Other processes with other DC files than this one's."),
		gauge("astrond_participants", s.Participants, "Participants of this process: connections, roles, objects, clients.").as("md_subscribers_size"),
		gauge("astrond_channels", s.Channels, "Single channels that a participant of this process is subscribed to."),
		gauge("astrond_channel_ranges", s.Ranges, "Disjoint ranges of channels that a participant of this process is subscribed to."),
		gauge("astrond_backbone_subscriptions", s.Subscriptions, "Subscriptions on NATS that these became."),
		gauge("astrond_backbone_pending_bytes", s.Pending, "Bytes that wait to be written to NATS."),
		counter("astrond_datagrams_sent_total", s.Sent, "Datagrams that participants of this process sent."),
		counter("astrond_datagrams_sent_bytes_total", s.SentBytes, "Their bytes."),
		counter("astrond_datagrams_routed_total", s.Routed, "Datagrams that came by this process: sent in it, from NATS, from the upstream; copies count once.").as("md_observed_datagrams_total"),
		counter("astrond_datagrams_wanted_total", s.Wanted, "Of these, those that a participant of this process received.").as("md_handled_datagrams_total"),
		size("astrond_datagram_bytes", s.Sizes, "Sizes of the datagrams that came by.").as("md_datagrams_bytes_size"),
		counter("astrond_datagrams_delivered_total", s.Delivered, "Datagrams handed to participants of this process, one for each of them."),
		unheard(s.Unheard),
		counter("astrond_datagrams_from_upstream_total", s.Down, "Datagrams from the upstream message director."),
		counter("astrond_datagrams_published_total", s.Published, "Datagrams that went to NATS, since a participant of another process listens."),
		counter("astrond_backbone_messages_published_total", s.Copies, "Messages on NATS that these became: one for each distinct subject of their recipients."),
		counter("astrond_backbone_messages_received_total", s.Received, "Messages from NATS, copies and all."),
		counter("astrond_backbone_duplicates_total", s.Duplicates, "Of these, copies of a datagram that was here already: not a fault."),
		counter("astrond_backbone_zombies_total", s.Zombies, "Of these, from nodes that had been declared dead."),
		counter("astrond_datagrams_malformed_total", s.Malformed, "Datagrams refused, from anywhere."),
		counter("astrond_datagrams_unpublished_total", s.Unpublished, "Datagrams that did not reach NATS since the backbone was lost."),
		counter("astrond_backbone_too_long_total", s.TooLong, "Messages that did not go to NATS since they are longer than its server takes (max_payload)."),
		counter("astrond_participants_overflowed_total", s.Overflows, "Participants cut off since they could not keep up."),
		counter("astrond_post_removes_sent_total", s.PostRemoves, "Post-removes sent, those of dead processes included."),
		counter("astrond_backbone_lost_total", s.Gaps, "Times that the backbone was lost."),
		counter("astrond_backbone_dead_peers_total", s.DeadNodes, "Other processes that this one declared dead."),
		counter("astrond_backbone_holes_total", s.Holes, "Times that something of another process was lost between NATS servers."),
		counter("astrond_backbone_questions_dropped_total", s.QuestionsDropped, "Questions of tools that were dropped: too many at once."),
		counter("astrond_backbone_leaps_total", s.Leaps, "Datagrams under another process's name that it cannot have sent."),
		counter("astrond_backbone_settles_late_total", s.SettlesLate, "Other processes that did not answer in time before a new participant was served."),
		counter("astrond_post_removes_refused_total", s.PostRemovesRefused, "Post-removes, of participants and of other processes, that there was no room for."),
		gauge("astrond_post_remove_bytes", s.PostRemoveBytes, "Bytes of the post-removes of this process's participants."),
		gauge("astrond_peer_post_remove_bytes", s.PeerPostRemoveBytes, "Bytes of the post-removes that are kept for other processes."),
		counter("astrond_backbone_bad_notes_total", s.BadNotes, "Notes of other processes that could not be read or kept."),
		duration("astrond_backbone_round_seconds", s.Rounds, "Round trips to all other processes on other NATS servers, until new subscriptions were in force there."),
		counter("astrond_backbone_rounds_late_total", s.RoundsLate, "Of these, given up since a process did not answer."),
		counter("astrond_backbone_pauses_total", s.Pauses, "Times that objects of another process were kept, as their state server survives it and was away."),
		counter("astrond_backbone_lost_sessions_total", s.LostSessions, "Sessions of clients whose process was killed or lost the backbone, and that waited for another one; every process counts them."),
		counter("astrond_backbone_lost_sessions_taken_total", s.LostSessionsTaken, "Of these, those that went on in this process."),
		counter("astrond_backbone_lost_sessions_ended_total", s.LostSessionsEnded, "Of these, those that went on nowhere: their post-removes were sent."),
		gauge("astrond_backbone_lost_sessions", s.LostSessionsKept, "Sessions that wait so at the moment."),
		gauge("astrond_backbone_away", s.Away, "Control channels of state servers and ranges of doIds that nobody serves at the moment, and whose objects are kept."),
		counter("astrond_backbone_objects_vanished_total", s.Vanished, "Objects of other processes that participants here were told of the end of, as the process was gone."),
		gauge("astrond_backbone_waiting_participants", s.Waiting, "Participants whose datagrams wait until another process has done what they told it before."),
		counter("astrond_backbone_orders_waited_total", s.OrdersWaited, "Times that what a participant sent waited until another process had done what the participant told it before."),
		duration("astrond_backbone_order_wait_seconds", s.OrderWaits, "Of these, how long it waited."),
		counter("astrond_backbone_orders_late_total", s.OrdersLate, "Processes that did not say in time that they had done what they were told."),
		counter("astrond_backbone_errors_total", s.BackboneErrors, "Errors that NATS told of."),
	}
}

func unheard(all []bridge.Unheard) family {
	f := newFamily(status.Counter, "astrond_datagrams_unheard_total",
		"Datagrams of participants here that nobody received, by message type and by the kind of channel: control, object, client, other, or broadcast, where it is common that nobody is there. With an external NATS server a sample, at most one a second of each type, and no broadcasts.",
		"message", "kind")
	for _, u := range all {
		f = f.sample(status.Sample{Value: float64(u.Count)}, messageName(u.Message), u.Kind)
	}
	return f
}

func messageDirector(s md.Stats) []family {
	return []family{
		gauge("astrond_messagedirector_connections", s.Connections, "Participants that are connected to the message director port.").as("md_participants_size"),
		gauge("astrond_messagedirector_otp_connections", s.OTP, "Those of them that speak the dialect of Disney's servers."),
		counter("astrond_messagedirector_otp_sent_total", s.FromOTP, "Datagrams that participants of that dialect sent."),
		counter("astrond_messagedirector_otp_delivered_total", s.ToOTP, "Datagrams that were sent to participants of that dialect."),
		counter("astrond_messagedirector_otp_refused_total", s.Refused, "Datagrams from and to participants of that dialect that were malformed."),
		counter("astrond_messagedirector_wrong_dialect_total", s.WrongDialect, "Participants that spoke another dialect than the port that they had connected to."),
	}
}
