package bots

import (
	"sync"
	"sync/atomic"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/logging"
	"natstron/internal/latency"
)

// tally is what a fleet counts. Its methods may be called by any goroutine.
type tally struct {
	connecting, loggedIn, ended  atomic.Int64 // bots
	updates, moves, interests    atomic.Int64 // sent
	messages, bytes              atomic.Int64 // received
	entered, left, seen, others  atomic.Int64
	lost, doubled, reordered     atomic.Int64
	stale, ghosts, missing       atomic.Int64
	strays, invalid              atomic.Int64
	latency, login, openInterest latency.Fine

	mu       sync.Mutex
	ejects   map[wire.EjectCode]*ejects
	failures map[string]int
}

type ejects struct {
	count  int
	reason string // of the first one
}

// maxFailures bounds the kinds of failures that are told apart.
const maxFailures = 50

// eject counts a bot that was ejected.
func (t *tally) eject(code wire.EjectCode, reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.ejects[code]
	switch {
	case e == nil && len(t.ejects) >= maxFailures:
		return // a server makes codes up; the bot is among those that ended
	case e == nil:
		e = &ejects{reason: clip(reason)}
		t.ejects[code] = e
	}
	e.count++
}

// fail counts a bot that ended for another reason.
func (t *tally) fail(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	why = clip(why)
	if t.failures[why] == 0 && len(t.failures) >= maxFailures {
		why = "other reasons"
	}
	t.failures[why]++
}

// clip makes a text of the server's fit for a terminal.
func clip(text string) string {
	const most = 200
	if len(text) > most {
		text = text[:most]
	}
	return logging.Clean(text)
}
