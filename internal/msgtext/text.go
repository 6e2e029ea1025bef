package msgtext

import (
	"fmt"
	"strconv"
	"strings"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Text is a datagram as scripts have it: sender, name, arguments.
func Text(file *dc.File, d wire.Datagram) string {
	m, err := d.Message()
	if err != nil {
		return fmt.Sprintf("% x", []byte(d))
	}
	sender := channelText(m.Sender) + ": "
	layout, ok := wire.LayoutOf(m.Type)
	if !ok {
		return fmt.Sprintf("%s%s % x", sender, m.Type, m.Payload.Rest())
	}
	return sender + text(file, layout, &m.Payload)
}

// ClientText is a message to a client, or of one: name, arguments.
func ClientText(file *dc.File, message []byte) string {
	r := wire.NewReader(message)
	layout, ok := wire.ClientLayoutOf(r.ClientMsgType())
	if !ok {
		return fmt.Sprintf("% x", message)
	}
	return text(file, layout, &r)
}

func text(file *dc.File, layout wire.Layout, payload *wire.Reader) string {
	out := []string{short(layout.Name)}
	err := layout.Decode(payload, Values{file}, func(a wire.Arg) {
		name := ""
		f, isField := file.FieldByID(uint16(a.Field))
		switch {
		case a.Kind == wire.KindValue && isField:
			name = f.Name()
			value, err := f.Text(a.Bytes, dc.TextStyle{})
			if err != nil {
				value = err.Error()
			} else if !f.IsMethod() && !f.IsMolecular() {
				value = "(" + value + ")"
			}
			if last := len(out) - 1; out[last] == name {
				out[last] += value // behind its id
			} else {
				out = append(out, name+value)
			}
			return
		case a.Kind == wire.KindField:
			if f, ok := file.FieldByID(uint16(a.Number)); ok {
				out = append(out, f.Name())
				return
			}
		case a.Kind == wire.KindDClass:
			if c, ok := file.ClassByID(uint16(a.Number)); ok {
				out = append(out, "dclass="+c.Name())
				return
			}
		case a.Kind == wire.KindChannel:
			out = append(out, a.Name+"="+channelText(wire.Channel(a.Number)))
			return
		}
		out = append(out, a.String())
	})
	if err != nil {
		out = append(out, "!", err.Error())
	}
	return strings.Join(out, " ")
}

// short leaves out what nearly all names of state server messages begin with.
// Those of database servers, many of which would be the same then, are whole.
func short(name string) string {
	for _, prefix := range []string{"STATESERVER_OBJECT_", "STATESERVER_", "DBSS_OBJECT_"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest
		}
	}
	return name
}

func channelText(c wire.Channel) string {
	if c < 1<<32 {
		return strconv.FormatUint(uint64(c), 10)
	}
	return c.Location().String()
}
