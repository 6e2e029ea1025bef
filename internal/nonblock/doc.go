// Package nonblock reads and writes sockets of a Unix system without waiting for them. Where the
// system has no such sockets, [TakeOver], [NewWriter] and [Waiter] return nil.
//
//	nonblock_unix.go   reading and writing a descriptor; what the runtime's poller still waits for
//	socket_linux.go    a socket that the runtime's poller does not know
package nonblock

import "errors"

// ErrNothing says that nothing has arrived.
var ErrNothing = errors.New("nothing has arrived")
