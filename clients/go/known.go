package client

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"

	"natstron/bridge/wire"
)

// known is what the client has been told, as far as another agent must know it to bring it up
// to date when its own has been killed. It belongs to the client's lock.
type known struct {
	visible, owned map[wire.DoID]struct{}
	waiting        map[answer]struct{} // to requests for interests, which have not come yet
}

// answer is what a CLIENT_DONE_INTEREST_RESP says. The agent's own contexts may be the client's.
type answer struct {
	context  uint32
	interest uint16
}

func readAnswer(r *wire.Reader) answer { return answer{r.Uint32(), r.Uint16()} }

func (a answer) compare(b answer) int {
	return cmp.Or(cmp.Compare(a.context, b.context), cmp.Compare(a.interest, b.interest))
}

func putInMap[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

// learns takes note of a message of the agent.
func (k *known) learns(t wire.ClientMsgType, r wire.Reader) {
	switch t {
	case wire.ClientEnterObjectRequired, wire.ClientEnterObjectRequiredOther:
		putInMap(&k.visible, r.DoID(), struct{}{})
	case wire.ClientEnterObjectRequiredOwner, wire.ClientEnterObjectRequiredOtherOwner:
		putInMap(&k.owned, r.DoID(), struct{}{})
	case wire.ClientObjectLeaving:
		delete(k.visible, r.DoID())
	case wire.ClientObjectLeavingOwner:
		delete(k.owned, r.DoID())
	case wire.ClientAddInterest, wire.ClientAddInterestMultiple, wire.ClientRemoveInterest:
		putInMap(&k.waiting, readAnswer(&r), struct{}{})
	case wire.ClientDoneInterestResp:
		delete(k.waiting, readAnswer(&r))
	}
}

// asks takes note of a message that the client sends.
func (k *known) asks(frame []byte) {
	r := wire.NewReader(frame[wire.FrameHeader:])
	if t := r.ClientMsgType(); isInterest(t) {
		k.learns(t, r)
	}
}

func isInterest(t wire.ClientMsgType) bool {
	return t == wire.ClientAddInterest || t == wire.ClientAddInterestMultiple || t == wire.ClientRemoveInterest
}

// haveAtOnce is how many objects, and how many interests, one message names.
const haveAtOnce = 4000

// have is what the client says of it.
func (k *known) have() (frames []byte) {
	visible, owned := slices.Sorted(maps.Keys(k.visible)), slices.Sorted(maps.Keys(k.owned))
	waiting := slices.SortedFunc(maps.Keys(k.waiting), answer.compare)
	for last := false; !last; {
		some := func(all *[]wire.DoID) []wire.DoID {
			n := min(len(*all), haveAtOnce)
			first := (*all)[:n]
			*all = (*all)[n:]
			return first
		}
		v, o := some(&visible), some(&owned)
		n := min(len(waiting), haveAtOnce)
		w := waiting[:n]
		waiting = waiting[n:]
		last = len(visible)+len(owned)+len(waiting) == 0
		frames = append(frames, frame(wire.ClientHave, func(out *wire.Writer) {
			out.Bool(last)
			for _, list := range [][]wire.DoID{v, o} {
				out.Uint16(uint16(len(list)))
				for _, do := range list {
					out.DoID(do)
				}
			}
			out.Uint16(uint16(len(w)))
			for _, a := range w {
				out.Uint32(a.context).Uint16(a.interest)
			}
		})...)
	}
	return frames
}

// recovered begins both counts again: the agent that had the session was killed. What has not been
// acknowledged may have arrived, and is not sent again, except the last word on each interest: that
// does no harm.
func (c *Client) recovered() {
	c.times++
	last := map[uint16][]byte{}
	for rest := c.unsent; len(rest) > 0; {
		size := wire.FrameHeader + int(binary.LittleEndian.Uint16(rest))
		r := wire.NewReader(rest[wire.FrameHeader:size])
		if t := r.ClientMsgType(); isInterest(t) {
			last[readAnswer(&r).interest] = rest[:size]
		} else {
			c.unsure++
		}
		rest = rest[size:]
	}
	var again []byte
	for _, id := range slices.Sorted(maps.Keys(last)) {
		r := wire.NewReader(last[id][wire.FrameHeader+2:])
		delete(c.waiting, readAnswer(&r)) // it is answered when it is asked again
		again = append(again, last[id]...)
	}
	c.unsent, c.arrived, c.received, c.bytes, c.since = again, 0, 0, 0, 0
}
