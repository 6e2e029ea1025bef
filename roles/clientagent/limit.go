package clientagent

import (
	"fmt"
	"net/netip"
	"time"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/listen"
)

// networkOf is where clients are counted together: an IPv4 address, or an IPv6
// network of a customer.
func networkOf(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() && !a.IsLoopback() {
		bits = 64
	}
	n, _ := a.Prefix(bits) // of no address: the zero network
	return n
}

// crowded reports whether a network has all the clients that it may have.
func (r *Role) crowded(n netip.Prefix) bool {
	limit := r.o.Limits.ClientsPerAddress
	return limit > 0 && r.networks[n] >= limit && !n.Addr().IsLoopback()
}

func (r *Role) leaveNetwork(n netip.Prefix) {
	if r.networks[n]--; r.networks[n] <= 0 {
		delete(r.networks, n)
	}
}

// bucket holds what a client may send at once. The Limiter of x/time/rate does the
// same, but takes a lock and reckons with times for every message: with two buckets
// 280 ns, instead of 30 for buckets that are filled once for a batch of messages.
type bucket struct{ left float64 }

func (b *bucket) fill(rate int, elapsed time.Duration) {
	b.left = min(b.left+float64(rate)*elapsed.Seconds(), listen.Burst*float64(rate))
}

func (b *bucket) spend(n int) bool {
	b.left -= float64(n)
	return b.left >= 0
}

// samples is how many times within WriteTimeout the state of a stream is noted.
const samples = 4

// limiter is what a session's limits are held against.
type limiter struct {
	connected time.Time
	waiting   time.Time // since when the client is not established
	heartbeat time.Time // the last one, or the hello
	filled    time.Time // when the buckets were
	datagrams bucket
	bytes     bucket
	appended  [samples]uint64 // bytes appended to the stream, noted in turn
	sampled   int
	sampledAt time.Time
}

func (l *limiter) start(now time.Time) {
	l.connected, l.waiting, l.heartbeat = now, now, now
}

// reconnected begins again what is counted for a connection.
func (l *limiter) reconnected(o *Limits, now time.Time) {
	l.heartbeat, l.sampled, l.sampledAt, l.appended = now, 0, now, [samples]uint64{}
	l.refill(o, now)
}

// refill is called once for a batch of messages from a client.
func (l *limiter) refill(o *Limits, now time.Time) {
	elapsed := now.Sub(l.filled)
	l.filled = now
	l.datagrams.fill(o.DatagramRate, elapsed)
	l.bytes.fill(o.ByteRate, elapsed)
}

// unread is how many bytes have waited for the client for WriteTimeout, as far as
// that is known.
func (l *limiter) unread(o *Limits, now time.Time, appended, taken uint64) uint64 {
	if now.Sub(l.sampledAt) < o.WriteTimeout/samples {
		return 0
	}
	l.sampledAt = now
	at := &l.appended[l.sampled%samples]
	old := *at
	*at = appended
	if l.sampled++; l.sampled <= samples || old < taken {
		return 0
	}
	return old - taken
}

// countMessage counts a message of n bytes of a client, which may be one too many.
func (l *limiter) countMessage(o *Limits, n int) *ejection {
	switch {
	case o.DatagramRate > 0 && !l.datagrams.spend(1):
		return ejectf(wire.EjectGeneric, "The client sends more than %d datagrams a second.", o.DatagramRate)
	case o.ByteRate > 0 && !l.bytes.spend(n):
		return ejectf(wire.EjectGeneric, "The client sends more than %d bytes a second.", o.ByteRate)
	}
	return nil
}

// check ends the session of a client whose time is up.
func (s *session) check(now time.Time) {
	l, o := &s.limits, &s.role.o.Limits
	switch {
	case !s.waiting.IsZero():
		s.checkWait(now)
	case o.Heartbeat > 0 && !s.held.holds() && now.Sub(l.heartbeat) > o.Heartbeat:
		if s.wait(fmt.Sprintf("no heartbeat for %v", o.Heartbeat)) {
			return
		}
		s.eject(ejectf(wire.EjectNoHeartbeat, "The client has sent no heartbeat for %v.", o.Heartbeat))
	case o.Hello > 0 && !s.held.holds() && s.state == StateNew && l.heartbeat.Equal(l.connected) && now.Sub(l.connected) > o.Hello:
		s.eject(ejectf(wire.EjectNoHello, "The client has sent no CLIENT_HELLO for %v.", o.Hello))
	case o.Login > 0 && s.state != StateEstablished && now.Sub(l.waiting) > o.Login:
		s.eject(ejectf(wire.EjectGeneric, "The client has not logged in for %v.", o.Login))
	case o.WriteTimeout > 0 && o.WriteBuffer > 0:
		appended, taken := s.stream.Progress()
		if n := l.unread(o, now, appended, taken); n > uint64(o.WriteBuffer) {
			s.cutOff("the client has not read %d bytes for %v", n, o.WriteTimeout)
		}
	}
}

// cutLongestQueue cuts off the client for which the most waits.
func (r *Role) cutLongestQueue(limit int) {
	var worst *session
	most := 0
	for s := range r.sessions {
		if n := s.stream.Waiting(); n > most {
			worst, most = s, n
		}
	}
	if worst != nil {
		worst.cutOff("%d bytes wait for the client, more than for any other; together they may have %d", most, limit)
	}
}

// sweepEvery is how often the sessions are looked through, if they wait for their clients
// for that long.
func (l *Limits) sweepEvery(within time.Duration) time.Duration {
	every := time.Second
	for _, limit := range []time.Duration{l.Hello, l.Login, l.Heartbeat, within} {
		if limit > 0 {
			every = min(every, limit/10)
		}
	}
	if l.WriteTimeout > 0 {
		every = min(every, l.WriteTimeout/samples)
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
	r.sendElsewhere() // also who has a token only now, or once there is another agent
	r.forgetOutgoing(now)
	r.checkLeft()
}
