package traffic

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"natstron/bridge/otp"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
)

// decoder turns datagrams into words. Without DC files, classes and fields keep
// their numbers and values their bytes.
type decoder struct {
	file   *dc.File         // may be nil
	values wire.ValueReader // nil without a file
	otp    *otp.Translator  // nil: in Astron's words
}

func newDecoder(file *dc.File) decoder {
	if file == nil {
		return decoder{}
	}
	return decoder{file: file, values: msgtext.Values{File: file}}
}

// asOTP makes the decoder show what a participant of that dialect sees.
func (d *decoder) asOTP() {
	d.otp = otp.New(otp.Options{
		Subscribed: func(c wire.Channel) bool { return c < 1<<32 },
		DC:         d.values,
	})
}

// message is a message type, and the layout of its payload.
func (d decoder) message(t wire.MsgType) (name string, layout wire.Layout, ok bool) {
	if d.otp != nil {
		layout, ok = otp.LayoutOf(otp.MsgType(t))
		return otp.MsgType(t).String(), layout, ok
	}
	layout, ok = wire.LayoutOf(t)
	return t.String(), layout, ok
}

// translated is a datagram in the words that are shown.
func (d decoder) translated(dg wire.Datagram) (out wire.Datagram, fault string) {
	if d.otp == nil {
		return dg, ""
	}
	out = dg
	err := d.otp.FromAstron(dg, func(translated wire.Datagram) error {
		out = slices.Clone(translated)
		return nil
	})
	if err != nil {
		fault = err.Error()
	}
	return out, fault
}

// datagram decodes what can be decoded, and keeps the payload as it is.
func (d decoder) datagram(dg wire.Datagram) tapped {
	dg, fault := d.translated(dg)
	t := tapped{Size: len(dg), Recipients: []string{}, Fault: fault}
	for i := range dg.RecipientCount() {
		t.Recipients = append(t.Recipients, channelText(dg.Recipient(i)))
	}
	m, err := dg.Message()
	if err != nil {
		return t // without sender and type, which is allowed
	}
	name, layout, ok := d.message(m.Type)
	t.Sender, t.Type, t.Name = channelText(m.Sender), uint16(m.Type), name
	payload := m.Payload
	t.Payload = hex.EncodeToString(payload.Rest())
	if !ok || fault != "" {
		return t
	}
	err = layout.Decode(&m.Payload, d.values, func(a wire.Arg) {
		t.Arguments = append(t.Arguments, d.arguments(a)...)
	})
	if err != nil {
		t.Fault = err.Error()
	}
	return t
}

// channelText is a channel in the form that is shortest to read, which is also
// one that the command line takes.
func channelText(c wire.Channel) string {
	if at := c.Location(); at.Parent > 2 {
		return at.String()
	}
	return strconv.FormatUint(uint64(c), 10)
}

// arguments are an argument, or what it consists of: a client's message is its type, and
// its own arguments.
func (d decoder) arguments(a wire.Arg) []tappedArg {
	if a.Kind == wire.KindClientMessage {
		r := wire.NewReader(a.Bytes)
		if layout, ok := wire.ClientLayoutOf(r.ClientMsgType()); ok {
			all := []tappedArg{{a.Name, quote(layout.Name)}}
			err := layout.Decode(&r, d.values, func(a wire.Arg) { all = append(all, d.argument(a)) })
			if err == nil {
				return all
			}
		}
	}
	return []tappedArg{d.argument(a)}
}

func (d decoder) argument(a wire.Arg) tappedArg {
	switch a.Kind {
	case wire.KindBool:
		return tappedArg{a.Name, quote(a.Number != 0)}
	case wire.KindString:
		return tappedArg{a.Name, quote(string(a.Bytes))}
	case wire.KindLocation:
		return tappedArg{a.Name, quote(wire.Channel(a.Number).Location().String())}
	case wire.KindChannel:
		return tappedArg{a.Name, quote(channelText(wire.Channel(a.Number)))}
	case wire.KindDClass:
		if class, ok := d.class(a.Number); ok {
			return tappedArg{a.Name, quote(class.Name())}
		}
	case wire.KindField:
		if field, ok := d.field(a.Number); ok {
			return tappedArg{a.Name, quote(field.Name())}
		}
	case wire.KindValue:
		return d.value(a)
	case wire.KindBlob, wire.KindDatagram, wire.KindClientMessage, wire.KindRaw:
		return tappedArg{a.Name, quote(hex.EncodeToString(a.Bytes))}
	}
	return tappedArg{a.Name, quote(a.Number)}
}

// value is a field's value, under the field's name.
func (d decoder) value(a wire.Arg) tappedArg {
	field, ok := d.field(uint64(a.Field))
	if !ok {
		return tappedArg{fmt.Sprintf("%s[%d]", a.Name, a.Field), quote(hex.EncodeToString(a.Bytes))}
	}
	text, err := field.JSON(a.Bytes, dc.Scaled)
	if err != nil {
		return tappedArg{field.Name(), quote(hex.EncodeToString(a.Bytes))}
	}
	return tappedArg{field.Name(), text}
}

func (d decoder) class(id uint64) (*dc.Class, bool) {
	if d.file == nil || id > 0xffff {
		return nil, false
	}
	return d.file.ClassByID(uint16(id))
}

func (d decoder) field(id uint64) (*dc.Field, bool) {
	if d.file == nil || id > 0xffff {
		return nil, false
	}
	return d.file.FieldByID(uint16(id))
}

// quote is a string, a number or a truth value in JSON.
func quote(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil { // none of these fails
		return json.RawMessage(`null`)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
