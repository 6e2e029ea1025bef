package wire

import (
	"iter"
	"slices"
	"strings"
)

// Layout describes the payload of one message type: its arguments in order, where
// the protocol documents them, and who sends the message to whom.
type Layout struct {
	// Name is the reference's name of the message type.
	Name string
	// Source is the document and section, or another source.
	Source string
	// From and To name the sender and the receiver in words.
	From, To string
	// Does says what the message is for, in Markdown for docs/messages.md; it may be empty.
	Does string
	// Answers are the names of the messages with which the receiver answers. The tables leave
	// out one that is called NAME_RESP and has the next number.
	Answers []string

	parts []Part
}

// LayoutOf returns the layout of a message inside a cluster; false for a type
// that is not [MsgType.Known].
func LayoutOf(t MsgType) (Layout, bool) {
	family := controlLayouts
	switch {
	case t < 2000:
		family = clientAgentLayouts
	case t < 3000:
		family = stateServerLayouts
	case t < 4000:
		family = dbServerLayouts
	}
	l, ok := family[t]
	if ok {
		l.Name = t.String()
		if answer := (t + 1).String(); l.Answers == nil && answer == l.Name+"_RESP" {
			l.Answers = []string{answer}
		}
	}
	return l, ok
}

// ClientLayoutOf returns the layout of a message between a client and its client
// agent; false for a type that is not [ClientMsgType.Known].
func ClientLayoutOf(t ClientMsgType) (Layout, bool) {
	l, ok := clientLayouts[t]
	if ok {
		l.Name = t.String()
	}
	return l, ok
}

// Parts are the arguments, in order.
func (l Layout) Parts() iter.Seq[Part] { return slices.Values(l.parts) }

// String is the message as the documents write it, on one line:
// NAME(kind name, …, name×[…], if true […], if more […]).
func (l Layout) String() string {
	var b strings.Builder
	b.WriteString(l.Name)
	b.WriteByte('(')
	writeParts(&b, l.parts)
	b.WriteByte(')')
	return b.String()
}

// Part is one argument of a [Layout], or a group of them.
type Part struct {
	// Name is the document's name of the argument.
	Name string
	Kind Kind

	parts []Part // of a KindList, KindIfTrue, KindIfMore or KindRepeat
}

// Parts are the parts of a group, in order: the element of a [KindList], or the
// arguments after a [KindIfTrue], a [KindIfMore] or a [KindRepeat].
func (p Part) Parts() iter.Seq[Part] { return slices.Values(p.parts) }

func writeParts(b *strings.Builder, parts []Part) {
	for i, p := range parts {
		if i > 0 {
			b.WriteString(", ")
		}
		switch p.Kind {
		case KindList:
			b.WriteString(p.Name + "×")
		case KindIfTrue, KindIfMore, KindRepeat:
			b.WriteString(p.Kind.String() + " ")
		default:
			b.WriteString(p.Kind.String() + " " + p.Name)
			continue
		}
		b.WriteByte('[')
		writeParts(b, p.parts)
		b.WriteByte(']')
	}
}

// The functions below shorten the tables: groups of arguments that many messages
// share.

// context is the number that an answer repeats, before the other arguments.
func context(parts ...Part) []Part {
	return slices.Concat([]Part{{"context", KindUint32, nil}}, parts)
}

// object is an object as it enters a location: identity, location, class, and the
// required fields that the receivers may see.
func object(required Kind) []Part {
	return []Part{
		{"do_id", KindDoID, nil},
		{"location", KindLocation, nil},
		{"dclass_id", KindDClass, nil},
		{"required", required, nil},
	}
}

// objectOther is an object with further fields.
func objectOther(required Kind) []Part { return append(object(required), fieldValues("other")) }

// fieldValue is a field and its value.
func fieldValue() []Part {
	return []Part{{"field_id", KindField, nil}, {"value", KindValue, nil}}
}

// fieldValues is a counted list of fields and their values.
func fieldValues(name string) Part { return Part{name, KindList, fieldValue()} }

// fieldIDs is a counted list of fields.
func fieldIDs() Part { return Part{"fields", KindList, []Part{{"field_id", KindField, nil}}} }

// zones is a counted list of zones.
func zones() Part { return Part{"zones", KindList, []Part{{"zone_id", KindZone, nil}}} }

// ifTrue are the arguments that follow only after success.
func ifTrue(parts ...Part) Part { return Part{Kind: KindIfTrue, parts: parts} }

// ifMore are arguments at the end that may be missing.
func ifMore(parts ...Part) Part { return Part{Kind: KindIfMore, parts: parts} }

// repeated is what follows as often as there is something left.
func repeated(parts ...Part) Part { return Part{Kind: KindRepeat, parts: parts} }
