package mongo

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/mongo/wiretest"
	"natstron/storage/storagetest"
)

func TestOpenForReading(t *testing.T) {
	reading(t, wiretest.Start(t, false).URI("objects"))
}

func TestOpenForReadingOnRealServer(t *testing.T) {
	reading(t, real(t)(t))
}

func reading(t *testing.T, uri string) {
	st, err := Open(t.Context(), uri, storage.Range{Min: 1000, Max: 1009}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	storagetest.Reading(t, st, func(ids storage.Range) (storage.Reader, error) {
		return OpenForReading(t.Context(), uri, ids, Options{})
	})
}

// TestReadingChangesNothing: a database of the reference's is read as it is.
func TestReadingChangesNothing(t *testing.T) {
	s := wiretest.Start(t, false)
	s.Insert("theirs", "astron.globals", bson.D{{Key: "_id", Value: "GLOBALS"}, {Key: "doid", Value: bson.D{
		{Key: "monotonic", Value: int64(1005)}, {Key: "free", Value: bson.A{int64(1003), int64(1001), int64(7)}},
	}}})
	before := s.Documents("theirs", "astron.globals")
	r, err := OpenForReading(t.Context(), s.URI("theirs"), storage.Range{Min: 1000, Max: 1009}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.IDs(t.Context())
	if want := (storage.IDs{Next: 1005, Free: []wire.DoID{1003, 1001}}); err != nil || !cmp.Equal(got, want) {
		t.Errorf("ids %v, %v", got, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, s.Documents("theirs", "astron.globals")); diff != "" {
		t.Errorf("it changed (-before +after):\n%s", diff)
	}
	if freed := s.Documents("theirs", "astron.freed"); len(freed) > 0 {
		t.Errorf("it wrote %v", freed)
	}
}
