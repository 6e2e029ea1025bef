package otp

import "natstron/bridge/wire"

// How much is remembered for one participant. What is beyond it costs a warning in
// the participant's log, at most.
const (
	maxOwn   = 1 << 20
	maxAsked = 4096
	maxQuery = 1024
)

// own are the objects that the participant made, and is in charge of as far as it
// knows: nobody needs to tell it of them.
type own map[wire.DoID]struct{}

func (o *own) add(id wire.DoID) {
	if *o == nil {
		*o = own{}
	}
	if len(*o) < maxOwn {
		(*o)[id] = struct{}{}
	}
}

// asked are the fields that the participant asked for, by the context of the question.
// The oldest are forgotten.
type asked struct {
	fields map[uint32]wire.FieldID
	order  []uint32
	next   int
}

func (a *asked) add(context uint32, field wire.FieldID) {
	if a.fields == nil {
		a.fields = map[uint32]wire.FieldID{}
	}
	if _, ok := a.fields[context]; !ok {
		if len(a.order) < maxAsked {
			a.order = append(a.order, context)
		} else {
			delete(a.fields, a.order[a.next])
			a.order[a.next] = context
			a.next = (a.next + 1) % maxAsked
		}
	}
	a.fields[context] = field
}

// field is the field that was asked for.
func (a *asked) field(context uint32) wire.FieldID { return a.fields[context] }

// A query is a question for objects: their number and the objects come in any order,
// and the participant waits to be told that they are all there.
type query struct {
	children bool
	handle   uint16    // of a question for zones
	parent   wire.DoID // of a question for children
	told     bool      // missing is how many are missing; before, it is minus those that came
	missing  int64
}

// complete reports whether all objects have come.
func (q *query) complete() bool { return q.told && q.missing <= 0 }
