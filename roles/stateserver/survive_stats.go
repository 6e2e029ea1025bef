package stateserver

import (
	"errors"
	"sync/atomic"
	"time"

	"natstron/internal/latency"
)

// SurvivalStats are the counters of what is kept. They are zero if nothing is.
type SurvivalStats struct {
	On            bool
	Batches       uint64           // written
	Bytes         uint64           // of these
	Waits         latency.Snapshot // how long JetStream took for a batch
	Retries       uint64           // attempts that failed
	Late          bool             // the last attempt has failed
	Held          int              // bytes that wait until what they are about is written
	Snapshots     uint64           // completed
	SnapshotBytes int              // of the last one
	Restored      int              // objects that were there at the start
	RestoreTime   time.Duration    // how long that took
	Damaged       uint64           // entries and records that could not be used then
	Removed       uint64           // post-removes of the process before, sent then
}

// Ready returns an error while JetStream does not take what changes.
func (s SurvivalStats) Ready() error {
	if s.Late {
		return errors.New("JetStream does not take what changes")
	}
	return nil
}

type survivalCounters struct {
	batches, bytes, retries, snapshots, damaged, removed atomic.Uint64

	held, snapshotBytes, restored, restoreTime atomic.Int64

	late  atomic.Bool
	waits latency.Histogram
}

func (c *survivalCounters) wrote(bytes int, took time.Duration) {
	c.batches.Add(1)
	c.bytes.Add(uint64(bytes))
	c.waits.Observe(took)
	c.late.Store(false)
}

func (v *survival) stats() SurvivalStats {
	if v == nil {
		return SurvivalStats{}
	}
	c := &v.count
	return SurvivalStats{
		On: true, Batches: c.batches.Load(), Bytes: c.bytes.Load(), Waits: c.waits.Snapshot(),
		Retries: c.retries.Load(), Late: c.late.Load(), Held: int(c.held.Load()),
		Snapshots: c.snapshots.Load(), SnapshotBytes: int(c.snapshotBytes.Load()),
		Restored: int(c.restored.Load()), RestoreTime: time.Duration(c.restoreTime.Load()),
		Damaged: c.damaged.Load(), Removed: c.removed.Load(),
	}
}
