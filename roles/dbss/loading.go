package dbss

import (
	"bytes"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/stateserver"
)

// loading is an object that was activated, and that the database has been asked for.
type loading struct {
	id        wire.DoID
	location  wire.Location
	class     *dc.Class          // required; nil if any will do
	overrides stateserver.Values // instead of what the database has
	since     time.Time

	queue []wire.Datagram // what came meanwhile, in order
	bytes int             // of it
	ends  bool            // one of them may delete the object
}

// activate is ACTIVATE_WITH_DEFAULTS, and with other the form with overrides
// (document 12, section 2.4), to an inactive object.
func (r *Role) activate(id wire.DoID, m wire.Message, other bool) error {
	p := &m.Payload
	if err := stateserver.Addressed(id, p); err != nil {
		return err
	}
	l := &loading{id: id, location: p.Location(), since: r.now()}
	if other {
		var err error
		if l.class, err = stateserver.ReadClass(r.options.File, p); err != nil {
			return err
		}
		if err := r.readOverrides(l, m, p); err != nil {
			return err
		}
	}
	if err := p.Done(); err != nil {
		return err
	}
	return r.load(l)
}

// readOverrides reads fields whose values count more than those of the database. One that
// objects do not keep is left out, and counted as refused.
func (r *Role) readOverrides(l *loading, m wire.Message, p *wire.Reader) error {
	return l.overrides.ReadOther(l.class, p, func(f *dc.Field) {
		r.space.Refused(m, l.id, stateserver.Refuse(stateserver.WrongField,
			"activate %s: %s is not ram, it is left out", l.class.Name(), f.Name()))
	})
}

// load asks the database for an object, unless it is being asked for all of it anyway.
func (r *Role) load(l *loading) error {
	if q := r.questions.shared[l.id]; q != nil {
		q.load = l
	} else if err := r.ask(question{do: l.id, answer: wire.DBServerObjectGetAllResp, load: l}); err != nil {
		return err
	}
	r.loading[l.id] = l
	r.gauge()
	return nil
}

// wait queues a datagram for an object that is loading. A further ACTIVATE is
// refused at once, unless an earlier message in the queue may delete the object. What does not fit is refused, and answered as a failure where it can be.
func (r *Role) wait(l *loading, d wire.Datagram, m wire.Message) error {
	switch m.Type {
	case wire.StateServerObjectDeleteRAM, wire.StateServerDeleteAIObjects:
		l.ends = true
	case wire.DBSSObjectActivateWithDefaults, wire.DBSSObjectActivateWithDefaultsOther:
		if !l.ends {
			return stateserver.Refuse(stateserver.DoIDTaken, "activate: it is loading already")
		}
	}
	if l.bytes+len(d) > r.options.MaxWaiting || r.waiting+len(d) > r.options.MaxWaitingAll {
		r.answerRefused(l.id, m)
		return stateserver.Refuse(stateserver.Full,
			"%d bytes wait for it to load, and %d for all loading objects: there is no room for more", l.bytes, r.waiting)
	}
	l.queue = append(l.queue, bytes.Clone(d))
	l.bytes += len(d)
	r.waiting += len(d)
	r.gauge()
	return nil
}

// loaded creates an object from the values of the database, which are in r.values, those
// of the activation, and defaults. Of several for one field, the activation's counts.
func (r *Role) loaded(l *loading, class *dc.Class) {
	if l.class != nil && l.class != class {
		r.failed(l, WrongClass, stateserver.Refuse(stateserver.UnknownClass,
			"it is a %s in the database, not a %s as the activation says", class.Name(), l.class.Name()))
		return
	}
	l.overrides.All(func(id wire.FieldID, packed []byte) bool {
		if f, ok := class.Field(uint16(id)); ok {
			have, known := r.values.Get(f)
			same := known && bytes.Equal(have, packed)
			_ = r.values.Set(f, packed) // it was checked when it came
			if !same {
				r.values.SetMarks(f, stateserver.Apart)
			}
		}
		return true
	})
	err := r.values.SetDefaults(class)
	if err == nil {
		r.echoes.forget(l.id, class)
		_, err = r.space.Create(stateserver.Spec{
			DoID:     l.id,
			Location: l.location,
			Class:    class,
			Values:   &r.values,
			Sender:   r.options.Database,
		})
	}
	if err != nil {
		r.failed(l, NotCreated, err)
		return
	}
	r.count.activation.Observe(r.now().Sub(l.since))
	r.endLoading(l)
}

// failed gives an object that was loading up: it is inactive.
func (r *Role) failed(l *loading, why Failure, err error) {
	r.fail(why, l.id, err)
	r.endLoading(l)
}

// endLoading handles what has waited for an object, which is active or inactive now.
// That may make it load once more: then the rest waits again.
func (r *Role) endLoading(l *loading) {
	delete(r.loading, l.id)
	r.waiting -= l.bytes
	r.gauge()
	for _, d := range l.queue {
		r.handleQueued(l.id, d)
	}
}
