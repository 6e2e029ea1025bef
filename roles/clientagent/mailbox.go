package clientagent

import (
	"natstron/bridge"
	"natstron/internal/wire"
)

// maxInbox is how much may wait for all sessions of an agent together. Past it
// sessions are cut off, as the process does not keep up with the cluster.
const maxInbox = 256 << 20

// mailbox is the inbox that all sessions share. It numbers the datagrams, so
// that a session can tell whether one was routed before it subscribed.
type mailbox struct {
	*bridge.Inbox
	// Both belong to the router's lock.
	routing uint64 // of the last datagram
	count   uint64 // datagrams so far; the last one's number
}

func newMailbox() *mailbox { return &mailbox{Inbox: bridge.NewInbox(maxInbox)} }

// Deliver implements [bridge.Sink].
func (m *mailbox) Deliver(routing uint64, to *bridge.Participant, d wire.Datagram) bool {
	if !m.Inbox.Deliver(routing, to, d) {
		return false
	}
	if m.count == 0 || m.routing != routing {
		m.routing = routing
		m.count++
	}
	return true
}

// deaf is the sink of the participant that holds the agent's channel range: it
// is there for its subscription only.
type deaf struct{}

func (deaf) Deliver(uint64, *bridge.Participant, wire.Datagram) bool { return true }
func (deaf) Wake()                                                   {}
