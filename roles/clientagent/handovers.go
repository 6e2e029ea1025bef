package clientagent

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"natstron/bridge/wire"
)

// Handovers let the client agents of a process hand sessions to each other and to those of
// other processes. The agents of a process share one. The zero Handovers is ready for use.
type Handovers struct {
	mu      sync.Mutex
	agents  []*Role
	answers bool // the node knows whom to ask
}

// handoverQuestion is what agents of other processes are asked.
const handoverQuestion = "resume"

// A handoverRequest is one step of a handover.
type handoverRequest struct {
	Step handoverStep
	// The first two steps and the parts: which session, and which of several agents that
	// want it asks.
	Session, Asker uint64
	Origin         string // of the asker's process
	Class          string // of the asker
	Number         uint32 // of the client's token
	Received       uint32 // how many messages the client has
	Part           int
	// The others: channels of the agent that is asked.
	Lo, Hi wire.Channel
}

type handoverStep string

const (
	// stepPrepare asks which channels the session has.
	stepPrepare handoverStep = "prepare"
	// stepCommit takes the session over, once the asker hears its channels, too.
	stepCommit handoverStep = "commit"
	// stepPart asks for more of the answer to either.
	stepPart handoverStep = "part"
	// stepTaken tells that the answer to the commit has come.
	stepTaken handoverStep = "taken"
	// stepLent asks which clients with channels from Lo to Hi were taken over.
	stepLent handoverStep = "lent"
	// stepOver tells that the client with the channel Lo, which was taken over, is gone.
	stepOver handoverStep = "over"
)

// A handoverAnswer is a part of what a step results in.
type handoverAnswer struct {
	Code   wire.EjectCode `json:",omitempty"` // not 0: it is refused
	Reason string         `json:",omitempty"`
	Origin string         // of the process that answers
	Parts  int
	Data   []byte
}

// partSize is how many bytes of an answer go into one message, which holds them in base64.
const partSize = 40_000

// add makes an agent one of the process's.
func (h *Handovers) add(r *Role) {
	if h.isFirst(r) { // the turn must not be awaited with the lock
		r.node.Answer(handoverQuestion, h.answer)
	}
}

func (h *Handovers) isFirst(r *Role) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.agents = append(h.agents, r)
	first := !h.answers
	h.answers = true
	return first
}

func (h *Handovers) remove(r *Role) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.agents = slices.DeleteFunc(h.agents, func(other *Role) bool { return other == r })
}

// others are the agents of the process but one.
func (h *Handovers) others(but *Role) []*Role {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(h.agents), func(r *Role) bool { return r == but })
}

// answer is what the agents of this process say to a step. The node calls it.
func (h *Handovers) answer(request []byte) []byte {
	var q handoverRequest
	if json.Unmarshal(request, &q) != nil {
		return nil // of another version, perhaps
	}
	for _, r := range h.others(nil) {
		if a := r.handOver(q); a != nil {
			a.Origin = r.origin()
			text, err := json.Marshal(a)
			if err != nil {
				return nil // it is made of numbers and bytes
			}
			return text
		}
	}
	return nil
}

// How long other processes have to answer, and how often they are asked again. For how long a
// commit is asked again is how long its answer is kept.
const (
	handoverPatience = 2 * time.Second
	handoverTries    = 3
	commitTries      = int(outgoingFor / handoverPatience)
	overPatience     = 500 * time.Millisecond // of an agent that is told, and may be gone
)

// askOthers asks the other processes, and hands over each answer until that is enough.
func (r *Role) askOthers(q handoverRequest, patience time.Duration, enough func(handoverAnswer) bool) {
	r.askUntil(q, patience, nil, enough)
}

// lookEvery is how often an agent looks whether the one that it asks has died.
const lookEvery = 20 * time.Millisecond

// askUntil is askOthers that stops when it is useless. It reports whether an answer was enough.
func (r *Role) askUntil(q handoverRequest, patience time.Duration, useless func() bool, enough func(handoverAnswer) bool) (done bool) {
	request, err := json.Marshal(q)
	if err != nil {
		return false // it is made of numbers
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if useless != nil {
		look := time.NewTicker(lookEvery)
		defer look.Stop()
		go func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-look.C:
					if useless() {
						cancel()
					}
				}
			}
		}()
	}
	r.node.Ask(ctx, handoverQuestion, request, func(text []byte) bool {
		var a handoverAnswer
		if json.Unmarshal(text, &a) == nil {
			done = enough(a)
		}
		return !done
	})
	return done
}

// A holder is the process that has a session which this agent wants. What it says belongs to the
// turn.
type holder struct {
	*Role
	session uint64
	origin  string // empty: it has not answered yet
	asked   bool   // for the session; it may have given it up
	gone    bool
}

// ask asks for all parts of an answer.
func (h *holder) ask(q handoverRequest) (data []byte, why *ejection) {
	for parts := 1; q.Part < parts; q.Part++ {
		var a handoverAnswer
		answered, tries := false, handoverTries
		if q.Step != stepPrepare {
			h.asked, tries = true, commitTries
		}
		for try := 0; try < tries && !answered && !h.useless(); try++ {
			answered = h.askUntil(q, handoverPatience, h.useless, func(got handoverAnswer) bool { a = got; return true })
		}
		switch {
		case !answered:
			return nil, ejectf(wire.EjectSessionAway, "The client agent that has the session does not answer.")
		case a.Code != 0:
			h.asked = false
			return nil, &ejection{a.Code, a.Reason}
		}
		h.heard(a.Origin)
		parts = min(a.Parts, maxParts)
		data = append(data, a.Data...)
		q.Step = stepPart
	}
	return data, nil
}

func (h *holder) heard(origin string) {
	h.enter()
	defer h.leave()
	h.origin = origin
}

// useless reports whether there is no use in asking: this agent stops, or has the session, or the
// process that had it is gone.
func (h *holder) useless() bool {
	h.enter()
	defer h.leave()
	_, left := h.turn.LostSession(h.session)
	h.gone = left || h.origin != "" && !h.turn.Knows(h.origin)
	return h.gone || h.stopping || h.resumes.tickets[h.session] != nil
}

// took tells the holder that its answer to the commit has come.
func (h *holder) took(q handoverRequest) {
	q.Step, q.Part = stepTaken, 0
	gone := func() bool {
		h.enter()
		defer h.leave()
		return !h.turn.Knows(h.origin)
	}
	for try := 0; try < handoverTries && !gone(); try++ {
		if h.askUntil(q, overPatience, gone, func(handoverAnswer) bool { return true }) {
			return
		}
	}
}

func (r *Role) origin() string {
	r.enter()
	defer r.leave()
	return r.turn.Origin()
}

// maxParts bounds what an agent takes of another one: more than a session can have.
const maxParts = 64 << 20 / partSize
