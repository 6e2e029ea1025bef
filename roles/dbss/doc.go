// Package dbss is the database-state server: state-server behaviour for objects
// that live in a database (protocol document 12, section 2.4).
//
// # The states of an object
//
// A [Role] is responsible for ranges of doIds. Each object in them is in one of
// three states, and what becomes of a message depends on it:
//
//	            ACTIVATE                  the database's answer
//	inactive ─────────────▶ loading ─────────────────────────────▶ active
//	   ▲                       │ no such object, wrong class,         │
//	   ├───────────────────────┘ no answer in time                    │
//	   └──────────────────────────────────────────────────────────────┘
//	                                               DELETE_RAM and its kin
//
// Inactive is an object that is only in the database, or nowhere: the role knows
// nothing of it. Questions for fields are passed to the database, and its answers
// back; changes of db fields are passed on; all else has nobody that it could be
// for (inactive.go).
//
// Loading is an object that the database has been asked for. Messages to it wait
// in a queue, and are handled in their order when it is decided, as active or
// inactive as the object is then (loading.go).
//
// Active is an object in a [stateserver.Space]: the state server's own, with all
// that it can. What a message changes in db fields is also written to the
// database (active.go, write.go).
//
// # The database
//
// The role talks to it in datagrams, from each object's channel, as any other
// process could. It sends all of them itself, not its objects, so they arrive in
// the order in which it sent them. A question has a random context that no other
// question in flight has, and counts as answered only by the database's own
// control channel, on the channel of the object that it was about, with the
// message that belongs to it. One that is not answered in [Options.Timeout] has
// failed, and the asker is told (question.go).
//
// What others change in the database is announced on the object's database
// channel, and the role changes the values of active objects accordingly, and
// tells those who see them. Its own writes come back the same way; they are known
// by being expected, and change nothing (announced.go, echo.go).
//
// # Who does what when
//
// The space and all of the role's books belong to the node's turn: a message is
// handled while it is routed, so its effects are in place before the next one of the
// same sender. There are no locks. The role's own participant is subscribed to whole ranges from the
// start, and gets what is sent to any object in them, active or not; an active
// object has its own channel besides, and what it gets there the role leaves to
// it.
//
// # What is refused
//
// As in a state server: what is refused as a whole changes nothing, is counted by
// its [stateserver.Reason], and logged at most once a second for each reason.
//
// testdata/scenarios shows every message in every state, with what goes to the
// database and what comes from it.
package dbss
