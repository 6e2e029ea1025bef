package clientagent

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"natstron/bridge/wire"
	"natstron/internal/msgtext"
	"natstron/roles/clientagent/internal/listen"
)

// TestScenarios runs the scripts in testdata/scenarios. Each is an agent of its own,
// and reads like the protocol's document: what is sent, and after the line who receives
// what because of it. Commands:
//
//	agent [OPTION[=VALUE]]…           start; the first command
//	server                            a state server with the control channel 402000
//	participant NAME CHANNEL…         who records what it gets
//	client NAME [new|anonymous]       who has logged in, if it does not say otherwise
//	say from=NAME                     a client's messages, in one write: MESSAGE ARGUMENTS
//	bytes from=NAME                   a client's message in hex
//	send from=NAME [as=CHANNEL]       a participant's messages: RECIPIENTS MESSAGE ARGUMENTS
//	together from=NAME                the same, all in one turn
//	later DURATION                    time passes
//	hang-up NAME                      a client's connection ends
//	stats
//
// Clients have the channels 100000, 100001 and so on. They have no sockets: all that
// comes of a command has come when it ends.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
		s := &scenario{}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			t.Helper()
			return s.run(t, d)
		})
	})
}

type scenario struct {
	*stage
	actors  []*actor
	names   []string // of the actors
	clients []*scriptClient
}

// scriptClient is a client without a socket.
type scriptClient struct {
	name    string
	conn    *memoryConn
	session *session
	told    bool // that the session has ended
}

// memoryConn is a connection that remembers what is written. Nothing comes of it until
// it is closed.
type memoryConn struct {
	mu     sync.Mutex
	b      bytes.Buffer
	once   sync.Once
	closed chan struct{}
}

func (c *memoryConn) Read([]byte) (int, error) { <-c.closed; return 0, io.EOF }
func (c *memoryConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.b.Write(b)
}
func (c *memoryConn) WriteNow(b []byte) (int, error)   { return c.Write(b) }
func (c *memoryConn) Close() error                     { c.once.Do(func() { close(c.closed) }); return nil }
func (c *memoryConn) SetDeadline(time.Time) error      { return nil }
func (c *memoryConn) SetReadDeadline(time.Time) error  { return nil }
func (c *memoryConn) SetWriteDeadline(time.Time) error { return nil }
func (c *memoryConn) LocalAddr() net.Addr              { return nil }
func (c *memoryConn) RemoteAddr() net.Addr             { return nil }

func (s *scenario) run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	values := map[string]string{}
	for _, a := range d.CmdArgs {
		values[a.Key] = strings.Join(a.Vals, "")
	}
	if d.Cmd == "agent" {
		s.start(t, values)
		return ""
	}
	s.t = t
	switch d.Cmd {
	case "server":
		startServer(t, s.node, 402000)
	case "participant":
		var channels []wire.Channel
		for _, a := range d.CmdArgs[1:] {
			c, err := wire.ParseChannel(a.Key)
			if err != nil {
				t.Fatal(err)
			}
			channels = append(channels, c)
		}
		s.names, s.actors = append(s.names, d.CmdArgs[0].Key), append(s.actors, s.join(channels...))
		s.actors[len(s.actors)-1].channel = channels[0]
	case "client":
		state := "established"
		if len(d.CmdArgs) > 1 {
			state = d.CmdArgs[1].Key
		}
		s.connect(d.CmdArgs[0].Key, state)
	case "say":
		var all [][]byte
		for line := range strings.Lines(d.Input) {
			message, err := msgtext.ParseClient(s.agent.o.File, strings.TrimSpace(line))
			if err != nil {
				t.Fatalf("%s: %v", d.Pos, err)
			}
			all = append(all, message)
		}
		s.client(values["from"]).say(t, all...)
	case "bytes":
		message, err := hexBytes(d.Input)
		if err != nil {
			t.Fatal(err)
		}
		s.client(values["from"]).say(t, message)
	case "send", "together":
		var all []wire.Datagram
		a := s.actor(values["from"])
		sender := a.channel
		if as, ok := values["as"]; ok {
			sender, _ = wire.ParseChannel(as)
		}
		for line := range strings.Lines(d.Input) {
			datagram, err := msgtext.Parse(s.agent.o.File, sender, strings.TrimSpace(line))
			if err != nil {
				t.Fatalf("%s: %v", d.Pos, err)
			}
			all = append(all, datagram)
		}
		turn := s.node.Begin()
		for _, datagram := range all {
			if err := turn.Route(a.p, datagram); err != nil {
				t.Fatal(err)
			}
			if d.Cmd == "send" {
				turn.End()
				turn = s.node.Begin()
			}
		}
		turn.End()
	case "later":
		after, err := time.ParseDuration(d.CmdArgs[0].Key)
		if err != nil {
			t.Fatal(err)
		}
		s.agent.sweep(time.Now().Add(after))
	case "hang-up":
		c := s.client(d.CmdArgs[0].Key)
		_ = c.conn.Close()
		for deadline := time.Now().Add(patience); !s.ended(c); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the session goes on")
			}
		}
		c.told = true
	case "stats":
		stats := s.agent.Stats()
		return fmt.Sprintf("%d clients, %d established, %d logins, ejects %v, %d malformed\n",
			stats.Clients, stats.Established, stats.Logins, stats.Ejects, stats.Malformed)
	default:
		t.Fatalf("%s: what is %q?", d.Pos, d.Cmd)
	}
	return s.received()
}

func hexBytes(text string) (b []byte, err error) {
	for _, word := range strings.Fields(text) {
		n, err := strconv.ParseUint(word, 16, 8)
		if err != nil {
			return nil, err
		}
		b = append(b, byte(n))
	}
	return b, nil
}

func (s *scenario) start(t *testing.T, values map[string]string) {
	number := func(key string) int {
		n, _ := strconv.Atoi(values[key])
		return n
	}
	_, fixed := values["fixed"]
	_, secret := values["secret"]
	*s = scenario{stage: &stage{t: t, node: startNode(t)}}
	o := parkOptions(t)
	o.Relocate = !fixed
	o.HideHash, o.HideVersion = secret, secret
	if class, ok := values["class"]; ok {
		o.Class = scriptClasses[class]()
	}
	o.AnyText = values["text"] == "any"
	o.Interests = map[string]InterestPermission{"": InterestsEnabled, "visible": InterestsVisible, "disabled": InterestsDisabled}[values["interests"]]
	o.Limits = Limits{
		InterestZones: number("zones"), PendingInterests: number("pending"),
		DatagramRate: number("datagrams"), ByteRate: number("bytes"),
	}
	for key, limit := range map[string]*time.Duration{"hello": &o.Limits.Hello, "login": &o.Limits.Login, "heartbeat": &o.Limits.Heartbeat} {
		if v, ok := values[key]; ok {
			*limit, _ = time.ParseDuration(v)
		}
	}
	s.agent = startAgent(t, s.node, o)
	s.stage.actor = s.join(999)
}

// connect brings a client to a state, and says nothing of it.
func (s *scenario) connect(name, state string) {
	s.t.Helper()
	c := &scriptClient{name: name, conn: &memoryConn{closed: make(chan struct{})}}
	addr := func(text string) net.Addr { a, _ := net.ResolveTCPAddr("tcp", text); return a }
	who := listen.Peer{TLVs: []byte("tlvs")}
	who.Remote = addr(fmt.Sprintf("192.0.2.%d:4000", len(s.clients)+1)).(*net.TCPAddr).AddrPort()
	who.Local = addr("192.0.2.100:7198").(*net.TCPAddr).AddrPort()
	var err error
	if c.session, err = s.agent.admit(c.conn, who); err != nil {
		s.t.Fatal(err)
	}
	c.session.view = s.agent.views.New(c.session, 0) // its requests are numbered from 1
	s.agent.conns.Add(1)
	c.session.read.Serve()
	s.clients = append(s.clients, c)
	if state == "new" {
		return
	}
	hello, err := msgtext.ParseClient(s.agent.o.File, fmt.Sprintf("CLIENT_HELLO %d %q", parkFile(s.t).Hash(), version))
	if err != nil {
		s.t.Fatal(err)
	}
	c.say(s.t, hello)
	if state == "established" {
		s.stage.actor.send(1, wire.ClientAgentSetState, c.session.allocated, func(w *wire.Writer) { w.Uint16(uint16(StateEstablished)) })
	}
	c.conn.b.Reset()
}

// say sends a client's messages in one write.
func (c *scriptClient) say(t testing.TB, messages ...[]byte) {
	t.Helper()
	var all []byte
	for _, m := range messages {
		all = append(binary.LittleEndian.AppendUint16(all, uint16(len(m))), m...)
	}
	frames := wire.NewFrameReader(bytes.NewReader(all), readBuffer)
	for frames.Fill() == nil {
		if _, err := c.session.take(frames); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *scenario) client(name string) *scriptClient {
	for _, c := range s.clients {
		if c.name == name {
			return c
		}
	}
	s.t.Fatalf("no client is called %q", name)
	return nil
}

func (s *scenario) actor(name string) *actor {
	for i, n := range s.names {
		if n == name {
			return s.actors[i]
		}
	}
	s.t.Fatalf("nobody is called %q", name)
	return nil
}

func (s *scenario) ended(c *scriptClient) bool {
	s.agent.enter()
	defer s.agent.leave()
	return c.session.ended
}

// received is what all have got, and which sessions have ended.
func (s *scenario) received() string {
	var b strings.Builder
	for i, a := range s.actors {
		for _, d := range a.inbox.Take() {
			fmt.Fprintf(&b, "%s <- %s\n", s.names[i], msgtext.Text(s.agent.o.File, d.Datagram))
		}
	}
	for _, c := range s.clients {
		c.conn.mu.Lock()
		for r := wire.NewReader(bytes.Clone(c.conn.b.Bytes())); r.Len() > 0; {
			fmt.Fprintf(&b, "%s <- %s\n", c.name, msgtext.ClientText(s.agent.o.File, r.Blob()))
		}
		c.conn.b.Reset()
		c.conn.mu.Unlock()
		if s.ended(c) && !c.told {
			c.told = true
			fmt.Fprintf(&b, "%s is disconnected\n", c.name)
		}
	}
	return b.String()
}
