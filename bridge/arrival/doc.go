// Package arrival reads the connections of a process in the order in which something
// arrived on them, whichever port they came to. So a program that subscribes on one
// connection, and then sends on another, finds the subscription made. Goroutines that
// each wait for a connection of their own do not keep that order: the runtime wakes
// those of one poll the last one first.
//
//	loop, err := arrival.Start(node)
//	port, err := loop.Listen(ctx, "127.0.0.1:7199", net.KeepAliveConfig{})
//	err = port.Serve(arrival.Accepting{Take: func(conn net.Conn) {
//		conn = loop.Adopt(conn)
//		loop.Conn(conn, arrival.Callbacks{Take: …, End: …}).Serve()
//	}})
//
// The system does not tell when each message of a connection arrived, only which connections
// had something first. What came on one connection before and after something on another,
// while nothing was read, is read together: see docs/design.md.
//
// On Linux, one goroutine waits for all ports and all connections that are quiet. It
// accepts those that come, and reads and handles what arrives: no other goroutine has to
// wake up for a message. What arrives while it handles something has its turn afterwards,
// also on connections that are read in between. An idle connection has neither a goroutine
// nor a buffer. One that brings much at once gets a
// goroutine of its own until it is quiet again, so a busy port uses all processors;
// there is no order among those.
//
// A connection that is not a socket of the system, such as one with TLS, and every
// connection on other systems, has a goroutine that reads it.
package arrival
