package bridge

import (
	"natstron/internal/latency"
	"natstron/internal/sizes"
)

// Stats are a node's counters since its start, and, from Participants on, what
// it is at the moment.
type Stats struct {
	Sent              uint64 // datagrams from participants
	SentBytes         uint64 // their bytes
	Routed            uint64 // datagrams that came by, from anywhere; copies count once
	Wanted            uint64 // of these, those that a participant here received
	Delivered         uint64 // datagrams handed to participants
	Down              uint64 // datagrams from the upstream
	Published         uint64 // datagrams that went to NATS
	Copies            uint64 // messages that they became, one for each subject
	Received          uint64 // messages from NATS
	Duplicates        uint64 // of these, copies of a datagram that was here already
	Zombies           uint64 // of these, from nodes that were declared dead
	Malformed         uint64 // datagrams refused, from anywhere
	BadNotes          uint64 // notes of other nodes that could not be read or kept
	Unpublished       uint64 // datagrams that did not reach NATS because the backbone was lost
	TooLong           uint64 // messages that did not go to NATS because its server takes no message as long
	Overflows         uint64 // participants cut off because they could not keep up
	PostRemoves       uint64 // post-removes sent
	LostSessions      uint64 // sessions of processes that died or lost the backbone, which waited to go on elsewhere
	LostSessionsTaken uint64 // of these, those that went on here
	LostSessionsEnded uint64 // of these, those that did not go on anywhere
	Pauses            uint64 // times that objects were kept because their state server was away
	Gaps              uint64 // times that the backbone was lost
	DeadNodes         uint64 // other nodes declared dead here
	Vanished          uint64 // objects that participants here were told of the end of, as the process that had them was gone
	Holes             uint64 // times that something of another node was lost between NATS servers
	QuestionsDropped  uint64 // of an operator's tool: too many at once
	Leaps             uint64 // datagrams under a node's origin that it cannot have sent
	SettlesLate       uint64 // nodes that did not answer in time before a newcomer was served

	PostRemovesRefused  uint64           // of participants here and of other nodes: there was no room
	PostRemoveBytes     int              // of the participants of this node, at the moment
	PeerPostRemoveBytes int              // that are kept for other nodes
	BackboneErrors      uint64           // what the backbone refused
	Rounds              latency.Snapshot // to all other nodes, until subscriptions were in force there
	RoundsLate          uint64           // of these, given up because a node did not answer
	OrdersWaited        uint64           // times that a participant's datagrams waited for the effects of its earlier ones in other processes
	OrderWaits          latency.Snapshot // of these, how long
	OrdersLate          uint64           // nodes that did not answer in time

	Sizes sizes.Counts // bytes of the datagrams that came by

	Unheard []Unheard // datagrams of participants here that nobody received

	Participants     int
	Waiting          int // of these, those whose datagrams wait for the effects of earlier ones in other processes
	Channels         int // single channels with a subscriber here
	Ranges           int // disjoint ranges with a subscriber here
	Subscriptions    int // subscriptions on NATS
	Peers            int // other nodes
	Clashes          int // things that this process and another one cannot serve both
	DCMismatches     int // other nodes with other DC files
	Pending          int // bytes waiting to be written to NATS
	Connected        bool
	LostSessionsKept int // sessions of other processes that wait to go on elsewhere
	Away             int // control channels and ranges of doIds whose objects are kept until they are served again
}

// Stats is the present state of the counters.
func (n *Node) Stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.stats
	s.Routed = n.routing
	s.Participants = n.participants.Len()
	s.Waiting = len(n.orders.held)
	s.Channels = n.table.Channels()
	s.Ranges = n.table.Ranges()
	s.OrderWaits = n.orders.waits.Snapshot()
	s.Vanished = n.foreign.Vanished
	s.TooLong, s.BackboneErrors = n.counters.TooLong.Load(), n.counters.Refused.Load()

	for _, u := range n.unheard.All() {
		s.Unheard = append(s.Unheard, Unheard{u.Message, u.Kind.String(), u.Count, u.Last.Channel, u.Last.Sender, u.Last.Time})
	}

	out := n.outbox.Stats()
	s.Published, s.Copies, s.Unpublished = out.Published, out.Copies, out.Unpublished
	s.Subscriptions, s.Pending, s.Connected = out.Subscriptions, out.Pending, n.outbox.IsOpen()

	s.LostSessionsKept = len(n.lost.all)
	for _, a := range n.pauses.away {
		s.Away += len(a.waits)
	}

	m := n.members.Stats()
	s.DeadNodes, s.Holes, s.BadNotes, s.SettlesLate = m.DeadNodes, m.Missed, m.BadNotes, m.SettlesLate
	s.RoundsLate, s.OrdersLate = m.RoundsLate, m.OrdersLate
	s.Leaps += m.Leaps
	s.PostRemovesRefused += m.PostRemovesRefused
	s.PostRemoveBytes, s.PeerPostRemoveBytes, s.Peers = m.PostRemoveBytes, m.PeerPostRemoveBytes, m.Peers
	s.Rounds, s.Clashes, s.DCMismatches = m.Rounds, m.Clashes, m.DCMismatches
	return s
}
