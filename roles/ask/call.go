package ask

import (
	"fmt"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Call asks an object that a program of the game's own serves, such as an UberDOG: it sets a
// field of the object, and the program answers with an update of another one, sent to the
// question's sender. The first argument of both fields must be a uint32, by which the answer is
// found: the question chooses it, and the program gives it back.
//
//	dclass Names {
//	  check(uint32 context, string name) airecv;
//	  checked(uint32 context, uint8 allowed);
//	};
//
//	ask.Call("Names", 4670, "check", []any{name}, "checked", func(answer dc.Record, err error) {
//		allowed, _ := answer.Get("allowed")
//		…
//	})
//
// In Panda3D, the program answers with
// sendUpdateToChannel(self.air.getMsgSender(), 'checked', [context, allowed]).
//
// arguments are those after the context. then gets all arguments of the answer. Once a field has
// been used as an answer, participants of the role get no updates of it but as answers; a client
// is not shown them.
func Call(class string, do wire.DoID, field string, arguments []any, answers string, then func(answer dc.Record, err error)) Question {
	var back *dc.Field // of the last that was asked, and the same for all
	m := toObject(do, wire.StateServerObjectSetField, func(b *body) {
		if f := b.contextField(class, field); f != nil {
			b.DoID(do).FieldID(wire.FieldID(f.ID())).Raw(b.packAll(f, append([]any{b.context}, arguments...)))
		}
		back = b.contextField(class, answers)
	})
	return Question{
		begin: func(o *open) error {
			if err := o.asker.send(m, o.context); err != nil {
				return err
			}
			o.answer, o.do, o.field = m.kind, do, wire.FieldID(back.ID())
			o.asker.all.calls[o.field] = struct{}{}
			o.expire()
			return nil
		},
		end: func(file *dc.File, r *wire.Reader, err error) {
			if err != nil {
				then(nil, err)
				return
			}
			v, err := back.Unpack(r.Rest())
			arguments, _ := v.(dc.Record)
			if err != nil {
				err = fmt.Errorf("ask: the answer makes no sense: %w", err)
			}
			then(arguments, err)
		},
	}
}

// contextField finds a method of a class whose first argument is a uint32.
func (b *body) contextField(class, field string) *dc.Field {
	f := b.field(b.class(class), field)
	if f == nil {
		return nil
	}
	if p := f.Type().Params(); !f.IsMethod() || len(p) == 0 || p[0].Type().Kind() != dc.Uint32 {
		b.fail(fmt.Errorf("the first argument of %s.%s is not a uint32", class, field))
		return nil
	}
	return f
}

// packAll packs the arguments of a method.
func (b *body) packAll(f *dc.Field, arguments []any) []byte {
	packed, err := f.Pack(arguments)
	if err != nil {
		b.fail(err)
	}
	return packed
}
