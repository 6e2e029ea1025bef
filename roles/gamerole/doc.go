// Package gamerole is for roles of a game's own: code in Go that runs in an astrond, beside
// the roles that are built in, and does what an UberDOG or an AI does in a process of its own.
// It serves objects, creates objects on state servers and has their updates, and sends and
// receives whatever messages it likes.
//
//	func main() {
//		app.Main(app.Extensions{Roles: gamerole.Types{"logins": gamerole.TypeOf(newLogins)}})
//	}
//
//	// options are the keys of the role in astrond.yml.
//	type options struct {
//		ID       wire.DoID    `key:"id,required" doc:"The doId of the login manager."`
//		Database wire.Channel `key:"database,required" doc:"The control channel of the database."`
//	}
//
//	func (o *options) Channel() wire.Channel { return o.ID.Channel() }
//
//	func newLogins(r *gamerole.Role, o *options) (gamerole.Game, error) {
//		l := &logins{Role: r, options: o}
//		manager, err := r.Object("LoginManager", o.ID)
//		if err != nil {
//			return nil, err
//		}
//		return l, manager.Handle("login", l.login)
//	}
//
//	func (l *logins) login(client wire.Channel, name, password string) { … }
//
// In astrond.yml the role has a place among the others, with its own keys:
//
//	roles:
//	  - type: logins
//	    id: 4665
//	    database: 4003
//
// The configuration is checked as that of the built-in roles is, by astrond check, too: unknown
// keys, values that are out of range, classes and fields that the DC files lack. The role's
// state is on the status page, its numbers are among the metrics, and it is asked whether it is
// ready ([Readier]) and to let its users go ([Drainer]).
//
// The package has what most games need. Questions, messages, timers and work that takes time are
// in package ask.
//
// # What is guaranteed
//
//  1. One at a time. The functions of a role, those of [Game], the handlers of fields, and what is
//     called with answers, are called in the node's turn: never two at once, and while they run
//     nothing else in the process is routed. A role needs no locks for what only they use. They
//     must not wait for anything: whatever needs a disk, a socket or much time is an ask.Do. The
//     methods of [Role] and [Object] may be called by them alone, but for those that say otherwise.
//  2. Run to completion. What a function sends is routed when it has returned, in the order in
//     which it was sent, with all that comes of it, before the next datagram of the same sender is
//     routed. The next function that is called sees all effects in this process.
//  3. Order. What the role sends takes effect in the order sent, in other processes, too: see
//     package bridge, "Order of effects". So a role may create an object, give it an owner and
//     then tell the client, without waiting for anything.
//  4. Subscribe, then speak. What is sent to a channel after [Role.Subscribe], by the role or
//     because of it, arrives.
//  5. Not to yourself. A role receives nothing that it sent itself.
//  6. Post-removes. When the role ends, its post-removes are sent, in the order in which they
//     were left; other processes send them if this one is killed.
//  7. One of a cluster. While another process serves the same channel, the role's process waits and
//     serves nothing, so a second process is a standby: see docs/backbone.md, "Who serves what".
//  8. Any order of starts. Until the role is ready, what it sends to the control channel of a state
//     server or a database server waits until somebody serves that, and so does all that it
//     sends behind it. The time of a question begins when it is sent.
//
// A handler that panics ends the process.
//
// # When messages are lost
//
// If the backbone is lost, or the node cuts the role off for another reason, messages are missing,
// and what the role believes of others may be wrong. So the role fails, as a state server does,
// and its process ends. With on_gap: continue it goes on.
//
// # Files
//
//	type.go     what a program declares; role.go: start, end, turns
//	starting.go waiting for the servers that the role needs
//	object.go   objects; handler.go: functions for updates of fields
//	send.go     channels, messages, post-removes
//	drain.go    users who are to leave; stats.go: numbers
package gamerole
