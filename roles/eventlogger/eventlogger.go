package eventlogger

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"natstron/bridge"
	"natstron/internal/complaint"
)

// Options say what an event logger does.
type Options struct {
	// Bind is the UDP address at which events arrive, host:port.
	Bind string
	// Output is the name of the file, a pattern for strftime.
	Output string
	// RotateInterval is how long a file is written before the next is begun; 0
	// is for ever.
	RotateInterval time.Duration
	// Node, if set, is where events are published and taken from, too.
	Node *bridge.Node
	// Log is required.
	Log *slog.Logger
}

// Bounds of the memory for events that wait.
const (
	maxLines   = 32 << 20 // to be written
	maxForeign = 8 << 20  // from the backbone, to be made lines of
)

// drainTime is how long an event logger that ends goes on to read what has
// arrived.
const drainTime = 20 * time.Millisecond

// EventLogger is the role. Stats and Addr may be called by any goroutine, once
// Start has returned.
type EventLogger struct {
	options Options
	log     *slog.Logger

	counters counters
	refused  refusals
	lines    *queue
	foreign  *queue
	writer   *writer
	conn     *net.UDPConn
	backbone *bridge.EventSubscription // nil without a node
}

// New checks the options. Start must follow.
func New(o Options) (*EventLogger, error) {
	if err := pattern(o.Output).check(); err != nil {
		return nil, fmt.Errorf("event logger: %w", err)
	}
	el := &EventLogger{options: o, lines: newQueue(maxLines), foreign: newQueue(maxForeign)}
	el.log = o.Log.With("role", el.Name())
	el.writer = &writer{
		files:   disk{},
		name:    pattern(o.Output),
		every:   o.RotateInterval,
		queue:   el.lines,
		log:     el.log,
		written: &el.counters.written,

		complaints: complaint.Limiter{Every: remindEvery},
	}
	return el, nil
}

// Name implements roles.Role.
func (el *EventLogger) Name() string { return "eventlogger[" + el.options.Bind + "]" }

// Addr is where events arrive, with the port if Bind left that open.
func (el *EventLogger) Addr() net.Addr { return el.conn.LocalAddr() }

// Start opens the socket and the file: packets that are sent from now on will be
// read. A file that cannot be opened is logged, and is not an error: a cluster can
// work without its events.
func (el *EventLogger) Start(ctx context.Context) error {
	config := net.ListenConfig{Control: prepareSocket}
	conn, err := config.ListenPacket(ctx, "udp", el.options.Bind)
	if err != nil {
		return err
	}
	el.conn = conn.(*net.UDPConn)
	if size, err := enlarge(el.conn, receiveBuffer); err != nil {
		el.log.Warn("cannot enlarge the receive buffer: a flood of events may be lost", "error", err)
	} else if size < receiveBuffer {
		el.log.Info("the receive buffer is smaller than requested: a flood of events may be lost; raise the system's limit (on Linux, net.core.rmem_max)",
			"bytes", size, "asked", receiveBuffer)
	}
	el.writer.work(time.Now())
	if el.options.Node != nil {
		el.backbone = el.options.Node.SubscribeEvents(el.foreign.add)
	}
	el.log.Info("receiving events", "address", el.Addr(), "backbone", el.backbone != nil)
	return nil
}

// Run implements roles.Role.
func (el *EventLogger) Run(ctx context.Context) error {
	writing, endWriting := context.WithCancel(context.Background())
	defer endWriting()
	hearing, endHearing := context.WithCancel(context.Background())
	defer endHearing()
	var receiver, hearer, rest sync.WaitGroup

	var failure error
	broken := make(chan struct{})
	receiver.Go(func() {
		if failure = el.receive(); failure != nil {
			close(broken)
		}
	})
	hearer.Go(func() { el.hear(hearing) })
	rest.Go(func() { el.writer.run(writing) })
	rest.Go(func() { el.report(writing) })

	select {
	case <-ctx.Done():
	case <-broken:
	}
	// The receivers stop before the writer.
	_ = el.conn.SetReadDeadline(time.Now().Add(drainTime)) // it fails if the socket did, and then reading ends anyway
	receiver.Wait()
	el.leave()
	endHearing()
	hearer.Wait()
	endWriting()
	rest.Wait()
	return failure
}

// Stop implements roles.Role.
func (el *EventLogger) Stop(context.Context, error) {
	el.leave()
	_ = el.conn.Close() // it is not read any more
	el.writer.finish(time.Now())
}

// leave ends the subscription on the backbone.
func (el *EventLogger) leave() {
	if el.backbone != nil {
		el.backbone.Stop()
	}
}
