// Package complaint keeps a log readable when the same thing goes wrong again and
// again: what others can cause as often as they like is logged once in a while, with
// how many more there were.
package complaint

import (
	"log/slog"
	"sync"
	"time"
)

// A Limiter limits how often each kind of complaint is logged. The zero value allows
// one a second. Its methods may be called by several goroutines.
type Limiter struct {
	// Every is the least time between two complaints of one kind; 0 stands for one
	// second.
	Every time.Duration

	mu    sync.Mutex
	kinds map[string]*kind
}

type kind struct {
	logged time.Time
	others int // since then, that were not logged
}

// Due reports whether a complaint is to be logged now. There must be few kinds: names
// that are constants, not what others send.
//
// The attribute others belongs into that line of the log: it is how many complaints of
// the kind were not logged since the last one, and empty, which a [slog.Handler]
// leaves out, if there were none.
func (l *Limiter) Due(name string, now time.Time) (others slog.Attr, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.kinds[name]
	if k == nil {
		if l.kinds == nil {
			l.kinds = map[string]*kind{}
		}
		k = &kind{}
		l.kinds[name] = k
	} else if now.Sub(k.logged) < l.every() {
		k.others++
		return slog.Attr{}, false
	}
	if k.others > 0 {
		others = slog.Int("others", k.others)
	}
	k.logged, k.others = now, 0
	return others, true
}

// Reset makes the next complaint of every kind due.
func (l *Limiter) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.kinds)
}

func (l *Limiter) every() time.Duration {
	if l.Every == 0 {
		return time.Second
	}
	return l.Every
}
