package link

import (
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/routing"
)

// retireEvery is how long an unsubscription waits at least. It is not felt: what
// still comes is filtered, as everything is.
const retireEvery = 100 * time.Millisecond

// retired is the subscriptions that are to end. They end late, because what
// replaces them must be in force first, everywhere on the way:
//
//   - The library forgets a subscription at once, and drops what the server has
//     already sent for it, while the server may not have seen its replacement.
//     So a round trip to the server comes between the two.
//   - A server that is delivering a message decided before where it goes; if the
//     old subscription ends in this moment, the message is lost. So the old one
//     stays for a while after the new one is there.
//
// One that is wanted again meanwhile is taken back. So there are never more than
// one for each cover, but for a moment: every further one would be a further
// copy of each message.
type retired struct {
	mu         sync.Mutex
	last, next map[routing.Cover]*nats.Subscription // of the period before this one, and of this one
}

func (r *retired) add(c routing.Cover, sub *nats.Subscription) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == nil {
		r.next = map[routing.Cover]*nats.Subscription{}
	}
	r.next[c] = sub
}

// takeBack is the subscription to c that has not ended yet, nil if there is none.
func (r *retired) takeBack(c routing.Cover) *nats.Subscription {
	r.mu.Lock()
	defer r.mu.Unlock()
	sub := r.next[c]
	if sub == nil {
		sub = r.last[c]
	}
	delete(r.next, c)
	delete(r.last, c)
	return sub
}

// due is what has waited for a whole period.
func (r *retired) due() map[routing.Cover]*nats.Subscription {
	r.mu.Lock()
	defer r.mu.Unlock()
	due := r.last
	r.last, r.next = r.next, nil
	return due
}

// retire ends subscriptions that were replaced or are not wanted any more, until
// the link ends.
func (l *Link) retire() {
	tick := time.NewTicker(retireEvery)
	defer tick.Stop()
	for {
		select {
		case <-l.lost:
			return
		case <-tick.C:
		}
		due := l.retired.due()
		if len(due) == 0 {
			continue
		}
		if err := l.flush(); err != nil {
			l.Lose(err)
			return
		}
		for _, sub := range due {
			if err := sub.Unsubscribe(); err != nil {
				l.Lose(err)
				return
			}
		}
	}
}

// flush makes a round trip to the server. How long it may take, the link's pings
// decide.
func (l *Link) flush() error {
	for {
		err := l.nc.FlushTimeout(l.config.ConnectTimeout)
		if !errors.Is(err, nats.ErrTimeout) {
			return err
		}
	}
}
