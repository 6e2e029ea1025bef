package link

import (
	"bytes"
	"strconv"
	"strings"
)

// ops calls do for each thing that is to be done on the connection, from an offset on: its
// words, and, if it is a message, the payload.
func (b *Batch) ops(from int, do func(words []string, payload []byte)) {
	for at := 0; at < len(b.bytes); {
		line, _, _ := bytes.Cut(b.bytes[at:], []byte("\r\n"))
		words := strings.Split(string(line), " ")
		at += len(line) + len("\r\n")
		var payload []byte
		if words[0] == "PUB" {
			size, _ := strconv.Atoi(words[len(words)-1]) // it is ours
			payload = b.bytes[at : at+size]
			at += size + len("\r\n")
		}
		if at > from {
			do(words, payload)
		}
	}
}

// isDatagram reports whether a message is a datagram, by its reply subject.
func isDatagram(words []string) bool { return len(words) == 4 && strings.HasPrefix(words[2], "_A.") }

// publishes is how many datagrams are in the batch that have not been written.
func (b *Batch) publishes() (n int) {
	b.ops(b.written, func(words []string, _ []byte) {
		if isDatagram(words) {
			n++
		}
	})
	return n
}

// Describe empties the queue and says what was in it, a line for each entry: for tests of
// what a node writes. text says what a datagram or a note holds.
func (o *Outbox) Describe(text func(payload []byte, datagram bool) string) (lines []string) {
	o.filling.ops(0, func(words []string, payload []byte) {
		switch words[0] {
		case "PUB":
			if isDatagram(words) {
				lines = append(lines, "publish "+words[1]+" "+strings.TrimPrefix(words[2], "_A.")+" "+text(payload, true))
			} else {
				lines = append(lines, "note "+words[1]+" "+text(payload, false))
			}
		case "SUB":
			lines = append(lines, "subscribe "+words[1])
		case "UNSUB":
			lines = append(lines, "unsubscribe "+words[1])
		}
	})
	o.pressure.Relieve()
	o.filling.reset()
	return lines
}
