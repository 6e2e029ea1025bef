package mongo

import (
	"context"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"natstron/dc"
	"natstron/storage"
	"natstron/storage/mongo/wiretest"
	"natstron/storage/storagetest"
)

// fresh gives each test a database of its own on a server.
func fresh(uri func(database string) string) func(tb testing.TB, _ *dc.File) storagetest.Open {
	return func(tb testing.TB, _ *dc.File) storagetest.Open {
		return opens(uri("natstron_test_" + bson.NewObjectID().Hex()))
	}
}

func opens(uri string) storagetest.Open {
	return func(r storage.Range) (storage.Store, error) {
		// A machine that does much else must not make an answer unknown.
		return Open(context.Background(), uri, r, Options{Timeout: time.Minute})
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, fresh(wiretest.Start(t, false).URI))
}

// TestStoreInSet runs the suite with the driver's own repetitions.
func TestStoreInSet(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, fresh(wiretest.Start(t, true).URI))
}

// real is the server that MONGODB_URI names: URIs of it with a new database each.
func real(tb testing.TB) func(tb testing.TB) string {
	tb.Helper()
	uri, ok := wiretest.Real()
	if !ok {
		tb.Skip("set " + wiretest.Environment + " to run against a MongoDB server, as mongodb://127.0.0.1:27017")
	}
	return uri
}

func freshOnReal(tb testing.TB) func(tb testing.TB, _ *dc.File) storagetest.Open {
	tb.Helper()
	uri := real(tb)
	return func(tb testing.TB, _ *dc.File) storagetest.Open { return opens(uri(tb)) }
}

func TestStoreOnRealServer(t *testing.T) {
	storagetest.Run(t, freshOnReal(t))
}

func BenchmarkStore(b *testing.B) {
	storagetest.Bench(b, fresh(wiretest.Start(b, false).URI))
}

func BenchmarkStoreOnRealServer(b *testing.B) {
	storagetest.Bench(b, freshOnReal(b))
}
