package eventlogger

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"natstron/internal/complaint"
)

const (
	// linger is how long the writer waits after it has written, so that a flood
	// of events costs few writes. A single event is written at once.
	linger = 2 * time.Millisecond
	// retryPause is the pause before what has failed is tried again.
	retryPause = time.Second
	// remindEvery is how often a failure that goes on is logged.
	remindEvery = time.Minute
)

// Why a file was opened, as its first line says.
const (
	atStart = "The event logger has started."
	asDue   = "A new file was due."
	again   = "The file was opened again after an error."
)

// writer writes lines to the file, and begins new files. It is for one
// goroutine.
//
// A line is never half in one file and half in another, nor lost when there is
// no room: what could not be written is kept, and written when it can be.
type writer struct {
	files   files
	name    pattern
	every   time.Duration // 0: one file for ever
	queue   *queue
	log     *slog.Logger
	written *atomic.Uint64

	complaints complaint.Limiter

	file    io.WriteCloser // nil: not open
	current string         // its name, or the last one's
	next    time.Time      // when the next file is due; zero: never
	header  []byte         // the line that begins the file, until it is in it
	lines   batch          // taken from the queue
	line    int            // the first one that is not in the file
	torn    int            // how many bytes of it, or of the header, are
	ended   bool

	failing    bool
	since      time.Time // when it began to fail
	retry      time.Time // when to try again
	lostBefore uint64    // of the queue, when it began to fail
}

// run writes until the context is done, and then what is left.
func (w *writer) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		ready, wait := w.work(time.Now())
		if wait >= 0 {
			timer.Reset(wait)
		} else {
			timer.Stop()
		}
		select {
		case <-ctx.Done():
			w.finish(time.Now())
			return
		case <-ready:
		case <-timer.C:
		}
	}
}

// work does what is due. It returns what to wait for: events if ready is not nil, and a
// time unless that is negative.
func (w *writer) work(now time.Time) (ready <-chan struct{}, wait time.Duration) {
	if w.failing && now.Before(w.retry) {
		return nil, w.retry.Sub(now)
	}
	switch {
	case w.file == nil:
		if !w.open(now) {
			return nil, retryPause
		}
	case !w.next.IsZero() && !now.Before(w.due()):
		w.open(now) // if it cannot be, the one before goes on
	}
	wrote, ok := w.write(now)
	switch {
	case !ok:
		return nil, retryPause
	case wrote:
		return nil, linger
	case w.next.IsZero():
		return w.queue.ready, -1
	default:
		return w.queue.ready, max(w.due().Sub(now), 0)
	}
}

// due is when to open the next file.
func (w *writer) due() time.Time {
	if w.next.Before(w.retry) {
		return w.retry
	}
	return w.next
}

// open begins a file, and ends the one before.
func (w *writer) open(now time.Time) bool {
	name, why := w.name.at(now), asDue
	switch {
	case w.current == "":
		why = atStart
	case w.file == nil:
		why = again
	}
	file, err := w.files.open(name)
	if err != nil {
		w.retry = now.Add(retryPause)
		if w.file == nil {
			w.fail(now)
		}
		w.complain(now, "cannot open the file: events wait until it can be opened; correct output, or make its folder writable", name, err)
		return false
	}
	w.close()
	w.file, w.current = file, name
	w.header = openedLine(now, why)
	w.schedule(now)
	w.log.Info("opened a file", "file", name)
	return true
}

// schedule says when the next file is due: at whole intervals since the first
// was opened.
func (w *writer) schedule(now time.Time) {
	switch {
	case w.every <= 0:
	case w.next.IsZero():
		w.next = now.Add(w.every)
	case !now.Before(w.next):
		passed := now.Sub(w.next) / w.every
		w.next = w.next.Add((passed + 1) * w.every)
	}
}

// openedLine is the line that begins a file. Its type, sender and keys are the
// reference's.
func openedLine(now time.Time, why string) []byte {
	line := new(lineFormatter).begin(nil, now)
	return append(line, `, "type": "log-opened", "sender": "EventLogger", "msg": "`+why+"\"}\n"...)
}

// write writes all that there is. It reports whether there was anything, and
// whether all of it is in the file.
func (w *writer) write(now time.Time) (wrote, ok bool) {
	for {
		rest := w.rest()
		if len(rest) == 0 {
			return wrote, true
		}
		n, err := w.file.Write(rest)
		if n < len(rest) && err == nil {
			err = io.ErrShortWrite
		}
		w.advance(n)
		if err != nil {
			w.fail(now)
			w.complain(now, "cannot write to the file: events wait in memory until it takes them; is its disk full?", w.current, err)
			if !fullDisk(err) {
				w.close() // it may be on a disk that is gone
			}
			return true, false
		}
		w.recovered(now)
		wrote = true
	}
}

// rest is what to write next.
func (w *writer) rest() []byte {
	if len(w.header) > 0 {
		return w.header[w.torn:]
	}
	if w.line == len(w.lines.ends) {
		w.line = 0
		w.queue.swap(&w.lines)
	}
	return w.lines.bytes[w.start()+w.torn:]
}

// start is where the present line begins.
func (w *writer) start() int {
	if w.line == 0 {
		return 0
	}
	return w.lines.ends[w.line-1]
}

// advance notes that n more bytes are in the file.
func (w *writer) advance(n int) {
	if len(w.header) > 0 {
		if w.torn += n; w.torn == len(w.header) {
			w.header, w.torn = nil, 0
		}
		return
	}
	at, before := w.start()+w.torn+n, w.line
	for w.line < len(w.lines.ends) && w.lines.ends[w.line] <= at {
		w.line++
	}
	w.torn = at - w.start()
	w.written.Add(uint64(w.line - before))
}

// fail notes that nothing can be written.
func (w *writer) fail(now time.Time) {
	if !w.failing {
		w.failing, w.since, w.lostBefore = true, now, w.queue.lost()
	}
	w.retry = now.Add(retryPause)
}

// complain logs what is wrong, once in a while.
func (w *writer) complain(now time.Time, what, name string, err error) {
	if _, ok := w.complaints.Due("", now); ok { // how often it was tried says nothing
		w.log.Error(what, "file", name, "error", err, "waiting", w.waiting(), "lost", w.queue.lost())
	}
}

// recovered notes that it can be written again.
func (w *writer) recovered(now time.Time) {
	if !w.failing {
		return
	}
	w.failing = false
	w.complaints.Reset()
	w.log.Info("events are written again", "file", w.current, "after", now.Sub(w.since).Round(time.Millisecond),
		"lost", w.queue.lost()-w.lostBefore)
}

// waiting is how many events are not in the file yet.
func (w *writer) waiting() int { return len(w.lines.ends) - w.line + w.queue.len() }

// finish writes what is left, and closes the file. The second time it does
// nothing.
func (w *writer) finish(now time.Time) {
	if w.ended {
		return
	}
	w.ended = true
	if w.file != nil || w.open(now) {
		w.write(now)
	}
	if n := w.waiting(); n > 0 {
		w.log.Error("events are lost: they could not be written before the process ended", "events", n)
	}
	w.close()
}

func (w *writer) close() {
	w.torn = 0
	if w.file == nil {
		return
	}
	if err := w.file.Close(); err != nil {
		w.log.Error("cannot close the file", "file", w.current, "error", err)
	}
	w.file = nil
}
