package stateserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// restoring reads back what a process before this one has written. Nothing is sent
// meanwhile, and nothing is handled.
type restoring struct {
	space   *Space
	entries batchReader
	last    time.Time // when the last batch with anything in it was written
	skips   bool      // what is read was written with other DC files
	damaged uint64

	objects  map[wire.DoID]*Object
	removals map[removal]bridge.Removal // post-removes that nobody has sent

	all []*Object // that were read, by doId

	// late is the objects that changed in the last moment: whether others were told is
	// not known. It has older ones, too, until it is swept.
	late    map[wire.DoID]*lateObject
	sweepAt int
}

// removal is what tells post-removes apart.
type removal struct {
	origin string
	seq    uint64
}

// lateObject is where those are who may know an object that has changed last.
type lateObject struct {
	at          time.Time
	locations   []wire.Location
	ais, owners []wire.Channel
}

// note notes that an object may be known to those who see, control and own it.
func (l *lateObject) note(o *Object) {
	if o.location.Parent != wire.InvalidDoID && !slices.Contains(l.locations, o.location) {
		l.locations = append(l.locations, o.location)
	}
	if o.ai != wire.InvalidChannel && !slices.Contains(l.ais, o.ai) {
		l.ais = append(l.ais, o.ai)
	}
	if o.owner != wire.InvalidChannel && !slices.Contains(l.owners, o.owner) {
		l.owners = append(l.owners, o.owner)
	}
}

const (
	// lateFor is how long before the last batch others may not have been told of what was
	// written: what has been sent may still have waited in this process.
	lateFor = time.Second
	// fenceAttempts is how often a process that is about to end may get ahead.
	fenceAttempts = 10
	// restoreAtOnce is how many objects a turn of the node takes in.
	restoreAtOnce = 1024
)

func newRestoring(s *Space) *restoring {
	return &restoring{space: s, objects: map[wire.DoID]*Object{}, removals: map[removal]bridge.Removal{}, late: map[wire.DoID]*lateObject{}}
}

// follow reads the journal while another process writes it, until ctx is done.
func (v *survival) follow(ctx context.Context, log string) error {
	if err := v.open(ctx, log); err != nil {
		return err
	}
	return v.journal.Follow(ctx, v.kept.readEntry)
}

// open opens the journal, if it is not open yet.
func (v *survival) open(ctx context.Context, log string) (err error) {
	if v.journal == nil {
		v.kept = newRestoring(v.space)
		v.journal, err = v.space.node.OpenJournal(ctx, log, v.options.Replicas)
	}
	return err
}

// restore reads the journal, or the rest of it, and has the space go on with its objects.
// From then on no other process can write to it.
func (v *survival) restore(ctx context.Context) error {
	began := time.Now()
	s, r := v.space, v.kept
	err := v.read(ctx, r)
	if err != nil {
		return err
	}
	if v.journal.Last() == 0 || r.skips {
		v.since = 1 << 62 // a snapshot is made at once: the log begins with one
	}
	if r.skips {
		s.options.Log.Error("the objects that were kept are of other DC files: they are gone, and the state server begins without any")
		clear(r.objects)
		clear(r.late)
	}
	v.number = r.entries.number
	s.objects = r.objects
	if r.all, err = s.takeIn(); err != nil {
		return err
	}
	took := time.Since(began)
	v.count.restored.Store(int64(len(s.objects)))
	v.count.restoreTime.Store(int64(took))
	v.count.damaged.Store(r.damaged)
	if n := len(s.objects); n > 0 || r.damaged > 0 || len(r.removals) > 0 {
		s.options.Log.Info("goes on with the objects of the process before", "objects", n,
			"took", took.Round(time.Millisecond), "post_removes", len(r.removals), "damaged", r.damaged)
	}
	return nil
}

// read reads all entries, and shuts out any other process.
func (v *survival) read(ctx context.Context, r *restoring) error {
	for attempt := 0; ; attempt++ {
		if err := v.journal.Read(ctx, r.readEntry); err != nil {
			return err
		}
		fence := entriesOf(r.entries.number, make([]byte, entryHead), maxPart)
		_, err := v.journal.Append(ctx, fence, v.late)
		if !errors.Is(err, bridge.ErrReplaced) || attempt == fenceAttempts {
			return err
		}
	}
}

// readEntry takes in an entry of the journal.
func (r *restoring) readEntry(e bridge.Entry) error {
	if e.First { // a snapshot has replaced what was read
		damaged := r.damaged
		*r = *newRestoring(r.space)
		r.damaged = damaged
	}
	b, err := r.entries.read(e.Data)
	if err == nil && len(b) > 0 {
		r.last = e.At
		err = r.batch(b)
	}
	if err != nil {
		r.refuse("an entry", err)
	}
	r.space.survival.count.restored.Store(int64(len(r.objects)))
	return nil
}

// refuse counts what cannot be used, and logs it when it is due.
func (r *restoring) refuse(what string, err error) {
	r.damaged++
	s := r.space
	if others, ok := s.complaints.Due("damaged", time.Now()); ok {
		s.options.Log.Error("cannot use something that was kept", "what", what, "error", err, others)
	}
}

// batch reads the records of a batch. An error says that the rest of it is lost.
func (r *restoring) batch(b []byte) error {
	for m := wire.NewReader(b); m.Len() > 0; {
		offset, kind := m.Offset(), m.Uint8()
		switch kind {
		case recordBegin:
			hash := m.Uint32()
			r.skips = m.Err() == nil && hash != r.space.options.File.Hash()
		case recordEnd:
		case recordPut:
			if p := readPut(&m); m.Err() == nil && !r.skips {
				r.putObject(p)
			}
		case recordDel:
			if id := m.DoID(); m.Err() == nil && !r.skips {
				r.del(id)
			}
		case recordSet:
			if id, f, value := m.DoID(), m.FieldID(), m.Blob(); m.Err() == nil && !r.skips {
				r.set(id, f, value)
			}
		case recordLeave:
			origin := string(m.Bytes(int(m.Uint8())))
			k := removal{origin, m.Uint64()}
			pr := bridge.Removal{Origin: origin, Seq: k.seq, Participant: m.Uint64(), Sender: m.Channel()}
			if pr.Datagram = slices.Clone(m.Blob()); m.Err() == nil {
				r.removals[k] = pr
			}
		case recordClear:
			origin := string(m.Bytes(int(m.Uint8())))
			if k := (removal{origin, m.Uint64()}); m.Err() == nil {
				delete(r.removals, k)
			}
		case recordMark:
			if id, f, marks := m.DoID(), m.FieldID(), Mark(m.Uint8()); m.Err() == nil && !r.skips {
				r.mark(id, f, marks)
			}
		default:
			return fmt.Errorf("%w: %d at offset %d of a batch", errRecord, kind, offset)
		}
		if err := m.Err(); err != nil {
			return err
		}
	}
	return nil
}

// lately notes what others may know of an object that is about to change.
func (r *restoring) lately(id wire.DoID, o *Object) {
	l := r.late[id]
	if l == nil {
		l = new(lateObject)
		r.late[id] = l
	}
	l.at = r.last
	if o != nil {
		l.note(o)
	}
	if len(r.late) > max(r.sweepAt, leastSweep) {
		r.sweep()
	}
}

// leastSweep is how many objects there may be that changed late before those are looked for
// that did not.
const leastSweep = 1024

// sweep forgets those that changed longer ago.
func (r *restoring) sweep() {
	for id, l := range r.late {
		if r.last.Sub(l.at) > lateFor {
			delete(r.late, id)
		}
	}
	r.sweepAt = 2 * len(r.late)
}

func (r *restoring) putObject(p putRecord) {
	s := r.space
	class, ok := s.options.File.ClassByID(uint16(p.class))
	values := Values{p.values}
	var err error
	switch {
	case !ok || class.IsStruct() || class.Undeclared():
		err = refuse(UnknownClass, "the DC files have no dclass %d", p.class)
	case p.doID == wire.InvalidDoID || p.location.Parent == p.doID:
		err = refuse(BadParent, "it is its own parent, or has no doId")
	case s.options.Has != nil && !s.options.Has(p.doID):
		err = refuse(BadDoID, "the role has no such doId")
	case r.objects[p.doID] == nil && len(r.objects) >= s.options.MaxObjects:
		err = refuse(Full, "the limit of %d objects is reached", len(r.objects))
	default:
		err = values.checkRecords(class)
	}
	if err != nil {
		r.refuse("object "+strconv.FormatUint(uint64(p.doID), 10), err)
		return
	}
	o := r.objects[p.doID]
	if p.flags&putSnapshot == 0 {
		r.lately(p.doID, o)
	}
	if o == nil {
		o = &Object{doID: p.doID}
		r.objects[p.doID] = o
	}
	o.class, o.location, o.ai, o.owner = class, p.location, p.ai, p.owner
	o.explicitAI, o.static, o.far = p.flags&putExplicitAI != 0, p.flags&putStatic != 0, p.flags&putFamily != 0
	o.values = values.clone()
	if p.flags&putSnapshot == 0 {
		r.lately(p.doID, o)
	}
}

func (r *restoring) del(id wire.DoID) {
	if o := r.objects[id]; o != nil {
		r.lately(id, o)
		delete(r.objects, id)
	}
}

func (r *restoring) set(id wire.DoID, number wire.FieldID, value []byte) {
	o := r.objects[id]
	if o == nil {
		return // the snapshot has not come to it yet, and will have the value
	}
	f, err := field(o, number)
	if err == nil {
		err = checkValue(f, value)
	}
	if err != nil {
		r.refuse("a value of object "+strconv.FormatUint(uint64(id), 10), err)
		return
	}
	r.lately(id, o)
	o.values.store(f, value)
}

func (r *restoring) mark(id wire.DoID, number wire.FieldID, marks Mark) {
	if o := r.objects[id]; o != nil {
		if f, ok := o.class.Field(uint16(number)); ok {
			o.values.SetMarks(f, marks)
		}
	}
}

// nothing handles what arrives while objects are taken in, and when no more is written: as
// when there is no process.
type nothing struct{}

func (nothing) Handle(bridge.Turn, wire.Datagram, []*bridge.Participant) {}

// takeIn has the objects that were read join the node.
func (s *Space) takeIn() (all []*Object, err error) {
	s.party.Handler = nothing{}
	all = make([]*Object, 0, len(s.objects))
	for _, o := range s.objects {
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b *Object) int { return int(int64(a.doID) - int64(b.doID)) })
	for some := range slices.Chunk(all, restoreAtOnce) {
		err := s.Enter(func() (err error) {
			for _, o := range some {
				if err = s.takeInOne(o); err != nil {
					break
				}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		s.node.Pace()
	}
	for some := range slices.Chunk(all, restoreAtOnce) {
		_ = s.Enter(func() error { // which cannot fail
			for _, o := range some {
				if parent := s.objects[o.location.Parent]; parent != nil {
					o.synced = s.noteChild(parent, o.doID, o.location.Zone) == nil
				}
			}
			return nil
		})
	}
	return all, s.Enter(func() error {
		s.party.Handler = s
		return nil
	})
}

// takeInOne has an object join the node, with all that stands in [Space.forget].
func (s *Space) takeInOne(o *Object) (err error) {
	if o.participant, err = s.Join(s.className(o.class), o); err != nil {
		return err
	}
	if err = s.turn.Subscribe(o.participant, o.doID.Channel()); err != nil {
		return err
	}
	s.given.use(o.doID)
	s.count.object(o.class, 1, len(o.values.b))
	if o.explicitAI && o.ai != wire.InvalidChannel {
		s.byAI[o.ai] = s.byAI[o.ai].add(o, inAI)
	}
	return s.joinFamily(o)
}
