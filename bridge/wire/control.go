package wire

import (
	"errors"
	"fmt"
)

// ErrUnknownControl says that document 19 does not have the type of a control
// message. A message director logs it and keeps the connection, while
// [ErrTruncated] closes it.
var ErrUnknownControl = errors.New("unknown control message")

// Control is a control message, which a participant sends to its message
// director: subscriptions, post-removes, and its own name and URL (document 19,
// section 0). The type determines which values are used; the others are zero.
type Control struct {
	Type MsgType
	// Channel is the channel to subscribe to or unsubscribe from, or the first
	// one of a range. For post-removes it is the sender that they belong to.
	Channel Channel
	// High is the last channel of a range, inclusive. It may be below Channel:
	// such a range is empty.
	High Channel
	// Data is the name, the URL, the event to log, or the datagram of the
	// post-remove, without a length prefix: call [Datagram.Check] before routing
	// it. After ParseControl it is a part of the input.
	Data []byte
}

// controlArgs are the values of a [Control] that a type has, in the order in which
// [ParseControl] and [Writer.AppendControl] read and write them.
type controlArgs uint8

const (
	controlChannel controlArgs = 1 << iota
	controlHigh
	controlData
)

// controlArgsOf returns the arguments of t; none means that t is unknown.
func controlArgsOf(t MsgType) controlArgs {
	switch t {
	case ControlAddChannel, ControlRemoveChannel, ControlClearPostRemoves:
		return controlChannel
	case ControlAddRange, ControlRemoveRange:
		return controlChannel | controlHigh
	case ControlAddPostRemove:
		return controlChannel | controlData
	case ControlSetConName, ControlSetConURL, ControlLogMessage:
		return controlData
	}
	return 0
}

// ParseControl reads d, for which [Datagram.IsControl] must hold. It does not
// allocate unless it fails. Errors wrap [ErrUnknownControl] or [ErrTruncated].
// Bytes after the last argument are ignored, as the reference ignores them.
func ParseControl(d Datagram) (Control, error) {
	if err := d.Check(); err != nil {
		return Control{}, fmt.Errorf("control message: %w", err)
	}
	if !d.IsControl() {
		return Control{}, errors.New("control message: channel 1 is not the only recipient")
	}
	t, r := d.Control()
	args := controlArgsOf(t)
	if args == 0 && r.Err() == nil {
		return Control{}, fmt.Errorf("%w: type %s", ErrUnknownControl, t)
	}
	c := Control{Type: t}
	if args&controlChannel != 0 {
		c.Channel = r.Channel()
	}
	if args&controlHigh != 0 {
		c.High = r.Channel()
	}
	if args&controlData != 0 {
		c.Data = r.Blob()
	}
	if err := r.Err(); err != nil {
		return Control{}, fmt.Errorf("%s: %w", t, err)
	}
	return c, nil
}

// AppendControl appends c as a whole datagram: the control channel as the only
// recipient, no sender, the type and its arguments. An unknown type is an error
// that wraps [ErrUnknownControl].
func (w *Writer) AppendControl(c Control) *Writer {
	args := controlArgsOf(c.Type)
	if args == 0 {
		if w.err == nil {
			w.err = fmt.Errorf("%w: type %s", ErrUnknownControl, c.Type)
		}
		return w
	}
	w.Control(c.Type)
	if args&controlChannel != 0 {
		w.Channel(c.Channel)
	}
	if args&controlHigh != 0 {
		w.Channel(c.High)
	}
	if args&controlData != 0 {
		w.Blob(c.Data)
	}
	return w
}
