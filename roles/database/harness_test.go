package database

import (
	"cmp"
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/rolestest/script"
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

type actor = script.Actor

// cluster is a node with a database server on it, and participants.
type cluster struct {
	*script.Cluster
	role   *Role
	end    func() // of the role
	marker *actor
	round  uint32
}

const markerChannel wire.Channel = 900

func newCluster(t testing.TB) *cluster {
	t.Helper()
	return withMarker(t, script.New(t, script.ParseDC(t, "testdata/guild.dc"), t.Name()))
}

func newClusterOn(t testing.TB, node *bridge.Node) *cluster {
	t.Helper()
	return withMarker(t, script.On(t, script.ParseDC(t, "testdata/guild.dc"), node))
}

func withMarker(t testing.TB, on *script.Cluster) *cluster {
	c := &cluster{Cluster: on}
	c.marker = c.Join("marker", markerChannel)
	c.Actors = nil
	return c
}

// serve starts a database server.
func (c *cluster) serve(o Options) {
	c.T.Helper()
	o.File, o.Listen = c.File, time.Millisecond
	o.Timeout = cmp.Or(o.Timeout, patience)
	o.Log = slog.New(slog.NewTextHandler(&c.Log, nil))
	if _, ok := c.File.ClassByName("Guild"); ok {
		o.Objects = []ObjectType{{ID: 1, Class: "Guild"}, {ID: 2, Class: "Avatar"}}
	}
	r, err := New(c.Node, o)
	must(c.T, err)
	c.role = r
	c.end = script.Serve(c.T, r)
}

// await waits until an actor gets a message that fits, and records all up to it.
func (c *cluster) await(a *actor, what string, fits func(m wire.Message) bool) {
	c.T.Helper()
	limit := time.After(patience)
	for {
		a.Record()
		for _, d := range a.Received {
			if m, err := d.Message(); err == nil && fits(m) {
				return
			}
		}
		select {
		case <-a.Inbox.Ready:
		case <-limit:
			c.T.Fatalf("%s: %s does not come", a.Name, what)
		}
	}
}

// settle waits until what was sent last has been done, and all is received that
// came of it. A create is waited for by its answer; anything else by the answer to
// a question about the same object, which comes after it.
func (c *cluster) settle(a *actor, d wire.Datagram) {
	c.T.Helper()
	m, err := d.Message()
	if err != nil {
		return
	}
	p := m.Payload
	if answer, answered := answerTo(m.Type); answered {
		number := p.Uint32()
		if q := (&request{msg: m.Type}); (q.creates() || m.Type == wire.DBServerFindObjects) && p.Err() == nil {
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
	must(c.T, err)
	must(c.T, c.marker.Send(question))
	c.await(c.marker, "an answer", func(m wire.Message) bool { return m.Payload.Uint32() == round })
	c.marker.Take()
	c.Record()
}

// must ends the test if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
