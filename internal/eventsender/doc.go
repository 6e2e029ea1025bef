// Package eventsender sends events to the event logger (protocol document 20):
// each a MessagePack map, as one UDP datagram to general.eventlogger.
//
//	events, err := eventsender.Dial(ctx, "10.0.0.5:7197", log)
//	events.Send(event)
//	events.Close()
//
// # What is guaranteed
//
//  1. [Sender.Send] never waits: not for the network, not for a lock that is
//     held during I/O. It may be called while routing.
//  2. Events leave in the order in which Send took them.
//  3. What is not sent is counted in [Stats], and logged: at once, then at most
//     every ten seconds.
//
// # What must not be assumed
//
// UDP promises nothing: an event that left may still get lost. The name of the
// event logger is resolved by [Dial], and again at most every half minute; what is
// sent in between goes where it led last. Events are sent as they are.
//
// # Memory
//
// At most 1 MiB of events waits. A nil *Sender is one that drops everything
// without a word: what there is where no event logger is configured.
package eventsender
