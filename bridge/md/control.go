package md

import (
	"errors"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// control acts on a control message, at once (document 19). Its errors end the
// connection; a message of unknown type only gets a line in the log.
func (c *participant) control(t bridge.Turn, d wire.Datagram) error {
	m, err := wire.ParseControl(d)
	if errors.Is(err, wire.ErrUnknownControl) {
		t.Later(func() { c.log.Warn("ignored a control message", "error", err) })
		return nil
	}
	if err != nil {
		return err
	}
	switch m.Type {
	case wire.ControlAddChannel:
		return t.Subscribe(c.p, m.Channel)
	case wire.ControlRemoveChannel:
		t.Unsubscribe(c.p, m.Channel)
	case wire.ControlAddRange:
		return t.SubscribeRange(c.p, m.Channel, m.High)
	case wire.ControlRemoveRange:
		return t.UnsubscribeRange(c.p, m.Channel, m.High)
	case wire.ControlAddPostRemove:
		return c.addPostRemove(t, m)
	case wire.ControlClearPostRemoves:
		t.ClearPostRemoves(c.p, m.Channel)
	case wire.ControlSetConName:
		t.SetName(c.p, string(m.Data))
	case wire.ControlSetConURL:
		t.SetURL(c.p, string(m.Data))
	case wire.ControlLogMessage:
		c.server.options.LogMessage(m.Data)
	}
	return nil
}

// addPostRemove takes a post-remove. One that could never be routed is refused
// now, with a line in the log, rather than found when it is too late.
func (c *participant) addPostRemove(t bridge.Turn, m wire.Control) error {
	err := t.AddPostRemove(c.p, m.Channel, m.Data)
	if errors.Is(err, bridge.ErrTooManyPostRemoves) {
		return err
	}
	if err != nil {
		t.Later(func() { c.log.Warn("refused a post-remove", "sender", m.Channel, "error", err) })
	}
	return nil
}
