package msgtext

import (
	"errors"
	"fmt"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Values tells the layouts of package wire what a DC file says of fields and classes:
// it is a [wire.ValueReader].
type Values struct{ File *dc.File }

// ValueSize implements [wire.ValueReader].
func (v Values) ValueSize(id wire.FieldID, b []byte) (int, error) {
	f, ok := v.File.FieldByID(uint16(id))
	if !ok {
		return 0, fmt.Errorf("no field %d in the DC files", id)
	}
	n, err := f.Skip(b)
	if errors.Is(err, dc.ErrTruncated) {
		err = truncated{err}
	}
	return n, err
}

// truncated is an error of package dc that package wire knows.
type truncated struct{ error }

func (t truncated) Unwrap() error      { return t.error }
func (truncated) Is(target error) bool { return target == wire.ErrTruncated }

// RequiredFields implements [wire.ValueReader].
func (v Values) RequiredFields(id wire.DClassID, audience wire.Audience) ([]wire.FieldID, error) {
	c, ok := v.File.ClassByID(uint16(id))
	if !ok {
		return nil, fmt.Errorf("no class %d in the DC files", id)
	}
	var seen dc.Keyword // one of these makes a field visible; 0: all are
	switch audience {
	case wire.AudienceClients:
		seen = dc.Broadcast | dc.Clrecv
	case wire.AudienceOwner:
		seen = dc.Broadcast | dc.Clrecv | dc.Ownrecv
	}
	var ids []wire.FieldID
	for _, f := range c.RequiredFields() {
		if seen == 0 || f.HasAny(seen) {
			ids = append(ids, wire.FieldID(f.ID()))
		}
	}
	return ids, nil
}
