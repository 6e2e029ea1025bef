package arrival

import (
	"cmp"
	"net"

	"natstron/bridge/wire"
	"natstron/internal/nonblock"
)

// defaultBuffer is that of [Callbacks].
const defaultBuffer = 128 << 10

// A Pacer slows the readers down while the process has more to send than goes out.
type Pacer interface {
	Congested() bool // says whether Pace would wait
	Pace()           // waits
}

// Callbacks are what the owner of a connection does with it. They are called by one
// goroutine at a time.
type Callbacks struct {
	// Take handles all frames that one read brought, at least one. It must not wait:
	// if no more is to be read for now, it returns what is closed when that is over.
	// An error ends the connection.
	Take func(frames *wire.FrameReader) (wait <-chan struct{}, err error)
	// End is called once, when the connection has ended with err, or Take has; or with
	// [wire.ErrHTTP] or [wire.ErrTLS], when it begins as no connection with frames does.
	// It may take its time. It is to close the connection.
	End func(err error)
	// Buffer is how many bytes one read takes in at most, and so how many one call of
	// Take handles; default 128 KiB.
	Buffer int
	// Gone, if not nil, is closed when it makes no sense to wait any more for what Take
	// returned.
	Gone <-chan struct{}
}

// Conn is a connection that is read. Loops make it.
type Conn struct {
	Callbacks
	loop   *Loop
	net    net.Conn
	frames *wire.FrameReader
	socket *socket         // nil: reading it waits
	wait   <-chan struct{} // what Take returned last

	left    int  // how many bytes of the socket are to be read now
	brought int  // by the last read of the socket
	full    bool // and there may be more
	begun   bool // its first bytes are those of a frame
}

// Conn returns a connection that is not read before [Conn.Serve]. nc should have been
// adopted, see [Loop.Adopt].
func (l *Loop) Conn(nc net.Conn, do Callbacks) *Conn {
	do.Buffer = cmp.Or(do.Buffer, defaultBuffer)
	return &Conn{Callbacks: do, loop: l, net: nc}
}

// handle hands over what has been read. Nothing is handed over of a connection that
// begins as another protocol does.
func (c *Conn) handle() (err error) {
	if !c.begun {
		if c.begun, err = wire.Begins(c.frames.Held()); err != nil {
			return err
		}
	}
	if c.frames.Whole() {
		c.wait, err = c.Take(c.frames)
	}
	return err
}

// pause waits as long as no more is to be read.
func (c *Conn) pause() {
	c.loop.pacer.Pace()
	if c.wait != nil {
		select {
		case <-c.wait:
		case <-c.Gone: // it is to end
		}
		c.wait = nil
	}
}

// readOn reads until the connection ends. While it waits for a socket of the system,
// it holds no buffer.
func (c *Conn) readOn() {
	wait := nonblock.Waiter(c.net)
	var err error
	for err == nil {
		c.pause()
		if wait != nil {
			c.frames.Lend()
			err = wait()
		}
		if err == nil {
			err = c.frames.Fill()
		}
		if err == nil {
			err = c.handle()
		}
	}
	c.End(err)
}
