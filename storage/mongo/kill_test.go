package mongo

import (
	"context"
	"fmt"
	"os"
	"testing"

	"natstron/storage"
	"natstron/storage/mongo/wiretest"
	"natstron/storage/storagetest"
)

// nameIDs are the ids of the objects with names.
var nameIDs = storage.Range{Min: 1000, Max: 100000}

func TestMain(m *testing.M) {
	if uri := os.Getenv(storagetest.KillEnv); uri != "" {
		st, err := Open(context.Background(), uri, nameIDs, Options{})
		if err == nil {
			err = storagetest.ClaimNames(st)
		}
		fmt.Println("failed", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestKillNames kills a process that gives names away.
func TestKillNames(t *testing.T) { killNames(t, wiretest.Start(t, false).URI("names")) }

func TestKillNamesOnRealServer(t *testing.T) { killNames(t, real(t)(t)) }

func killNames(t *testing.T, uri string) {
	storagetest.Kill(t, uri, func() (storage.Store, error) { return Open(context.Background(), uri, nameIDs, Options{}) })
}
