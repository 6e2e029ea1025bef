// Package md is the classic message director protocol over TCP (protocol
// document 19), the port that Panda3D AI and UberDOG processes and other Astron
// daemons connect to. It is a thin bridge: each connection is a participant of
// the process's [bridge.Node], and frames become calls of the node and back.
//
//	node, err := bridge.Start(ctx, bridge.Options{})
//	server, err := md.New(node, md.Options{})
//	err = server.Listen(ctx, "127.0.0.1:7199", md.Astron)
//	go server.Serve()
//	…
//	server.Close()
//
// # What a connection may say
//
// A frame is a uint16 length and a datagram. A datagram whose only recipient is
// channel 1 is a control message, for the message director itself: subscribe,
// unsubscribe, post-removes, a name, a line for the event logger. It acts at
// once. Everything else is routed.
//
// What a connection gets wrong is answered like this. A datagram that cannot be
// routed, a control message of unknown type, a post-remove that could never be
// routed: a line in the log, and the connection stays. An empty datagram, a
// truncated control message, too many subscriptions or post-removes: the
// connection is reset. One that begins as HTTP or TLS does is closed before
// anything of it is routed: any web page could open it. Whatever ends a connection, its participant leaves, and
// its post-removes are sent.
//
// A port may be one of another dialect, [OTP]: what its participants send is
// translated before anything else is done with it, and what they get right before it
// is written (package natstron/bridge/otp). Limits and order are the same.
//
// # In which order
//
// Connections are read in the order in which something arrived on them, where
// the system tells (Linux): what is done on one connection, and then on another,
// takes effect in that order. It holds while the port keeps up. Those that bring
// much at once are read by several goroutines, and between senders that do not
// know of each other the protocol has no order anyway.
//
// # How it is fast
//
// One read takes in all frames that have arrived, and one turn of the node
// routes them. What they deliver to a connection goes out in one write, done by
// the goroutine that ends the turn if the socket takes it at once, else by a goroutine that
// lives as long as the queue does. In a steady stream no datagram allocates.
//
// A connection that sends more than the backbone or a role of the process takes
// is not read until they have caught up.
//
// A host that does not answer for [Options.HostTimeout] ends its connection, whether
// or not anything is sent to it. A program that stands still there does not: what
// waits for a connection that does not read is bounded by
// [Options.MaxQueue]; past it the connection is closed.
//
// # The upstream link
//
// [Connect] hangs the node under a classic message director: see [Upstream].
package md
