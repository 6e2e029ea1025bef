package database

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/embedded"
)

// slowIndexes is a store that does not make indexes before it is told, or fails to.
type slowIndexes struct {
	storage.Store
	hold  chan struct{}
	fails atomic.Int32
}

func (s *slowIndexes) SetIndexes(ctx context.Context, list []storage.Index, prepare storage.Prepare) error {
	select {
	case <-s.hold:
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.fails.Add(-1) >= 0 {
		return storage.Fail("set indexes", 0, storage.ErrUnavailable)
	}
	return s.Store.SetIndexes(ctx, list, prepare)
}

// TestServesWhileIndexing: while indexes are made, requests that need them are refused,
// and all others are served; a store that fails is asked again.
func TestServesWhileIndexing(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	store := &slowIndexes{hold: make(chan struct{})}
	store.fails.Store(2)
	path := t.TempDir() + "/objects.db"
	c.serve(Options{Control: control, Index: []Index{{Field: "Account.setUser", Unique: true}}, Open: func(context.Context) (storage.Store, error) {
		s, err := embedded.Open(path, someIDs)
		store.Store = s
		return store, err
	}})
	a := c.Join("asker", 5000)
	c.say(a, `4003 DBSERVER_CREATE_OBJECT 1 dclass=Account setUser("flo")`)
	c.hears(a, "4003: DBSERVER_CREATE_OBJECT_RESP context=1 do_id=1000")
	c.say(a, `4003 DBSERVER_FIND_OBJECTS 2 dclass=Account setUser("flo") 0 10`)
	c.hears(a, "4003: DBSERVER_FIND_OBJECTS_RESP context=2 code=3")
	c.say(a, `4003 DBSERVER_CREATE_OBJECT_IF_ABSENT 3 dclass=Account setUser("flo")`)
	c.hears(a, "4003: DBSERVER_CREATE_OBJECT_IF_ABSENT_RESP context=3 code=3 do_id=0")
	if err := c.role.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "Account.setUser cannot be used: it is being made") {
		t.Errorf("ready: %v", err)
	}
	if usable := c.role.Stats().Indexes; len(usable) != 1 || usable["Account.setUser"] {
		t.Errorf("usable: %v", usable)
	}
	close(store.hold)
	lines := c.logged("made the indexes")
	if n := count(lines, "cannot make the indexes yet"); n != 2 {
		t.Errorf("logged %d failures, want 2: %q", n, lines)
	}
	must(t, c.role.Ready(t.Context()))
	if !c.role.Stats().Indexes["Account.setUser"] {
		t.Error("the index is not usable")
	}
	c.say(a, `4003 DBSERVER_CREATE_OBJECT_IF_ABSENT 4 dclass=Account setUser("flo")`)
	c.hears(a, "4003: DBSERVER_CREATE_OBJECT_IF_ABSENT_RESP context=4 code=1 do_id=1000 setUser")
}

// TestDoublesAreNamed: the log names the objects because of which an index is not made, and
// the role is not ready.
func TestDoublesAreNamed(t *testing.T) {
	for _, b := range backends() {
		c := newCluster(t)
		place := b.place(t)
		open := func(context.Context) (storage.Store, error) { return b.open(place, someIDs, c.File) }
		c.serve(Options{Control: control, Open: open})
		a := c.Join("asker", 5000)
		for i, user := range []string{"flo", "bo", "flo"} {
			c.say(a, "4003 DBSERVER_CREATE_OBJECT %d dclass=Account setUser(%q)", i, user)
			c.hear(a)
		}
		c.end()
		c.Log.Take()
		c.serve(Options{Control: control, Open: open, Index: []Index{{Field: "Account.setUser", Unique: true}, {Field: "Account.realm"}}})
		lines := c.logged("an index cannot be unique")
		if text := strings.Join(lines, "\n"); !strings.Contains(text, `level=ERROR`) || !strings.Contains(text, `{\"user\":\"flo\"}: 1000, 1002`) {
			t.Errorf("%s: logged %s", b.name, text)
		}
		var doubles *storage.DoublesError
		if err := c.role.Ready(t.Context()); !errors.As(err, &doubles) {
			t.Errorf("%s: ready: %v", b.name, err)
		}
		if usable := c.role.Stats().Indexes; usable["Account.setUser"] || !usable["Account.realm"] {
			t.Errorf("%s: usable: %v", b.name, usable)
		}
		c.end()
	}
}

// TestAnswerNamesMany has more objects than an answer can name: one asks again for those
// above the last.
func TestAnswerNamesMany(t *testing.T) {
	const objects = maxFound + 500
	c := newCluster(t)
	path := t.TempDir() + "/objects.db"
	ids := storage.Range{Min: 1000, Max: 1 << 20}
	open := func(context.Context) (storage.Store, error) { return embedded.Open(path, ids) }
	c.serve(Options{Control: control, Open: open, Index: []Index{{Field: "Account.realm"}}})
	a := c.Join("asker", 5000)
	for range objects {
		c.say(a, "4003 DBSERVER_CREATE_OBJECT 1 dclass=Account realm(7)")
	}
	found := 0
	for above := wire.DoID(0); ; {
		var w wire.Writer
		account, _ := c.File.ClassByName("Account")
		realm, _ := account.FieldByName("realm")
		id, _ := account.ID()
		d, err := w.Header(5000, wire.DBServerFindObjects, control).Uint32(2).DClassID(wire.DClassID(id)).
			FieldID(wire.FieldID(realm.ID())).Uint16(7).DoID(above).Uint16(0).Datagram()
		must(t, err)
		a.Received = nil // of the answers before
		must(t, a.Send(d))
		more := false
		c.await(a, "what is found", func(m wire.Message) bool {
			if m.Type != wire.DBServerFindObjectsResp {
				return false
			}
			m.Payload.Uint32()
			if code := m.Payload.Uint16(); code != codeOK {
				t.Fatalf("code %d", code)
			}
			more = m.Payload.Bool()
			for range m.Payload.Uint16() {
				if id := m.Payload.DoID(); id != above+1 && above != 0 {
					t.Fatalf("%d follows %d", id, above)
				} else {
					above = id
				}
				found++
			}
			return true
		})
		if !more {
			break
		}
	}
	if found != objects {
		t.Errorf("found %d, want %d", found, objects)
	}
}
