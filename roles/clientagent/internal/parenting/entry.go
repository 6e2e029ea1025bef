package parenting

import (
	"log/slog"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// entry is a parent that somebody watches.
//
// It is asked for its class. If the class has the field, it is asked where it is: what it
// says of a new value, it says there. When the subscription to that location is in force,
// it is asked once more, and for its value if it has not moved on meanwhile. From then on
// nothing is missed.
type entry struct {
	table    *Table
	parent   wire.DoID
	watchers map[Watcher]*watch
	rule     Rule

	settled bool      // rule is what the parent has said, or stands for it
	class   *dc.Class // nil: it has not answered
	field   *dc.Field // nil: its class has none
	at      wire.Location
	listens bool // at is subscribed to

	request uint32       // the context of the question, 0: none is under way
	wants   wire.MsgType // the answer
	asked   time.Time
}

// askAgain asks a parent that has not answered lately. It begins with the first question: the
// one that has no answer may have gone to an object that is gone.
func (e *entry) askAgain() {
	switch {
	case e.request == 0 && e.class != nil: // it has said all
	case e.request == 0, e.table.Now().Sub(e.asked) >= e.table.Patience:
		e.tell(e.ask(wire.StateServerObjectGetClass))
	}
}

// ask starts a question, whose answer is the next type of message. The answer to the one
// before is not waited for any more.
func (e *entry) ask(kind wire.MsgType) *wire.Writer {
	t := e.table
	delete(t.requests, e.request)
	if t.context++; t.context == 0 {
		t.context++ // 0 is none
	}
	e.request, e.wants, e.asked = t.context, kind+1, t.Now()
	t.requests[e.request] = e
	w := new(wire.Writer)
	return w.Header(t.Backbone.Channel(), kind, e.parent.Channel()).Uint32(e.request)
}

func (e *entry) tell(w *wire.Writer) { e.table.Backbone.Tell(w) }

// answered takes the answer to the question that is under way.
func (e *entry) answered(r *wire.Reader) {
	switch e.wants {
	case wire.StateServerObjectGetClassResp:
		do, id := r.DoID(), r.DClassID()
		if r.Err() == nil && do == e.parent {
			e.isOf(id)
		}
	case wire.StateServerObjectGetLocationResp:
		do, at := r.DoID(), r.Location()
		if r.Err() == nil && do == e.parent {
			e.isAt(at)
		}
	case wire.StateServerObjectGetFieldResp:
		value := e.field.DefaultPacked()
		if success := r.Uint8(); success != 0 {
			r.FieldID()
			value = r.Rest()
		}
		if r.Err() == nil {
			e.settle()
			e.set(value)
		}
	}
}

// settle ends the question.
func (e *entry) settle() {
	delete(e.table.requests, e.request)
	e.request = 0
}

// isOf: the parent has said its class.
func (e *entry) isOf(id wire.DClassID) {
	e.settle()
	class, ok := e.table.File.ClassByID(uint16(id))
	if !ok {
		e.class, e.field = nil, nil
		e.deafen()
		e.refuse("class", id, "error", "its class is not in the DC files")
		e.become(Rule{})
		return
	}
	f, err := FieldOf(class)
	if err != nil {
		e.refuse("class", class.Name(), "error", err)
	}
	e.class, e.field = class, f
	if f == nil {
		e.deafen()
		e.become(Rule{})
		return
	}
	e.tell(e.ask(wire.StateServerObjectGetLocation))
}

// isAt: the parent has said where it is.
func (e *entry) isAt(at wire.Location) {
	if e.listens && at == e.at {
		e.tell(e.ask(wire.StateServerObjectGetField).DoID(e.parent).FieldID(wire.FieldID(e.field.ID())))
		return
	}
	e.deafen()
	if !e.table.listen(at) {
		e.settle()
		e.refuse("error", "the agent has too many channels")
		e.become(Rule{})
		return
	}
	e.at, e.listens = at, true
	if at.Parent == wire.InvalidDoID {
		e.isAt(at) // nobody hears it there
		return
	}
	w := e.ask(wire.StateServerObjectGetLocation)
	request := e.request
	e.table.Backbone.WhenInForce([]wire.Channel{e.table.Backbone.Channel(), at.Channel()}, func() {
		if e.table.requests[request] == e { // otherwise nobody needs the answer any more
			e.tell(w)
		}
	})
}

// deafen gives up the location.
func (e *entry) deafen() {
	if e.listens {
		e.listens = false
		e.table.unlisten(e.at)
	}
}

// handle handles what the parent says in its location.
func (e *entry) handle(kind wire.MsgType, r *wire.Reader) {
	switch kind {
	case wire.StateServerObjectDeleteRAM:
		e.forget()
	case wire.StateServerObjectChangingLocation:
		if to := r.Location(); r.Err() == nil && e.listens && to != e.at {
			e.isAt(to)
		}
	default:
		if id := r.FieldID(); r.Err() != nil || e.field == nil || uint16(id) != e.field.ID() {
			return
		}
		if kind == wire.StateServerObjectSetField {
			e.set(r.Rest())
		} else {
			e.set(e.field.DefaultPacked())
		}
	}
}

// forget: the parent does not exist any more.
func (e *entry) forget() {
	e.settle()
	e.deafen()
	e.class, e.field = nil, nil
	e.become(Rule{})
}

// set takes a packed value. One that is no rule stands for none.
func (e *entry) set(value []byte) {
	rule, err := Read(e.field, value)
	if err != nil {
		e.refuse("class", e.class.Name(), "error", err)
		rule = Rule{}
	}
	e.become(rule)
}

func (e *entry) become(rule Rule) {
	if !e.settled || !rule.Equal(e.rule) {
		e.settled, e.rule = true, rule
		e.changed()
	}
}

// refuse notes that there is no rule because of a fault.
func (e *entry) refuse(args ...any) {
	e.table.Refused++
	e.table.Backbone.Log(slog.LevelWarn, "a parenting rule is refused: its parent's zones are stated",
		append([]any{"parent", uint32(e.parent)}, args...)...)
}

// close ends the entry: nobody watches the parent any more.
func (e *entry) close() {
	e.settle()
	e.deafen()
}
