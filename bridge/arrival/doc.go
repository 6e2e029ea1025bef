// Package arrival reads all connections of a process, on every port, in the order in which
// something arrived on them. So when a program subscribes on one connection and then sends on
// another, the subscription is made first. One goroutine for each connection would not keep that
// order: of the goroutines that are ready at the same time, the runtime runs the last one first.
//
//	loop, err := arrival.Start(node)
//	port, err := loop.Listen(ctx, "127.0.0.1:7199", net.KeepAliveConfig{})
//	err = port.Serve(arrival.Accepting{Take: func(conn net.Conn) {
//		conn = loop.Adopt(conn)
//		loop.Conn(conn, arrival.Callbacks{Take: …, End: …}).Serve()
//	}})
//
// The order is not exact. The system tells in which order connections had their first unread
// bytes, not when each message arrived. If a program sends on A, on B and on A again before
// anything is read, both messages on A are read before that on B: see docs/design.md.
//
// On Linux, one goroutine, the loop, waits for all ports and all quiet connections. It accepts
// new connections, and reads and handles what arrives, so no other goroutine has to wake up for
// a message. An idle connection has neither a goroutine nor a buffer. A connection with much to
// read at once gets a goroutine of its own until it is quiet again, so that a busy port uses all
// processors. There is no order among such connections.
//
// A connection that is not a socket of the system, such as one with TLS, and every
// connection on other systems, has a goroutine that reads it.
package arrival
