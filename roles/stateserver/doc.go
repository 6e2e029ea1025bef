// Package stateserver keeps the state of distributed objects: their class, where
// they are, who is in charge of them, and the values of their fields. It tells
// whoever may see them what becomes of them (protocol document 12).
//
// # The parts
//
// A [Role] is a state server of the cluster: it creates objects when somebody
// asks on its control channel. The objects live in a [Space], which is
// everything but the control channel: their books, and their life on the
// backbone. A database-state server is a Space, too, and brings objects into it
// with [Space.Create] and values of its own.
//
// An [Object] is a participant of the node, on the channel that is its doId. So
// anybody sends to an object directly, and no object gets back what it sent
// itself. Its [Values] are kept packed, as messages carry them.
//
// The children of one parent that live here are a family: one participant that
// listens on the children's channel for all of them and knows them by zone. The
// parent need not live here, or anywhere. What a parent knows of its children,
// wherever they live, it has from their own messages; it counts those.
//
// # Who does what when
//
// A Space and all that is in it belong to the node's turn: it handles a datagram
// while the node routes it, so all that comes of it is in place before the next
// datagram of the same sender is routed. There are no locks, and no goroutine but
// one that keeps the time, in [Space.Serve].
//
// Objects of one Space talk to each other as they talk to objects elsewhere, in
// datagrams over the node. Nothing is handled twice, or in another order,
// because a parent and its child happen to share a process.
//
// # What is refused
//
// A message that is cut off, too long, about something that is not there, or
// with a value that its field does not allow is refused as a whole: nothing
// changes, it is counted by its [Reason], and logged, at most once a second for
// each reason, with who sent it.
//
// When the node cuts a participant off, messages may have been missed, and the
// objects are no longer what others believe them to be. Then Serve returns an
// error. Nobody should go on with such a Space.
//
// # Where to look
//
//	stateserver.go  the role; control.go: what its channel takes; self.go: what it
//	                says of itself; static.go: objects of the configuration
//	space.go        the books; receive.go, send.go: datagrams, turns
//	object.go       creation, deletion, and which message is handled where
//	fields.go       fields, read, set; fields_delete.go; values.go, values_read.go: how they are kept
//	location.go     moves; offspring.go: what a parent learns from them
//	zones.go        questions to a parent; family.go: the children's answers
//	ai.go owner.go  who is in charge
//	entry.go        how an object shows itself
//	refusal.go      what is refused, and why; stats.go: the counters
//
// testdata/scenarios shows every message, and what comes of it.
package stateserver
