package otp

import (
	"encoding/binary"

	"natstron/bridge/wire"
)

func (t *Translator) fromAstron(in *incoming, emit func(wire.Datagram) error) error {
	m := byAstron.find(in.number)
	number := MsgType(in.number)
	if m != nil {
		number = m.Type
	} else if original := in.number - foreign; in.number >= foreign && isForeign(original) {
		number = MsgType(original)
	}
	switch wire.MsgType(in.number) {
	case wire.StateServerObjectDeleteRAM:
		number = t.deleted(in)
	case wire.StateServerObjectChangingAI:
		t.leave(in)
	case wire.StateServerObjectEnterAIWithRequired, wire.StateServerObjectEnterAIWithRequiredOther:
		if t.isOwn(in) {
			return nil
		}
	case wire.StateServerObjectGetFieldResp:
		if d, ok := t.failed(in); ok {
			return send(d, emit)
		}
	case wire.ClientAgentDoneInterestResp:
		return t.interestDone(in, emit)
	case wire.StateServerObjectGetZonesCountResp, wire.StateServerObjectGetChildCountResp:
		children := wire.MsgType(in.number) == wire.StateServerObjectGetChildCountResp
		if answered, err := t.counted(in, children, emit); answered {
			return err
		}
	case wire.StateServerObjectEnterInterestWithRequired, wire.StateServerObjectEnterInterestWithRequiredOther:
		plain := wire.MsgType(in.number) == wire.StateServerObjectEnterInterestWithRequired
		if answered, err := t.entered(in, plain, emit); answered {
			return err
		}
	}
	b := in.header(t.down[:0], uint16(number), fromClient)
	if m == nil {
		b = append(b, in.payload...)
	} else {
		var err error
		if b, err = m.toOTP(b, in, m.Plain == wire.MsgType(in.number)); err != nil {
			return err
		}
	}
	t.down = b
	return send(b, emit)
}

// leave notes that the participant hears of the end of an object, or that another
// is in charge of it.
func (t *Translator) leave(in *incoming) {
	if len(in.payload) >= 4 {
		delete(t.own, wire.DoID(binary.LittleEndian.Uint32(in.payload)))
	}
}

// deleted is the message by which the participant hears of an object's end: the AI in
// charge of it is told that it leaves.
func (t *Translator) deleted(in *incoming) MsgType {
	t.leave(in)
	if len(in.payload) < 4 {
		return deleteRAM
	}
	object := wire.DoID(binary.LittleEndian.Uint32(in.payload)).Channel()
	for i := range in.datagram.RecipientCount() {
		if c := in.datagram.Recipient(i); c != object && c>>high == 0 && t.options.Subscribed(c) {
			return leavingAI
		}
	}
	return deleteRAM
}

// isOwn reports whether an object that enters is one that the participant made itself.
func (t *Translator) isOwn(in *incoming) bool {
	if len(in.payload) < 4 {
		return false
	}
	_, ok := t.own[wire.DoID(binary.LittleEndian.Uint32(in.payload))]
	return ok
}

// failed translates the answer that a field has no value, which in Astron does not
// name the field.
func (t *Translator) failed(in *incoming) (d []byte, ok bool) {
	r := wire.NewReader(in.payload)
	ctx, success := r.Uint32(), r.Bool()
	if r.Err() != nil || success {
		return nil, false
	}
	b := in.header(t.down[:0], uint16(queryFieldResp), fromClient)
	b = binary.LittleEndian.AppendUint32(b, uint32(in.sender))
	b = binary.LittleEndian.AppendUint16(b, uint16(t.asked.field(ctx)))
	b = binary.LittleEndian.AppendUint32(b, ctx)
	t.down = append(b, 0)
	return t.down, true
}

// interestDone is the answer to an interest, as OtpGo sends it: it has the number of
// the question.
func (t *Translator) interestDone(in *incoming, emit func(wire.Datagram) error) error {
	var v values
	rest, err := v.read([]part{channel, id}, in.payload)
	if err != nil {
		return err
	}
	v[channel] = uint64(fromClient(wire.Channel(v[channel])))
	b := v.append(in.header(t.down[:0], uint16(setInterest), fromClient), []part{channel, id})
	t.down = append(b, rest...)
	return send(t.down, emit)
}
