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
// unsubscribe, post-removes, a name, a line for the event logger. It takes effect at
// once. Every other datagram is routed.
//
// Some mistakes are logged, and the connection stays: a datagram that cannot be routed, a
// control message of unknown type, a post-remove that could never be routed. Others reset the
// connection: an empty datagram, a truncated control message, too many subscriptions or
// post-removes. A connection that begins like HTTP or TLS is closed before anything is routed,
// because any web page could open one. Whatever ends a connection, its participant leaves, and
// its post-removes are sent.
//
// A port may speak another dialect, [OTP]: package natstron/bridge/otp translates what its
// participants send as soon as it has been read, and what they receive just before it is
// written. Limits and order are the same.
//
// # In which order
//
// On Linux, connections are read in the order in which something arrived on them: what a
// program sends on one connection and then on another takes effect in that order, as long as the
// port keeps up. Connections with much to read are read by several goroutines, with no order
// among them. The protocol promises none between different senders.
//
// # How it is fast
//
// One read takes in all frames that have arrived, and one turn of the node routes them. What
// they deliver to a connection goes out in one write. The goroutine that ends the turn makes it;
// what the socket does not take at once is left to a goroutine that ends when the queue is
// empty. In a steady stream no datagram allocates.
//
// If a connection sends more than the backbone or a role of the process takes, it is not read
// until they have caught up.
//
// If a host does not answer for [Options.HostTimeout], its connections end, whether or not
// anything is sent to them. If the host answers but the program does not read, what is queued
// for it is bounded by [Options.MaxQueue]; past that the connection is closed.
//
// # The upstream link
//
// [Connect] hangs the node under a classic message director: see [Upstream].
package md
