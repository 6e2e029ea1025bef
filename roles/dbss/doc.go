// Package dbss is the database-state server: it gives state-server behaviour to objects
// that live in a database (protocol document 12, section 2.4).
//
// # The states of an object
//
// A [Role] is responsible for ranges of doIds. Each object in them is in one of three
// states, which decides how a message is handled:
//
//	            ACTIVATE                  the database's answer
//	inactive ─────────────▶ loading ─────────────────────────────▶ active
//	   ▲                       │ no such object, wrong class,         │
//	   ├───────────────────────┘ no answer in time                    │
//	   └──────────────────────────────────────────────────────────────┘
//	                                               DELETE_RAM and its kin
//
// An inactive object is only in the database, or does not exist: the role keeps nothing about
// it. Questions for fields are passed to the database, and its answers back; changes of db
// fields are passed on; other messages go nowhere (inactive.go).
//
// A loading object is one that the database has been asked for. Messages to it wait in a
// queue, and are handled in order when it has become active, or is inactive again
// (loading.go).
//
// An active object is in a [stateserver.Space]: it is a state server's object. Changes to its
// db fields are also written to the database (active.go, write.go).
//
// # The database
//
// The role sends datagrams to it, from each object's channel, as any other process could. The
// role itself sends all of them, so they arrive in the order in which it sent them. A question
// has a random context that no other open question has. Only a message of the right type from
// the database's control channel, to the channel of the object in question, counts as its
// answer. A question that is not answered within [Options.Timeout] has failed, and the asker
// gets a failure (question.go).
//
// Others' changes in the database are announced on the object's database channel. The role
// changes the values of active objects accordingly, and tells those that see them. The role's
// own writes are announced too; it expects them and ignores them (announced.go, echo.go).
//
// # Who does what when
//
// The space and all of the role's state belong to the node's turn: a message is handled while
// it is routed, so its effects are in place before the next message of the same sender. There
// are no locks. The role's own participant subscribes to whole ranges from the start, and
// receives what is sent to any object in them. An active object is also subscribed to its own
// channel, and handles what arrives there itself.
//
// # What is refused
//
// As in a state server, a refused message changes nothing, is counted by its
// [stateserver.Reason], and logged at most once a second for each reason.
//
// testdata/scenarios shows every message in every state, with what goes to the
// database and what comes from it.
package dbss
