package mongo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/internal/backend"
	"natstron/storage/mongo/wiretest"
	"natstron/storage/storagetest"
)

// TestServerRestarts kills the server again and again below 32 callers: each call
// outlasts that.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	s := wiretest.Start(t, false)
	st := opened(t, s.URI("astron"), ids, Options{Timeout: time.Minute, Workers: 4}) // so that others wait for a connection
	var objects []wire.DoID
	for range 32 {
		objects = append(objects, mustCreate(t, st, 0))
	}
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	var calls atomic.Int64
	for _, id := range objects {
		done.Go(func() {
			for v := int64(1); ctx.Err() == nil; v++ {
				if err := st.Update(context.Background(), id, storage.Update{Set: hp(v)}); err != nil {
					t.Errorf("set: %v", err)
				}
				o, err := st.Get(context.Background(), id)
				if got, _ := o.Fields.Get("hp"); err != nil || !document.Equal(got, v) {
					t.Errorf("get: %v, %v, want %d", got, err, v)
				}
				calls.Add(1)
			}
		})
	}
	for range 3 {
		for before := calls.Load(); calls.Load() < before+64; {
			time.Sleep(time.Millisecond)
		}
		s.Down(true)
		time.Sleep(20 * time.Millisecond)
		s.Down(false)
	}
	for before := calls.Load(); calls.Load() < before+64; {
		time.Sleep(time.Millisecond)
	}
	stop()
	done.Wait()
}

// TestRefusedBehindUnclear has a write that was perhaps done, and whose repetition is
// refused for good: nobody may say that it was not done.
func TestRefusedBehindUnclear(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(st *Store, id wire.DoID) error{
		"insert": func(st *Store, _ wire.DoID) error { _, err := st.Create(context.Background(), "Toon", nil); return err },
		"update": func(st *Store, id wire.DoID) error {
			return st.Update(context.Background(), id, storage.Update{Set: hp(2)})
		},
		"delete": func(st *Store, id wire.DoID) error { return st.Delete(context.Background(), id) },
	} {
		s, st := start(t, false, 5*time.Second)
		id := mustCreate(t, st, 1)
		var met atomic.Bool
		s.OnCommand(func(c wiretest.Command) wiretest.Fault {
			switch {
			case c.Collection != "astron.objects":
			case met.Load():
				return wiretest.Fault{Code: 13, Name: "Unauthorized"}
			case c.Name == name:
				met.Store(true)
				return wiretest.Fault{DropAfter: true}
			}
			return wiretest.Fault{}
		})
		if err := call(st, id); !errors.Is(err, storage.ErrUnknown) {
			t.Errorf("%s: %v, want %v", name, err, storage.ErrUnknown)
		}
	}
}

// TestLostCursor has the server forget a cursor in the middle of a list.
func TestLostCursor(t *testing.T) {
	s, st := start(t, false, 5*time.Second)
	const objects = backend.PageSize + 10
	for range objects {
		mustCreate(t, st, 1)
	}
	finds := first(s, "find", "astron.objects", wiretest.Fault{Code: 43, Name: "CursorNotFound"})
	n := 0
	for o, err := range st.All(t.Context(), 0) {
		if err != nil || o.ID != wire.DoID(1000+n) {
			t.Fatalf("%v, %v", o, err)
		}
		n++
	}
	if n != objects || finds.Load() < 3 {
		t.Errorf("%d objects of %d, by %d commands", n, objects, finds.Load())
	}
}

func TestTooLarge(t *testing.T) {
	s, st := start(t, false, 5*time.Second)
	id := mustCreate(t, st, 1)
	long := document.Document{{Name: "data", Value: make([]byte, maxDocument)}}
	if _, err := st.Create(t.Context(), "Toon", long); !errors.Is(err, storage.ErrValue) {
		t.Error(err)
	}
	storagetest.Fails(t, st.Update(t.Context(), id, storage.Update{Set: long}), storage.ErrValue)
	first(s, "update", "astron.objects", wiretest.Fault{Code: 17419, Name: "Resulting document after update is larger than 16777216"})
	storagetest.Fails(t, st.Update(t.Context(), id, storage.Update{Set: hp(2)}), storage.ErrValue)
	holds(t, st, id, 1)
	if got := mustCreate(t, st, 1); got != id+1 {
		t.Errorf("created %d: an id got lost", got)
	}
}

// TestURIKeepsItsPassword opens URIs that cannot be right.
func TestURIKeepsItsPassword(t *testing.T) {
	for _, uri := range []string{
		"mongodb://me:hush@secret@127.0.0.1:1/astron", "mongodb://me:hush/secret@127.0.0.1:1/astron", "mongodb://me:hush%secret@127.0.0.1:1/astron",
		"mongodb://me:hush@secret/x@127.0.0.1:1/astron", "mongodb://me:hush:secret@127.0.0.1:1/astron", "mongodb://me:hush?secret@127.0.0.1:1/astron",
		"mongodb://me:hushsecret@127.0.0.1:1", "mongodb://me:hushsecret@/astron", "mongodb://me:hushsecret@127.0.0.1:1/astron?authMechanism=MONGODB-X509",
	} {
		_, err := Open(t.Context(), uri, ids, Options{Timeout: 100 * time.Millisecond})
		if err == nil || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", uri, err)
		}
	}
	if name, err := database("mongodb://m%40e:p%2Fw@h:1/astron?appName=x"); err != nil || name != "astron" {
		t.Error(name, err)
	}
}

// poolError is what the driver returns to those who wait for a connection when it gives
// all connections to a server up. Its own type has no name outside.
type poolError struct{}

func (poolError) Error() string   { return "connection pool was cleared" }
func (poolError) Retryable() bool { return true }

// TestJudge has errors that do not tell of the write itself.
func TestJudge(t *testing.T) {
	refusal := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	for _, c := range []struct {
		err  error
		want verdict
	}{
		{poolError{}, refused},
		{fmt.Errorf("wrapped: %w", poolError{}), refused},
		{driver.CommandError{Message: "pool cleared", Wrapped: poolError{}}, refused},
		{driver.CommandError{Message: "handshake", Labels: []string{"NetworkError"}, Wrapped: refusal}, refused},
		{driver.CommandError{Message: "broken", Labels: []string{"NetworkError"}}, unclear},
		{fromRead(driver.CommandError{Message: "broken", Labels: []string{"NetworkError"}}), refused},
		{driver.CommandError{Code: 43, Name: "CursorNotFound"}, unclear},
		{driver.CommandError{Code: 13, Name: "Unauthorized"}, final},
		{fromRead(driver.ErrNoDocuments), final},
		{context.DeadlineExceeded, unclear},
		{storage.ErrMismatch, final},
	} {
		if got := judge(c.err); got != c.want {
			t.Errorf("%v: %v, want %v", c.err, got, c.want)
		}
	}
}
