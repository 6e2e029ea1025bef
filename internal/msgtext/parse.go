package msgtext

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"natstron/bridge/wire"
	"natstron/dc"
)

// named finds a message type by its name, short or whole.
func named(name string) (wire.MsgType, error) {
	for _, t := range wire.MsgTypes() {
		if s := t.String(); s == name || short(s) == name {
			return t, nil
		}
	}
	n, err := strconv.ParseUint(name, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("no message is called %s", name)
	}
	return wire.MsgType(n), nil
}

// Parse reads RECIPIENTS MESSAGE ARGUMENTS, the arguments as [Text] writes them. A field
// that several classes have may be named with its class: Class.field.
// At the end, "-2" cuts two bytes off, and "+0102" adds two.
func Parse(file *dc.File, sender wire.Channel, line string) (wire.Datagram, error) {
	words := split(line)
	if len(words) < 2 {
		return nil, fmt.Errorf("want RECIPIENTS MESSAGE ARGUMENTS: %s", line)
	}
	var to []wire.Channel
	for s := range strings.SplitSeq(words[0], ",") {
		c, err := wire.ParseChannel(s)
		if err != nil {
			return nil, err
		}
		to = append(to, c)
	}
	t, err := named(words[1])
	if err != nil {
		return nil, err
	}
	e := encoder{file: file, sender: sender, words: words[2:]}
	e.w.Header(sender, t, to...)
	layout, _ := wire.LayoutOf(t)
	return e.message(layout)
}

// ParseClient reads a client's message, or one to a client: MESSAGE ARGUMENTS, as
// [ClientText] writes them.
func ParseClient(file *dc.File, line string) ([]byte, error) {
	words := split(line)
	if len(words) == 0 {
		return nil, fmt.Errorf("want MESSAGE ARGUMENTS: %s", line)
	}
	types := wire.ClientMsgTypes()
	var t wire.ClientMsgType
	if i := slices.IndexFunc(types, func(t wire.ClientMsgType) bool { return t.String() == words[0] }); i >= 0 {
		t = types[i]
	} else if n, err := strconv.ParseUint(words[0], 10, 16); err == nil {
		t = wire.ClientMsgType(n)
	} else {
		return nil, fmt.Errorf("no client message is called %s", words[0])
	}
	e := encoder{file: file, words: words[1:]}
	e.w.ClientMsgType(t)
	layout, _ := wire.ClientLayoutOf(t)
	return e.message(layout)
}

// message writes the arguments, which have no layout if the message is unknown.
func (e *encoder) message(layout wire.Layout) ([]byte, error) {
	if err := e.parts(slices.Collect(layout.Parts())); err != nil {
		return nil, fmt.Errorf("%s: %w", layout.Name, err)
	}
	for _, word := range e.words {
		if !strings.HasPrefix(word, "+") {
			if !strings.HasPrefix(word, "-") {
				return nil, fmt.Errorf("what is %q?", word)
			}
			continue
		}
		b, err := hex.DecodeString(word[1:])
		if err != nil {
			return nil, err
		}
		e.w.Raw(b)
	}
	d, err := e.w.Datagram()
	if err == nil && len(e.words) > 0 && strings.HasPrefix(e.words[0], "-") {
		var n int
		if n, err = strconv.Atoi(e.words[0][1:]); err == nil {
			d = d[:len(d)-n]
		}
	}
	return d, err
}

// split splits at blanks outside brackets and quotes.
func split(line string) []string {
	var words []string
	depth, quoted, start := 0, false, -1
	for i, r := range line + " " {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case strings.ContainsRune("([{", r):
			depth++
		case strings.ContainsRune(")]}", r):
			depth--
		}
		blank := r == ' ' && depth == 0 && !quoted
		if blank && start >= 0 {
			words = append(words, line[start:i])
			start = -1
		} else if !blank && start < 0 {
			start = i
		}
	}
	return words
}

// encoder writes arguments along a layout.
type encoder struct {
	file   *dc.File
	sender wire.Channel // of datagrams within messages
	words  []string
	w      wire.Writer
	class  *dc.Class
	field  *dc.Field
	value  string // behind the last field's name
}

func (e *encoder) more() bool {
	return len(e.words) > 0 && !strings.HasPrefix(e.words[0], "-") && !strings.HasPrefix(e.words[0], "+")
}

// word is the next argument, without the name that may stand before it.
func (e *encoder) word() (string, error) {
	if !e.more() {
		return "", fmt.Errorf("an argument is missing")
	}
	word := e.words[0]
	e.words = e.words[1:]
	if name, value, ok := strings.Cut(word, "="); ok && !strings.Contains(name, "(") {
		return value, nil
	}
	return word, nil
}

func (e *encoder) parts(parts []wire.Part) error {
	for _, p := range parts {
		if err := e.part(p); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return nil
}

func (e *encoder) part(p wire.Part) error {
	switch p.Kind {
	case wire.KindList, wire.KindValue, wire.KindIfMore:
	default:
		if len(e.words) > 0 && !e.more() {
			return nil // what is said next is bytes
		}
	}
	switch p.Kind {
	case wire.KindRequired, wire.KindRequiredBroadcast, wire.KindRequiredOwner:
		if e.class == nil {
			return nil
		}
		for _, f := range e.class.RequiredFields() {
			word, err := e.word()
			if err != nil {
				return fmt.Errorf("%s: %w", f.Name(), err)
			}
			name, value, _ := strings.Cut(word, "(")
			if name != f.Name() {
				return fmt.Errorf("%s stands where %s must", name, f.Name())
			}
			if err := e.pack(f, "("+value); err != nil {
				return err
			}
		}
		return nil
	case wire.KindList:
		var body encoder
		body.file, body.words, body.class = e.file, e.words, e.class
		n := 0
		for body.more() {
			if err := body.parts(slices.Collect(p.Parts())); err != nil {
				return err
			}
			n++
		}
		d := listBytes(&body.w)
		e.w.Uint16(uint16(n)).Raw(d)
		e.words = body.words
		return nil
	case wire.KindIfTrue, wire.KindIfMore:
		if e.more() || (p.Kind == wire.KindIfMore && e.value != "") {
			return e.parts(slices.Collect(p.Parts()))
		}
		return nil
	case wire.KindRepeat:
		for e.more() {
			if err := e.parts(slices.Collect(p.Parts())); err != nil {
				return err
			}
		}
		return nil
	case wire.KindValue:
		if e.field == nil {
			return nil
		}
		if e.value == "" && e.more() { // a second value of that field
			if value, ok := strings.CutPrefix(e.words[0], e.field.Name()+"("); ok {
				e.value, e.words = "("+value, e.words[1:]
			}
		}
		value := e.value
		e.value = ""
		if value == "" {
			return nil
		}
		return e.pack(e.field, value)
	}
	word, err := e.word()
	if err != nil {
		return err
	}
	return e.one(p.Kind, word)
}

func listBytes(w *wire.Writer) []byte {
	d, err := w.Datagram()
	if err != nil {
		panic(err)
	}
	return d
}

// pack writes a value. One that the field does not allow is written as hex.
func (e *encoder) pack(f *dc.Field, value string) error {
	if h, ok := strings.CutPrefix(value, "(hex "); ok {
		b, err := hex.DecodeString(strings.TrimSuffix(h, ")"))
		e.w.Raw(b)
		return err
	}
	if !f.IsMethod() && !f.IsMolecular() {
		value = value[1 : len(value)-1]
	}
	packed, err := f.ParseText(value, dc.Scaled)
	e.w.Raw(packed)
	return err
}

// blob reads bytes in hex, or a message in braces.
func (e *encoder) blob(k wire.Kind, word string) ([]byte, error) {
	message, ok := strings.CutPrefix(word, "{")
	message = strings.TrimSuffix(message, "}")
	switch {
	case !ok:
		return hex.DecodeString(word)
	case k == wire.KindDatagram:
		return Parse(e.file, e.sender, message)
	}
	return ParseClient(e.file, message)
}

func (e *encoder) one(k wire.Kind, word string) error {
	switch k {
	case wire.KindString:
		s, err := strconv.Unquote(word)
		e.w.Text(s)
		return err
	case wire.KindBlob, wire.KindDatagram, wire.KindClientMessage:
		b, err := e.blob(k, word)
		e.w.Blob(b)
		return err
	case wire.KindChannel:
		c, err := wire.ParseChannel(word)
		e.w.Channel(c)
		return err
	case wire.KindLocation:
		c, err := wire.ParseChannel(word)
		e.w.Location(c.Location())
		return err
	case wire.KindDClass:
		if c, ok := e.file.ClassByName(word); ok {
			e.class = c
			id, _ := c.ID()
			e.w.Uint16(id)
			return nil
		}
		e.class = nil
	case wire.KindField:
		name, value, hasValue := strings.Cut(word, "(")
		e.value = ""
		if hasValue {
			e.value = "(" + value
		}
		e.field = nil
		for i := range e.file.NumFields() {
			if f, _ := e.file.FieldByID(uint16(i)); f.Name() == name || f.Class().Name()+"."+f.Name() == name {
				e.field = f
				e.w.FieldID(wire.FieldID(i))
				return nil
			}
		}
		word = name
	}
	n, err := strconv.ParseUint(word, 0, 64)
	if err != nil {
		return err
	}
	switch k {
	case wire.KindBool:
		e.w.Uint8(uint8(n))
	case wire.KindUint16, wire.KindField, wire.KindDClass:
		e.w.Uint16(uint16(n))
	case wire.KindUint32, wire.KindDoID, wire.KindZone:
		e.w.Uint32(uint32(n))
	default:
		return fmt.Errorf("cannot write a %s", k)
	}
	return nil
}
