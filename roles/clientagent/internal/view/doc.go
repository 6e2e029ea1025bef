// Package view is what one game client sees of the world: its interests and their
// zones, the objects that it knows, and the interests that are still being opened
// (protocol documents 10, section 3, and 11, section 4).
//
//	views := view.Views{File: file, Timeout: time.Second, Alarm: …}
//	v := views.New(session)
//	err := v.Add(view.NewInterest(1, parent, zones...), context)
//	d, err := views.Read(datagram) // for each that comes from the cluster
//	err = v.Handle(d)              // in each view that it is for
//
// A [View] is a state machine. Its methods tell it what the client wants and what objects say.
// Through its [Session] it sends messages to the client, subscribes to zones, asks parents for
// their objects, and tells the participants that have ordered an interest that it is open. It has
// no connection, goroutine or lock, and gets the time from [Views.Now] and [Views.Expire]. The
// scripts in testdata show what it does.
//
// # What is guaranteed
//
//  1. A client is shown an object once, until it leaves.
//  2. While an interest is being opened, the client sees nothing of its new zones.
//     When all their objects have answered or left, or the time is up, it is shown those
//     that answered, is told that the interest is open, and gets what happened meanwhile,
//     in order.
//  3. An object leaves when the last interest in its zone is closed, or when it moves
//     to where the client does not look. One that the client owns, and has moved there
//     itself, leaves when the client loses it.
//  4. When the avatar moves, the rule of its parent closes and opens only zones that are seen
//     from one of the two places. While a rule shows the avatar, the avatar does not leave.
//  5. An answer from before a zone was closed is not shown when the zone has been
//     opened again: the object may have left meanwhile.
//
// # What must not be assumed
//
// A view does not check what the client may do, such as whether it may open an interest, and
// how many. The client agent does, with [View.LoadWith] and [View.Pending].
//
// All views of a [Views] belong to one goroutine at a time.
package view
