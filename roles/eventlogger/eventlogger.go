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
	"natstron/internal/netaddr"
)

// Options say what an event logger does.
type Options struct {
	// Bind is host:port.
	Bind string `key:"bind" is:"listen" over:"udp" port:"7197" default:"0.0.0.0:7197" doc:"Where events arrive, over UDP."`
	// Output is the name of the file, a pattern for strftime.
	Output         string        `key:"output" is:"pattern" but:"a pattern as strftime has it" default:"events-%Y%m%d-%H%M%S.log" doc:"The file to write to; %Y, %m, %d, %H, %M, %S and strftime's other letters stand for the time at which it is opened."`
	RotateInterval time.Duration `key:"rotate_interval" max:"3650d" orzero:"1s" doc:"How long a file is written before the next is begun; 0 means for ever."`
	// Backbone publishes events on Node, and takes those of the whole cluster from it.
	Backbone bool `key:"nats,ours" doc:"Whether events are published on the backbone, too, and those of the whole cluster are written."`
	Node     *bridge.Node
	Log      *slog.Logger // default: discard
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
	if problem, fix := pattern(o.Output).check(); problem != "" {
		return nil, fmt.Errorf("event logger: output: %s: %s", problem, fix)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
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

// CheckKeys finds what is wrong with options in a configuration.
func (o *Options) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	if problem, fix := pattern(o.Output).check(); problem != "" {
		report(problem, fix, "output")
	}
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
	conn, err := config.ListenPacket(ctx, netaddr.Network("udp", el.options.Bind), el.options.Bind)
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
	if el.options.Backbone {
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
	hearer.Go(func() { el.readBackbone(hearing) })
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
