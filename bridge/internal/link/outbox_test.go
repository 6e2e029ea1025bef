package link

import (
	"bufio"
	"net"
	"strings"
	"sync"
	"testing"

	"natstron/bridge/internal/identity"
	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
)

// open is an outbox that is open, and written by a link that has no connection.
func open(limit int) (*Outbox, sync.Locker) {
	lock := new(sync.Mutex)
	o := NewOutbox(lock, prefix, limit)
	o.Open("self")
	o.link = &Link{config: Config{Outbox: o}}
	return o, lock
}

// Each batch is the writer's until it takes the next one, and there is one writer.
func TestOutboxBatchesTakeTurns(t *testing.T) {
	o, _ := open(1 << 20)
	if o.Begin() != nil {
		t.Error("something is to be written before anything was queued")
	}
	o.Note("a", "", []byte("one"))
	first := o.Begin()
	o.Note("b", "", []byte("two"))
	if o.Begin() != nil {
		t.Error("two write at the same time")
	}
	if got := string(first.bytes); got != "PUB a 3\r\none\r\n" {
		t.Errorf("the batch that is being written now holds %q", got)
	}
	second := o.next(first)
	if got := string(second.bytes); got != "PUB b 3\r\ntwo\r\n" {
		t.Errorf("the second batch holds %q", got)
	}
	if o.next(second) != nil {
		t.Error("nothing came since, and there is a third batch")
	}
	o.Note("c", "", nil)
	if o.Begin() == nil {
		t.Error("nobody writes what comes later")
	}
}

// What a batch that was under way brings to an end is not the next link's.
func TestOutboxForgetsTheLink(t *testing.T) {
	o, lock := open(1 << 20)
	o.Note("a", "", nil)
	b := o.Begin()
	lock.Lock()
	o.Shut()
	o.Open("next")
	o.link = new(Link)
	o.Note("b", "", nil)
	lock.Unlock()
	if o.next(b) != nil {
		t.Error("the writer of the old link takes what the new one is to write")
	}
	if b := o.Begin(); b == nil || !strings.HasPrefix(string(b.bytes), "PUB b ") {
		t.Error("nobody writes it")
	}
}

// When much waits, a sender that paces itself waits until it has been written, or will
// never be.
func TestPace(t *testing.T) {
	for _, end := range []string{"written", "lost"} {
		t.Run(end, func(t *testing.T) {
			o, lock := open(80_000)
			o.Pace() // nothing waits
			o.Note("a", "", make([]byte, 20_000))
			paced := make(chan struct{})
			go func() {
				o.Pace()
				close(paced)
			}()
			b := o.Begin() // much is being written now
			select {
			case <-paced:
				t.Fatal("went on while much waits")
			default:
			}
			if end == "written" {
				o.next(b)
			} else {
				lock.Lock()
				o.Shut()
				lock.Unlock()
			}
			<-paced
			o.Pace()
		})
	}
}

// A subscription ends a whole period after nobody wanted it any more, unless it is wanted
// again before.
func TestRetire(t *testing.T) {
	five, six := routing.CoverOf(5), routing.CoverOf(6)
	o, _ := open(1 << 20)
	text := func([]byte, bool) string { return "" }
	same := func(when string, want ...string) {
		t.Helper()
		if got := o.Describe(text); strings.Join(got, ", ") != strings.Join(want, ", ") {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	o.Change(five, true)
	o.Change(six, true)
	same("at first", "subscribe astron.0.0.0.5", "subscribe astron.0.0.0.6")
	o.Change(five, false)
	o.Change(six, false)
	o.Retire()
	same("in the period in which they were given up")
	o.Change(five, true)
	o.Retire()
	same("after the one that was wanted again was taken back", "unsubscribe 2")
	o.Change(six, true)
	o.Retire()
	o.Retire()
	same("after the other one had ended", "subscribe astron.0.0.0.6")
}

// A server that does not read holds up nobody but the link's writer, and what it has not
// taken of datagrams is counted when the link ends.
func TestWriteDoesNotWait(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Write([]byte(`INFO {"proto":1,"headers":true,"max_payload":1048576}` + "\r\n"))
		lines := bufio.NewScanner(conn)
		for pings := 0; pings < 2 && lines.Scan(); { // one after CONNECT, and one for the permissions
			if lines.Text() == "PING" {
				pings++
				_, _ = conn.Write([]byte("PONG\r\n"))
			}
		}
	}()
	l, o := dialTo(t, "nats://"+listener.Addr().String())
	const many = 1000
	d := datagram(t, make([]byte, 60_000))
	for i := range many {
		o.lock.Lock()
		o.Publish(d, identity.Identity{Seq: uint64(i) + 1}, 1)
		b := o.Begin()
		o.lock.Unlock()
		if b != nil {
			b.Write() // the test ends late if this waits
		}
	}
	l.Close()
	o.lock.Lock()
	defer o.lock.Unlock()
	o.Shut()
	if lost := o.Stats().Unpublished; lost < many/2 || lost > many {
		t.Errorf("%d of %d were not written", lost, many)
	}
}

// datagram is a datagram to channel 5.
func datagram(t *testing.T, payload []byte) wire.Datagram {
	t.Helper()
	var w wire.Writer
	d, err := w.Header(77, 9000, 5).Blob(payload).Datagram()
	must(t, err)
	return d
}
