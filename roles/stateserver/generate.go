package stateserver

import (
	"errors"

	"natstron/bridge/wire"
)

// generate is GENERATE_OBJECT_WITH_REQUIRED, the form with other fields, and the one with an AI:
// natstron's creation of an object under a doId that the state server chooses. The sender gets the
// answer before anything that comes of the creation.
func (r *Role) generate(m wire.Message, d wire.Datagram, other bool) error {
	context := m.Payload.Uint32()
	if err := m.Payload.Err(); err != nil {
		return err // there is no context to answer with
	}
	err := r.generateObject(m, d, context, other)
	if err != nil {
		r.answerGenerate(m.Sender, context, wire.InvalidDoID, err.Error())
	}
	return err
}

var (
	errNoDoIDs   = errors.New("this state server gives no doIds: its key generate names none")
	errBroadcast = errors.New("send it to the control channel of one state server: each would create an object")
)

func (r *Role) generateObject(m wire.Message, d wire.Datagram, context uint32, other bool) error {
	given := r.space.given
	switch {
	case given == nil:
		return refuse(BadDoID, "generate: %w", errNoDoIDs)
	case !named(d, r.options.Control):
		return refuse(WrongAddress, "generate: %w", errBroadcast)
	}
	id, ok := given.next()
	if !ok {
		return refuse(Full, "generate: all %d doIds from %d to %d are in use, or their objects ended less than a minute ago", given.size(), given.Min, given.Max)
	}
	spec := Spec{DoID: id}
	if m.Type == wire.StateServerGenerateObjectOfAI {
		if spec.AI = m.Payload.Channel(); spec.AI == wire.InvalidChannel && m.Payload.Err() == nil {
			return refuse(BadChannel, "generate: channel 0 is not a channel of an AI")
		}
	}
	spec.Certain = func() {
		given.gave(id)
		r.answerGenerate(m.Sender, context, id, "")
	}
	return r.space.create(m, spec, other)
}

// named reports whether a channel is among the recipients.
func named(d wire.Datagram, c wire.Channel) bool {
	for i := range d.RecipientCount() {
		if d.Recipient(i) == c {
			return true
		}
	}
	return false
}

// maxProblem bounds the text of an answer.
const maxProblem = 500

func (r *Role) answerGenerate(to wire.Channel, context uint32, id wire.DoID, problem string) {
	if len(problem) > maxProblem {
		problem = problem[:maxProblem]
	}
	r.space.message(r.options.Control, wire.StateServerGenerateObjectResp, to).Uint32(context).DoID(id).Text(problem)
	r.space.send(r.participant)
}
