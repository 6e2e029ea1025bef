package stateserver

import (
	"errors"
	"fmt"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Reason says why a message was refused.
type Reason uint8

// The reasons. A refused message has changed nothing.
const (
	// Truncated: the message ends before it is complete.
	Truncated Reason = iota
	// Excess: bytes are left behind the message.
	Excess
	// BadValue: a field does not allow its value.
	BadValue
	// TooLarge: the result would not fit into a datagram.
	TooLarge
	// UnknownMessage: the recipient does not handle messages of that type.
	UnknownMessage
	// UnknownClass: the DC files do not have the dclass.
	UnknownClass
	// UnknownField: the dclass, or the DC files, do not have the field.
	UnknownField
	// WrongField: that cannot be done with this field.
	WrongField
	// WrongAddress: the message is about another object than the one that got
	// it.
	WrongAddress
	// DoIDTaken: an object with that doId exists already.
	DoIDTaken
	// BadDoID: no object can have that doId.
	BadDoID
	// BadParent: an object cannot be its own parent, or its own ancestor's.
	BadParent
	// BadChannel: channel 0 where one is needed.
	BadChannel
	// Full: there are as many objects, or children, as the limit allows.
	Full
	// NotKept: JetStream does not take what changes, and too much waits for it.
	NotKept
	// Failed: something else; see the log.
	Failed

	reasons = int(Failed) + 1
)

var reasonNames = [reasons]string{
	"truncated", "excess", "bad_value", "too_large", "unknown_message", "unknown_class", "unknown_field", "wrong_field",
	"wrong_address", "doid_taken", "bad_doid", "bad_parent", "bad_channel", "full", "not_kept", "failed",
}

// String is the reason as metrics have it.
func (r Reason) String() string { return reasonNames[r] }

// A Refusal is the error of a message that was refused.
type Refusal struct {
	Reason Reason
	err    error
}

// Error says what is wrong.
func (r *Refusal) Error() string { return r.err.Error() }

// Unwrap is what is wrong.
func (r *Refusal) Unwrap() error { return r.err }

func refuse(reason Reason, format string, args ...any) error {
	return &Refusal{reason, fmt.Errorf(format, args...)}
}

// Refuse is the error of a message that a role refuses by itself.
func Refuse(reason Reason, format string, args ...any) error { return refuse(reason, format, args...) }

// ReasonOf finds the reason in an error of this package, of wire or of dc.
func ReasonOf(err error) Reason {
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		return refusal.Reason
	case errors.Is(err, wire.ErrTruncated), errors.Is(err, dc.ErrTruncated):
		return Truncated
	case errors.Is(err, wire.ErrExcess), errors.Is(err, dc.ErrExcess):
		return Excess
	case errors.Is(err, wire.ErrTooLong):
		return TooLarge
	}
	var bad *dc.ValueError
	if errors.As(err, &bad) {
		return BadValue
	}
	return Failed
}

// Refused counts a refused message, or a part of one, and logs it when it is
// due. It does nothing if err is nil. to is what it was for: an *Object, a
// wire.DoID, or something else.
func (s *Space) Refused(m wire.Message, to any, err error) {
	if err == nil {
		return
	}
	reason := ReasonOf(err)
	s.count.refused[reason].Add(1)
	others, ok := s.complaints.Due(reason.String(), time.Now())
	if !ok {
		return
	}
	args := []any{"sender", uint64(m.Sender), "msgtype", m.Type.String(), "reason", reason.String(), "error", err}
	switch to := to.(type) {
	case *Object:
		args = append(args, "do_id", uint32(to.doID), "dclass", to.class.Name())
	case wire.DoID:
		args = append(args, "do_id", uint32(to))
	case *family:
		args = append(args, "children_of", uint32(to.parent))
	}
	s.turn.Later(func() { s.options.Log.Warn("refused a message", append(args, others)...) })
}
