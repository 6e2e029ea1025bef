package eventlogger

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"natstron/internal/complaint"
)

const (
	// reportTick is how soon something is reported.
	reportTick = time.Second
	// reportEvery is how often the same kind of thing is, at most.
	reportEvery = 10 * time.Second
	// sampleBytes is how much of a refused packet is shown.
	sampleBytes = 32
)

// refusals is the last thing that was refused, as an example.
type refusals struct {
	mu     sync.Mutex
	why    error
	from   netip.AddrPort
	sample string
	size   int
}

// refuse counts what is no event. from is zero if it came from the backbone.
func (el *EventLogger) refuse(why error, from netip.AddrPort, packet []byte) {
	c := &el.counters
	switch {
	case errors.Is(why, errNotMap), errors.Is(why, errNotJSON):
		c.notMap.Add(1)
	case errors.Is(why, errTruncated):
		c.truncated.Add(1)
	case errors.Is(why, errLeftover):
		c.leftover.Add(1)
	default:
		c.malformed.Add(1)
	}
	r := &el.refused
	r.mu.Lock()
	defer r.mu.Unlock()
	r.why, r.from, r.size = why, from, len(packet)
	r.sample = string(packet[:min(len(packet), sampleBytes)])
}

// attrs describes the example.
func (r *refusals) attrs() []any {
	r.mu.Lock()
	defer r.mu.Unlock()
	from := "the backbone"
	if r.from.IsValid() {
		from = netip.AddrPortFrom(r.from.Addr().Unmap(), r.from.Port()).String()
	}
	return []any{"for_example", r.why, "from", from, "bytes", r.size, "begins", fmt.Sprintf("%x", r.sample)}
}

// reporter logs what the counters say is wrong, once in a while.
type reporter struct {
	complaints    complaint.Limiter
	refused, lost uint64 // how much was told
}

// report logs until the context is done, and once more then.
func (el *EventLogger) report(ctx context.Context) {
	r := reporter{complaints: complaint.Limiter{Every: reportEvery}}
	tick := time.NewTicker(reportTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			r.complaints.Reset()
			el.tell(&r, time.Now())
			return
		case now := <-tick.C:
			el.tell(&r, now)
		}
	}
}

// tell logs what is new, if that is due.
func (el *EventLogger) tell(r *reporter, now time.Time) {
	due := func(what string, count uint64, told *uint64) bool {
		if count == *told {
			return false
		}
		_, ok := r.complaints.Due(what, now)
		if ok {
			*told = count
		}
		return ok
	}
	s := el.Stats()
	if due("refused", s.refused(), &r.refused) {
		el.log.Warn("received something that is not an event", append([]any{"not_map", s.NotMap, "truncated", s.Truncated,
			"leftover", s.Leftover, "malformed", s.Malformed}, el.refused.attrs()...)...)
	}
	if due("lost", s.lost(), &r.lost) {
		el.log.Warn("events were lost", "received", s.Received, "by_the_system", s.KernelDropped, "for_want_of_memory", s.Dropped,
			"for_the_backbone", s.Unpublished, "receive_errors", s.ReceiveErrors)
	}
}
