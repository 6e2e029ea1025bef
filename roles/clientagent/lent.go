package clientagent

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// A client keeps its channel when it goes on at another agent. So its first agent must not
// give the channel to another client before the client is gone, and neither must a process
// that serves the same range later.

// borrow notes that one more session has a channel of another agent's range. nil: the range is
// the agent's own.
func (r *Role) borrow(lo, hi wire.Channel) *bridge.Claim {
	if lo == r.o.Pool.first && hi == r.o.Pool.last {
		return nil
	}
	c := bridge.Claim{Service: bridge.ServesAdopted, Lo: lo, Hi: hi}
	if r.resumes.borrowed[c]++; r.resumes.borrowed[c] == 1 {
		r.turn.Claim(c)
	}
	return &c
}

// giveBack takes back one borrow.
func (r *Role) giveBack(c *bridge.Claim) {
	if r.resumes.borrowed[*c]--; r.resumes.borrowed[*c] == 0 {
		delete(r.resumes.borrowed, *c)
		r.turn.Unclaim(*c)
	}
}

// returnChannel tells the agent of a range that a client with one of its channels is gone.
func (r *Role) returnChannel(from bridge.Claim, c wire.Channel) {
	for _, other := range r.o.Handovers.others(r) {
		if other.lentIsOver(c) {
			return
		}
	}
	r.conns.Go(func() {
		r.askOthers(handoverRequest{Step: stepOver, Lo: c, Hi: from.Hi}, overPatience, func(handoverAnswer) bool { return true })
	})
}

// lentIsOver takes a channel back that another agent's client had. It reports whether it was
// lent by this agent.
func (r *Role) lentIsOver(c wire.Channel) bool {
	_, lent := r.resumes.lent[c]
	_, left := r.resumes.left[c]
	if !lent && !left {
		return false
	}
	delete(r.resumes.lent, c)
	delete(r.resumes.left, c)
	r.o.Pool.returnChannel(c)
	return true
}

// lentAtOnce is how many channels one answer lists.
const lentAtOnce = 4000

// listLent answers which channels of a range clients here have.
func (r *Role) listLent(q handoverRequest) *handoverAnswer {
	if len(r.resumes.borrowed) == 0 {
		return nil
	}
	var all []wire.Channel
	for s := range r.sessions {
		if s.lent != nil && q.Lo <= s.allocated && s.allocated <= q.Hi {
			all = append(all, s.allocated)
		}
	}
	for _, out := range r.resumes.out { // on their way
		if out.lent != nil && q.Lo <= out.moved.Allocated && out.moved.Allocated <= q.Hi {
			all = append(all, out.moved.Allocated)
		}
	}
	slices.Sort(all)
	a := &handoverAnswer{Parts: 1 + len(all)/(lentAtOnce+1)}
	for _, c := range all[:min(len(all), lentAtOnce)] {
		a.Data = binary.LittleEndian.AppendUint64(a.Data, uint64(c))
	}
	return a
}

// spareLent leaves out channels of the range that clients of other agents have: an earlier
// process lent them. It returns when all these agents have told theirs.
func (r *Role) spareLent(ctx context.Context) error {
	for lo, hi := r.o.Pool.first, r.o.Pool.last; ; {
		r.enter()
		adopters := r.turn.Adopters(lo, hi)
		r.leave()
		answers, next := 0, wire.InvalidChannel
		if adopters > 0 {
			r.askOthers(handoverRequest{Step: stepLent, Lo: lo, Hi: hi}, handoverPatience, func(a handoverAnswer) bool {
				if last := r.spareAll(a.Data); a.Parts > 1 && (next == 0 || last < next) {
					next = last
				}
				answers++
				return answers >= adopters
			})
		}
		switch {
		case answers >= adopters && next == wire.InvalidChannel:
			return nil
		case answers >= adopters:
			lo = next + 1
		case ctx.Err() != nil:
			return fmt.Errorf("%s: asking which of its channels clients of other agents have: %w", r.o.Label, ctx.Err())
		default:
			r.log.Warn("waits for other client agents to say which channels of the range their clients have", "answers", answers, "wanted", adopters)
		}
	}
}

// spareAll leaves channels out, and returns the last one.
func (r *Role) spareAll(list []byte) (last wire.Channel) {
	r.enter()
	defer r.leave()
	for ; len(list) >= 8; list = list[8:] {
		last = wire.Channel(binary.LittleEndian.Uint64(list))
		if r.o.Pool.spare(last) {
			r.resumes.lent[last] = struct{}{}
		}
	}
	return last
}

// joinHandovers lets other agents take sessions over, and this one theirs, if clients may come
// back.
func (r *Role) joinHandovers(ctx context.Context) error {
	if r.resumes.keys == nil {
		return nil
	}
	if err := r.spareLent(ctx); err != nil {
		return err
	}
	r.spareLeft()
	r.o.Handovers.add(r)
	return nil
}
