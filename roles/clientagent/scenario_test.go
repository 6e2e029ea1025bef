package clientagent

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
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
	"natstron/roles/rolestest/script"
)

// TestScenarios runs the scripts in testdata/scenarios. Each is an agent of its own,
// and reads like the protocol's document: what is sent, and after the line who receives
// what because of it. Beside the commands of [script.Script] there are
//
//	agent [OPTION[=VALUE]]…           start; the first command
//	server                            a state server with the control channel 402000
//	client NAME [new|anonymous]       who has logged in, if it does not say otherwise
//	say from=NAME                     a client's messages, in one write: MESSAGE ARGUMENTS
//	bytes from=NAME                   a client's message in hex
//	together from=NAME                as send, all in one turn
//	later DURATION                    time passes
//	hang-up NAME                      a client's connection ends
//	resume NAME as=NAME token=N       a new connection goes on with the session of a client, with
//	    [received=N] [cut=N] [flip=N]  the token that was given as the Nth, or a part of it
//	stats
//
// Clients have the channels 100000, 100001 and so on. They have no sockets: all that
// comes of a command has come when it ends.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
		s := newScenario()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			t.Helper()
			if d.Cmd == "agent" {
				s.start(t, d)
				return ""
			}
			return s.Run(t, d) + s.told()
		})
	})
}

type scenario struct {
	*script.Script
	agent   *Role
	clients []*scriptClient
	tokens  [][]byte // that clients were given, see [scenario.resume]
}

func newScenario() *scenario {
	s := &scenario{Script: &script.Script{LogLine: func(string) string { return "" }}}
	s.Settle = func(*script.Actor, wire.Datagram) { s.Record() }
	s.Commands = map[string]func(script.Args) string{
		"server": func(script.Args) string { startServer(s.T, s.Node, 402000); return "" },
		"client": func(a script.Args) string { s.connect(a.Names[0], strings.Join(a.Names[1:], "")); return s.shown() },
		"say": func(a script.Args) string {
			var all [][]byte
			for line := range strings.Lines(a.Input) {
				all = append(all, s.message(strings.TrimSpace(line)))
			}
			s.client(a.Get("from")).say(s.T, all...)
			return s.shown()
		},
		"bytes": func(a script.Args) string {
			b, err := hex.DecodeString(strings.TrimSpace(a.Input))
			must(s.T, err)
			s.client(a.Get("from")).say(s.T, b)
			return s.shown()
		},
		"together": func(a script.Args) string {
			turn := s.Node.Begin()
			from := s.Actor(a.Get("from"))
			for line := range strings.Lines(a.Input) {
				must(s.T, turn.Route(from.Participant, s.Parse(from.Channel, strings.TrimSpace(line))))
			}
			turn.End()
			return s.shown()
		},
		"later": func(a script.Args) string {
			s.agent.sweep(time.Now().Add(duration(a.Names[0])))
			return s.shown()
		},
		"hang-up": func(a script.Args) string {
			c := s.client(a.Names[0])
			_ = c.conn.Close()
			waits := false
			eventually(s.T, "the connection has ended", func() (ended bool) {
				ended, waits = s.ended(c)
				return ended || waits
			})
			c.told = !waits
			return s.shown()
		},
		"resume": s.resume,
		"stats": func(script.Args) string {
			stats := s.agent.Stats()
			rules := ""
			if s.agent.o.AvatarClass != "" {
				rules = fmt.Sprintf(", %d rules refused, %d parents", stats.RulesRefused, s.agent.views.Rules.Len())
			}
			return fmt.Sprintf("%d clients, %d established, %d logins, ejects %v, %d malformed%s\n",
				stats.Clients, stats.Established, stats.Logins, stats.Ejects, stats.Malformed, rules)
		},
	}
	return s
}

// start starts an agent.
func (s *scenario) start(t *testing.T, d *datadriven.TestData) {
	values := map[string]string{}
	for _, a := range d.CmdArgs {
		values[a.Key] = strings.Join(a.Vals, "")
	}
	number := func(key string) int { n, _ := strconv.Atoi(values[key]); return n }
	_, fixed := values["fixed"]
	_, secret := values["secret"]
	o := parkOptions(t)
	o.Relocate = !fixed
	o.HideHash, o.HideVersion = secret, secret
	if class, ok := values["class"]; ok {
		o.Class = scriptClasses[class]()
	}
	o.AvatarClass = values["avatar"]
	o.InterestRules = scriptRules[values["rules"]]
	o.AnyText = values["text"] == "any"
	o.Interests = map[string]InterestPermission{"": InterestsEnabled, "visible": InterestsVisible, "disabled": InterestsDisabled}[values["interests"]]
	o.Limits = Limits{
		InterestZones: number("zones"), PendingInterests: number("pending"),
		DatagramRate: number("datagrams"), ByteRate: number("bytes"),
		Hello: duration(values["hello"]), Login: duration(values["login"]), Heartbeat: duration(values["heartbeat"]),
	}
	o.Resume = Resume{Within: duration(values["resume"]), Sessions: number("waiting"), Queue: number("queue"), Memory: number("memory")}
	s.Cluster, s.clients = script.New(t, o.File, "one"), nil
	s.agent = startAgent(t, s.Node, o)
}

// scriptRules are sets of interest rules.
var scriptRules = map[string][]InterestRule{
	"whitelist": {{Zones: []wire.ZoneRange{{Min: 0, Max: 0}, {Min: 5, Max: 5}, {Min: 10, Max: 10}, {Min: 100, Max: 399}}}},
	"blacklist": {{Deny: true, Zones: []wire.ZoneRange{{Min: 100, Max: 399}}}},
	"specific": {
		{Zones: []wire.ZoneRange{{Min: 1, Max: 1}}},
		{Class: "Pond", Zones: []wire.ZoneRange{{Min: 2, Max: 2}}},
		{Class: "Duck", Zones: []wire.ZoneRange{{Min: 3, Max: 3}}},
		{Class: "Goose", Deny: true, Zones: []wire.ZoneRange{{Min: 3, Max: 3}}},
		{Parent: 7000, Zones: []wire.ZoneRange{{Min: 4, Max: 4}}},
	},
}

// duration is a time that the text says, or none.
func duration(text string) time.Duration { d, _ := time.ParseDuration(text); return d }

// message is a client's message in the words of package msgtext.
func (s *scenario) message(line string) []byte {
	s.T.Helper()
	m, err := msgtext.ParseClient(s.File, line)
	if err != nil {
		s.T.Fatalf("%s: %v", line, err)
	}
	return m
}

// shown is what participants have received.
func (s *scenario) shown() string {
	s.Record()
	return s.Shown()
}

// scriptClient is a client without a socket.
type scriptClient struct {
	name    string
	conn    *memoryConn
	session *session
	link    *link
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

// connect brings a client to a state, and says nothing of it.
func (s *scenario) connect(name, state string) {
	s.T.Helper()
	c := &scriptClient{name: name, conn: &memoryConn{closed: make(chan struct{})}}
	addr := func(text string) net.Addr { a, _ := net.ResolveTCPAddr("tcp", text); return a }
	who := listen.Peer{TLVs: []byte("tlvs")}
	who.Remote = addr(fmt.Sprintf("192.0.2.%d:4000", len(s.clients)+1)).(*net.TCPAddr).AddrPort()
	who.Local = addr("192.0.2.100:7198").(*net.TCPAddr).AddrPort()
	var err error
	if c.session, err = s.agent.admit(c.conn, who); err != nil {
		s.T.Fatal(err)
	}
	c.link = c.session.link
	c.session.view = s.agent.views.New(c.session, 0) // its requests are numbered from 1
	s.agent.conns.Add(1)
	c.session.read.Serve()
	s.clients = append(s.clients, c)
	if state == "new" {
		return
	}
	c.say(s.T, s.message(fmt.Sprintf("CLIENT_HELLO %d %q", s.File.Hash(), version)))
	if state == "" {
		s.agent.enter()
		c.session.setState(StateEstablished)
		s.agent.leave()
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
		l := c.link
		if l == nil {
			l = c.session.link
		}
		if _, err := l.handleFrames(frames); err != nil {
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
	s.T.Fatalf("no client is called %q", name)
	return nil
}

// ended says whether a client's session has ended, or waits for it.
func (s *scenario) ended(c *scriptClient) (ended, waits bool) {
	s.agent.enter()
	defer s.agent.leave()
	return c.session.ended, !c.session.waiting.IsZero()
}

// resume lets a client come back: NAME is its new connection, as the client before.
func (s *scenario) resume(a script.Args) string {
	s.T.Helper()
	before := s.client(a.Get("as"))
	n, _ := strconv.Atoi(a.Get("token"))
	received, _ := strconv.Atoi(a.Get("received"))
	token := bytes.Clone(s.tokens[n-1])
	if cut, err := strconv.Atoi(a.Get("cut")); err == nil {
		token = token[:cut]
	}
	if flip, err := strconv.Atoi(a.Get("flip")); err == nil {
		token[flip] ^= 1
	}
	s.connect(a.Names[0], "new")
	c := s.client(a.Names[0])
	var w wire.Writer
	frame, err := w.BeginFrame().ClientMsgType(wire.ClientResume).Uint32(s.File.Hash()).Text(version).Blob(token).Uint32(uint32(received)).Frame()
	must(s.T, err)
	c.say(s.T, frame[wire.FrameHeader:])
	if ended, _ := s.ended(before); c.link.session == before.session && !ended {
		c.session = before.session
		before.told = true
	}
	return s.shown()
}

// nameTokens remembers the tokens in a client's messages, and puts their numbers there.
func (s *scenario) nameTokens(message []byte) string {
	text := msgtext.ClientText(s.File, message)
	r := wire.NewReader(message)
	switch r.ClientMsgType() {
	case wire.ClientResumed:
		r.Uint32()
		fallthrough
	case wire.ClientResumeToken:
		r.Bytes(8)
		if token := r.Blob(); len(token) > 0 {
			s.tokens = append(s.tokens, bytes.Clone(token))
			before, _, _ := strings.Cut(text, " token=")
			text = fmt.Sprintf("%s token=the token %d", before, len(s.tokens))
		}
	}
	return text
}

// told is what clients have been told, and which sessions have ended.
func (s *scenario) told() string {
	var b strings.Builder
	for _, c := range s.clients {
		c.conn.mu.Lock()
		for r := wire.NewReader(bytes.Clone(c.conn.b.Bytes())); r.Len() > 0; {
			fmt.Fprintf(&b, "%s <- %s\n", c.name, s.nameTokens(r.Blob()))
		}
		c.conn.b.Reset()
		c.conn.mu.Unlock()
		if ended, _ := s.ended(c); ended && !c.told {
			c.told = true
			fmt.Fprintf(&b, "%s is disconnected\n", c.name)
		}
	}
	return b.String()
}
