// Package eventlogger is the role that writes events to a file (protocol
// document 20): each comes as a UDP packet with one MessagePack map in it, or as AI
// processes of Disney's kind send it, and becomes a line of JSON.
//
//	logger, err := eventlogger.New(eventlogger.Options{
//		Bind:   "0.0.0.0:7197",
//		Output: "events-%Y%m%d.log",
//		Log:    log,
//	})
//
// What it returns is a [natstron/roles.Role]. A line:
//
//	{"_time": "2013-09-17 21:04:05+0200", "type": "client-lost", "sender": "Client: 4000"}
//
// # What is guaranteed
//
//  1. One event, one line. A line is valid JSON, begins with "_time", has the
//     event's keys in their order, and is never split between two files.
//  2. A file is appended to, never overwritten, and can be read while it is
//     written: an event is in it within milliseconds.
//  3. What arrives while a new file is begun is not lost.
//  4. While the file cannot be written, because its disk is full for example,
//     the process lives, says so, keeps 32 MiB of events, and writes them when
//     it can.
//  5. Nothing that comes from outside crashes it or makes it take more memory
//     than that. What is no event is counted in [Stats], and logged at most
//     every ten seconds.
//
// # What must not be assumed
//
// UDP promises nothing. What the system dropped because we did not read in time
// is counted where the system tells (Linux), but only when the next packet
// comes. A line that was written is the system's; nothing is forced to the disk.
// Events have no order across senders.
//
// # On the backbone
//
// With a node in the options (nats: true), each line of a packet is published,
// too, on <prefix>ctl.events.<origin>, and what others publish there is written.
// So an operator sees all events of a cluster with nats sub 'astronctl.events.>',
// and one event logger has them all in its file. What came from the backbone is
// never published again.
//
// # How it works
//
// One goroutine reads packets and makes lines of them, one does that for events
// from the backbone; both put them in a queue. A third takes all that is queued
// and writes it, and begins new files. So a slow disk does not keep packets
// waiting in the system's buffer.
package eventlogger
