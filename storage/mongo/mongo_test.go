package mongo

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"natstron/dc"
	"natstron/storage"
	"natstron/storage/mongo/internal/wiretest"
	"natstron/storage/storagetest"
)

// uriEnv names a MongoDB server that the suite runs against as well. Each test has
// a database of its own there, and drops it.
const uriEnv = "MONGODB_URI"

// fresh gives each test a database of its own on a server.
func fresh(uri func(database string) string) func(tb testing.TB, _ *dc.File) storagetest.Open {
	return func(tb testing.TB, _ *dc.File) storagetest.Open {
		here := uri("natstron_test_" + bson.NewObjectID().Hex())
		return func(r storage.Range) (storage.Store, error) {
			return Open(context.Background(), here, r, Options{})
		}
	}
}

func TestStore(t *testing.T) {
	storagetest.Run(t, fresh(wiretest.Start(t, false).URI))
}

// TestStoreInSet runs the suite with the driver's own repetitions.
func TestStoreInSet(t *testing.T) {
	storagetest.Run(t, fresh(wiretest.Start(t, true).URI))
}

// real is the server that MONGODB_URI names, with one database for each test.
func real(tb testing.TB) func(database string) string {
	tb.Helper()
	uri := os.Getenv(uriEnv)
	if uri == "" {
		tb.Skip("set " + uriEnv + " to run against a MongoDB server, as mongodb://127.0.0.1:27017")
	}
	return func(database string) string {
		base, query, _ := strings.Cut(uri, "?")
		scheme, host, _ := strings.Cut(base, "://")
		host, _, _ = strings.Cut(host, "/")
		here := scheme + "://" + host + "/" + database + "?" + query
		tb.Cleanup(func() {
			client, err := driver.Connect(options.Client().ApplyURI(here))
			if err != nil {
				tb.Error(err)
				return
			}
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			if err := client.Database(database).Drop(ctx); err != nil {
				tb.Error(err)
			}
			if err := client.Disconnect(ctx); err != nil {
				tb.Error(err)
			}
		})
		return here
	}
}

func TestStoreOnRealServer(t *testing.T) {
	uri := real(t)
	storagetest.Run(t, fresh(uri))
}

func BenchmarkStore(b *testing.B) {
	storagetest.Bench(b, fresh(wiretest.Start(b, false).URI))
}

func BenchmarkStoreOnRealServer(b *testing.B) {
	storagetest.Bench(b, fresh(real(b)))
}
