// Package dbss is the database-state server: a state server for objects that live in a
// database (protocol document 12, section 2.4).
//
// # The states of an object
//
// A [Role] is responsible for ranges of doIds. Each object in them is in one of
// three states, which decides how a message is handled:
//
//	            ACTIVATE                  the database's answer
//	inactive ─────────────▶ loading ─────────────────────────────▶ active
//	   ▲                       │ no such object, wrong class,         │
//	   ├───────────────────────┘ no answer in time                    │
//	   └──────────────────────────────────────────────────────────────┘
//	                                               DELETE_RAM and the like
//
// Inactive is an object that is only in the database, or does not exist: the role knows
// nothing of it. Questions for fields are passed to the database, and its answers
// back; changes of db fields are passed on; other messages are ignored (inactive.go).
//
// Loading is an object that the database has been asked for. Messages to it wait
// in a queue, and are handled in order once it is active, or inactive again (loading.go).
//
// Active is an object in a [stateserver.Space], and handles the messages of a state
// server. Changes of db fields are also written to the database (active.go, write.go).
//
// # The database
//
// The role talks to it in datagrams, from each object's channel, as any other
// process could. The role's own participant sends them, so they arrive in the order in
// which they were sent. A question has a random context that no other open question has.
// An answer counts only if it comes from the database's control channel, to the object
// that the question was about, with the matching message type. A question that is not
// answered within [Options.Timeout] has failed, and its asker is told (question.go).
//
// The database announces changes by others on the object's database channel. The role
// takes them over for active objects and tells those who see them. It recognizes its own
// writes, because it expects them, and ignores them (announced.go, echo.go).
//
// # When the process ends
//
// The active objects may survive it, as those of a state server do: see [stateserver.Space].
// Then the next process brings their db fields up to date (catchup.go). Two marks with a value
// say how it relates to the database: it is meant to differ, or the database has not
// announced it yet.
//
// # Concurrency
//
// The space and the role's own state belong to the node's turn: a message is handled
// while it is routed, so its effects are in place before the next one of the same sender.
// There are no locks. The role's participant subscribes to whole ranges from the start,
// and receives what is sent to any object in them. An active object has its own
// channel besides, and handles what it receives there itself.
//
// # What is refused
//
// As in a state server: a message that is refused changes nothing, is counted by
// its [stateserver.Reason], and logged at most once a second for each reason.
//
// testdata/scenarios shows every message in every state, with what goes to the
// database and what comes from it.
package dbss
