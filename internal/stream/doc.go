// Package stream queues what is to be written to one connection, and writes it
// with as few system calls and goroutines as it can.
//
//	s := stream.New(conn, pool, broken)
//	s.Append(frame) // for every frame
//	s.Flush()       // once, when no more come at the moment
//	<-s.Close()     // everything has been written
//
// [Stream.Flush] tries to write at once, without waiting: no
// goroutine has to wake up for it, and all that was appended goes out in one
// write. Only when the socket is full does a goroutine take over, until the
// queue is empty again. An idle connection has neither a goroutine nor a buffer
// here. A connection that is not a socket of the system, such as one with TLS,
// is always written by that goroutine.
//
// # What is guaranteed
//
// Bytes leave in the order of Append, none twice and none left out, until a
// write fails: then the owner of the connection is told, and everything after
// that is dropped. Append and Flush never wait for the network.
//
// # What must not be assumed
//
// A Stream does not bound its queue. [Stream.Waiting] tells how much is
// waiting, and the owner of the connection closes it when that is too much.
package stream
