// Package resume is for clients that come back after their connection was lost: the tokens by
// which a client agent recognizes them, and the messages that they have not acknowledged.
//
//	keys, err := resume.NewKeys(secrets) // the first one signs
//	ticket := resume.NewTicket(channel, limit, memory)
//	token := keys.Sign(ticket.Token())   // for the client
//	room := ticket.Add(frame)            // for each that the client is sent
//	token, err := keys.Verify(bytes)     // from a client that comes back
//	ok := ticket.Accepts(token)
//
// # What is guaranteed
//
//  1. A token that was not signed with one of the keys, or was changed or cut, is refused.
//  2. A ticket accepts the token that it gave last. Until the client has confirmed that it has
//     this token, the ticket also accepts earlier ones, back to the last one that the client is
//     known to have: the connection may be lost before the new token arrives.
//  3. What a ticket keeps is bounded. If there is no room for a frame, nothing is kept any
//     more, and the ticket accepts no token.
//
// Nothing here has a goroutine or a lock; it belongs to one goroutine at a time.
package resume
