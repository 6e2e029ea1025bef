// Package wire is the byte layout of the Astron protocol: identifiers,
// datagrams, message types and their arguments, and a reader and a writer for
// them. It knows neither NATS nor DC files.
//
// Comments cite the protocol documents of the Astron project by number: 00
// encoding, 10 client, 11 client agent, 12 state server, 13 database server, 19
// message director, 20 event logger. "The reference" is the C++ Astron; where
// it and a document disagree, the comment says what this package does.
//
// # A datagram
//
// Everything that travels inside a cluster is a [Datagram] (document 00, section
// 0), all numbers little-endian:
//
//	uint8   recipient count
//	uint64  recipients [recipient count]    channels
//	uint64  sender                          absent in control messages
//	uint16  message type
//	...     payload, up to the end
//
// On a TCP connection a uint16 length, which does not count itself, stands
// before it; the two together are a frame, and [FrameReader] reads frames from a
// connection. On NATS the payload is the datagram without that length. So a
// datagram has at most 65,535 bytes.
//
// A datagram to channel 1 alone is for the message director that receives it: a
// [Control] message, such as one that subscribes to a channel. Between a game
// client and its client agent there are no datagrams, but messages without
// recipients and sender (document 10, section 1):
//
//	uint16  client message type             [ClientMsgType]
//	...     payload, up to the end
//
// # Identifiers
//
// A [Channel] is an address of 64 bits. A [DoID] identifies a distributed
// object and is a channel, too; so is a [Location], a parent and a zone under
// it. Methods convert between them. Classes and fields of the DC files are known
// by number, [DClassID] and [FieldID].
//
// # Reading and writing
//
// [Reader] has a sticky error: read everything, then check once. It never
// panics, whatever the bytes are, and returns parts of its input. [Writer]
// appends; a length that does not fit its field is an error. Neither is safe for
// concurrent use. A loop that uses one Writer again does not allocate.
//
// Errors wrap [ErrTruncated], [ErrExcess], [ErrTooLong] or [ErrUnknownControl].
//
// # What a message carries
//
// [LayoutOf] and [ClientLayoutOf] describe the payload of each message type: its
// arguments, who sends it to whom, what it does, and the document that says so.
// docs/messages.md is written from them. [Layout.Decode] decodes a payload by its
// layout, for tools that show traffic to people. The roles read their messages
// with a [Reader].
//
// # Where to look
//
//	ids.go          channels, doIds, zones, locations; ParseChannel
//	datagram.go     recipients, sender, type
//	frame.go        frames from a connection, in batches
//	control.go      the control messages, read and written
//	msgtype.go      the numbers and names of messages inside a cluster
//	clientmsg.go    the same for messages to and from clients
//	eject.go        reasons for disconnecting a client
//	foreign.go      telling HTTP and TLS from frames
//	layout.go       layouts; layout_*.go are the tables and the decoder
package wire
