package metrics

import (
	"natstron/bridge"
	"natstron/internal/latency"
	"natstron/internal/sizes"
)

// MessageDirector is what is known of the message director port.
type MessageDirector struct {
	Connections int
}

func node() table[bridge.Stats] {
	type stats = bridge.Stats
	return table[stats]{
		gauge("astrond_backbone_connected", "1 while the process is on the backbone, else 0.",
			func(s stats) int { return truth(s.Connected) }),
		gauge("astrond_backbone_peers", "Other processes of the cluster that this one hears of.",
			func(s stats) int { return s.Peers }),
		gauge("astrond_participants", "Participants of this process: connections, roles, objects, clients.",
			func(s stats) int { return s.Participants }).as("md_subscribers_size"),
		gauge("astrond_channels", "Single channels that somebody in this process is subscribed to.",
			func(s stats) int { return s.Channels }),
		gauge("astrond_channel_ranges", "Disjoint ranges of channels that somebody in this process is subscribed to.",
			func(s stats) int { return s.Ranges }),
		gauge("astrond_backbone_subscriptions", "Subscriptions on NATS that these became.",
			func(s stats) int { return s.Subscriptions }),
		gauge("astrond_backbone_pending_bytes", "Bytes that wait to be written to NATS.",
			func(s stats) int { return s.Pending }),
		counter("astrond_datagrams_sent_total", "Datagrams that participants of this process sent.",
			func(s stats) uint64 { return s.Sent }),
		counter("astrond_datagrams_sent_bytes_total", "Their bytes.",
			func(s stats) uint64 { return s.SentBytes }),
		counter("astrond_datagrams_routed_total", "Datagrams that came by this process: sent in it, from NATS, from the upstream; copies count once.",
			func(s stats) uint64 { return s.Routed }).as("md_observed_datagrams_total"),
		counter("astrond_datagrams_wanted_total", "Of these, those that somebody in this process received.",
			func(s stats) uint64 { return s.Wanted }).as("md_handled_datagrams_total"),
		size("astrond_datagram_bytes", "Sizes of the datagrams that came by.",
			func(s stats) sizes.Counts { return s.Sizes }).as("md_datagrams_bytes_size"),
		counter("astrond_datagrams_delivered_total", "Datagrams handed to participants of this process, one for each of them.",
			func(s stats) uint64 { return s.Delivered }),
		counter("astrond_datagrams_from_upstream_total", "Datagrams from the upstream message director.",
			func(s stats) uint64 { return s.Down }),
		counter("astrond_datagrams_published_total", "Datagrams that went to NATS, since somebody outside this process listens.",
			func(s stats) uint64 { return s.Published }),
		counter("astrond_backbone_messages_published_total", "Messages on NATS that these became: one for each distinct subject of their recipients.",
			func(s stats) uint64 { return s.Copies }),
		counter("astrond_backbone_messages_received_total", "Messages from NATS, copies and all.",
			func(s stats) uint64 { return s.Received }),
		counter("astrond_backbone_duplicates_total", "Of these, copies of a datagram that was here already: not a fault.",
			func(s stats) uint64 { return s.Duplicates }),
		counter("astrond_backbone_zombies_total", "Of these, from nodes that had been declared dead.",
			func(s stats) uint64 { return s.Zombies }),
		counter("astrond_datagrams_malformed_total", "Datagrams refused, from anywhere.",
			func(s stats) uint64 { return s.Malformed }),
		counter("astrond_datagrams_unpublished_total", "Datagrams that did not reach NATS since the backbone was lost.",
			func(s stats) uint64 { return s.Unpublished }),
		counter("astrond_backbone_too_long_total", "Messages that did not go to NATS since they are longer than its server takes (max_payload).",
			func(s stats) uint64 { return s.TooLong }),
		counter("astrond_participants_overflowed_total", "Participants cut off since they could not keep up.",
			func(s stats) uint64 { return s.Overflows }),
		counter("astrond_post_removes_sent_total", "Post-removes sent, those of dead processes included.",
			func(s stats) uint64 { return s.PostRemoves }),
		counter("astrond_backbone_lost_total", "Times that the backbone was lost.",
			func(s stats) uint64 { return s.Gaps }),
		counter("astrond_backbone_dead_peers_total", "Other processes that this one declared dead.",
			func(s stats) uint64 { return s.DeadNodes }),
		counter("astrond_backbone_holes_total", "Times that something of another process was lost between NATS servers.",
			func(s stats) uint64 { return s.Holes }),
		counter("astrond_backbone_leaps_total", "Datagrams under another process's name that it cannot have sent.",
			func(s stats) uint64 { return s.Leaps }),
		counter("astrond_backbone_settles_late_total", "Other processes that did not answer in time before somebody new was served.",
			func(s stats) uint64 { return s.SettlesLate }),
		counter("astrond_post_removes_refused_total", "Post-removes, of participants and of other processes, that there was no room for.",
			func(s stats) uint64 { return s.PostRemovesRefused }),
		gauge("astrond_post_remove_bytes", "Bytes of the post-removes of this process's participants.",
			func(s stats) int { return s.PostRemoveBytes }),
		gauge("astrond_peer_post_remove_bytes", "Bytes of the post-removes that are kept for other processes.",
			func(s stats) int { return s.PeerPostRemoveBytes }),
		counter("astrond_backbone_bad_notes_total", "Notes of other processes that could not be read or kept.",
			func(s stats) uint64 { return s.BadNotes }),
		duration("astrond_backbone_round_seconds", "Round trips to all other processes on other NATS servers, until new subscriptions were in force there.",
			func(s stats) latency.Snapshot { return s.Rounds }),
		counter("astrond_backbone_rounds_late_total", "Of these, given up since a process did not answer.",
			func(s stats) uint64 { return s.RoundsLate }),
		counter("astrond_backbone_objects_vanished_total", "Objects of other processes that participants here were told of the end of, as the process was gone.",
			func(s stats) uint64 { return s.Vanished }),
		gauge("astrond_backbone_waiting_participants", "Participants whose datagrams wait until another process has done what they told it before.",
			func(s stats) int { return s.Waiting }),
		counter("astrond_backbone_orders_waited_total", "Times that what a participant sent waited until another process had done what the participant told it before.",
			func(s stats) uint64 { return s.OrdersWaited }),
		duration("astrond_backbone_order_wait_seconds", "Of these, how long it waited.",
			func(s stats) latency.Snapshot { return s.OrderWaits }),
		counter("astrond_backbone_orders_late_total", "Processes that did not say in time that they had done what they were told.",
			func(s stats) uint64 { return s.OrdersLate }),
		counter("astrond_backbone_errors_total", "Errors that NATS told of.",
			func(s stats) uint64 { return s.BackboneErrors }),
	}
}

func messageDirector() table[MessageDirector] {
	type stats = MessageDirector
	return table[stats]{
		gauge("astrond_messagedirector_connections", "Participants that are connected to the message director port.",
			func(s stats) int { return s.Connections }).as("md_participants_size"),
	}
}
