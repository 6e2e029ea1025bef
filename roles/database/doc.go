// Package database is the database server: it does what others ask for in
// DBSERVER_* messages with the objects of a [storage.Store] (protocol document
// 13).
//
// # A request's way
//
// A [Role] is one participant of the node, on its control channel and on the one
// that all database servers listen on. What arrives is read while it is routed
// (serve.go, request.go), without waiting for the database: each request goes into the
// queue (queue.go). Workers take it from there, ask the store (perform.go),
// and answer (answer.go): from the control channel, to whoever asked.
//
// Before the answer, changes are announced on the object's database channel, with
// the asker as sender, unless [Options.Broadcast] is off. The two leave in one turn
// of the node, so nobody comes between them.
//
// # Order
//
// Requests for one doId are done one after the other, in the order in which they
// arrived; those for different ones at the same time. A create waits for the
// deletes that arrived before it, because it may be given their ids. Otherwise
// creates wait for nobody, also not for each other.
//
// Connections of this process that send more than is done are not read for a while,
// once a thousand requests wait. What comes from other processes is refused when more
// than [Options.MaxQueued] waits.
//
// # What fails
//
// A request that is cut off, too long, about a field that is not to be stored, or
// with a value that its field does not allow changes nothing. So does one that comes
// while the queue is full, or that was not begun within [Options.Timeout]. One that
// the store does not finish in that time may have happened or not. All of them are
// answered as failures where there is an answer, counted by their [Result], and
// logged, at most once a second for each result.
//
// An object is read as a whole or not at all: if a stored value of a field of its
// class cannot be read, because the DC file changed, asking for it is a failure, as in
// the reference. A game would otherwise go on with a default, and write that over
// what is stored. Values of fields that are gone, or are not db any more, stay
// stored and are left out.
//
// # One server for a channel
//
// Start fails with [ErrRival] if another database server answers on the control
// channel, wherever in the cluster it is. Each of them would get every request, and do
// it: objects would be created twice. To share the work, they would have to agree
// at each moment which of them does what, also while one of them comes, dies or is
// cut off; otherwise two requests for one object are done in the wrong order. Give
// each its own control channel instead; they may share a MongoDB database.
//
// # When the backbone is lost
//
// Nobody relies on what a database server knows, for it knows nothing but what is
// stored. So it goes on: what has been asked is done, the answers wait until the
// node is back, and then it listens again, unless another server has taken over
// meanwhile.
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
// testdata/scenarios shows every message, and what comes of it.
package database
