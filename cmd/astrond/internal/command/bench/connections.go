package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// connections are AIs that are connected to message directors, as those of Astron are: they choose the
// doIds of their objects themselves. All of them live in the bench's own process.
type connections struct {
	all     []*connection
	objects []ownObject // of all, in the order in which they are updated
	field   wire.FieldID
	state   []byte // a value of the field
	ending  sync.WaitGroup
	done    chan struct{}
	mu      sync.Mutex
	err     error // the first one that ended a connection
}

// connection is one of them.
type connection struct {
	net.Conn
	channel wire.Channel
	writer  wire.Writer
	queue   []byte        // what is to be written
	created chan struct{} // closed when its last object has answered
}

type ownObject struct {
	by     *connection
	do     wire.DoID
	number uint32
}

// The channels and doIds of connections.
const (
	firstConnection = 600_000
	firstOfOwn      = 20_000_000
)

// connect connects AIs to message directors, which they take in turns, and has them create the world's
// objects. It returns when these are there.
func connect(ctx context.Context, w World, file *dc.File, directors []string) (*connections, error) {
	class, _ := file.DClassByName("Thing")
	id, _ := class.ID()
	f, _ := class.FieldByName("setState")
	all := &connections{field: wire.FieldID(f.ID()), state: slices.Clone(f.DefaultPacked()), done: make(chan struct{})}
	servers := w.stateServers()
	dialer := net.Dialer{}
	for i := range w.Connections {
		conn, err := dialer.DialContext(ctx, "tcp", directors[i%len(directors)])
		if err != nil {
			all.end()
			return nil, fmt.Errorf("connect to a message director: %w", err)
		}
		c := &connection{Conn: conn, channel: firstConnection + wire.Channel(i), created: make(chan struct{})}
		all.all = append(all.all, c)
		c.writer.AppendControl(wire.Control{Type: wire.ControlAddChannel, Channel: c.channel})
		c.put()
		server := servers[i%len(servers)]
		first, next := w.Objects*i/w.Connections, w.Objects*(i+1)/w.Connections
		for n := first; n < next; n++ {
			do := wire.DoID(firstOfOwn + n)
			c.writer.Header(c.channel, wire.StateServerCreateObjectWithRequired, server).
				DoID(do).Location(w.at(n)).DClassID(wire.DClassID(id)).Raw(all.state)
			c.put()
			all.objects = append(all.objects, ownObject{by: c, do: do})
		}
		if first == next {
			close(c.created)
		} else {
			c.writer.Header(c.channel, wire.StateServerObjectGetLocation, wire.DoID(firstOfOwn+next-1).Channel()).Uint32(1)
			c.put()
		}
		all.ending.Go(func() { all.read(c) })
	}
	var sending sync.WaitGroup
	for _, c := range all.all {
		sending.Go(c.flush)
	}
	sending.Wait()
	for _, c := range all.all {
		select {
		case <-c.created:
		case <-ctx.Done():
			all.end()
			return nil, errors.Join(context.Cause(ctx), all.failed())
		}
	}
	return all, all.failed()
}

// put queues what the writer has.
func (c *connection) put() {
	d, err := c.writer.Datagram()
	if err == nil {
		c.queue = binary.LittleEndian.AppendUint16(c.queue, uint16(len(d)))
		c.queue = append(c.queue, d...)
	}
	c.writer.Reset()
}

// flush writes what is queued. An error shows where the connection is read.
func (c *connection) flush() {
	_, _ = c.Write(c.queue)
	c.queue = c.queue[:0]
}

// read reads a connection to its end.
func (a *connections) read(c *connection) {
	frames := wire.NewFrameReader(c, 0)
	for {
		for f, ok := frames.Next(); ok; f, ok = frames.Next() {
			if m, err := wire.Datagram(f[wire.FrameHeader:]).Message(); err == nil && m.Type == wire.StateServerObjectGetLocationResp {
				close(c.created)
			}
		}
		if err := frames.Fill(); err != nil {
			select {
			case <-a.done:
			default:
				a.mu.Lock()
				defer a.mu.Unlock()
				if a.err == nil {
					a.err = fmt.Errorf("a message director ended the connection of AI %d: %w", c.channel, err)
				}
			}
			return
		}
	}
}

// update sends so many updates a second, of one object after the other, until ctx is done.
func (a *connections) update(ctx context.Context, rate int) {
	if rate == 0 || len(a.objects) == 0 {
		return
	}
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	began, sent := time.Now(), 0
	for ctx.Err() == nil {
		for due := int(time.Since(began).Seconds() * float64(rate)); sent < due; sent++ {
			o := &a.objects[sent%len(a.objects)]
			o.number++
			binary.LittleEndian.PutUint32(a.state, o.number)
			binary.LittleEndian.PutUint64(a.state[4:], uint64(time.Now().UnixMicro()))
			o.by.writer.Header(o.by.channel, wire.StateServerObjectSetField, o.do.Channel()).DoID(o.do).FieldID(a.field).Raw(a.state)
			o.by.put()
		}
		for _, c := range a.all {
			if len(c.queue) > 0 {
				c.flush()
			}
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
		}
	}
}

func (a *connections) failed() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// end ends all connections.
func (a *connections) end() {
	close(a.done)
	for _, c := range a.all {
		_ = c.Close() // it has to end, whatever the error
	}
	a.ending.Wait()
}
