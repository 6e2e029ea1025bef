// Package bridge connects a process to the backbone: every Astron channel is a NATS
// subject, and a [Node] connects the participants of its process to NATS.
//
// # The parts
//
// A [Node] has one NATS connection, to a server inside this process or to an external
// one. A [Participant] sends and receives datagrams: it is a TCP connection to the
// message director port (package md), a role, an object of a state server, or a client
// session. It subscribes to channels and ranges of channels, sends datagrams, and leaves
// post-removes, datagrams that are sent when it has gone. A participant receives through
// its [Sink], or, if it belongs to a role, through the role's [Handler]. A [Turn] is the
// right to route: one at a time in a process.
//
//	node, err := bridge.Start(ctx, bridge.Options{Name: "example"})
//	turn := node.Begin()
//	p, err := turn.JoinParty(&bridge.Party{Handler: role, Dropped: …}, "my role")
//	err = turn.Subscribe(p, 402000)
//	turn.End()
//
// Routing is local first: a datagram is queued for NATS and handed to the process's own
// participants in one step. If the embedded server knows no other subscriber, it is not
// published at all. An operator who subscribes is one, and sees all traffic from then on.
//
// The node owns one state, under one lock. Its parts are packages without a lock:
//
//	bridge                the node: turns, participants, post-removes, orders, events
//	  watch               for tools that are not nodes: observe the traffic, ask all nodes
//	  wire, md            the wire format, and the message director's port
//	  internal/routing    the table of subscriptions, and the subjects that cover them
//	  internal/order      which messages must have had their effects before the next ones
//	  internal/foreign    the objects of other processes
//	  internal/membership the other nodes, as a state machine: a step returns effects
//	  internal/identity   the names of datagrams on NATS, and which ones were here
//	  internal/link       one connection to NATS: the outbox, its writer and its reader
//	  internal/natsconn   NATS's protocol, and how a node logs in
//	  internal/transport  the ways to NATS: an embedded server, or external ones
//
// # What is guaranteed
//
//  1. Once. A participant receives a datagram once, however many of its recipients match
//     however many of the participant's channels and ranges.
//  2. Not to yourself. A participant never receives a datagram that it sent, whatever its
//     sender field is. The objects of one state server are participants of their own.
//  3. Order. Two datagrams of one sender reach any one receiver in the order in which they
//     were sent, across all channels.
//  4. Cause before effect. If B received m1 and then sent m2, no participant that receives
//     both receives m2 first, as long as they share a process. Processes that share a NATS
//     server, or whose servers form a tree (leaf nodes around a hub), have this guarantee as
//     far as NATS does: a server that is held up between handing m1 to one connection and
//     to the next can be overtaken. On a busy machine that happened about once in ten
//     thousand answers. In a full mesh of routed servers NATS does not keep it.
//  5. Subscribe, then speak. What a participant sends takes effect in the order sent. Its
//     own subscriptions are in force before an answer to what it sends next can arrive. Its
//     orders to roles have been done, with all their effects, before its next datagram is
//     routed. The next section says how far this holds across processes.
//  6. No silent loss. A participant that cannot keep up is disconnected with [ErrOverflow],
//     never skipped. A datagram that cannot be routed is refused with an error, or counted
//     in [Stats] and logged.
//  7. A lost backbone is reported. When the connection to NATS, or an embedded server's
//     connection to its hub, ends or falls behind, participants are disconnected with
//     [ErrBackboneLost] (or kept, [Options.KeepOnGap]), and the node comes back as a new
//     origin. The same happens when a connection between NATS servers breaks and is made
//     again, so that datagrams of another node were lost: [Stats] counts these holes.
//
// Post-removes are sent when their participant has gone, for whatever reason. A node tells
// its post-removes to all other nodes. When it dies, the others send them, and each arrives
// once. A node is dead at once if NATS knows that its connection has ended. A node that is
// frozen or cut off is dead when it has been silent for [Options.DeadAfter].
// A participant may leave a [Checkpoint] with the other nodes. If its node dies, another one can
// go on with it, and its post-removes wait for that: see [LostSession].
// A state server may say that its objects survive its process ([Survives]), and a
// database-state server, too ([ObjectsSurvive]). When that has
// ended, they stay in the sight of the participants of other nodes, and what connections and
// clients send to them waits, with all that they send behind it, until another process claims
// the same, or the time that it has said is over.
// [Node.WhenSettled] delays new participants until the post-removes of dead processes have
// been sent.
//
// What one process of a cluster alone may serve, such as a control channel, it tells the
// others before it begins: [Node.Reserve] returns when no other process holds it. If two
// come to serve the same because NATS was parted, one is told so by [Node.GivesWay]. Nodes
// that do not greet, such as those of tools, have no part in this.
//
// # Order of effects
//
// In one process, roles are [Handler]s: they handle a datagram while it is routed, and what
// they send because of it is routed right after it, first in, first out, until nothing is
// left. Only then the next datagram is routed, no matter who sent it. A role never waits in
// a turn: work that needs a disk or a database continues in a later turn, in no particular
// order with what was sent meanwhile.
//
// Across processes the same holds for what one participant sends because of its own orders.
// Orders are messages that change who hears what: to a client's session, creations,
// activations, moves, AIs, owners, and deletions with all objects below. The participant
// must be a connection or a client ([Party.InOrder]). Its later datagrams to other
// recipients wait in its node until the processes that act on the order report that it is
// done: their roles have handled it, their subscriptions are in force, what they sent has
// arrived at every node, and the processes that these roles told or asked something have
// done their part, over at most four further processes. It holds for one NATS server, for
// trees, and for a mesh.
//
// These do not wait:
//
//   - a datagram to the same recipient as the order, since NATS keeps their order, unless the
//     order opens an interest, whose objects are elsewhere, or deletes the children in zones,
//     with which sessions may end;
//   - a datagram to the same process on a channel that it claims, if that process can do
//     what it was told alone;
//   - the second of two interests, of two deletions, or of two messages that let a client in;
//   - datagrams to objects, for field updates: two updates have an order only if the objects
//     are in one process, and on one state server if they survive. Other datagrams do wait
//     for updates, and so does what has an object ask or tell its children, if there are
//     several state servers;
//   - anything, for questions. An answer may come after what was sent behind the question.
//
// A node does not wait for a process that has not reported for [Options.OrderTimeout], or was
// declared dead; that is counted in [Stats] and logged once. While the backbone is lost,
// nothing waits.
//
// A subscription is in force at once for participants that share the NATS server. In a
// routed mesh a third party may answer before its server knows the subscription. A role that
// must not miss answers of third parties calls [Turn.Effective] before it asks them.
//
// # What must not be assumed
//
// A role may keep what it sends until others may know it ([Hold]). Guarantee 5 and what
// follows hold as for a role in another process: what a participant sends behind an order
// waits until the effects of the order have been released.
//
// Nothing is stored: a participant that is not there when a datagram is sent does not get it.
// Two datagrams of different senders have no order, except by guarantee 4 and within one
// process. A subscription takes effect in other processes after a moment: only what is sent
// after it, by the same participant or because of it, is certain to arrive. A node that was
// frozen and declared dead loses what it sends until it notices. If a participant of such a
// node has meanwhile come back at another node, and left the same post-remove there, the old
// one is not sent, because it would undo the new work. Its other post-removes are sent,
// however late. Post-removes need another living node: a process that is alone on its
// backbone takes its own with it when it is killed.
//
// # On NATS
//
// A datagram is published once for each distinct subject of its recipients. The payload is the
// datagram without its length prefix. The reply subject is its identity,
// _A.<origin>.<seq>.<participant>, by which receivers recognise copies. The receiving node
// matches the recipients of the datagram itself: it may subscribe on NATS to more than its
// participants want. A datagram without recipients on such a subject is a node's question to
// NATS whether there is a subscriber: an external server does not tell otherwise that nobody
// receives what is sent. Everything else, from heartbeats to replicated post-removes, has its own
// subjects under <prefix>ctl, and <prefix>ping.<origin> for pings. A program that is not a
// node may publish datagrams, too; without a reply subject of that form, every copy counts as
// its own datagram.
//
// # Whose fault it is
//
// A participant that was disconnected with [ErrOverflow] did not read fast enough: give it
// more room or make it faster. A backbone lost with "slow consumer" means that this process
// did not keep up with the cluster. A message that no participant anywhere received is counted
// in [Stats], and the first of each type is logged with what is probably wrong. To watch, subscribe: nats sub 'astron.>'.
package bridge
