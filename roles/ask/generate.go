package ask

import (
	"errors"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
)

// Generate has the state server with that control channel create an object under a doId that the
// state server chooses. Required fields without a value get their default. then gets the doId: in
// that turn the object exists, and nothing about it has been received yet. An error says why there
// is none, or is [ErrNoAnswer].
func Generate(stateServer wire.Channel, class string, at wire.Location, values Values, then func(do wire.DoID, err error)) Question {
	return generate(stateServer, wire.StateServerGenerateObjectWithRequiredOther, func(b *body) { b.object(class, at, values) }, then)
}

// GenerateOf is Generate with an AI for the object, as [SetAI] gives it one: the object has it from
// the start. With several state servers this takes no wait, where SetAI behind Generate takes two.
func GenerateOf(ai, stateServer wire.Channel, class string, at wire.Location, values Values, then func(do wire.DoID, err error)) Question {
	return generate(stateServer, wire.StateServerGenerateObjectOfAI, func(b *body) {
		b.Channel(ai)
		b.object(class, at, values)
	}, then)
}

func generate(stateServer wire.Channel, kind wire.MsgType, object func(b *body), then func(do wire.DoID, err error)) Question {
	return question(stateServer, kind, wire.StateServerGenerateObjectResp, object,
		func(_ *dc.File, r *wire.Reader, err error) {
			if err != nil {
				then(0, err)
				return
			}
			do, problem := r.DoID(), r.Text()
			err = r.Done()
			if err == nil && do == wire.InvalidDoID {
				err = errors.New("ask: " + problem)
			}
			then(do, err)
		})
}

// object writes where an object is created, its class and its values, which other fields follow.
func (b *body) object(class string, at wire.Location, values Values) {
	b.Location(at)
	c := b.dclass(class)
	if c == nil {
		return
	}
	given := map[*dc.Field][]byte{}
	var other []dc.FieldValue
	for _, v := range b.values(c, values) {
		if v.Field.Has(dc.Required) {
			given[v.Field] = v.Packed
		} else {
			other = append(other, v)
		}
	}
	for _, f := range c.RequiredFields() {
		packed, ok := given[f]
		if !ok {
			packed = f.DefaultPacked()
		}
		b.Raw(packed)
	}
	fieldlist.Write(b.Uint16(uint16(len(other))), other)
}
