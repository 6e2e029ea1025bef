// Package listen opens ports for game clients, and makes connections of what comes
// there: TCP, TLS, the PROXY protocol and WebSocket, in any combination. On a port with
// WebSocket a browser can also get files, such as the page of the game.
//
//	port, err := listen.Open(ctx, loop, listen.Config{Address: ":7198"}, listen.Limits{…})
//	err = port.Serve(listen.Events{Client: func(c *listen.Conn) { … c.Opened() … }, …})
//
// What a [Conn] brings is frames of the protocol: a uint16 length, and a message of
// that length, whatever the transport is.
//
// A connection has a limited time for its handshake. A port has a limited number of
// connections in their handshake; when one more comes, the oldest is given up. So
// a client that opens many connections and says nothing keeps out nobody who is
// quicker than that.
package listen
