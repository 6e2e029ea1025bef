// Package backoff makes the pauses between attempts to do what failed.
package backoff

import (
	"math/rand/v2"
	"time"
)

// Pause makes pauses, each twice as long as the one before, from First up to Last.
type Pause struct {
	First, Last time.Duration

	now time.Duration
}

// Next is the pause before the next attempt.
func (p *Pause) Next() time.Duration {
	p.now = min(max(2*p.now, p.First), p.Last)
	return p.now
}

// Reset makes the next pause the first one again.
func (p *Pause) Reset() { p.now = 0 }

// Wait waits for the next pause, and up to half of it more, so that processes which
// failed at the same time do not try again at the same time. It is false if stop was
// closed meanwhile.
func (p *Pause) Wait(stop <-chan struct{}) bool { return Wait(stop, p.Next()) }

// Wait is [Pause.Wait] with a pause that [Pause.Next] made.
func Wait(stop <-chan struct{}, pause time.Duration) bool {
	timer := time.NewTimer(pause + rand.N(pause/2+1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-stop:
		return false
	}
}
