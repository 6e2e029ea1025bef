package link

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// gated is a gate in front of a queue with so many free places, and what its
// reads brought.
func gated(free int64) (g *gate, far net.Conn, room *atomic.Int64, reads chan int) {
	near, far := net.Pipe()
	room = new(atomic.Int64)
	room.Store(free)
	g = newGate(near, func() int { return int(room.Load()) })
	reads = make(chan int, 10)
	go func() {
		defer close(reads)
		for buf := make([]byte, 4*gateRead); ; {
			n, err := g.Read(buf)
			if err != nil {
				return
			}
			reads <- n
		}
	}()
	return g, far, room, reads
}

func TestGateWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, far, room, reads := gated(gateRoom - 1)
		go func() { _, _ = far.Write([]byte("hello")) }() // it ends with the pipe
		synctest.Wait()
		if len(reads) > 0 {
			t.Fatal("read without room for all that it could bring")
		}
		g.drained() // of too little
		synctest.Wait()
		if len(reads) > 0 {
			t.Fatal("read when it was woken without enough room")
		}
		room.Store(gateRoom)
		g.drained()
		synctest.Wait()
		if len(reads) != 1 || <-reads != 5 {
			t.Fatal("did not read when there was room")
		}
		g.Close()
	})
}

func TestGateReadsNoMoreThanTheQueueHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, far, _, reads := gated(gateRoom)
		go func() { _, _ = far.Write(make([]byte, 3*gateRead)) }() // it ends with the pipe
		synctest.Wait()
		g.Close()
		for n := range reads {
			if n > gateRead {
				t.Errorf("one read brought %d bytes, at most %d", n, gateRead)
			}
		}
	})
	// The shortest message that there can be, and how many fit into one read.
	const shortest = len("MSG a.1.1 1 0\r\n\r\n")
	if most := gateRead/shortest + 1; most > gateRoom {
		t.Errorf("one read can bring %d messages, the gate counts with %d", most, gateRoom)
	}
}

func TestGateCloseEndsTheWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, far, _, reads := gated(0)
		synctest.Wait()
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		if _, open := <-reads; open {
			t.Error("read after Close")
		}
		if _, err := far.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the connection behind the gate is open: %v", err)
		}
	})
}
