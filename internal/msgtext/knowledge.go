package msgtext

import (
	"fmt"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Knowledge lets the layouts of package wire read what the DC file tells about:
// it is a [wire.ValueReader].
type Knowledge struct{ File *dc.File }

func (k Knowledge) ValueSize(id wire.FieldID, b []byte) (int, error) {
	f, ok := k.File.FieldByID(uint16(id))
	if !ok {
		return 0, fmt.Errorf("no field %d", id)
	}
	return f.Skip(b)
}

func (k Knowledge) RequiredFields(id wire.DClassID, audience wire.Audience) ([]wire.FieldID, error) {
	c, ok := k.File.ClassByID(uint16(id))
	if !ok {
		return nil, fmt.Errorf("no dclass %d", id)
	}
	seen := dc.Keyword(0)
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
