// Package script is what the tests of roles have in common: nodes with participants on
// them, and scripts that say what is sent, and who receives what because of it.
package script

import (
	"bytes"
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
	"natstron/roles"
)

// stopTimeout is how long a node or a role may take to stop on a busy machine.
const stopTimeout = 30 * time.Second

// Cluster is one node, or several that share the NATS server of the first, and
// participants on them.
type Cluster struct {
	T      testing.TB // of the test, or of the part of it that runs now
	File   *dc.File
	Node   *bridge.Node            // the first
	Nodes  map[string]*bridge.Node // by name
	Actors []*Actor                // in the order in which they have joined
	Log    msgtext.Log             // for the roles

	joined []*Actor
}

// Actor is a participant that records what it receives.
type Actor struct {
	*bridge.Participant
	Name     string
	Channel  wire.Channel // the first that it has subscribed to, and its sender
	Node     string
	Inbox    *bridge.Inbox
	Received []wire.Datagram // see [Actor.Record]
}

// DCFile returns a function that reads a DC file, once.
func DCFile(path string) func(testing.TB) *dc.File {
	parse := sync.OnceValues(func() (*dc.File, error) { return dc.ParseFiles(path) })
	return func(t testing.TB) *dc.File {
		t.Helper()
		f, err := parse()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
}

// ParseDC reads a DC file.
func ParseDC(t testing.TB, path string) *dc.File {
	t.Helper()
	f, err := dc.ParseFiles(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Start starts a node that runs until the test ends.
func Start(t testing.TB, o bridge.Options) *bridge.Node {
	t.Helper()
	n, err := bridge.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		n.Stop(ctx)
	})
	return n
}

// Serve starts a role and runs it until end is called, or the test ends.
func Serve(t testing.TB, role roles.Role) (end func()) {
	t.Helper()
	if err := role.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- role.Run(ctx) }()
	end = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("%s ended with %v", role.Name(), err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		role.Stop(ctx, nil)
	})
	t.Cleanup(end)
	return end
}

// New starts nodes. One alone cannot be reached by other processes.
func New(t testing.TB, file *dc.File, nodes ...string) *Cluster {
	t.Helper()
	c := &Cluster{T: t, File: file, Nodes: map[string]*bridge.Node{}}
	for i, name := range nodes {
		o := bridge.Options{Name: name}
		switch {
		case len(nodes) == 1:
			o.Embedded.Listen = "none"
		case i == 0:
			o.Embedded.Listen = "127.0.0.1:0"
		default:
			o.External = &bridge.External{URLs: []string{c.Node.URL()}}
		}
		c.Nodes[name] = Start(t, o)
		if i == 0 {
			c.Node = c.Nodes[name]
		}
	}
	t.Cleanup(c.Leave)
	return c
}

// On is a cluster of a node that runs already.
func On(t testing.TB, file *dc.File, node *bridge.Node) *Cluster {
	c := &Cluster{T: t, File: file, Node: node}
	t.Cleanup(c.Leave)
	return c
}

// Leave has all participants leave their nodes.
func (c *Cluster) Leave() {
	for _, a := range c.joined {
		a.Leave()
	}
	c.Actors, c.joined = nil, nil
}

// Join adds a participant of the first node.
func (c *Cluster) Join(name string, channels ...wire.Channel) *Actor {
	c.T.Helper()
	return c.JoinAt("", name, channels...)
}

// JoinAt adds a participant of a node.
func (c *Cluster) JoinAt(node, name string, channels ...wire.Channel) *Actor {
	c.T.Helper()
	a := &Actor{Name: name, Channel: channels[0], Node: node, Inbox: bridge.NewInbox(1 << 30)}
	n := c.Node
	if node != "" {
		n = c.Nodes[node]
	}
	var err error
	if a.Participant, err = n.Join(name, a.Inbox, func(error) {}); err != nil {
		c.T.Fatal(err)
	}
	if err := a.Subscribe(channels...); err != nil {
		c.T.Fatal(err)
	}
	c.Actors, c.joined = append(c.Actors, a), append(c.joined, a)
	return a
}

// Actor is the participant of that name.
func (c *Cluster) Actor(name string) *Actor {
	c.T.Helper()
	for _, a := range c.Actors {
		if a.Name == name {
			return a
		}
	}
	c.T.Fatalf("nobody is called %q", name)
	return nil
}

// Say has a participant send a message, in the words of package msgtext.
func (c *Cluster) Say(a *Actor, line string) wire.Datagram {
	c.T.Helper()
	return c.SayAs(a, a.Channel, line)
}

// SayAs is Say with another sender.
func (c *Cluster) SayAs(a *Actor, sender wire.Channel, line string) wire.Datagram {
	c.T.Helper()
	d := c.Parse(sender, line)
	if err := a.Send(d); err != nil {
		c.T.Fatal(err)
	}
	return d
}

// Parse is a message in the words of package msgtext.
func (c *Cluster) Parse(sender wire.Channel, line string) wire.Datagram {
	c.T.Helper()
	d, err := msgtext.Parse(c.File, sender, line)
	if err != nil {
		c.T.Fatalf("%s: %v", line, err)
	}
	return d
}

// Feed has a participant send the datagrams of a fuzzer's input, each behind a uint16
// length. Those that a connection would not let through are left out.
func (c *Cluster) Feed(a *Actor, input []byte) {
	c.T.Helper()
	for in := wire.NewReader(input); in.Len() > 0; {
		d := wire.Datagram(in.Blob())
		if d.Check() != nil || d.IsControl() {
			continue
		}
		if err := a.Send(d); err != nil {
			c.T.Fatal(err)
		}
	}
}

// Heap is how many bytes of memory are in use.
func Heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Record has all participants record what they have received by now, and says whether
// that was anything.
func (c *Cluster) Record() (any bool) {
	for _, a := range c.Actors {
		any = a.Record() || any
	}
	return any
}

// Record moves what has arrived to Received, and reports whether that was anything.
func (a *Actor) Record() (any bool) {
	for _, d := range a.Inbox.Take() {
		a.Received = append(a.Received, bytes.Clone(d.Datagram))
		any = true
	}
	return any
}

// Take is what was recorded since the last call.
func (a *Actor) Take() []wire.Datagram {
	got := a.Received
	a.Received = nil
	return got
}
