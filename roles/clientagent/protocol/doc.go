// Package protocol is Astron's protocols as a game's own code needs them that is
// compiled into an astrond: the ids, the messages' numbers under the names that
// the protocol documents give them, and readers and writers of what is in them.
// See package clientagent for such code.
//
// Everything here is another name for what the project itself uses.
package protocol

import "natstron/internal/wire"

// Ids, all of them numbers.
type (
	// Channel is an address on the backbone.
	Channel = wire.Channel
	// DoID is the identifier of a distributed object.
	DoID = wire.DoID
	// Zone is a subdivision of a parent object's space.
	Zone = wire.Zone
	// Location is where an object is: its parent, and the zone under it.
	Location = wire.Location
	// FieldID is the number of a field in the DC files.
	FieldID = wire.FieldID
	// DClassID is the number of a dclass in the DC files.
	DClassID = wire.DClassID
)

// Messages.
type (
	// ClientMsgType says what a message between a client and its agent means.
	ClientMsgType = wire.ClientMsgType
	// MsgType says what a message in the cluster means.
	MsgType = wire.MsgType
	// EjectCode says why a client was disconnected.
	EjectCode = wire.EjectCode
	// Datagram is a message in the cluster with its recipients and its sender.
	Datagram = wire.Datagram
	// Message is a datagram taken apart.
	Message = wire.Message
)

// Reader takes values out of a message, in order. Its first error stays: what is
// read after it is zero.
type Reader = wire.Reader

// NewReader returns a reader of a message's bytes.
func NewReader(b []byte) Reader { return wire.NewReader(b) }

// Writer makes a message, value by value. Its zero value is ready for use.
type Writer = wire.Writer
