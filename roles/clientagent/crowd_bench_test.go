//go:build unix

package clientagent

import (
	"bytes"
	"cmp"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/listen"
)

// More clients than a process may have sockets. Their connections are in memory, and all else is the
// agent's own: sessions, limits, views, streams, the turn. What the system's sockets cost, in its kernel
// and in package arrival, is not in these figures.

// crowdSize is how many clients there are; NATSTRON_CROWD has another number.
func crowdSize(b *testing.B, usual int) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("NATSTRON_CROWD"), strconv.Itoa(usual)))
	must(b, err)
	return n
}

// crowdConn is a connection that takes everything at once.
type crowdConn struct{ got atomic.Int64 }

func (c *crowdConn) Write(b []byte) (int, error)      { c.got.Add(int64(len(b))); return len(b), nil }
func (c *crowdConn) WriteNow(b []byte) (int, error)   { return c.Write(b) }
func (c *crowdConn) Read([]byte) (int, error)         { return 0, io.EOF }
func (c *crowdConn) Close() error                     { return nil }
func (c *crowdConn) SetDeadline(time.Time) error      { return nil }
func (c *crowdConn) SetReadDeadline(time.Time) error  { return nil }
func (c *crowdConn) SetWriteDeadline(time.Time) error { return nil }
func (c *crowdConn) LocalAddr() net.Addr              { return nil }
func (c *crowdConn) RemoteAddr() net.Addr             { return nil }

// crowdClient is one of them.
type crowdClient struct {
	conn   crowdConn
	link   *link
	source bytes.Reader
	frames *wire.FrameReader
}

// crowd connects many clients, which say hello.
func crowd(b *testing.B, agent *Role, n int) []*crowdClient {
	b.Helper()
	all := make([]*crowdClient, n)
	hello := frame(b, wire.ClientHello, func(w *wire.Writer) { w.Uint32(parkFile(b).Hash()).Text(version) })
	local := netip.MustParseAddrPort("192.0.2.100:7198")
	for i := range all {
		c := &crowdClient{}
		c.frames = wire.NewFrameReader(&c.source, readBuffer)
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 4000)
		s, err := agent.admit(&c.conn, listen.Peer{Remote: from, Local: local})
		must(b, err)
		c.link = s.link
		agent.conns.Add(1)
		c.say(b, hello)
		all[i] = c
	}
	b.Cleanup(func() {
		for _, c := range all {
			c.link.close(io.EOF)
		}
	})
	return all
}

// say has the agent read frames, as one read of the connection.
func (c *crowdClient) say(b *testing.B, frames []byte) {
	c.source.Reset(frames)
	must(b, c.frames.Fill())
	if _, err := c.link.handleFrames(c.frames); err != nil {
		b.Fatal(err)
	}
	c.frames.Lend()
}

func frame(b *testing.B, t wire.ClientMsgType, build func(w *wire.Writer)) []byte {
	b.Helper()
	var w wire.Writer
	w.BeginFrame().ClientMsgType(t)
	if build != nil {
		build(&w)
	}
	f, err := w.Frame()
	must(b, err)
	return bytes.Clone(f)
}

// inUse is the memory that is in use, without garbage.
func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

func crowdOptions(b *testing.B, n int) Options {
	o := parkOptions(b)
	o.Pool = NewChannelPool(1_000_000_000, 1_000_000_000+wire.Channel(n))
	o.Limits = Limits{Heartbeat: time.Hour, Hello: time.Hour, WriteTimeout: 30 * time.Second, WriteBuffer: 1 << 20}
	return o
}

// BenchmarkCrowdIdle is 100,000 clients that only say that they are there: an operation is a heartbeat of
// one of them. A sweep looks through all of them, once a second or more often.
func BenchmarkCrowdIdle(b *testing.B) {
	n := crowdSize(b, 100_000)
	agent := startAgent(b, startNode(b), crowdOptions(b, n))
	before, goroutines := inUse(), runtime.NumGoroutine()
	began := cpu()
	all := crowd(b, agent, n)
	hellos := cpu() - began
	heartbeat := frame(b, wire.ClientHeartbeat, nil)
	memory := inUse() - before
	began = cpu()
	const sweeps = 10
	for range sweeps {
		agent.sweep(time.Now())
	}
	sweep := (cpu() - began) / sweeps
	began = cpu()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		all[i*7919%n].say(b, heartbeat)
	}
	b.ReportMetric(float64(cpu()-began)/float64(b.N), "ns-CPU/op")
	b.ReportMetric(float64(memory)/float64(n), "B/client")
	b.ReportMetric(float64(hellos.Nanoseconds())/float64(n), "ns-CPU/hello")
	b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/float64(n), "goroutines/client")
	b.ReportMetric(float64(sweep.Microseconds()), "us-CPU/sweep")
}

// chatter is clients with avatars in a ring of zones, one in each, who see crowdSight zones.
type chatter struct {
	agent   *Role
	all     []*crowdClient
	updates [][]byte // of each one's avatar, which all others see that have its zone
	memory  int64    // of all of them
}

const crowdSight = 9

func startChatter(b *testing.B) *chatter {
	n := crowdSize(b, 20_000)
	w := startWalks(b)
	c := &chatter{agent: startAgent(b, w.Node, crowdOptions(b, n)), updates: make([][]byte, n)}
	before := inUse()
	c.all = crowd(b, c.agent, n)
	mood := fieldID(b, "Goose", "setMood")
	for i, client := range c.all {
		s := client.link.session
		do, zone := walkFirstAvatar+wire.DoID(i), wire.Zone(1_000_000+i)
		c.agent.enter()
		s.setState(StateEstablished)
		c.agent.leave()
		w.create(do, at(walkNowhere, zone), `Goose setName("chatter")`)
		w.order(do, "SET_OWNER %d", s.allocated)
		client.say(b, frame(b, wire.ClientAddInterestMultiple, func(w *wire.Writer) {
			w.Uint32(1).Uint16(1).DoID(walkNowhere).Uint16(crowdSight)
			for k := range crowdSight {
				w.Zone(wire.Zone(1_000_000 + (i+k)%n))
			}
		}))
		c.updates[i] = frame(b, wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(do).FieldID(mood).Uint8(50) })
	}
	c.memory = inUse() - before
	return c
}

// count checks that what is done in between is seen by all that it is for.
func (c *chatter) count(b *testing.B, updates func()) {
	before := c.agent.Stats().DatagramsOut
	updates()
	if got := c.agent.Stats().DatagramsOut - before; got != uint64(b.N*(crowdSight-1)) {
		b.Fatalf("%d updates came, want %d", got, b.N*(crowdSight-1))
	}
}

// BenchmarkCrowdChatter is 20,000 clients with nine zones: an operation is an update of one of them,
// which eight others see. Agent and state server are roles of one process.
func BenchmarkCrowdChatter(b *testing.B) {
	c := startChatter(b)
	var took []time.Duration
	var cost time.Duration
	c.count(b, func() {
		began := cpu()
		for i := 0; b.Loop(); i++ {
			k := i * 7919 % len(c.all)
			start := time.Now()
			c.all[k].say(b, c.updates[k])
			took = append(took, time.Since(start))
		}
		cost = cpu() - began
	})
	slices.Sort(took)
	b.ReportMetric(float64(cost)/float64(b.N), "ns-CPU/op")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "ns-p99")
	b.ReportMetric(float64(c.memory)/float64(len(c.all)), "B/client")
}

// BenchmarkCrowdTogether is BenchmarkCrowdChatter by as many goroutines at once as there are
// processors (-cpu): ns-wait is how long one waits for the turn, or for another lock, for each update.
func BenchmarkCrowdTogether(b *testing.B) {
	c := startChatter(b)
	var next atomic.Int64
	var cost, waited time.Duration
	c.count(b, func() {
		began, before := cpu(), waits()
		workers := runtime.GOMAXPROCS(0)
		b.RunParallel(func(p *testing.PB) {
			for own, i := int(next.Add(1))-1, 0; p.Next(); i++ {
				k := own + i*7919%(len(c.all)/workers)*workers // a client is one goroutine's
				c.all[k].say(b, c.updates[k])
			}
		})
		cost, waited = cpu()-began, waits()-before
	})
	b.ReportMetric(float64(cost)/float64(b.N), "ns-CPU/op")
	b.ReportMetric(float64(waited)/float64(b.N), "ns-wait/op")
}

// waits is how long all goroutines together have waited for locks so far.
func waits() time.Duration {
	s := []metrics.Sample{{Name: "/sync/mutex/wait/total:seconds"}}
	metrics.Read(s)
	return time.Duration(s[0].Value.Float64() * float64(time.Second))
}
