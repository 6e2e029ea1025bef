package link

import (
	"natstron/bridge/internal/natsconn"
	"natstron/bridge/internal/routing"
)

// subscriptions are those that the server has, or is about to have, by their numbers.
//
// One that is not wanted any more ends late, because what replaces it must be in force first,
// everywhere on the way: a server that is delivering a message decided before where it goes;
// if the old subscription ends in this moment, the message is lost. One that is wanted
// again meanwhile is taken back. So there are never more than one for each cover, but for a
// moment: every further one would be a further copy of each message. What still comes is
// filtered, as everything is.
type subscriptions struct {
	number  uint64 // of the last one
	active  map[routing.Cover]uint64
	listens map[string]uint64 // to subjects that are not channels'
	// Those that are to end: of the period before this one, and of this one.
	last, retired map[routing.Cover]uint64
}

// begin forgets those of an earlier link.
func (s *subscriptions) begin() {
	*s = subscriptions{number: s.number, active: map[routing.Cover]uint64{}, listens: map[string]uint64{}, retired: map[routing.Cover]uint64{}}
}

// Change queues a change of what this node subscribes to.
func (o *Outbox) Change(c routing.Cover, on bool) {
	if on {
		o.stats.Subscriptions++
		o.Subscribe(c)
		return
	}
	o.stats.Subscriptions--
	if number, ok := o.active[c]; ok {
		delete(o.active, c)
		o.retired[c] = number
	}
}

// Subscribe queues a subscription that is counted already, for a new link.
func (o *Outbox) Subscribe(c routing.Cover) {
	if !o.open {
		return
	}
	for _, retired := range []map[routing.Cover]uint64{o.retired, o.last} {
		if number, ok := retired[c]; ok {
			delete(retired, c)
			o.active[c] = number
			return
		}
	}
	o.number++
	o.active[c] = o.number
	b := c.Append(natsconn.AppendSubscribe(o.filling.bytes), o.prefix)
	o.filling.bytes = natsconn.AppendNumber(b, o.number)
	o.added()
}

// Retire ends the subscriptions that have been waiting for that for a whole period. It is
// called once for each.
func (o *Outbox) Retire() {
	if !o.open {
		return
	}
	for _, number := range o.last {
		o.filling.bytes = natsconn.AppendUnsubscribe(o.filling.bytes, number)
	}
	o.last, o.retired = o.retired, o.last
	o.added()
	if o.retired == nil {
		o.retired = map[routing.Cover]uint64{}
	}
	clear(o.retired)
}

// Listen subscribes to a subject that is not a channel's.
func (o *Outbox) Listen(subject string) {
	if !o.open {
		return
	}
	o.number++
	o.listens[subject] = o.number
	b := append(natsconn.AppendSubscribe(o.filling.bytes), subject...)
	o.filling.bytes = natsconn.AppendNumber(b, o.number)
	o.added()
}

// Ignore takes back Listen.
func (o *Outbox) Ignore(subject string) {
	if number, ok := o.listens[subject]; ok {
		delete(o.listens, subject)
		o.filling.bytes = natsconn.AppendUnsubscribe(o.filling.bytes, number)
		o.added()
	}
}
