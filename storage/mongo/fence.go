package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"natstron/bridge/wire"
	"natstron/storage"
)

// The keys beside fields; see the package's comment.
const (
	keyMade   = "made"
	keyRecent = "recent"
	keyFenced = "fenced"
)

const (
	maxRecent = 16 // marks of updates that an object keeps
	maxFenced = 64
)

// skew is how much the clocks of processes may differ.
const skew = time.Minute

// goneClass is the dclass of a document that is no object any more. It stays so that
// attempts that the server takes late find a document where they would make one.
const goneClass = ""

// push appends a mark to a list that keeps the latest of them.
func push(list string, mark bson.ObjectID, most int) bson.E {
	return bson.E{Key: "$push", Value: bson.D{{Key: list, Value: bson.D{{Key: "$each", Value: bson.A{mark}}, {Key: "$slice", Value: -most}}}}}
}

// fence makes an attempt impossible from now on, should the server take it late, and
// returns the document as it was; mongo.ErrNoDocuments if there was none. It leaves
// one that says gone then. It may be repeated.
func (s *Store) fence(ctx context.Context, id wire.DoID, mark bson.ObjectID) (bson.Raw, error) {
	return s.objects.FindOneAndUpdate(ctx, byID(id),
		bson.D{push(keyFenced, mark, maxFenced), {Key: "$setOnInsert", Value: bson.D{
			{Key: "dclass", Value: goneClass}, {Key: "fields", Value: bson.D{}}, {Key: keyMade, Value: bson.NewObjectID()}}}},
		options.FindOneAndUpdate().SetUpsert(true)).Raw()
}

// isGone reports whether a document of the collection of objects is no longer an object.
func isGone(raw bson.Raw) bool {
	class, ok := raw.Lookup("dclass").StringValueOK()
	return ok && class == goneClass
}

// sameMade finds the document while it is the object, or the rest of one, that raw is:
// not a later one under its id.
func sameMade(id wire.DoID, raw bson.Raw) bson.D {
	made, err := raw.LookupErr(keyMade)
	if err != nil {
		return append(byID(id), bson.E{Key: keyMade, Value: bson.D{{Key: "$exists", Value: false}}})
	}
	return append(byID(id), bson.E{Key: keyMade, Value: made})
}

// readMarks reads what says whose document it is: all but the fields. The error is
// mongo.ErrNoDocuments if there is none.
func (s *Store) readMarks(ctx context.Context, id wire.DoID) (bson.Raw, error) {
	raw, err := s.objects.FindOne(ctx, byID(id), options.FindOne().SetProjection(bson.D{
		{Key: "dclass", Value: 1}, {Key: keyMade, Value: 1}, {Key: keyFenced, Value: 1}})).Raw()
	return raw, fromRead(err)
}

// find reads an object. The error is mongo.ErrNoDocuments if there is none.
func (s *Store) find(ctx context.Context, id wire.DoID) (bson.Raw, error) {
	raw, err := s.objects.FindOne(ctx, byID(id)).Raw()
	if err == nil && isGone(raw) {
		return nil, mongo.ErrNoDocuments
	}
	return raw, fromRead(err)
}

// settle finds out what became of an update whose answer did not come, and makes
// sure that it will not be done later. An ErrUnknown says that it is not known whether it
// was done.
func (s *Store) settle(ctx context.Context, w *write) (done bool, err error) {
	before, err := s.fence(ctx, w.id, w.mark)
	if errors.Is(err, mongo.ErrNoDocuments) || err == nil && isGone(before) {
		return false, fmt.Errorf("%w: the connection broke, and now the object is gone", storage.ErrUnknown)
	}
	if err != nil {
		return false, err
	}
	list, err := before.LookupErr(keyRecent)
	if err != nil || list.Type != bson.TypeArray {
		return false, nil
	}
	marks, err := list.Array().Values()
	if err != nil {
		return false, fmt.Errorf("%w: %s: %w", storage.ErrUnreadable, keyRecent, err)
	}
	for _, m := range marks {
		if id, ok := m.ObjectIDOK(); ok && id == w.mark {
			return true, nil
		}
	}
	if len(marks) < maxRecent {
		return false, nil
	}
	if oldest, ok := marks[0].ObjectIDOK(); ok && oldest.Timestamp().Before(w.since.Add(-skew)) {
		return false, nil
	}
	return false, fmt.Errorf("%w: the connection broke, and many others changed the object since", storage.ErrUnknown)
}
