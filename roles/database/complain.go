package database

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"natstron/bridge/wire"
)

// complaints limits how often each result is logged: what comes too often is
// counted, and the count logged with the next one.
type complaints struct {
	mu sync.Mutex
	of [results]struct {
		last    time.Time
		skipped int
	}
}

// complainEvery is the least time between two logs of one result.
const complainEvery = time.Second

func (c *complaints) due(result Result, now time.Time) (skipped int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := &c.of[result]
	if now.Sub(at.last) < complainEvery {
		at.skipped++
		return 0, false
	}
	skipped, at.skipped, at.last = at.skipped, 0, now
	return skipped, true
}

// levelOf is how much a result deserves to be read. What the asker is told, and may
// happen in a healthy game, is for those who look for it.
func levelOf(msg wire.MsgType, result Result) slog.Level {
	_, answered := answerTo(msg)
	switch result {
	case NoValue, Mismatch:
		return slog.LevelDebug
	case NotFound:
		if answered {
			return slog.LevelDebug
		}
		return slog.LevelWarn
	case Overloaded, Unavailable, TimedOut, Unknown, Exhausted:
		return slog.LevelError
	}
	return slog.LevelWarn
}

// complain counts a failure, and logs it when it is due.
func (r *Role) complain(msg wire.MsgType, sender wire.Channel, id wire.DoID, err error) {
	result := resultOf(err)
	r.count.operation(msg, result)
	level := levelOf(msg, result)
	if !r.log.Enabled(context.Background(), level) {
		return
	}
	skipped, ok := r.complaints.due(result, time.Now())
	if !ok {
		return
	}
	args := []any{"sender", uint64(sender), "msgtype", msg.String(), "result", result.String(), "error", err}
	if id != 0 {
		args = append(args, "do_id", uint32(id))
	}
	if skipped > 0 {
		args = append(args, "not_logged_before", skipped)
	}
	r.log.Log(context.Background(), level, "a request failed", args...)
}

// leftOut counts and logs that a request is done without a field that is not db.
func (r *Role) leftOut(q *request) {
	r.count.leftOut.Add(1)
	if skipped, ok := r.complaints.due(WrongField, time.Now()); ok {
		r.log.Warn("a field is left out, as it is not db", "sender", uint64(q.sender), "msgtype", q.msg.String(),
			"field", q.leftOut.Name(), "do_id", uint32(q.id), "not_logged_before", skipped)
	}
}
