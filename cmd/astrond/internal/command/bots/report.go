package bots

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/internal/latency"
)

// Report is what came of a run.
type Report struct {
	Clients  int     `json:"clients"`
	LoggedIn int64   `json:"logged_in"`
	Seconds  float64 `json:"seconds"`           // that the bots played, the ramp included
	Memory   int64   `json:"bytes_a_bot"`       // of this process; 0: not known
	Cores    float64 `json:"cores"`             // that this process kept busy, on average; 0: not known
	Logins   float64 `json:"logins_per_second"` // from the first connection to the last login

	Login    Times `json:"login"`    // from the connection to the end of the login
	Interest Times `json:"interest"` // from the request to the answer
	Latency  Times `json:"latency"`  // from an update to each sight of it

	Updates   int64 `json:"updates_sent"`
	Moves     int64 `json:"moves_sent"`
	Interests int64 `json:"interests_sent"`
	Messages  int64 `json:"messages_received"`
	Bytes     int64 `json:"bytes_received"`
	Entered   int64 `json:"objects_entered"`
	Left      int64 `json:"objects_left"`
	Seen      int64 `json:"updates_seen"`      // that could be checked
	Others    int64 `json:"updates_unchecked"` // of objects that no bot owns, without a sequence, or with values that recur

	Faults   Faults    `json:"faults"`
	Ejects   []Eject   `json:"ejects"`
	Failures []Failure `json:"failures"`
}

// Times are percentiles in milliseconds.
type Times struct {
	Count uint64  `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p99.9"`
	Most  float64 `json:"max"`
}

// Faults are what the server did wrong, as bots have seen it.
type Faults struct {
	Lost      int64 `json:"lost"`      // updates that never came, though later ones did
	Doubled   int64 `json:"doubled"`   // updates that came twice, and objects that entered twice
	Reordered int64 `json:"reordered"` // updates that came after later ones
	Stale     int64 `json:"stale"`     // fields of which the last update had not come in the end
	Ghosts    int64 `json:"ghosts"`    // objects in sight that should have left
	Missing   int64 `json:"missing"`   // objects in an open zone that were not in sight
	Strays    int64 `json:"strays"`    // updates of objects, or leaves, that were not in sight
	Invalid   int64 `json:"invalid"`   // messages that the DC files do not allow
}

// Sum is all of them.
func (f Faults) Sum() int64 {
	return f.Lost + f.Doubled + f.Reordered + f.Stale + f.Ghosts + f.Missing + f.Strays + f.Invalid
}

// Eject is how many bots were ejected with a code.
type Eject struct {
	Code   uint16 `json:"code"`
	Reason string `json:"reason"` // of the first one
	Count  int    `json:"count"`
}

// Failure is how many bots ended otherwise.
type Failure struct {
	Why   string `json:"why"`
	Count int    `json:"count"`
}

// Err is nil if all bots logged in and stayed, and nothing was wrong.
func (r *Report) Err() error {
	var wrong []string
	if n := int64(r.Clients) - r.LoggedIn; n > 0 {
		wrong = append(wrong, fmt.Sprintf("%d of %d bots did not log in", n, r.Clients))
	}
	gone := 0
	for _, e := range r.Ejects {
		gone += e.Count
	}
	for _, f := range r.Failures {
		gone += f.Count
	}
	if n := gone - (r.Clients - int(r.LoggedIn)); n > 0 {
		wrong = append(wrong, fmt.Sprintf("%d bots were disconnected", n))
	}
	if n := r.Faults.Sum(); n > 0 {
		wrong = append(wrong, fmt.Sprintf("%d faults", n))
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%s: see the report", strings.Join(wrong, ", "))
}

// report completes a report.
func (f *fleet) report(r *Report, played time.Duration) {
	r.Seconds, r.LoggedIn = played.Seconds(), f.loggedIn.Load()
	if last := f.lastLogin.Load(); last > 0 {
		r.Logins = float64(r.LoggedIn) / time.Duration(last).Seconds()
	}
	r.Login, r.Interest, r.Latency = timesOf(&f.login), timesOf(&f.openInterest), timesOf(&f.latency)
	r.Updates, r.Moves, r.Interests = f.updates.Load(), f.moves.Load(), f.interests.Load()
	r.Messages, r.Bytes = f.messages.Load(), f.bytes.Load()
	r.Entered, r.Left, r.Seen, r.Others = f.entered.Load(), f.left.Load(), f.seen.Load(), f.others.Load()
	r.Faults = f.faults()
	f.mu.Lock()
	defer f.mu.Unlock()
	r.Ejects, r.Failures = []Eject{}, []Failure{}
	for code, e := range f.ejects {
		r.Ejects = append(r.Ejects, Eject{uint16(code), e.reason, e.count})
	}
	for why, n := range f.failures {
		r.Failures = append(r.Failures, Failure{why, n})
	}
	slices.SortFunc(r.Ejects, func(a, b Eject) int { return cmp.Compare(a.Code, b.Code) })
	slices.SortFunc(r.Failures, func(a, b Failure) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Why, b.Why)) })
}

func (t *tally) faults() Faults {
	return Faults{
		Lost: t.lost.Load(), Doubled: t.doubled.Load(), Reordered: t.reordered.Load(), Stale: t.stale.Load(),
		Ghosts: t.ghosts.Load(), Missing: t.missing.Load(), Strays: t.strays.Load(), Invalid: t.invalid.Load(),
	}
}

func timesOf(f *latency.Fine) Times {
	p := f.Percentiles()
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return Times{p.Count, ms(p.Mean), ms(p.P50), ms(p.P90), ms(p.P95), ms(p.P99), ms(p.P999), ms(p.Most)}
}

func perBot(bytes int64, bots int) int64 { return max(bytes, 0) / int64(max(bots, 1)) }

// Print writes the report for people.
func (r *Report) Print(to io.Writer) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	defer w.Flush()
	fmt.Fprintf(w, "bots\t%d of %d logged in, %.0f a second\n", r.LoggedIn, r.Clients, r.Logins)
	if r.Memory > 0 {
		fmt.Fprintf(w, "cost\t%s a bot and %.2f cores, in this process\n", cmdline.Size(float64(r.Memory)), r.Cores)
	}
	a := func(n int64) string { return cmdline.Count(float64(n) / r.Seconds) }
	fmt.Fprintf(w, "sent\t%d updates (%s a second), %d moves, %d interests, in %.0f s\n", r.Updates, a(r.Updates), r.Moves, r.Interests, r.Seconds)
	fmt.Fprintf(w, "received\t%d messages (%s a second), %s, %d objects came and %d left\n", r.Messages, a(r.Messages), cmdline.Size(float64(r.Bytes)), r.Entered, r.Left)
	fmt.Fprintf(w, "seen\t%d updates (%s a second); %d more that cannot be checked\n", r.Seen, a(r.Seen), r.Others)
	fmt.Fprintf(w, "\n%s\tp50\tp90\tp95\tp99\tp99.9\tmax\tof\n", "ms")
	for _, t := range []struct {
		name string
		Times
	}{{"update to sight", r.Latency}, {"login", r.Login}, {"interest", r.Interest}} {
		if t.Count > 0 {
			fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%d\n", t.name, t.P50, t.P90, t.P95, t.P99, t.P999, t.Most, t.Count)
		}
	}
	f := r.Faults
	fmt.Fprintf(w, "\nfaults\t%d lost, %d doubled, %d reordered, %d stale, %d ghosts, %d missing, %d strays, %d invalid\n", f.Lost, f.Doubled, f.Reordered, f.Stale, f.Ghosts, f.Missing, f.Strays, f.Invalid)
	for _, e := range r.Ejects {
		fmt.Fprintf(w, "ejected\t%d with %d (%v): %s\n", e.Count, e.Code, wire.EjectCode(e.Code), e.Reason)
	}
	for _, e := range r.Failures {
		fmt.Fprintf(w, "failed\t%d: %s\n", e.Count, e.Why)
	}
}
