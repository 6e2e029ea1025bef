package stateserver

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/backoff"
)

// Follow reads what another process writes into the log, until ctx is done, so that little
// is left to read for [Space.Restore], which goes on behind it. It is called before that, and
// not in a turn.
func (s *Space) Follow(ctx context.Context, log string) {
	v := s.survival
	if v == nil {
		return
	}
	for ctx.Err() == nil {
		err := v.follow(ctx, log)
		if err == nil || ctx.Err() != nil || errors.Is(err, bridge.ErrNoJetStream) {
			return // the start says so
		}
		if others, ok := s.complaints.Due("follow", time.Now()); ok {
			s.options.Log.Warn("cannot follow what the process before keeps yet", "error", err, others)
		}
		backoff.Wait(ctx.Done(), followAgain)
	}
}

// followAgain is the pause before the next attempt to follow.
const followAgain = time.Second

// Restore reads what survived of a process before this one, with that name of the log, and
// takes its objects in. From then on no other process can write to the log. It does nothing
// if nothing survives, as [Space.Begin], [Space.GoOn] and [Space.HandOver] do. It is called
// before the role's own participants join, and not in a turn.
func (s *Space) Restore(ctx context.Context, log string) (err error) {
	v := s.survival
	if v == nil {
		return nil
	}
	if err = v.open(ctx, log); err != nil {
		return err
	}
	if err = v.restore(ctx); err != nil {
		v.closed = true
		s.Close(ctx, wire.InvalidChannel)
	}
	return err
}

// Begin begins to write down what changes, in the turn in which the role begins to serve,
// before it claims anything. What the participants of the process before have left behind
// takes effect first: that process cannot send it, and nobody else has a right to be heard
// before.
func (s *Space) Begin() {
	v := s.survival
	if v == nil {
		return
	}
	s.turn.AddHold(&v.hold)
	s.turn.AddKeeper(v)
	for _, r := range s.turn.Removals() {
		v.Added(r)
	}
	v.something()
	v.kept.sendRemovals()
}

// HandOver has the others hold what is for the objects, waits until what they have sent
// before has arrived, and then until done is closed, if it is not nil. claims are those of
// the role. It must not be called in a turn.
func (s *Space) HandOver(ctx context.Context, done func() <-chan struct{}, claims ...bridge.Claim) {
	if s.survival == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, handOverFor)
	defer cancel()
	heard := make(chan struct{})
	_ = s.Enter(func() error { // which cannot fail
		s.turn.Withdraw(heard, claims...)
		return nil
	})
	select {
	case <-heard:
	case <-ctx.Done():
		return
	}
	if done != nil {
		select {
		case <-done():
		case <-ctx.Done():
		}
	}
}

// handOverFor is how long the others may take to hear that the role ends, and how long what
// is under way may take.
const handOverFor = time.Second

// GoOn has the space go on with what survived, once the role serves. Those who may have missed
// what was written last are told again; it does no harm to hear it twice. Parents and children
// in other processes are asked for what may have changed there meanwhile. It must not be
// called in a turn.
func (s *Space) GoOn() {
	if s.survival == nil {
		return
	}
	kept := s.survival.kept
	s.survival.kept = nil
	kept.sweep()
	for _, some := range chunked(kept.late) {
		_ = s.Enter(func() error { // which cannot fail
			for _, id := range some {
				s.tellAgain(id, kept.late[id])
			}
			return nil
		})
	}
	for some := range slices.Chunk(kept.all, restoreAtOnce) {
		_ = s.Enter(func() error { // which cannot fail
			for _, o := range some {
				s.askFar(o)
				if s.options.Restored != nil && !o.gone {
					s.options.Restored(o)
				}
			}
			return nil
		})
		s.node.Pace()
	}
	s.survival.start()
}

// askFar tells a parent elsewhere where the object is, and asks it for its AI, and tells those who
// have begun to look at its location meanwhile: the parent could show them all but its children
// here. Children elsewhere are asked where they are.
func (s *Space) askFar(o *Object) {
	if o.gone {
		return
	}
	if parent := o.location.Parent; parent != wire.InvalidDoID && s.objects[parent] == nil {
		s.message(o.doID.Channel(), wire.StateServerObjectChangingLocation, parent.Channel()).
			DoID(o.doID).Location(o.location).Location(o.location)
		s.send(o.participant)
		if !o.explicitAI {
			s.message(o.doID.Channel(), wire.StateServerObjectGetAI, parent.Channel()).Uint32(s.context)
			s.context++
			s.send(o.participant)
		}
		s.enter(o, o.location.Channel(), wire.StateServerObjectEnterLocationWithRequired, wire.AudienceClients)
	}
	if o.far {
		s.message(o.doID.Channel(), wire.StateServerObjectGetLocation, o.doID.ChildrenChannel()).Uint32(contextWakeChildren)
		s.send(o.participant)
	}
}

func chunked(late map[wire.DoID]*lateObject) (all [][]wire.DoID) {
	ids := make([]wire.DoID, 0, len(late))
	for id := range late {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return slices.Collect(slices.Chunk(ids, restoreAtOnce))
}

// sendRemovals sends the post-removes of the process before, each node's in its order.
func (r *restoring) sendRemovals() {
	s := r.space
	all := make([]bridge.Removal, 0, len(r.removals))
	for _, removal := range r.removals {
		all = append(all, removal)
	}
	slices.SortFunc(all, func(a, b bridge.Removal) int {
		return cmp.Or(cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Seq, b.Seq))
	})
	s.turn.SendPostRemoves(all, &s.party)
	for _, removal := range all {
		s.survival.Removed(removal.Origin, removal.Seq)
	}
	s.survival.count.removed.Store(uint64(len(all)))
}

// tellAgain tells those who may know an object what it is now.
func (s *Space) tellAgain(id wire.DoID, was *lateObject) {
	o := s.objects[id]
	if o == nil {
		s.tellEnd(id, was)
		return
	}
	for _, at := range was.locations {
		if at == o.location {
			continue
		}
		s.targets = s.targets[:0]
		s.target(at.Channel())
		s.target(o.ai)
		s.target(o.owner)
		s.message(id.Channel(), wire.StateServerObjectChangingLocation, s.targets...).DoID(id).Location(o.location).Location(at)
		s.send(o.participant)
	}
	for _, ai := range was.ais {
		if ai != o.ai {
			s.message(id.Channel(), wire.StateServerObjectChangingAI, ai).DoID(id).Channel(o.ai).Channel(ai)
			s.send(o.participant)
		}
	}
	for _, owner := range was.owners {
		if owner != o.owner {
			s.message(id.Channel(), wire.StateServerObjectChangingOwner, owner).DoID(id).Channel(o.owner).Channel(owner)
			s.send(o.participant)
		}
	}
	if o.location.Parent != wire.InvalidDoID {
		s.enter(o, o.location.Channel(), wire.StateServerObjectEnterLocationWithRequired, wire.AudienceClients)
	}
	if o.ai != wire.InvalidChannel {
		s.enter(o, o.ai, wire.StateServerObjectEnterAIWithRequired, wire.AudienceServers)
	}
	if o.owner != wire.InvalidChannel {
		s.enter(o, o.owner, wire.StateServerObjectEnterOwnerWithRequired, wire.AudienceOwner)
	}
	s.tellValues(o)
}

// tellValues announces all values of an object, as if they were set now.
func (s *Space) tellValues(o *Object) {
	for number, packed := range o.values.All {
		if f, ok := o.class.Field(uint16(number)); ok && f.HasAny(dc.Broadcast|dc.Airecv|dc.Ownrecv) {
			s.Announce(o, o.doID.Channel(), wire.StateServerObjectSetField, f, packed)
		}
	}
}

// tellEnd tells those who may know an object that it is gone, in its parent's name.
func (s *Space) tellEnd(id wire.DoID, was *lateObject) {
	s.targets = s.targets[:0]
	for _, at := range was.locations {
		s.target(at.Channel())
	}
	for _, ai := range was.ais {
		s.target(ai)
	}
	for _, owner := range was.owners {
		s.target(owner)
	}
	if len(s.targets) > 0 && len(s.targets) <= maxRecipients && len(s.joins) > 0 {
		s.message(id.Channel(), wire.StateServerObjectDeleteRAM, s.targets...).DoID(id)
		s.send(s.joins[0])
	}
}
