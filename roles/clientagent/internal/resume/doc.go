// Package resume has what a client agent needs so that clients can come back after their
// connection was lost: signed tokens, and what was sent to a client and has not been
// acknowledged.
//
//	keys, err := resume.NewKeys(secrets) // the first one signs
//	ticket := resume.NewTicket(channel, limit)
//	token := keys.Sign(ticket.Token())   // for the client
//	ticket.Sent(frame)                   // for each that the client is sent
//	token, err := keys.Verify(bytes)     // from a client that comes back
//	ok := ticket.Accepts(token)
//
// # What is guaranteed
//
//  1. A token that was not signed with one of the keys, or was changed or cut, is refused.
//  2. A ticket accepts the token that it gave last. It accepts those before, too, back to the
//     last one that the client is known to have, until the client has confirmed that it has
//     the new one: a connection can be lost just then, and again.
//  3. What a ticket keeps is bounded. If there is no room for a frame, nothing is kept any
//     more, and the ticket accepts no token.
//
// Nothing here has a goroutine or a lock; it belongs to one goroutine at a time.
package resume
