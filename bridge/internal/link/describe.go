package link

import "strconv"

// Describe empties the queue and says what was in it, a line for each entry: for tests of
// what a node writes. prefix is that of the subjects, origin the node's own; text says what
// a datagram or a note holds.
func (o *Outbox) Describe(prefix, origin string, text func(payload []byte, datagram bool) string) (lines []string) {
	for _, p := range o.filling.ops {
		payload := o.filling.bytes[p.start:p.end]
		subject := p.subject
		if subject == "" {
			subject = string(p.cover.Append(nil, prefix))
		}
		switch p.kind {
		case opPublish:
			from := origin
			if p.id.Origin != "" {
				from = p.id.Origin
			}
			id := from + "." + strconv.FormatUint(p.id.Seq, 10) + "." + strconv.FormatUint(p.id.Participant, 10)
			lines = append(lines, "publish "+subject+" "+id+" "+text(payload, true))
		case opNote:
			lines = append(lines, "note "+subject+" "+text(payload, false))
		case opSubscribe, opListen:
			lines = append(lines, "subscribe "+subject)
		case opUnsubscribe, opIgnore:
			lines = append(lines, "unsubscribe "+subject)
		case opFlush:
			lines = append(lines, "flush")
		}
	}
	o.pressure.Relieve()
	o.filling.reset()
	return lines
}
