// Package database is the database server: it does what DBSERVER_* messages ask for with the
// objects of a [storage.Store] (protocol document 13).
//
// # The way of a request
//
// A [Role] is one participant of the node, on its control channel and on the channel of all
// database servers. A request is read while it is routed (serve.go, request.go), without
// waiting for the database, and put into the queue (queue.go). Workers take it from there,
// call the store (perform.go), and answer (answer.go) from the control channel to the asker.
//
// Unless [Options.Broadcast] is off, changes are announced before the answer, on the object's
// database channel, with the asker as sender. Both are sent in one turn of the node, so no
// other datagram comes between them.
//
// # Order
//
// Requests for one doId are done one after the other, in the order in which they arrived;
// requests for different ones at the same time. A create waits for the deletes that arrived
// before it, because it may get their ids. Creates do not wait for anything else, nor for
// each other.
//
// Connections of this process that send more than is done are not read for a while, once a
// thousand requests wait. Requests from other processes are refused when more than
// [Options.MaxQueued] waits.
//
// # What fails
//
// A request changes nothing if it is cut off, too long, about a field that is not stored, or
// has a value that its field does not allow; if it arrives while the queue is full; or if it
// was not begun within [Options.Timeout]. If the store does not finish it in that time, it may
// have happened or not. All of these get a failure, if they have an answer, are counted by
// their [Result], and logged, at most once a second for each result.
//
// An object is read as a whole or not at all: if a stored value of a field of its class
// cannot be read, because the DC file changed, asking for the object is a failure, as in
// Astron. Otherwise a game would go on with a default and overwrite the stored value. Values
// of fields that no longer exist, or are not db any more, stay stored and are left out.
//
// # One server for a channel
//
// Start fails with [ErrRival] if another database server answers on the control channel,
// anywhere in the cluster. Both would do every request, and create each object twice. To
// share the work, they would have to agree at every moment on which of them does what, even
// while one of them starts, ends or is cut off. Give each its own control channel instead;
// they may share a MongoDB database.
//
// # When the backbone is lost
//
// A database server has no state except what is stored, so it goes on: it does the requests
// that it has received, keeps the answers until the node is back, and then listens again,
// unless another server has taken over meanwhile.
//
// # Where to look
//
//	database.go    the role; life.go: its start and end; options.go
//	serve.go       what arrives; seat.go: the place on the backbone; rival.go: whose it is
//	request.go     a message read; result.go: how it may end
//	queue.go       what waits for what, and when senders are slowed down
//	work.go        the workers; perform.go: what they ask the store; answer.go: what they say
//	watch.go       whether the store answers
//	stats.go       the counters; complain.go: the log
//
// testdata/scenarios shows every message, and its effects.
package database
