// Package bridge is a process's place on the backbone: every Astron channel is
// a NATS subject, and a [Node] joins the participants of its process to it.
//
// # The parts
//
// A [Node] holds one NATS connection, to a server inside this process or to external
// servers. A [Participant] is one party to the traffic: a TCP connection to the message
// director port (package md), a role, an object of a state server, a client session. It
// subscribes to channels and ranges, sends datagrams, and leaves post-removes behind.
// What it receives goes to its [Sink], or, if it is a role's, to the role's [Handler]
// while it is routed. A [Turn] is the right to route.
//
//	node, err := bridge.Start(ctx, bridge.Options{Name: "example"})
//	turn := node.Begin()
//	p, err := turn.JoinParty(&bridge.Party{Handler: role, Dropped: …}, "my role")
//	err = turn.Subscribe(p, 402000)
//	turn.End()
//
// Routing is local first: a datagram is queued for NATS and handed to the
// process's own participants in one step. Where the embedded server shows that nobody
// else listens, it is not published at all. An operator's subscription counts: from that
// moment on they see all traffic.
//
// The node owns one state, under one lock, and performs what its parts ask for:
//
//	bridge                the node: turns, participants, post-removes, orders, events
//	  watch               for tools that are not nodes: observe the traffic, ask all nodes
//	  wire, md            the wire format, and the message director's port
//	  internal/routing    the table of who subscribed to what, and the subjects that cover it
//	  internal/order      which messages others must have acted on before the next ones
//	  internal/foreign    the objects of other processes
//	  internal/membership the other nodes, as a state machine: a step gives effects
//	  internal/identity   the names of datagrams on NATS, and which ones were here
//	  internal/link       one connection to NATS: the outbox, the writer, the gate
//	  internal/transport  the ways to NATS: an embedded server, or external ones
//
// # What is guaranteed
//
//  1. Once. A participant gets a datagram once, however many of its recipients
//     match however many of the participant's channels and ranges.
//  2. Not to yourself. A participant never gets back a datagram that it sent,
//     whatever its sender field says. The objects of one state server are
//     participants of their own.
//  3. Order. Two datagrams of one sender reach any one receiver in the order in
//     which they were sent, across all channels.
//  4. Cause before effect. If B received m1 and then sent m2, no participant that gets
//     both sees m2 first, as long as they share a process. Processes that share
//     a NATS server, or whose servers form a tree (leaf nodes around a hub),
//     have it as far as NATS does: a server that stands still between handing
//     m1 to one connection and to the next can be overtaken. On a busy machine
//     that was seen once in some ten thousand answers. In a full mesh of routed
//     servers NATS does not keep it at all.
//  5. Subscribe, then speak. What a participant sends takes effect in the order
//     sent. Its own subscriptions are in force before what it sends next is
//     answered; what it orders from roles has been done, with all that comes of
//     it, before its next datagram is routed. See below for other processes.
//  6. No silent loss. A participant that cannot keep up is cut off with
//     [ErrOverflow], never skipped. What cannot be routed is refused with an
//     error, or counted in [Stats] and logged. If the NATS library drops what it
//     received, the backbone counts as lost.
//  7. A lost backbone is told. When the connection to NATS, or an embedded
//     server's connection to its hub, ends or falls behind, participants are
//     dropped with [ErrBackboneLost] (or kept, [Options.KeepOnGap]), and the
//     node comes back as a new origin. The same when a connection between NATS
//     servers breaks and is made again, so that what another node sent was lost:
//     [Stats] counts these holes.
//
// And of post-removes: they are sent when their participant is gone, however it
// went. A node tells its post-removes to all other nodes; when it dies, the
// others send them, and each arrives once. A node whose connection NATS knows to
// have ended is dead at once; only one that is frozen or cut off is dead when it
// has been silent for [Options.DeadAfter]. [Node.WhenSettled] is for participants that
// come back: they are to be served behind what their dead process has left.
//
// # Order of effects
//
// In one process, roles are [Handler]s: they handle a datagram while it is routed,
// and what they send because of it is routed right behind, first in, first out, until
// nothing is left. Only then is the next datagram routed, of any sender. A role
// never waits in it: what needs a disk or a database goes on in a turn of its own,
// and has no order with what was sent meanwhile.
//
// Across processes the same holds for what one participant sends because of its own
// orders: messages that change what others hear (to a client's session, creations,
// activations, moves, AIs, owners, deletions with what is below), as long as it is a
// connection or a client ([Party.InOrder]). Its later datagrams to other recipients
// wait in its node until the processes that act on the order have said that they are
// done: that their roles have handled it, that their subscriptions are in force and
// what they sent has arrived at every node, and that the processes which these roles
// told or asked something are done in the same sense, over at most four further
// processes. It holds for one NATS server, for trees, and for a mesh.
//
// Not waited for are:
//
//   - what goes to the same recipient as the order, which NATS keeps in order, unless
//     the order opens an interest, whose objects are elsewhere;
//   - what goes to the same process on a channel that it claims, if it can do alone
//     what it was told;
//   - two interests, or two deletions, one behind the other;
//   - field updates, by what goes to objects: two updates have an order if the objects
//     live in one process. Other datagrams wait for updates, too;
//   - questions. What answers may be what comes behind them.
//
// A process that does not say so for [Options.OrderTimeout], or is declared dead, is
// not waited for; that is counted in [Stats] and logged once. While the backbone is
// lost, nothing waits.
//
// A subscription is in force at once for every node that shares the NATS server; in a
// routed mesh a third party may answer before the subscription has got to it. A role that
// must not miss what third parties say asks [Turn.Effective] before it asks them.
//
// # What must not be assumed
//
// Nothing is stored: a participant that is not there when a datagram is sent does not
// get it. Two datagrams of different senders have no order, but for guarantee 4, and
// within one process. A subscription takes effect in other processes after a moment: only
// what is sent after it, by the same participant or because of it, is sure to meet it.
// A node that was frozen and declared dead loses what it sends until it notices.
// If a participant of such a node has come back at another one meanwhile, and left
// the same post-remove there, the old one is not sent: it would undo the new work.
// Anything else that the two have left is sent, however late.
// Post-removes need another node that lives: a process alone on its backbone
// takes its own with it when it is killed.
//
// # On NATS
//
// A datagram is published once for each distinct subject of its recipients. The
// payload is the datagram without its length prefix; the reply subject is its
// identity, _A.<origin>.<seq>.<participant>, by which a receiver knows copies.
// Recipients are matched in the receiving node, by the datagram itself: what a
// node subscribes to on NATS may be wider than what its participants want.
// Everything else, from heartbeats to replicated post-removes, has subjects of
// its own under <prefix>ctl, and <prefix>ping.<origin> for pings. A program that is not a
// node may publish datagrams, too; without a reply subject of that form every copy counts
// as a datagram of its own.
//
// # Whose fault it is
//
// A participant that is cut off did not read fast enough: give it more room or
// make it faster. A backbone lost with "slow consumer" means that this process
// did not keep up with the cluster. To watch, subscribe: nats sub 'astron.>'.
package bridge
