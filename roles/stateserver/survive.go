package stateserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/complaint"
)

// Survive is what a state server keeps of its objects when its process ends.
type Survive uint8

// The values of the key survive.
const (
	// SurviveOff: nothing; the objects end with the process.
	SurviveOff Survive = iota
	// SurviveAnnounced: nothing that anybody was told of is forgotten. What the objects
	// send waits until JetStream has what it is about.
	SurviveAnnounced
	// SurviveRelaxed: what happened within SurviveOptions.Within may be forgotten.
	SurviveRelaxed
)

// SurviveOptions say what a state server keeps, see docs/survival.md.
type SurviveOptions struct {
	Survive  Survive       `key:"survive,ours" choices:"off announced relaxed" doc:"What is kept when the process ends. With announced or relaxed, the objects are written to JetStream, which the NATS server must have (backbone.embedded.store_dir), and the next process goes on with them. announced forgets nothing that anybody was told; relaxed may forget what happened within survive_within. See survival.md."`
	Within   time.Duration `key:"survive_within,ours" default:"1s" min:"10ms" max:"1m" doc:"With relaxed: what happened within this time before the end may be forgotten."`
	For      time.Duration `key:"survive_for,ours" default:"1m" min:"1s" max:"1h" doc:"How long the other processes keep the objects in the sight of players and AIs when this process has ended; if it is not back by then, they are gone there."`
	Replicas int           `key:"survive_replicas,ours" max:"5" doc:"How many NATS servers of a cluster keep it: 1, 3 or 5. 0 is three where three servers or more have JetStream, else one. It is applied each time that the process begins."`
}

// A survival writes what changes in a space into a journal, in batches. The turn gathers
// them; one goroutine at a time waits for JetStream, while the next one is gathered. With
// announced, a hold keeps what the space sends until the batch that it is about is there.
//
// An object that has changed is written as a whole at the end of the batch, once. A value in
// an object with much besides is written alone.
//
// A snapshot is made in the same log, while it grows: all objects are written again, some
// with each batch. Whatever changes meanwhile is behind it or in it. When all are there,
// what was before the snapshot is removed.
type survival struct {
	space   *Space
	options SurviveOptions
	journal *bridge.Journal
	hold    bridge.Hold

	// These belong to the turn.
	changed  []*Object // to be written with the next batch
	records  []byte    // of the next batch, before them
	closed   bool      // the objects leave, and live on
	snapshot *snapshotting

	wake  chan struct{}      // has a value when there is something to write
	much  chan struct{}      // has a value when there is much
	stop  chan struct{}      // closed when the writer is to write what there is, and end
	done  chan struct{}      // closed when it has ended
	begun bool               // the writer runs
	write context.Context    // ends when nothing more is to be written
	quit  context.CancelFunc // ends it

	// These belong to the writer.
	kept      *restoring // what was read, until [Space.GoOn]
	room      []byte     // memory of the last batch, for the next one
	number    uint64     // of the last batch
	since     int        // bytes since the last snapshot began
	size      int        // of the last snapshot
	complains complaint.Limiter

	busy  atomic.Bool // a batch is on its way
	count survivalCounters
	most  int // bytes that may wait
}

// snapshotting is a snapshot that is being written.
type snapshotting struct {
	next  int    // the place of the next participant
	first uint64 // the entry with which it begins; 0: not known yet
	bytes int
}

const (
	// snapshotObjects is how many participants of the node are looked at for one batch.
	snapshotObjects = 1024
	// snapshotBytes is how much of a snapshot goes into one batch, about.
	snapshotBytes = 256 << 10
	// snapshotLeast is how many bytes are written between two snapshots, at least; it is
	// also at least twice the last snapshot.
	snapshotLeast = 16 << 20
	// wholeObject is up to how many bytes of values an object is always written as a whole.
	wholeObject = 256
	// muchChanged objects, and muchRecords bytes, are not gathered any longer.
	muchChanged = 4096
	muchRecords = 256 << 10
	// mostHeld is how many bytes may wait for the journal. Past it, what would add to them is
	// refused. Deletions and what objects tell each other is not, and past twice as much the
	// role ends.
	mostHeld = 256 << 20
)

var errHeld = errors.New("JetStream does not take what changes")

// refuses says why a message must be refused, because too much waits for the journal.
func (v *survival) refuses(t wire.MsgType) error {
	if v == nil {
		return nil
	}
	_, held := v.hold.Kept()
	held += len(v.records)
	if held <= v.most {
		return nil
	}
	if held > 2*v.most {
		v.space.dropped(nil, fmt.Errorf("%w: %d bytes wait", errHeld, held))
	}
	switch t {
	case wire.StateServerCreateObjectWithRequired, wire.StateServerCreateObjectWithRequiredOther,
		wire.StateServerGenerateObjectWithRequired, wire.StateServerGenerateObjectWithRequiredOther, wire.StateServerGenerateObjectOfAI,
		wire.DBSSObjectActivateWithDefaults, wire.DBSSObjectActivateWithDefaultsOther,
		wire.DBServerGenerateObject, wire.DBServerGenerateObjectOther,
		wire.StateServerObjectSetField, wire.StateServerObjectSetFields,
		wire.StateServerObjectSetLocation, wire.StateServerObjectSetAI, wire.StateServerObjectSetOwner,
		wire.StateServerObjectGetField, wire.StateServerObjectGetFields, wire.StateServerObjectGetAll,
		wire.StateServerObjectGetZoneObjects, wire.StateServerObjectGetZonesObjects, wire.StateServerObjectGetChildren:
		return refuse(NotKept, "%w, and %d bytes wait for it", errHeld, held)
	}
	return nil
}

// isOn reports whether anything is kept.
func (o SurviveOptions) isOn() bool { return o.Survive != SurviveOff }

// Survives reports whether the objects outlive the process.
func (s *Space) Survives() bool { return s.survival != nil }

// Surviving is claims, and, if the objects outlive the process, for each that is about
// objects, that they do.
func (s *Space) Surviving(claims ...bridge.Claim) []bridge.Claim {
	all := slices.Clone(claims)
	for _, c := range claims {
		switch {
		case !s.Survives():
		case c.Service == bridge.ServesControl:
			all = append(all, bridge.Claim{Service: bridge.Survives, Lo: c.Lo, Hi: c.Hi, For: s.options.Survival.For})
		case c.Service == bridge.ServesObjects:
			all = append(all, bridge.Claim{Service: bridge.ObjectsSurvive, Lo: c.Lo, Hi: c.Hi, For: s.options.Survival.For})
		}
	}
	return all
}

// wrote notes that an object is to be written.
func (s *Space) wrote(o *Object) {
	if v := s.survival; v != nil && !o.changed && !v.closed {
		o.changed = true
		v.changed = append(v.changed, o)
		v.something()
	}
}

// wroteFields notes that values of an object are to be written.
func (s *Space) wroteFields(o *Object, updates []dc.FieldValue) {
	v := s.survival
	if v == nil || o.changed {
		return
	}
	if len(o.values.b) <= wholeObject {
		for _, u := range updates {
			if Kept(u.Field) || u.Field.IsMolecular() {
				s.wrote(o)
				return
			}
		}
		return
	}
	for _, u := range updates {
		for _, f := range u.Field.Parts() {
			if packed, ok := o.values.Get(f); ok {
				v.records = appendSet(v.records, o.doID, f, packed)
				v.something()
			}
		}
	}
}

// wroteMarks notes that the marks of a value are to be written.
func (s *Space) wroteMarks(o *Object, f *dc.Field) {
	v := s.survival
	switch {
	case v == nil || o.changed:
	case len(o.values.b) <= wholeObject:
		s.wrote(o)
	default:
		v.records = appendMark(v.records, o.doID, f, o.values.Marks(f))
		v.something()
	}
}

// wroteEnd notes that an object has ended.
func (s *Space) wroteEnd(o *Object) {
	if v := s.survival; v != nil && !v.closed {
		v.records = appendDel(v.records, o.doID)
		v.something()
	}
}

// Added implements [bridge.Keeper].
func (v *survival) Added(r bridge.Removal) {
	v.records = appendLeave(v.records, r)
	v.something()
}

// Removed implements [bridge.Keeper].
func (v *survival) Removed(origin string, seq uint64) {
	v.records = appendClear(v.records, origin, seq)
	v.something()
}

// something notes that there is something to write.
func (v *survival) something() {
	if v.options.Survive == SurviveAnnounced {
		v.space.turn.Hold(&v.hold)
	}
	signal(v.wake)
	if len(v.changed) >= muchChanged || len(v.records) >= muchRecords {
		signal(v.much)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run writes batches until it is told to stop, or cannot go on.
func (v *survival) run() {
	defer close(v.done)
	ended := false
	for !ended {
		select {
		case <-v.wake:
		case <-v.stop:
			ended = true
		case <-v.write.Done():
			return
		}
		if v.options.Survive == SurviveRelaxed && !ended {
			ended = !v.pause()
		}
		if ended { // a last attempt
			time.AfterFunc(lastAttempt, v.quit)
		}
		if err := v.writeAll(v.write); err != nil {
			v.space.dropped(nil, fmt.Errorf("the objects cannot be kept: %w", err))
			return
		}
	}
}

// lastAttempt is how long an end waits for the journal.
const lastAttempt = 3 * time.Second

// pause gathers, as relaxed does; false if the writer is to stop.
func (v *survival) pause() bool {
	timer := time.NewTimer(v.options.Within / 2)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-v.much:
		return true
	case <-v.stop:
		return false
	}
}

// writeAll writes batches until there is nothing to write.
func (v *survival) writeAll(ctx context.Context) error {
	batch, kept, err := v.cut(0)
	defer v.busy.Store(false)
	for batch != nil && err == nil {
		began := time.Now()
		v.number++
		entries := entriesOf(v.number, batch.bytes, min(maxPart, v.journal.MaxEntry()-entryHead))
		last, err := v.journal.Append(ctx, entries, v.late)
		if err != nil {
			return err
		}
		v.count.wrote(len(batch.bytes), time.Since(began))
		v.since += len(batch.bytes)
		if c := cap(batch.bytes); c <= keepRoom || c <= 4*len(batch.bytes) {
			v.room = batch.bytes
		}
		if batch.begins {
			batch.snapshot.first = last - uint64(len(entries)) + 1
			v.since = 0
		}
		if batch.ends {
			v.forget(ctx, batch.snapshot)
		}
		if batch, kept, err = v.cut(kept); err != nil {
			return err
		}
	}
	return err
}

// late is told of each attempt that failed.
func (v *survival) late(err error) {
	v.count.retries.Add(1)
	v.count.late.Store(true)
	if others, ok := v.complains.Due("late", time.Now()); ok {
		v.space.options.Log.Warn("JetStream does not take what changes yet: what objects announce waits", "error", err, others)
	}
}

// forget removes what was before a snapshot. If that fails, the next one does it.
func (v *survival) forget(ctx context.Context, done *snapshotting) {
	v.size = done.bytes
	v.count.snapshots.Add(1)
	v.count.snapshotBytes.Store(int64(done.bytes))
	if err := v.journal.Forget(ctx, done.first); err != nil {
		v.space.options.Log.Warn("cannot remove what was written before a snapshot", "error", err)
	}
}

// keepRoom is how many bytes are kept for the next batch, whatever the last one has needed.
const keepRoom = 1 << 20

// A batch is what is written at once.
type batch struct {
	bytes        []byte // behind room for the head of an entry
	begins, ends bool   // a snapshot
	snapshot     *snapshotting
}

// cut releases what the batch before it was about, and takes the next one: nil if nothing
// has changed. kept is how much the hold had kept before it.
func (v *survival) cut(written uint64) (b *batch, kept uint64, err error) {
	s := v.space
	err = s.Enter(func() error {
		s.turn.Settle()
		s.turn.Release(&v.hold, written)
		b = v.nextBatch()
		v.busy.Store(b != nil)
		var bytes int
		kept, bytes = v.hold.Kept()
		v.count.held.Store(int64(bytes))
		if b == nil {
			s.turn.EndHold(&v.hold)
		}
		return nil
	})
	return b, kept, err
}

// nextBatch is the next batch.
func (v *survival) nextBatch() *batch {
	s := v.space
	if v.snapshot == nil && v.since > max(snapshotLeast, 2*v.size) {
		v.snapshot = &snapshotting{}
	}
	snap := v.snapshot
	if len(v.changed) == 0 && len(v.records) == 0 && snap == nil {
		return nil
	}
	b := &batch{snapshot: snap, bytes: append(v.room[:0], headRoom[:]...)}
	v.room = nil
	if snap != nil && snap.next == 0 {
		b.begins = true
		b.bytes = appendBegin(b.bytes, s.options.File.Hash())
		for _, r := range s.turn.Removals() {
			b.bytes = appendLeave(b.bytes, r)
		}
	}
	b.bytes = append(b.bytes, v.records...)
	v.records = v.records[:0]
	for i, o := range v.changed {
		o.changed = false
		if !o.gone {
			b.bytes = appendPut(b.bytes, o, 0)
		}
		v.changed[i] = nil
	}
	v.changed = v.changed[:0]
	if snap != nil {
		before := len(b.bytes)
		b.bytes, b.ends = v.appendSome(b.bytes, snap)
		snap.bytes += len(b.bytes) - before
	}
	return b
}

// appendSome appends the next objects of a snapshot, and says whether these were the last.
func (v *survival) appendSome(b []byte, snap *snapshotting) (_ []byte, ends bool) {
	s := v.space
	limit := len(b) + snapshotBytes
	more := true
	for looked := 0; more && looked < snapshotObjects && len(b) < limit; looked++ {
		var p *bridge.Participant
		if p, snap.next, more = s.turn.Participant(snap.next); more {
			if o, ok := p.Value.(*Object); ok && !o.gone && s.objects[o.doID] == o {
				b = appendPut(b, o, putSnapshot)
			}
		}
	}
	if more {
		return b, false
	}
	v.snapshot = nil
	return append(b, recordEnd), true
}

// start starts the writer.
func (v *survival) start() {
	v.begun = true
	go v.run()
}

// close writes what there is, ends the writer, and lets the objects go without an end.
func (v *survival) close(ctx context.Context) {
	if v == nil || v.journal == nil {
		return
	}
	if v.begun {
		v.begun = false
		close(v.stop)
		select {
		case <-v.done:
		case <-ctx.Done():
		}
	}
	v.quit()
	_ = v.space.Enter(func() error { // which cannot fail
		t := v.space.turn
		t.RemoveKeeper(v)
		t.RemoveHold(&v.hold)
		v.space.party.Handler = nothing{} // it would not be written
		v.closed = true
		return nil
	})
	v.journal.Close()
}
