package db

import (
	"fmt"
	"io"
	"sync"
	"time"

	"natstron/cmd/astrond/internal/logging"
)

// progress shows how far something long has come: on a terminal in one line that
// changes, elsewhere in a line now and then. Its methods may be called by any
// goroutine.
type progress struct {
	w        io.Writer
	what     string // such as "imported"
	terminal bool
	began    time.Time

	mu    sync.Mutex
	n     int
	shown time.Time
	open  bool // the line on the terminal is not ended
}

// How often it is shown on a terminal, and elsewhere.
const (
	showEvery = 200 * time.Millisecond
	noteEvery = 10 * time.Second
)

func newProgress(w io.Writer, what string) *progress {
	now := time.Now()
	return &progress{w: w, what: what, terminal: logging.IsTerminal(w), began: now, shown: now}
}

// add counts one more.
func (p *progress) add() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	every := noteEvery
	if p.terminal {
		every = showEvery
	}
	if p.n%64 != 0 && p.terminal { // the clock costs more than the count
		return
	}
	now := time.Now()
	if now.Sub(p.shown) < every {
		return
	}
	p.shown = now
	rate := float64(p.n) / now.Sub(p.began).Seconds()
	if p.terminal {
		fmt.Fprintf(p.w, "\r%s %d objects, %.0f a second ", p.what, p.n, rate)
		p.open = true
		return
	}
	fmt.Fprintf(p.w, "%s %d objects, %.0f a second\n", p.what, p.n, rate)
}

// tell writes a line in between.
func (p *progress) tell(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endLine()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// end ends the line on the terminal.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endLine()
}

func (p *progress) endLine() {
	if p.open {
		fmt.Fprintln(p.w)
		p.open = false
	}
}

func (p *progress) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.n
}
