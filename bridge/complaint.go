package bridge

import (
	"log/slog"
	"time"

	"golang.org/x/time/rate"
)

// complaints limit what others can have this node log, and do.
type complaints struct {
	malformed, badNotes, leaps, noRoom, manyNodes, settlesLate complaint

	nodeLog *rate.Limiter // of what becomes of other nodes
	hellos  *rate.Limiter // answered with a heartbeat
	// strangers are pinged when they are met.
	strangers *rate.Limiter
}

func newComplaints() complaints {
	return complaints{
		nodeLog:   rate.NewLimiter(10, 200),
		hellos:    rate.NewLimiter(100, 100),
		strangers: rate.NewLimiter(100, 200),
	}
}

// complaint is a line of the log that may have many causes.
type complaint struct {
	last   time.Time
	others int // that were not logged since
}

// due says whether to log now, and how many were not logged since the last time.
func (c *complaint) due(now time.Time) (others int, ok bool) {
	if now.Sub(c.last) < time.Second {
		c.others++
		return 0, false
	}
	others, c.last, c.others = c.others, now, 0
	return others, true
}

// complain logs a warning, unless the same was logged within the last second.
func (n *Node) complain(c *complaint, message string, args ...any) {
	others, ok := c.due(time.Now())
	if !ok {
		return
	}
	if others > 0 {
		args = append(args, "others", others)
	}
	n.logLater(slog.LevelWarn, message, args...)
}
