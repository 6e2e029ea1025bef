package membership

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"natstron/bridge/internal/identity"
	"natstron/bridge/wire"
)

// A will is kept by all other nodes, like a post-remove, for a participant that can go on at
// another node if its own dies. Then its post-removes are not sent: they and the will are an
// [Estate], until an heir has it, or its time is up.

// A Will says how a participant goes on elsewhere.
type Will struct {
	Key      uint64         // of what goes on: the session
	Channels []wire.Channel // its own: what is sent to them is kept meanwhile
	Opened   []wire.Channel // that others may hear, too: what programs send to them is kept as well
	State    []byte         // for the heir
	For      time.Duration  // how long it waits
}

// Bounds of a will.
const (
	maxWillChannels = 4
	// MaxWillOpened is how many channels of a will others may hear, too.
	MaxWillOpened = 256
	maxWill       = 64 << 10 // bytes of its state
	// MaxWait is the longest that an estate waits, whatever another node says.
	MaxWait = 2 * time.Hour
)

// ErrWill says that a will is too long for the other nodes to be told of it.
var ErrWill = fmt.Errorf("the state of a session is %w", wire.ErrTooLong)

// willNote is a will on its way.
type willNote struct {
	Key      uint64   `json:"key,string"`
	Channels []string `json:"channels"`
	Opened   []string `json:"opened,omitempty"`
	State    []byte   `json:"state"`
	For      int64    `json:"for_ms"`
}

func (w *Will) note() *willNote {
	if w == nil {
		return nil
	}
	return &willNote{Key: w.Key, Channels: texts(w.Channels), Opened: texts(w.Opened), State: w.State, For: w.For.Milliseconds()}
}

func texts(channels []wire.Channel) (all []string) {
	for _, c := range channels {
		all = append(all, fmt.Sprint(uint64(c)))
	}
	return all
}

func channels(texts []string) (all []wire.Channel, err error) {
	for _, text := range texts {
		c, err := wire.ParseChannel(text)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// will is what a note says; nil if it makes no sense.
func (n *willNote) will() *Will {
	if len(n.Channels) > maxWillChannels || len(n.Opened) > MaxWillOpened || len(n.State) > maxWill || n.For <= 0 {
		return nil
	}
	w := &Will{Key: n.Key, State: n.State, For: min(time.Duration(min(n.For, MaxWait.Milliseconds()))*time.Millisecond, MaxWait)}
	var err1, err2 error
	w.Channels, err1 = channels(n.Channels)
	w.Opened, err2 = channels(n.Opened)
	if err1 != nil || err2 != nil {
		return nil
	}
	return w
}

// size is about how many bytes a will takes, here and in a note.
func (w *Will) size() int { return len(w.State) + 24*(len(w.Channels)+len(w.Opened)) }

// size is what a post-remove or a will counts as, in bytes.
func (pr PostRemove) size() int {
	if pr.Will != nil {
		return PostRemoveSize + pr.Will.size()
	}
	return SizeOf(pr.Datagram)
}

// AddWill makes a will that of a participant of this node. It is forgotten as a post-remove
// is.
func (m *Members) AddWill(participant uint64, w Will, now time.Time) (PostRemove, []Effect, error) {
	m.now = now
	size := base64.StdEncoding.EncodedLen(w.size()) + 2*noteFrame
	switch {
	case len(w.State) > maxWill || len(w.Channels) > maxWillChannels || len(w.Opened) > MaxWillOpened, m.payload > 0 && int64(size) > m.payload:
		return PostRemove{}, nil, ErrWill
	case m.own.bytes+PostRemoveSize+w.size() > m.config.MaxPostRemoveBytes:
		return PostRemove{}, nil, ErrNoRoom
	}
	m.lastPostRemove++
	pr := PostRemove{Origin: m.origin, Seq: m.lastPostRemove, Participant: participant, Added: now, Will: &w}
	m.own.add(pr)
	m.tell(KindPostRemove, postRemoveNote{Add: noteOf(pr, m.origin, now)})
	return pr, m.take(), nil
}

// An Estate is what a participant with a will has left: of a node that is dead, or that has
// lost its connection.
type Estate struct {
	Will
	Origin      string // of that node
	PostRemoves []PostRemove
	Left        time.Duration // how long it may still be taken
}

// estates divides what a node has left: into estates, and the post-removes that are to be
// sent at once.
func estates(origin string, all []PostRemove) (kept []Estate, rest []PostRemove) {
	wills := map[uint64]*Will{} // by participant; the last one counts
	for _, pr := range all {
		if pr.Will != nil {
			wills[pr.Participant] = pr.Will
		}
	}
	if len(wills) == 0 {
		return nil, all
	}
	of := map[uint64][]PostRemove{}
	for _, pr := range all {
		switch {
		case pr.Will != nil:
		case wills[pr.Participant] != nil:
			of[pr.Participant] = append(of[pr.Participant], pr)
		default:
			rest = append(rest, pr)
		}
	}
	for participant, w := range wills {
		kept = append(kept, Estate{Will: *w, Origin: origin, PostRemoves: of[participant], Left: w.For})
	}
	slices.SortFunc(kept, func(a, b Estate) int { return int(int32(uint32(a.Key) - uint32(b.Key))) })
	return kept, rest
}

// keepEstates has the estates of a peer kept, and returns how many there are, and the rest of
// what it left.
func (m *Members) keepEstates(p *Peer) (count int, rest []PostRemove) {
	kept, rest := estates(p.origin, p.postRemoves.ordered())
	for _, e := range kept {
		m.add(Keep{e})
	}
	return len(kept), rest
}

// WithoutRenewed leaves out post-removes whose sender has left the same ones again since a
// time.
func (m *Members) WithoutRenewed(all []PostRemove, since time.Time) []PostRemove {
	return m.withoutRenewed(slices.Clone(all), since)
}

// EstateStep is what a node says of an estate.
type EstateStep string

const (
	EstateAsk   EstateStep = "ask"   // to one: which ones are there?
	EstateHeld  EstateStep = "held"  // to the asker: there is this estate
	EstateClaim EstateStep = "claim" // the teller wants to be the heir
	EstateGive  EstateStep = "give"  // it does not want to any more
	EstateTaken EstateStep = "taken" // the teller is the heir, and has its own will of it
	EstateEnd   EstateStep = "end"   // it is over: the post-removes are to be sent
	EstateStill EstateStep = "still" // the teller keeps it, and wants to know whether it is over
	EstateOver  EstateStep = "over"  // to one that keeps it, or wants it: it is over
)

// An EstateNote tells a step. Which estate it is its key and origin say.
type EstateNote struct {
	Step     EstateStep `json:"step"`
	Key      uint64     `json:"key,string"`
	Origin   string     `json:"origin"`
	Will     *willNote  `json:"will,omitempty"` // and below, if it is held
	Left     int64      `json:"left_ms,omitempty"`
	Removals []*addNote `json:"removals,omitempty"`
	Heir     string     `json:"heir,omitempty"` // of one that is over; empty: none
}

// TellEstate tells a step to all nodes.
func (m *Members) TellEstate(step EstateStep, key uint64, origin string) []Effect {
	m.tell(KindEstate, EstateNote{Step: step, Key: key, Origin: origin})
	return m.take()
}

// TellOver tells a node what has become of an estate that is over.
func (m *Members) TellOver(to string, key uint64, origin, heir string) []Effect {
	m.tellTo(to, KindHeld, EstateNote{Step: EstateOver, Key: key, Origin: origin, Heir: heir})
	return m.take()
}

// AskEstates has another node tell of the estates that it keeps: one of those that have been
// there for longest, as far as they have answered.
func (m *Members) AskEstates(now time.Time) []Effect {
	m.now = now
	var eldest *Peer
	for _, p := range m.peers {
		switch {
		case p.met != m.origin:
		case eldest == nil, p.probed.answered && !eldest.probed.answered,
			p.probed.answered == eldest.probed.answered && p.since.Before(eldest.since):
			eldest = p
		}
	}
	if eldest != nil {
		m.tellTo(eldest.origin, KindHeld, EstateNote{Step: EstateAsk, Origin: m.origin})
	}
	return m.take()
}

// maxRemovals is how many post-removes of one estate a newcomer is told, as far as they fit.
const maxRemovals = 100

// TellHeld tells a node of an estate.
func (m *Members) TellHeld(to string, e Estate, now time.Time) []Effect {
	m.now = now
	note := EstateNote{Step: EstateHeld, Key: e.Key, Origin: e.Origin, Will: e.note(), Left: e.Left.Milliseconds()}
	size := e.Will.size()
	for _, pr := range e.PostRemoves {
		size += pr.size()
		note.Removals = append(note.Removals, noteOf(pr, "", now))
	}
	if size*4/3+2*noteFrame < int(min(MaxNoteEstate, m.payload)) && len(note.Removals) <= maxRemovals {
		m.tellTo(to, KindHeld, note)
	}
	return m.take()
}

// MaxNoteEstate is the longest note of an estate, in bytes.
const MaxNoteEstate = 256 << 10

// hearEstate hands a step over to the node.
func (m *Members) hearEstate(p *Peer, note EstateNote) {
	if identity.IsOrigin(note.Origin) {
		m.add(HeardEstate{From: p.origin, Step: note.Step, Key: note.Key, Origin: strings.Clone(note.Origin)})
	}
}

// hearHeld takes what another node says to this one alone: a question for all estates, or one
// of them.
func (m *Members) hearHeld(note EstateNote) error {
	if !identity.IsOrigin(note.Origin) {
		return errOrigin
	}
	if note.Step == EstateAsk {
		if m.hellos.AllowN(m.now, 1) {
			m.add(TellEstates{To: strings.Clone(note.Origin)})
		}
		return nil
	}
	h := HeardEstate{Step: note.Step, Key: note.Key, Origin: strings.Clone(note.Origin)}
	if note.Step == EstateOver && (note.Heir == "" || identity.IsOrigin(note.Heir)) {
		h.Heir = strings.Clone(note.Heir)
	}
	if note.Step == EstateHeld {
		if note.Will == nil || note.Will.will() == nil || note.Left <= 0 || len(note.Removals) > maxRemovals {
			return nil
		}
		h.Estate = Estate{Will: *note.Will.will(), Origin: h.Origin, Left: time.Duration(min(note.Left, MaxWait.Milliseconds())) * time.Millisecond}
		h.Estate.Key = note.Key
		for _, a := range note.Removals {
			d := wire.Datagram(a.Datagram)
			if len(d) > MaxPostRemove || d.Check() != nil || !identity.IsOrigin(a.Origin) {
				return nil
			}
			h.Estate.PostRemoves = append(h.Estate.PostRemoves, PostRemove{Origin: a.Origin, Seq: a.Seq, Participant: a.Participant, Sender: a.Sender, Datagram: d, Added: m.now})
		}
	}
	m.add(h)
	return nil
}
