package eventlogger

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"
)

// maxPacket is more than a UDP packet can hold.
const maxPacket = 1 << 16

// receiveErrorPause keeps a socket that always fails from taking all of the
// processor.
const receiveErrorPause = 10 * time.Millisecond

// receive makes lines of packets, until the socket's deadline has passed.
func (el *EventLogger) receive() error {
	packet, control := make([]byte, maxPacket), make([]byte, controlSize)
	var lines lineFormatter
	var line []byte
	for {
		n, c, _, from, err := el.conn.ReadMsgUDPAddrPort(packet, control)
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default:
			el.counters.receiveErrors.Add(1)
			time.Sleep(receiveErrorPause)
			continue
		}
		el.counters.received.Add(1)
		if count, ok := droppedIn(control[:c]); ok {
			el.counters.kernel.add(count)
		}
		line, err = lines.packet(line[:0], packet[:n], time.Now())
		if err != nil {
			el.refuse(err, from, packet[:n])
			continue
		}
		el.lines.add(line)
		if el.backbone != nil {
			el.publish(line)
		}
	}
}

// noAddress is where events from the backbone come from.
var noAddress netip.AddrPort

// publish gives a line to the backbone.
func (el *EventLogger) publish(line []byte) {
	if el.backbone.Publish(line[:len(line)-1]) != nil {
		el.counters.unpublished.Add(1)
	}
}

// readBackbone makes lines of events from the backbone, until the context is done and
// all are made.
func (el *EventLogger) readBackbone(ctx context.Context) {
	var events batch
	var lines lineFormatter
	var line []byte
	for more := true; more; {
		select {
		case <-el.foreign.ready:
		case <-ctx.Done():
			more = false
		}
		el.foreign.swap(&events)
		start := 0
		for _, end := range events.ends {
			event := events.bytes[start:end]
			start = end
			el.counters.heard.Add(1)
			var err error
			if line, err = lines.foreign(line[:0], event, time.Now()); err != nil {
				el.refuse(err, noAddress, event)
				continue
			}
			el.lines.add(line)
		}
	}
}
