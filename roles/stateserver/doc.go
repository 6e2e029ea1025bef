// Package stateserver keeps the state of distributed objects: their class, their
// location, their AI and owner, and the values of their fields. It tells those who see
// an object when that changes (protocol document 12).
//
// # The parts
//
// A [Role] is a state server of the cluster: it creates objects on request, on its
// control channel. The objects live in a [Space], which does everything else. A
// database-state server is a Space, too, and creates objects in it with [Space.Create].
//
// An [Object] is a participant of the node, on the channel that is its doId. So
// messages reach an object directly, and no object receives what it sent itself. Its
// [Values] are kept packed, as messages carry them.
//
// The children of one parent that live here are a family: one participant that
// listens on the children's channel for all of them and knows them by zone. The
// parent may live elsewhere, or not exist. A parent learns from its children's messages
// where they are, wherever they live, and counts them.
//
// # Concurrency
//
// A Space and all that is in it belong to the node's turn: it handles a datagram
// while the node routes it, so all of its effects are in place before the next
// datagram of the same sender is routed. There are no locks, and one goroutine, which
// keeps the time in [Space.Serve]. If the objects survive the process, another one writes
// what changes; what is sent to others waits for it, see [SurviveAnnounced].
//
// Objects of one Space send each other datagrams over the node, as they do to objects
// elsewhere. The order of effects is the same whether or not a parent and its child share
// a process.
//
// # What is refused
//
// A message that is truncated, too long, about something that does not exist, or
// with a value that its field does not allow is refused as a whole: it changes nothing,
// is counted by its [Reason], and logged with its sender, at most once a second for
// each reason.
//
// When the node cuts a participant off, messages may have been missed, and the
// objects are no longer what others believe them to be. Then Serve returns an
// error, and the Space must not be used any more.
//
// # Files
//
//	stateserver.go  the role; control.go: messages to its channel; self.go: what it
//	                tells of itself; static.go: objects of the configuration
//	generate.go     objects whose doId the state server chooses; doids.go: which one
//	space.go        the objects and indexes; receive.go, send.go: datagrams, turns
//	object.go       creation, deletion, and which message is handled where
//	fields.go       fields, read, set; fields_delete.go; values.go, values_read.go: how they are kept
//	location.go     moves; offspring.go: what a parent knows of its children
//	zones.go        questions to a parent; family.go: the children's answers
//	ai.go owner.go  AIs and owners
//	entry.go        how an object shows itself
//	survive.go      what changes is written; survive_stats.go; record.go, journal.go: how
//	restore.go      what was written is read; goon.go: and announced
//	refusal.go      what is refused, and why; stats.go: the counters
//
// testdata/scenarios and testdata/alone show every message and its effects.
package stateserver
