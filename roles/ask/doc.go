// Package ask asks the cluster, and calls a function with the answer: the database for
// stored objects, a state server's objects for their fields, an UberDOG for whatever it
// knows. Fields and classes have the names of the DC files. What is not in the cluster, a
// token service, say, or a hash that takes its time, is asked in a goroutine, see [Do].
//
//	accounts := ask.Database(4003)
//	asker.Ask(accounts.Get("Account", do, []string{"name"}, func(account ask.Values, err error) {
//		name, _ := account["name"].(string)
//		…
//	}), nil)
//
// A [Question] is asked by an [Asker], which a role has for each participant that asks: a
// client agent for each session whose client class asks (see Session.Ask of package
// clientagent). A [Message] is what has no answer.
//
// # What is guaranteed
//
//  1. Run to completion. The function is called in a turn of the node, for an answer of the
//     cluster in the very turn that routes the answer. So it may do what a [bridge.Handler]
//     may do, needs no lock, and must not block.
//  2. Once. The function is called exactly once, with an answer or an error, and never before
//     Ask has returned. It is never called if the asker has ended, or the question was
//     cancelled.
//  3. An end. A question that is not answered in time ends with [ErrNoAnswer]. How many may be
//     open is bounded; more end with [ErrTooMany].
//  4. The right answer. An answer counts if it comes from whom was asked, is of the right type,
//     and has the question's context. A channel that another asker had before gets none of its
//     answers.
//  5. Order. Questions are sent in the order in which they are asked, with all else that the
//     participant sends. Their answers come in any order.
//
// # What must not be assumed
//
// The cluster stores no message: a question that nobody hears has no answer, so an object that
// does not exist ends with ErrNoAnswer, and not at once. A question that ended with it may have
// had its effects all the same, and so may one whose asker has ended: the object may have been
// created, the field may have been set.
//
// # Files
//
//	asker.go     who asks; open.go: what is open, and how it ends
//	question.go  what can be asked at all; message.go: what has no answer
//	generate.go  new objects; client.go: what client agents do for a client
//	database.go  stored objects; index.go: found by a value
//	object.go    objects of state servers; call.go: UberDOGs
//	work.go      work in goroutines, and timers
//	values.go    fields by their names
package ask
