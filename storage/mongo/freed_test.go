package mongo

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/mongo/wiretest"
)

// TestManyFreeIDs opens a database of the reference's with many free ids, of which some
// are not ours, and creates objects beside them.
func TestManyFreeIDs(t *testing.T) { manyFree(t, wiretest.Start(t, false).URI("astron"), 20_000) }

func TestManyFreeIDsOnRealServer(t *testing.T) { manyFree(t, real(t)(t), 100_000) }

func manyFree(t *testing.T, uri string, n int) {
	r := storage.Range{Min: 1000, Max: wire.DoID(1000 + n)}
	list := bson.A{int64(5), int64(1 << 31)}
	for i := range n { // the least last
		list = append(list, key(r.Max)-1-int64(i))
	}
	fill(t, uri, bson.D{{Key: "_id", Value: globals}, {Key: "doid", Value: bson.D{{Key: "monotonic", Value: key(r.Max)}, {Key: "free", Value: list}}}})

	begin := time.Now()
	st, err := Open(t.Context(), uri, r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	t.Logf("opened with %d free ids in %v", n, time.Since(begin))
	state, err := st.IDs(t.Context())
	if err != nil || state.Next != uint64(r.Max) || len(state.Free) != n || state.Free[0] != r.Max-1 || state.Free[n-1] != r.Min {
		t.Fatalf("%d are free, next %d, %v", len(state.Free), state.Next, err)
	}
	const creates = 100
	begin = time.Now()
	for i := range creates + 1 { // the last of the range, then the free ones
		if id, err := st.Create(t.Context(), "Toon", nil); err != nil || id != r.Max-wire.DoID(i) {
			t.Fatalf("created %d, %v, want %d", id, err, r.Max-wire.DoID(i))
		}
	}
	t.Logf("%v a create beside %d free ids", time.Since(begin)/creates, n)

	begin = time.Now()
	if err := st.SetIDs(t.Context(), storage.IDs{Next: uint64(r.Max) + 1, Free: state.Free[creates+1:]}); err != nil {
		t.Fatal(err)
	}
	t.Logf("set %d free ids in %v", n-creates-1, time.Since(begin))
	if id, err := st.Create(t.Context(), "Toon", nil); err != nil || id != state.Free[creates+1] {
		t.Errorf("created %d, %v", id, err)
	}
}

// fill puts a document into the collection of globals, as others do.
func fill(t *testing.T, uri string, d bson.D) {
	t.Helper()
	name, err := database(uri)
	if err != nil {
		t.Fatal(err)
	}
	client, err := driver.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Database(name).Collection("astron.globals").InsertOne(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := client.Disconnect(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestSlowMove has each command take so long that not all free ids can be moved within
// one attempt, nor within the time of one call.
func TestSlowMove(t *testing.T) {
	t.Parallel()
	s := wiretest.Start(t, false)
	list := bson.A{}
	for id := range int64(7 * freeAtOnce) {
		list = append(list, 1000+id)
	}
	s.Insert("astron", "astron.globals", bson.D{{Key: "_id", Value: globals}, {Key: "doid", Value: bson.D{{Key: "monotonic", Value: int64(90000)}, {Key: "free", Value: list}}}})
	s.Insert("astron", "astron.freed", bson.D{{Key: "_id", Value: int64(1007)}, {Key: keyFreedAt, Value: int64(7)}}) // an earlier try broke off
	const timeout = 6 * time.Second
	s.OnCommand(func(c wiretest.Command) wiretest.Fault {
		if c.Collection == "astron.freed" && c.Name == "insert" {
			time.Sleep(timeout / 6)
		}
		return wiretest.Fault{}
	})
	st, err := Open(t.Context(), s.URI("astron"), storage.Range{Min: 1000, Max: 99999}, Options{Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	if state, err := st.IDs(t.Context()); err != nil || len(state.Free) != len(list) {
		t.Errorf("%d are free, %v", len(state.Free), err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
}

// TestFreeIDThatIsTaken has ids in the list of free ones that objects have, as after
// a process that died between the object and the list.
func TestFreeIDThatIsTaken(t *testing.T) {
	s := wiretest.Start(t, false)
	st, err := Open(t.Context(), s.URI("astron"), storage.Range{Min: 1000, Max: 1003}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		mustCreate(t, st, 1)
	}
	st.free(t.Context(), 1001, 1002)
	if id, err := st.Create(t.Context(), "Toon", nil); !errors.Is(err, storage.ErrExhausted) {
		t.Errorf("created %d, %v", id, err)
	}
	if state, err := st.IDs(t.Context()); err != nil || len(state.Free) != 0 {
		t.Errorf("%v, %v", state, err)
	}
	mustDelete(t, st, 1002)
	if id := mustCreate(t, st, 1); id != 1002 {
		t.Errorf("created %d", id)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
}

// TestSparesOutliveTheProcess ends a process that has an id at hand which got no object.
func TestSparesOutliveTheProcess(t *testing.T) {
	s := wiretest.Start(t, false)
	st, err := Open(t.Context(), s.URI("astron"), ids, Options{})
	if err != nil {
		t.Fatal(err)
	}
	first(s, "insert", "astron.objects", wiretest.Fault{Code: 13, Name: "Unauthorized"})
	if _, err := st.Create(context.Background(), "Toon", nil); !errors.Is(err, storage.ErrUnavailable) {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	st = openAt(t, s, time.Second)
	if state, err := st.IDs(t.Context()); err != nil || state.Next != 1001 || len(state.Free) != 1 || state.Free[0] != 1000 {
		t.Error(state, err)
	}
}
