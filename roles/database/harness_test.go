package database

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
	"natstron/storage"
	"natstron/storage/embedded"
	"natstron/storage/mongo"
	"natstron/storage/mongo/wiretest"
	"natstron/storage/yaml"
)

// backend is a kind of store. Opened twice with the same place, it holds the same.
type backend struct {
	name  string
	place func(t testing.TB) string // a new one
	open  func(place string, ids storage.Range, file *dc.File) (storage.Store, error)
}

func openMongo(uri string, ids storage.Range, _ *dc.File) (storage.Store, error) {
	return mongo.Open(context.Background(), uri, ids, mongo.Options{Timeout: patience})
}

func backends() []backend {
	all := []backend{{
		name:  "embedded",
		place: func(t testing.TB) string { return filepath.Join(t.TempDir(), "objects.db") },
		open: func(place string, ids storage.Range, _ *dc.File) (storage.Store, error) {
			return embedded.Open(place, ids)
		},
	}, {
		name:  "yaml",
		place: func(t testing.TB) string { return t.TempDir() },
		open: func(place string, ids storage.Range, file *dc.File) (storage.Store, error) {
			return yaml.Open(place, ids, file)
		},
	}, {
		name:  "mongo",
		place: func(t testing.TB) string { return wiretest.Start(t, false).URI("objects") },
		open:  openMongo,
	}}
	if uri, ok := wiretest.Real(); ok {
		all = append(all, backend{name: "real mongo", place: uri, open: openMongo})
	}
	return all
}

// patience is how long something may take on a machine that does much else.
const patience = time.Minute

// cluster is a node with a database server on it, and participants.
type cluster struct {
	t      testing.TB
	file   *dc.File
	node   *bridge.Node
	role   *Role
	end    func() // of the role
	actors []*actor
	marker *actor
	round  uint32
	log    msgtext.Log
}

// actor is a participant that records what it gets.
type actor struct {
	name     string
	channel  wire.Channel
	inbox    *bridge.Inbox
	p        *bridge.Participant
	received []wire.Datagram
}

func parseDC(t testing.TB, path string) *dc.File {
	t.Helper()
	f, err := dc.ParseFiles(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const markerChannel wire.Channel = 900

func newNode(t testing.TB, o bridge.Options) *bridge.Node {
	t.Helper()
	n, err := bridge.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		n.Stop(ctx)
	})
	return n
}

func newCluster(t testing.TB) *cluster {
	t.Helper()
	o := bridge.Options{Name: t.Name()}
	o.Embedded.Listen = "none"
	return newClusterOn(t, newNode(t, o))
}

func newClusterOn(t testing.TB, node *bridge.Node) *cluster {
	t.Helper()
	c := &cluster{t: t, file: parseDC(t, "testdata/guild.dc"), node: node, end: func() {}}
	t.Cleanup(func() {
		c.end()
		for _, a := range append(c.actors, c.marker) {
			a.p.Leave()
		}
	})
	c.marker = c.join("marker", markerChannel)
	c.actors = nil
	return c
}

// serve starts a database server.
func (c *cluster) serve(o Options) {
	c.t.Helper()
	o.File, o.Listen = c.file, time.Millisecond
	o.Timeout = cmp.Or(o.Timeout, patience)
	o.Log = slog.New(slog.NewTextHandler(&c.log, nil))
	if _, ok := c.file.ClassByName("Guild"); ok {
		o.Objects = []ObjectType{{ID: 1, Class: "Guild"}, {ID: 2, Class: "Avatar"}}
	}
	r, err := New(c.node, o)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := r.Start(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	c.role = r
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- r.Run(ctx) }()
	c.end = sync.OnceFunc(func() {
		cancel()
		if err := <-over; err != nil {
			c.t.Error(err)
		}
		r.Stop(context.Background(), nil)
	})
}

func (c *cluster) join(name string, channels ...wire.Channel) *actor {
	c.t.Helper()
	a := &actor{name: name, channel: channels[0], inbox: bridge.NewInbox(1 << 30)}
	var err error
	if a.p, err = c.node.Join(name, a.inbox, func(error) {}); err != nil {
		c.t.Fatal(err)
	}
	if err := a.p.Subscribe(channels...); err != nil {
		c.t.Fatal(err)
	}
	c.actors = append(c.actors, a)
	return a
}

// await waits until an actor gets a message that fits, and records all up to it.
func (c *cluster) await(a *actor, what string, fits func(m wire.Message) bool) {
	c.t.Helper()
	limit := time.After(patience)
	for {
		for _, d := range a.inbox.Take() {
			a.received = append(a.received, bytes.Clone(d.Datagram))
		}
		for _, d := range a.received {
			if m, err := d.Message(); err == nil && fits(m) {
				return
			}
		}
		select {
		case <-a.inbox.Ready:
		case <-limit:
			c.t.Fatalf("%s: %s does not come", a.name, what)
		}
	}
}

// settle waits until what was sent last has been done, and all is received that
// came of it. A create is waited for by its answer; anything else by the answer to
// a question about the same object, which comes after it.
func (c *cluster) settle(a *actor, d wire.Datagram) {
	c.t.Helper()
	m, err := d.Message()
	if err != nil {
		return
	}
	p := m.Payload
	if answer, answered := answerTo(m.Type); answered {
		number := p.Uint32()
		if q := (&request{msg: m.Type}); q.creates() && p.Err() == nil {
			c.await(a, "the answer to a create", func(m wire.Message) bool {
				return m.Type == answer && m.Payload.Uint32() == number
			})
			return
		}
	}
	id := p.DoID()
	c.round++
	round := c.round
	var w wire.Writer
	question, err := w.Header(markerChannel, wire.DBServerObjectGetAll, c.role.options.Control).Uint32(round).DoID(id).Datagram()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.marker.p.Send(question); err != nil {
		c.t.Fatal(err)
	}
	c.await(c.marker, "an answer", func(m wire.Message) bool { return m.Payload.Uint32() == round })
	c.marker.received = nil
	for _, a := range c.actors {
		for _, d := range a.inbox.Take() {
			a.received = append(a.received, bytes.Clone(d.Datagram))
		}
	}
}
