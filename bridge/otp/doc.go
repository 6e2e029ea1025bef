// Package otp translates between Astron's protocol and its model, the protocol of Disney's
// servers (OTP), which processes of the original games and of their descendants speak on the
// message director port. OTP is a dialect of the same protocol: framing, channels, the header of
// a datagram and the packing of fields are the same. The numbers of messages, and the order of
// their arguments, are different.
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
//   - the objects that the participant created, because it must not be told that they enter,
//     until they have left;
//   - the senders of its post-removes, because the dialect takes all of them back with one
//     message. A post-remove is translated when it is added, because the node that sends it
//     does not know the dialect;
//   - the field of each question, by its context, because Astron does not name the field when
//     it answers that there is no value;
//   - which questions for objects have not been answered in full, because the dialect tells when
//     they are, and Astron tells the number of answers beforehand.
//
// All of it is bounded. When something has to be forgotten, the participant's log says so.
//
// How the participant is told of the end of an object depends on the channel through which it
// heard of it: as the object's AI, that it leaves; in a zone, that it is deleted.
//
// # What changes besides
//
// Disney's servers give a client the channel of its avatar or account. In Astron that number is
// the channel of an object's children, or of a location. So it is replaced wherever it occurs: in
// the recipients and the sender of every datagram, and where the table has a channel.
//
// A bundle (BOUNCE_MESSAGE) is split into its datagrams. A message that is not in the table is
// passed on as it is. If a client agent of Astron would mistake its number for another message,
// it travels under a number of its own, which only ports of the dialect understand.
//
// Panda3D formats creations and field updates with Astron's numbers. These are understood, too.
// Where the dialect uses the same number for another message, the length of the message and the
// DC files tell which one it is.
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
