// Package otp translates between Astron's protocol and the one that it was made
// after, of Disney's servers (OTP): processes of the original games and of their
// descendants speak it on the message director port. It is a dialect: framing,
// channels, the header of a datagram and the packing of fields are the same; the
// numbers of the messages are others, and the order of what stands in front of them.
//
// A [Translator] belongs to one connection, and is two functions over one table
// ([Messages]): [Translator.ToAstron] for what the participant sends,
// [Translator.FromAstron] for what it gets. It opens no socket, starts no goroutine
// and looks at no clock. The backbone, the roles and the tools go on speaking Astron.
//
// # What it remembers
//
// Some messages need more than other numbers:
//
//   - the objects that the participant made: nobody tells it that they have entered,
//     until they have left;
//   - the senders of its post-removes: the dialect takes all back at once. They are
//     translated when they are added: once they are sent nobody knows the dialect;
//   - the field of each question, by its context: Astron's answer that there is no
//     value does not name it;
//   - which questions for objects have not been answered in full: the dialect tells
//     when they have, Astron counts beforehand.
//
// All of it is bounded. What is forgotten costs a line in the participant's log.
//
// Which of the participant's channels heard of the end of an object says how it is
// told: as its AI, that the object leaves; in a zone, that it is deleted.
//
// # What changes besides
//
// The channel of a client, as Disney's servers name it after its avatar or account,
// is in Astron the channel of an object's children, or of a location. It becomes
// another, wherever it stands: in the recipients and the sender of every datagram,
// and where the table has a channel.
//
// A bundle (BOUNCE_MESSAGE) becomes its datagrams. What is not in the table is passed
// on as it is. If its number would be one for client agents in Astron, it travels under
// a number of its own, so that those of the dialect hear it, and nobody mistakes it.
//
// Panda3D itself, which formats creations and field updates for its users, does so in
// Astron's numbers. They are understood, too, also where the dialect has a number for
// something else: length and DC files tell.
//
// # Where to look
//
//	table.go       the messages: numbers, names, layouts
//	rewrite.go     a payload, by its row; channels of clients
//	translator.go  what a connection has; toastron.go, fromastron.go: both ways
//	control.go     control messages, post-removes
//	create.go      creations, and the forms that they have had
//	query.go       questions for the objects in zones, and for children
//	state.go       what is remembered
package otp
