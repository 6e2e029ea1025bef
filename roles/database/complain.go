package database

import (
	"context"
	"log/slog"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// levelOf is the level at which a result is logged. What happens in a healthy game, and
// is answered, is only for debugging.
func levelOf(msg wire.MsgType, result Result) slog.Level {
	_, answered := answerTo(msg)
	switch result {
	case NoValue, Mismatch:
		return slog.LevelDebug
	case NotFound, Taken:
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
	others, ok := r.complaints.Due(result.String(), time.Now())
	if !ok {
		return
	}
	args := []any{"sender", uint64(sender), "msgtype", msg.String(), "result", result.String(), "error", err}
	if id != 0 {
		args = append(args, "do_id", uint32(id))
	}
	r.log.Log(context.Background(), level, "a request failed", append(args, others)...)
}

// leftOut counts and logs that a request is done without a field that is not db.
func (r *Role) leftOut(msg wire.MsgType, sender wire.Channel, id wire.DoID, field *dc.Field) {
	r.count.leftOut.Add(1)
	if others, ok := r.complaints.Due(WrongField.String(), time.Now()); ok {
		r.log.Warn("a field is left out, as it is not db", "sender", uint64(sender), "msgtype", msg.String(),
			"field", field.Name(), "do_id", uint32(id), others)
	}
}
