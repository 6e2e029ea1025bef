// Package client is the game client's end of a client agent's connection, for bots, load
// generators and tests in Go. It speaks protocol document 10, over TCP, TLS and WebSocket, and
// comes back after its connection was lost (docs/resume.md).
//
//	c, err := client.Dial(ctx, client.Options{Addresses: []string{"127.0.0.1:7198"}, Hash: hash, Version: "my-game-1"})
//	err = c.Send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(4665).FieldID(0).Text("Ada") })
//	err = c.KeepSession() // when it has been let in
//	for {
//		kind, payload, err := c.Receive()
//	}
//
// Receive reconnects by itself, as long as the agent said that the session waits, and sends
// again what had not arrived: neither side misses a message or gets one twice. What Send is
// given meanwhile is sent then. If the client agent was killed, another one brings the client up
// to date, where it may (docs/resume.md): it is told what has changed; messages in either
// direction may be lost, see [Client.Recovered]. A client agent that drains asks clients to
// reconnect; Receive does that, too, and goes on with the old connection if there is no other
// agent.
//
// Receive is for one goroutine at a time, and must be called again and again: it also answers
// the agent. Send and Close may be called by any.
package client
