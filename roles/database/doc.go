// Package database is the database server: it serves DBSERVER_* requests from the
// objects of a [storage.Store] (protocol document 13).
//
// # How a request is served
//
// A [Role] is one participant of the node, on its control channel and on the one
// that all database servers listen on. A message is read while it is routed (serve.go,
// request.go), without waiting for the database, and put into the queue (queue.go).
// Workers take requests from the queue, call the store (perform.go), and answer the
// sender from the control channel (answer.go).
//
// Before the answer, changes are announced on the object's database channel, with
// the client of the request as sender, unless [Options.Broadcast] is off. Both are sent in
// one turn of the node, so no other message comes between them.
//
// # Order
//
// Requests for one doId are served one after the other, in the order in which they
// arrived; requests for different doIds concurrently. A create waits for the
// deletes that arrived before it, because it may be given their ids. Otherwise
// creates do not wait, not even for each other.
//
// Once a thousand requests wait, connections of this process that send more are not read
// for a while. Requests from other processes are refused when more than
// [Options.MaxQueued] waits.
//
// A find waits for all earlier changes of indexed fields. A create, and a request that sets a
// field of a unique index, wait for earlier deletes and changes of indexed fields, because these
// may free the value. Requests that set the same value are served in the order in which they
// arrived.
//
// # Indexes
//
// The store makes the indexes of [Options.Index] when the role starts, and keeps them. While it
// does, the role serves: only requests that need an index fail. An index that cannot be
// unique is not made; the log names the objects, and the role is not ready.
//
// # What fails
//
// A request changes nothing if it is truncated, too long, about a field that is not
// stored, or has a value that its field does not allow; also if the queue is full, or the
// request was not begun within [Options.Timeout]. If the store does not finish in that
// time, it is not known whether the request was done. Failures are answered where the
// protocol has an answer, counted by their [Result], and logged, at most once a second for
// each result.
//
// An object is read as a whole or not at all: if a stored value of a field of its
// class cannot be read, because the DC file changed, reading it is a failure, as in
// the reference. Otherwise a game would go on with a default, and overwrite what is
// stored. Values of fields that are gone, or are no longer db, stay stored and are left
// out.
//
// # One server for a channel
//
// Both would do every request, and create each object twice. astrond processes tell each
// other what they serve ([bridge.Node.Reserve]), so the second one waits. Start also fails
// with [ErrRival] if a database server of another program answers on the control channel. To share the work, they would have to agree at each moment which of them does
// what, also while one of them starts, dies or is cut off. Give each server its own
// control channel instead; they may share a MongoDB database.
//
// # When the backbone is lost
//
// A database server knows nothing but what is stored, so it goes on: it does what it was
// asked, keeps the answers until the node is back, and then listens again.
//
// # Files
//
//	database.go    the role; life.go: its start and end; options.go
//	serve.go       reading requests; membership.go: the participant; search.go: servers of other programs
//	request.go     a message read; result.go: how it may end
//	queue.go       what waits for what, and when senders are slowed down; lanes.go: how
//	index.go       the indexes of the configuration; find.go: the messages that use them
//	work.go        the workers; perform.go: calls of the store; answer.go: messages sent
//	watch.go       whether the store answers
//	stats.go       the counters; complain.go: the log
//
// testdata/scenarios shows every message and its effects.
package database
