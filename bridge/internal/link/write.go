package link

import (
	"fmt"
	"runtime"
)

// directAtOnce is how often the goroutine that ends a turn writes what was queued meanwhile,
// before it leaves that to the link's writer.
const directAtOnce = 2

// Write writes what the connection takes at once, and what is queued meanwhile; what it does
// not take, it leaves to the link's writer. So it does not wait, and needs nobody to wake up
// as long as the connection takes what it gets. The lock must not be held.
func (b *Batch) Write() {
	l := b.link
	for range directAtOnce {
		n, err := l.conn.WriteNow(b.bytes)
		b.written = n
		if err != nil {
			l.writeFailed(b, err)
			return
		}
		if n < len(b.bytes) {
			break
		}
		if b = l.config.Outbox.next(b); b == nil {
			return
		}
	}
	l.rest <- b // it has room: there is one batch that is being written
}

func (l *Link) writeFailed(b *Batch, err error) {
	l.Lose(err)
	l.config.Outbox.lose(b)
}

// writeAtOnce is how many bytes are written until that counts as progress.
const writeAtOnce = 64 << 10

// write writes what others have left, and events, until the link ends.
func (l *Link) write() {
	for {
		select {
		case <-l.lost:
			select {
			case b := <-l.rest:
				l.config.Outbox.lose(b)
			default:
			}
			return
		case b := <-l.rest:
			if !l.writeAll(b) {
				return
			}
		case <-l.config.Events.ready:
			if l.config.Outbox.Congested() { // somebody writes
				l.config.Events.signal()
				runtime.Gosched()
				continue
			}
			b, more := l.queueEvents()
			if more {
				l.config.Events.signal()
			}
			if b != nil && !l.writeAll(b) {
				return
			}
		}
	}
}

// writeAll writes a batch, and what is queued meanwhile. It waits.
func (l *Link) writeAll(b *Batch) (ok bool) {
	l.writing.Store(true)
	defer l.writing.Store(false)
	for b != nil {
		for b.written < len(b.bytes) {
			some := b.bytes[b.written:min(b.written+writeAtOnce, len(b.bytes))]
			if err := l.conn.Write(some); err != nil {
				l.writeFailed(b, err)
				return false
			}
			b.written += len(some)
			l.written.Add(1)
		}
		l.queueEvents() // nothing is to be written by itself: this goroutine writes
		b = l.config.Outbox.next(b)
	}
	return true
}

// A NATS server takes messages up to its max_payload, a megabyte if nobody changes it. It
// ends the connection of a client that sends a longer one. So what does not fit is left out,
// counted and logged, and costs nothing else.
const (
	// WantedPayload is enough for all that a node sends: the longest datagram, and the
	// note of a post-remove just as long.
	WantedPayload = 96 << 10
	// LeastPayload is what a node cannot do without: heartbeats must fit.
	LeastPayload = 16 << 10
)

// checkPayload reports whether a node can live on a server that takes so much.
func checkPayload(max int64) error {
	if max >= LeastPayload {
		return nil
	}
	return fmt.Errorf("the NATS server takes messages of at most %d bytes (max_payload), and astrond needs %d at least, %d for the longest datagrams and post-removes",
		max, LeastPayload, WantedPayload)
}
