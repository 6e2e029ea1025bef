package bots

import (
	"fmt"
	"io"
	"time"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/logging"
)

// Progress is how a run goes.
type Progress struct {
	Clients, Connecting, LoggedIn, Ended int64 // bots; of Connecting, all that have begun to
	Logins, Sent, Received, Seen         int64 // in the last second
	P99                                  time.Duration
	Faults                               int64
}

// watch tells once a second how it goes, until done.
func (f *fleet) watch(done <-chan struct{}) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	var logins, sent, received, seen int64
	for {
		select {
		case <-done:
			return
		case <-t.C:
		}
		p := Progress{
			Clients: int64(f.o.Clients), Connecting: f.connecting.Load(), LoggedIn: f.loggedIn.Load(), Ended: f.tally.ended.Load(),
			P99: f.latency.Percentiles().P99, Faults: f.faults().Sum(),
		}
		p.Logins, logins = p.LoggedIn-logins, p.LoggedIn
		now := f.updates.Load() + f.moves.Load() + f.interests.Load()
		p.Sent, sent = now-sent, now
		now = f.messages.Load()
		p.Received, received = now-received, now
		now = f.seen.Load()
		p.Seen, seen = now-seen, now
		f.o.Progress(p)
	}
}

// Live shows how a run goes in one line of a terminal that changes; nil if w is none. end ends the
// line.
func Live(w io.Writer) (show func(Progress), end func()) {
	if !logging.IsTerminal(w) {
		return nil, func() {}
	}
	count := func(n int64) string { return cmdline.Count(float64(n)) }
	shown := false
	return func(p Progress) {
			shown = true
			fmt.Fprintf(w, "\r\x1b[K%d of %d in (%s/s), %d gone; sends %s/s, receives %s/s, sees %s/s, p99 %.1f ms, %d faults ",
				p.LoggedIn, p.Clients, count(p.Logins), p.Ended, count(p.Sent), count(p.Received), count(p.Seen), float64(p.P99.Microseconds())/1000, p.Faults)
		}, func() {
			if shown {
				fmt.Fprintln(w)
			}
		}
}
