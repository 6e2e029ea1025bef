// Package msgtext is messages as text, for the scenario scripts of the roles'
// tests: written along the layouts of package wire, with the names of the DC
// file.
//
//	20001 SET_FIELD 20001 setName("Flo")
//
// is a message to channel 20001, as [Parse] reads it: recipients, the message's
// name without the prefix that nearly all have, its arguments in order. A value
// stands behind its field's name. [Text] writes a datagram the same way, with its
// sender instead of its recipients.
//
// [Values] tells the layouts where a field's value ends. astrond tap uses it, too.
package msgtext
