package otp

import (
	"encoding/binary"

	"natstron/bridge/wire"
)

// fits reports whether a payload is the required fields of a class, alone or with a list
// of others behind them.
func (t *Translator) fits(class uint64, payload []byte) (other, ok bool) {
	required, err := t.options.DC.RequiredFields(wire.DClassID(class), wire.AudienceServers)
	if err != nil {
		return false, false
	}
	skip := func(f wire.FieldID) bool {
		n, err := t.options.DC.ValueSize(f, payload)
		if err != nil {
			return false
		}
		payload = payload[n:]
		return true
	}
	for _, f := range required {
		if !skip(f) {
			return false, false
		}
	}
	if len(payload) == 0 {
		return false, true
	}
	r := wire.NewReader(payload)
	count := r.Uint16()
	payload = r.Rest()
	for range count {
		r := wire.NewReader(payload)
		f := r.FieldID()
		payload = r.Rest()
		if r.Err() != nil || !skip(f) {
			return false, false
		}
	}
	return true, r.Err() == nil && len(payload) == 0
}

// made notes that the participant makes an object, whose doId stands in front.
func (t *Translator) made(payload []byte) {
	if len(payload) >= size[doID] && !t.later {
		t.own.add(wire.DoID(binary.LittleEndian.Uint32(payload)))
	}
}

// generate is the creation of an object. Code of before 2018 leaves the parent out
// where it is 0, and later code has Astron's message with other fields under the same
// number: only the DC files tell.
func (t *Translator) generate(in *incoming, emit func(wire.Datagram) error, depth int) error {
	other := MsgType(in.number) == generateOther
	m := byOTP.find(in.number)
	var v values
	rest, err := v.read(m.otp, in.payload)
	if t.options.DC != nil {
		fits := func(v *values, rest []byte, err error, other bool) bool {
			has, ok := t.fits(v[class], rest)
			return err == nil && ok && has == other
		}
		if !fits(&v, rest, err, other) {
			var old, astron values
			behind, oldErr := old.read([]part{zone, class, doID}, in.payload)
			values, astronErr := astron.read(m.astron, in.payload)
			switch {
			case fits(&old, behind, oldErr, other):
				v, rest, err = old, behind, nil
				v[location] = v[zone] << high // of parent 0
			case !other && fits(&astron, values, astronErr, true):
				t.made(in.payload)
				return t.pass(in, emit, depth)
			}
		}
	}
	if err != nil {
		return err
	}
	b := append(v.append(in.header(t.up[depth][:0], uint16(m.Astron), toClient), m.astron), rest...)
	t.up[depth] = b
	t.made(b[len(b)-len(rest)-size[doID]-size[location]-size[class]:])
	return send(b, emit)
}

// generateStored is the creation of an object in a database. Older code names no
// owner, and some code sends other fields with the number that has none: only the DC
// files tell.
func (t *Translator) generateStored(in *incoming, emit func(wire.Datagram) error, depth int) error {
	m := byOTP.find(in.number)
	var v values
	rest, err := v.read(m.otp, in.payload)
	if t.options.DC != nil {
		other, ok := false, false
		if err == nil {
			other, ok = t.fits(v[class], rest)
		}
		if !ok {
			var old values
			if behind, oldErr := old.read([]part{location, class, context}, in.payload); oldErr == nil {
				if other, ok = t.fits(old[class], behind); ok {
					v, rest, err = old, behind, nil
				}
			}
		}
		switch {
		case ok && other:
			m = byOTP.find(uint16(generateStoredOther))
		case ok:
			m = byOTP.find(uint16(generateStored))
		}
	}
	if err != nil {
		return err
	}
	v[channel] = uint64(toClient(wire.Channel(v[channel])))
	b := append(v.append(in.header(t.up[depth][:0], uint16(m.Astron), toClient), m.astron), rest...)
	t.up[depth] = b
	return send(b, emit)
}

// addAIReceiver makes a channel the AI of an object. Disney's servers were told on the state
// server's channel, with the object in front; OtpGo's games tell the object.
func addAIReceiver(in *incoming, emit func(wire.Datagram) error) error {
	r := wire.NewReader(in.payload)
	to := in.recipient
	var ai wire.Channel
	switch len(in.payload) {
	case 12:
		to, ai = r.DoID().Channel(), r.Channel()
	default:
		ai = r.Channel()
		if upper := ai >> high; upper != 0 { // no AI has such a channel
			to, ai = ai&0xFFFF_FFFF, upper
		}
	}
	if err := r.Done(); err != nil {
		return err
	}
	var w wire.Writer
	d, err := w.Header(in.sender, wire.StateServerObjectSetAI, to).Channel(ai).Datagram()
	if err != nil {
		return err
	}
	return send(d, emit)
}
