package clientagent

import (
	"fmt"
	"net/netip"
	"time"

	"natstron/bridge/wire"
)

// place is where clients are counted together: an IPv4 address, or an IPv6
// network of a customer.
type place = netip.Prefix

func placeOf(a netip.Addr) place {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() && !a.IsLoopback() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // of no address: the zero place
	return p
}

// crowded says whether a place has all the clients that it may have.
func (r *Role) crowded(at place) bool {
	limit := r.o.Limits.ClientsPerAddress
	return limit > 0 && r.places[at] >= limit && !at.Addr().IsLoopback()
}

func (r *Role) vacate(at place) {
	if r.places[at]--; r.places[at] <= 0 {
		delete(r.places, at)
	}
}

// burst is for how many seconds a client may save up what it may send.
const burst = 5

// bucket holds what a client may send at once.
type bucket struct{ left float64 }

func (b *bucket) fill(rate int, elapsed time.Duration) {
	b.left = min(b.left+float64(rate)*elapsed.Seconds(), burst*float64(rate))
}

func (b *bucket) take(n int) bool {
	b.left -= float64(n)
	return b.left >= 0
}

// marks is how many times within WriteTimeout the state of a stream is noted.
const marks = 4

// limiter is what a session's limits are held against.
type limiter struct {
	connected time.Time
	waiting   time.Time // since when the client is not established
	heartbeat time.Time // the last one, or the hello
	filled    time.Time // when the buckets were
	datagrams bucket
	bytes     bucket
	mark      [marks]uint64 // bytes appended to the stream, noted in turn
	marked    int
	markedAt  time.Time
}

func (l *limiter) start(now time.Time) {
	l.connected, l.waiting, l.heartbeat = now, now, now
}

// refill is called once for a batch of messages from a client.
func (s *session) refill(now time.Time) {
	l, o := &s.limits, &s.role.o.Limits
	elapsed := now.Sub(l.filled)
	l.filled = now
	l.datagrams.fill(o.DatagramRate, elapsed)
	l.bytes.fill(o.ByteRate, elapsed)
}

// inRate ejects a client that sends too much.
func (s *session) inRate(n int) bool {
	l, o := &s.limits, &s.role.o.Limits
	switch {
	case o.DatagramRate > 0 && !l.datagrams.take(1):
		s.eject(wire.EjectGeneric, "The client sends more than %d datagrams a second.", o.DatagramRate)
	case o.ByteRate > 0 && !l.bytes.take(n):
		s.eject(wire.EjectGeneric, "The client sends more than %d bytes a second.", o.ByteRate)
	}
	return !s.ended
}

// relieve cuts off the client for which the most waits.
func (r *Role) relieve(limit int) {
	var worst *session
	most := 0
	for s := range r.sessions {
		if n := s.waiting(); n > most {
			worst, most = s, n
		}
	}
	if worst != nil {
		worst.cut(fmt.Sprintf("%d bytes wait for the client, the most of all, who may have %d together", most, limit))
	}
}

// sweepEvery is how often the sessions are looked through.
func (l *Limits) sweepEvery() time.Duration {
	every := time.Second
	for _, limit := range []time.Duration{l.Hello, l.Login, l.Heartbeat} {
		if limit > 0 {
			every = min(every, limit/10)
		}
	}
	if l.WriteTimeout > 0 {
		every = min(every, l.WriteTimeout/marks)
	}
	return max(every, 10*time.Millisecond)
}

// sweep ends the sessions whose time is up.
func (r *Role) sweep(now time.Time) {
	r.enter()
	timeUp := !r.draining.IsZero() && !now.Before(r.draining)
	r.leave()
	if timeUp {
		r.ejectAll()
	}
	r.each(func(s *session) { s.check(now) })
}

func (s *session) check(now time.Time) {
	l, o := &s.limits, &s.role.o.Limits
	switch {
	case o.Heartbeat > 0 && now.Sub(l.heartbeat) > o.Heartbeat:
		s.eject(wire.EjectNoHeartbeat, "The server waited %v for a heartbeat.", o.Heartbeat)
	case o.Hello > 0 && s.state == StateNew && l.heartbeat == l.connected && now.Sub(l.connected) > o.Hello:
		s.eject(wire.EjectNoHello, "The server waited %v for a CLIENT_HELLO.", o.Hello)
	case o.Login > 0 && s.state != StateEstablished && now.Sub(l.waiting) > o.Login:
		s.eject(wire.EjectGeneric, "The server waited %v for the login.", o.Login)
	case o.WriteTimeout > 0 && o.WriteBuffer > 0:
		s.checkReading(now)
	}
}

// checkReading cuts a client off when more than WriteBuffer bytes that wait for
// it were there WriteTimeout ago.
func (s *session) checkReading(now time.Time) {
	l, o := &s.limits, &s.role.o.Limits
	if now.Sub(l.markedAt) < o.WriteTimeout/marks {
		return
	}
	l.markedAt = now
	appended, taken := s.stream.Progress()
	at := &l.mark[l.marked%marks]
	old := *at
	*at = appended
	l.marked++
	if l.marked > marks && old > taken && old-taken > uint64(o.WriteBuffer) {
		s.cut(fmt.Sprintf("the client has not read %d bytes for %v", old-taken, o.WriteTimeout))
	}
}
