package wiretest

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Environment names a MongoDB server that tests run against as well, as
// mongodb://127.0.0.1:27017. Each test has a database of its own there, and drops it.
const Environment = "MONGODB_URI"

// Real is the server that the environment names; ok is false if it names none. uri
// makes a URI with a new database in it, which is dropped when tb ends.
func Real() (uri func(tb testing.TB) string, ok bool) {
	server := os.Getenv(Environment)
	return func(tb testing.TB) string {
		tb.Helper()
		base, query, _ := strings.Cut(server, "?")
		scheme, host, _ := strings.Cut(base, "://")
		host, _, _ = strings.Cut(host, "/")
		database := "natstron_test_" + bson.NewObjectID().Hex()
		here := scheme + "://" + host + "/" + database + "?" + query
		tb.Cleanup(func() { drop(tb, here, database) })
		return here
	}, server != ""
}

func drop(tb testing.TB, uri, database string) {
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
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
}
