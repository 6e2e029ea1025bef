// Package wire is the byte layout of the Astron protocol: identifiers,
// datagrams, message types, and the reader and writer that take them apart and
// put them together. It knows nothing of sockets, of NATS or of DC files.
//
// # A datagram
//
// Everything that travels inside a cluster is a datagram (protocol document 00,
// section 0), all numbers little-endian:
//
//	uint8   recipient count
//	uint64  recipients [recipient count]    channels
//	uint64  sender                          absent in control messages
//	uint16  message type
//	...     payload, up to the end
//
// On a TCP connection a uint16 length, which does not count itself, stands
// before it; the two together are a frame. On NATS the payload is the datagram
// without that length. A datagram is therefore at most 65,535 bytes long.
//
// # Identifiers
//
// A [Channel] is an address of 64 bits. A [DoID] is the channel of a
// distributed object; a [Location], a parent and a zone under it, is a channel
// too. Conversions are methods here and nowhere else.
//
// # Reading and writing
//
// [Reader] has a sticky error: read everything, then ask once. It never
// panics, whatever the bytes are, and what it returns points into its input.
// [Writer] appends; a length that does not fit its field is an error, never
// cut off. Neither is safe for use by several goroutines at once.
package wire
