// Package ask asks questions of the cluster, and calls a function with the answer: a database
// about stored objects, the objects of a state server about their fields, an UberDOG about
// anything. Fields and classes have the names of the DC files. Work outside the cluster, such as
// a call of a token service or a slow hash, runs in a goroutine, see [Do].
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
//  4. The right answer. An answer counts if it comes from the participant that was asked, has
//     the right type, and has the question's context. If a channel belonged to another asker
//     before, late answers to that one do not count.
//  5. Order. Questions are sent in the order in which they are asked, with all else that the
//     participant sends. Their answers come in any order.
//
// # What must not be assumed
//
// The cluster stores no messages. A question to an object that does not exist is answered by
// nobody, so it ends with ErrNoAnswer, after its time. A question that ended with ErrNoAnswer, or
// whose asker has ended, may have had its effects all the same: the object may have been created,
// the field may have been set.
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
