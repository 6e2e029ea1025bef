// Package clientagent is the client agent: it connects game clients to the cluster
// and enforces the game's security (protocol documents 10 and 11).
//
//	role, err := clientagent.New(node, clientagent.Options{
//		Bind:     "0.0.0.0:7198",
//		Version:  "my-game-1",
//		File:     file,
//		Channels: wire.ChannelRange{Min: 1000000000, Max: 1009999999},
//	})
//
// A [Role] has ports, see [Listener]. Each connection becomes a session: a
// participant of the process's node with its own channel. It passes on to the
// cluster what the client may send, and to the client what it may see.
//
// # What is guaranteed
//
//  1. A client's message is passed on only if it is whole, with nothing left
//     over; if the client knows the object, and may send the field, or owns what
//     it moves; and if the DC file allows the value, and its strings are UTF-8.
//     Otherwise the client is ejected.
//  2. A client is shown each object of its interests once, until it leaves; in
//     the end it sees what is in its zones, and nothing else. This holds while
//     interests overlap, change and close, and objects move.
//  3. What happens in a zone while it is being opened reaches the client after it
//     was told that the interest is open, in order. If some objects do not answer in
//     time, the client is told without them; they are shown when they answer.
//  4. When a session ends, for whatever reason, it is unsubscribed from its channels,
//     its session objects are deleted, and its post-removes are sent. If the whole
//     process dies, the other nodes do the last two. A session whose client may come
//     back ([Resume]) does not end with its connection: it waits, and goes on at this
//     agent or at another one. The client gets each message once, in order.
//  5. A client that does not read costs at most [Limits.MaxQueue] bytes, and delays
//     nobody else.
//
// # What must not be assumed
//
// A client that was told that an interest is open misses nothing from then on, even
// in a routed mesh of NATS servers: the parent is asked for a new zone's objects
// only when the subscription to the zone is in force at every node, see
// [bridge.Turn.Effective]. That adds a round trip to the interest where nodes are
// on several servers. A program on NATS that is not a node is not waited for.
//
// # How it works
//
// All sessions belong to the node's turn. The node calls [Role.Handle] with each
// datagram and the sessions that it is for: a broadcast is decoded once, and becomes
// the client's message once. The reader of a connection takes a turn for all messages
// that one read brought, and lets each of them take effect before the next. So an order
// to a session is done when the next datagram of its sender is routed: a channel that
// it opens hears that datagram, one that it closes does not. What is to be written
// waits in each client's [stream.Stream] until the turn has ended.
//
// The agent subscribes to its whole channel range at the start, so that a session
// needs no subscription on NATS for its own channel.
//
// # Where to look
//
//	internal/listen    ports and their transports
//	internal/view      what a client sees: interests, zones, objects
//	internal/parenting what parents say of their zones: setParentingRules
//	role.go, turn.go   life cycle; turns of the node
//	connect.go         a connection becomes a session; conn.go: it ends
//	session.go         a client from its connection to its end
//	clientmessages.go  what clients may send, and when; client_….go: each message
//	orders.go          what the cluster may tell a session; order_….go: each order
//	eject.go, send.go  to the client, and to the cluster
//	limit.go           what a client may cost
//	rules.go           hears what parents say; interestrules.go: which zones clients may open
//	relocatable.go     objects that the cluster lets a client move
//	internal/resume    tokens, and what is kept for clients that come back
//	resume.go          a session waits without its connection; client_resume.go: it goes on
//	checkpoint.go      what the others keep in case that this process dies; recover.go: they go on
//	handover….go       it goes on at another agent; lent.go: its channel goes with it
//	flush.go           writes what waits for clients
//	class.go           a game's own code in every session: class_ask.go: what it asks;
//	                   class_orders.go: what it does; hold.go: what waits meanwhile
package clientagent
