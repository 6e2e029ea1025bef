package dbss

import (
	"bytes"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/stateserver"
)

// catchup brings active objects that have survived a process up to date: their db fields may
// have changed in the database meanwhile. What differs is taken over, but for what was set
// apart on purpose, and what the process before sent to the database, which has not said that
// it has it: that is sent again, since others were told of it.
type catchup struct {
	begins bool        // it is not known yet which objects have survived
	left   []wire.DoID // to be asked for
	asked  int         // how many questions are open
	// unwritten are those that may still hear of what the process before wrote. Their values
	// are newer, and the answer comes behind it. Until then nobody can tell these writes from
	// those of this process, which are not counted then.
	unwritten map[wire.DoID]struct{}
}

// heardAll notes that everything has been announced that was written to an object before a
// question was asked.
func (r *Role) heardAll(q *question) {
	if _, uncounted := r.catchup.unwritten[q.do]; !uncounted {
		return
	}
	delete(r.catchup.unwritten, q.do)
	for _, b := range q.behind {
		if r.echoes.at(b.at) == b.echo {
			r.settle(b.at, b.echo, b.count)
		}
	}
}

// catchUpAtOnce is how many questions to the database are open for objects that survived.
const catchUpAtOnce = 256

// restored notes an object that has survived.
func (r *Role) restored(o *stateserver.Object) {
	stored, unwritten := false, false
	for _, f := range o.Class().Fields() {
		stored = stored || f.Has(dc.DB)
		unwritten = unwritten || o.Marks(f)&stateserver.Unwritten != 0
	}
	if stored {
		r.catchUpLater(o.DoID())
	}
	if unwritten {
		r.catchup.expectOlder(o.DoID())
	}
}

// catchUp asks for the next objects.
func (r *Role) catchUp() {
	for c := &r.catchup; c.asked < catchUpAtOnce && len(c.left) > 0; c.left = c.left[1:] {
		id := c.left[0]
		o, active := r.space.Object(id)
		if !active {
			delete(c.unwritten, id)
			continue
		}
		if err := r.ask(question{do: id, answer: wire.DBServerObjectGetAllResp, catchup: true, behind: r.echoes.of(o)}); err != nil {
			return // it is tried again with the next tick
		}
		c.asked++
	}
}

// mayBeOlder reports whether a write of an object that is announced may be one of the process before.
func (c *catchup) mayBeOlder(id wire.DoID) bool {
	_, unwritten := c.unwritten[id]
	return c.begins || unwritten
}

// wrote notes that this process writes, which cannot be told from what the one before did if it is
// not known yet which objects have survived.
func (r *Role) wrote(id wire.DoID) {
	if c := &r.catchup; c.begins {
		c.expectOlder(id)
		r.catchUpLater(id)
	}
}

func (c *catchup) expectOlder(id wire.DoID) {
	if c.unwritten == nil {
		c.unwritten = map[wire.DoID]struct{}{}
	}
	c.unwritten[id] = struct{}{}
}

// catchUpLater notes that an object is to be asked for, also once more.
func (r *Role) catchUpLater(id wire.DoID) { r.catchup.left = append(r.catchup.left, id) }

// caughtUp compares an object with what the database has, which is in r.values.
func (r *Role) caughtUp(o *stateserver.Object, class *dc.Class) {
	id := o.DoID()
	if class != o.Class() {
		r.fail(NotTaken, id, stateserver.Refuse(stateserver.UnknownClass, "it is a %s in the database, and a %s here", class.Name(), o.Class().Name()))
		return
	}
	var set []dc.FieldValue
	var erase []*dc.Field
	for _, f := range class.Fields() {
		if !f.Has(dc.DB) || !stateserver.Kept(f) || r.echoes.at(place{id, f}) != nil {
			continue // it is on its way to the database, behind the question
		}
		there, known := r.values.Get(f)
		if !known {
			there = nil
		}
		here, has := o.Get(f)
		same := known == has && bytes.Equal(there, here)
		switch marks := o.Marks(f); {
		case marks == stateserver.Unwritten && !same:
			set = append(set, dc.FieldValue{Field: f, Packed: bytes.Clone(here)})
		case marks == stateserver.Apart|stateserver.Unwritten && known:
			erase = append(erase, f)
		case marks&stateserver.Unwritten != 0:
			r.written(place{id, f})
		case marks == 0 && !same:
			if err := r.takeOver(o, r.options.Database, dc.FieldValue{Field: f, Packed: there}); err != nil {
				r.fail(NotTaken, id, err)
			}
		}
	}
	err := r.write(id, wire.StateServerObjectSetFields, set, true)
	if err == nil {
		err = r.erase(id, wire.DBSSObjectDeleteFieldsDisk, erase, true)
	}
	if err != nil {
		r.fail(NotWritten, id, err)
	}
}
