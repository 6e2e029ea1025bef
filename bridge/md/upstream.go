package md

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/alive"
	"natstron/internal/stream"
)

// ErrUpstreamLost says that the connection to the upstream message director
// ended. As in the reference, the process should end with it: what was
// subscribed and left behind up there is gone.
var ErrUpstreamLost = errors.New("lost the upstream message director")

// Upstream is the link to a classic message director above this process
// (messagedirector.connect).
type Upstream struct {
	node *bridge.Node
	conn net.Conn
	sink *sink
	full chan struct{}

	watch *alive.Watch
	lost  atomic.Bool // its host has vanished
}

// connectTimeout bounds the attempt to reach the upstream.
const connectTimeout = 5 * time.Second

// Connect reaches the message director at host:port, and mirrors to it what the
// node's participants do. It must be called before anybody joins the node, and
// Run must follow. Options.MaxQueue bounds what may wait for it, Options.HostTimeout how
// long its host may not answer.
func Connect(ctx context.Context, node *bridge.Node, address string, o Options) (*Upstream, error) {
	dialer := net.Dialer{Timeout: connectTimeout, KeepAliveConfig: alive.KeepAlive(o.HostTimeout)}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("upstream message director: %w", err)
	}
	u := &Upstream{
		node: node,
		conn: conn,
		full: make(chan struct{}, 1),
	}
	u.sink = newSink(conn, new(stream.Pool), u.shut, o.maxQueue())
	if err := node.SetUpstream(u.sink, u.overflow); err != nil {
		_ = conn.Close() // not to be used
		return nil, err
	}
	u.watch = alive.Start(o.HostTimeout)
	u.watch.Add(conn, u.vanished)
	return u, nil
}

// vanished is called when the host of the upstream does not answer any more.
func (u *Upstream) vanished() {
	u.lost.Store(true)
	u.shut()
}

// shut makes Run find that the link has ended.
func (u *Upstream) shut() { _ = u.conn.Close() }

// overflow is called while routing, when the upstream does not take more.
func (u *Upstream) overflow() {
	select {
	case u.full <- struct{}{}:
		u.shut()
	default:
	}
}

// readBuffer is the most that one read of the upstream takes in.
const readBuffer = 128 << 10

// Run routes what comes down, until the link ends. The error is never nil; after
// Close it is [net.ErrClosed].
func (u *Upstream) Run() error {
	defer u.watch.Close()
	frames := wire.NewFrameReader(u.conn, readBuffer)
	for {
		if err := frames.Fill(); err != nil {
			_ = u.conn.Close() // it has ended
			if u.lost.Load() {
				err = alive.ErrVanished
			}
			select {
			case <-u.full:
				return fmt.Errorf("%w: it does not read: %w", ErrUpstreamLost, bridge.ErrOverflow)
			default:
				return fmt.Errorf("%w: %w", ErrUpstreamLost, err)
			}
		}
		u.turn(frames)
	}
}

// turn routes all frames that one read brought.
func (u *Upstream) turn(frames *wire.FrameReader) {
	t := u.node.Begin()
	defer t.End()
	for frame, ok := frames.Next(); ok; frame, ok = frames.Next() {
		_ = t.RouteDown(wire.Datagram(frame[wire.FrameHeader:])) // counted there
	}
}

// Close ends the link in order: what is queued is written for at most linger.
func (u *Upstream) Close(linger time.Duration) {
	select {
	case <-u.sink.Close():
	case <-time.After(linger):
	}
	_ = u.conn.Close() // it was to end
}
