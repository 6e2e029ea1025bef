package ask

import "natstron/bridge/wire"

// Client is a client, by its channel: the sender of what a client sends. What its client agent
// does for it (document 11) are messages without an answer.
type Client wire.Channel

func (c Client) message(kind wire.MsgType, write func(b *body)) Message {
	return Message{to: wire.Channel(c), kind: kind, write: write}
}

// LetIn makes the client established: from now on it may do what its interests and objects allow.
func (c Client) LetIn() Message {
	return c.message(wire.ClientAgentSetState, func(b *body) { b.Uint16(established) })
}

// established is clientagent.StateEstablished.
const established = 2

// SetID gives the client's session another channel as the sender of what it sends.
func (c Client) SetID(channel wire.Channel) Message {
	return c.message(wire.ClientAgentSetClientID, func(b *body) { b.Channel(channel) })
}

// Eject ends the session. The client gets the code and the reason.
func (c Client) Eject(code wire.EjectCode, reason string) Message {
	return c.message(wire.ClientAgentEject, func(b *body) { b.Uint16(uint16(code)).Text(reason) })
}

// Drop ends the session without a word.
func (c Client) Drop() Message { return c.message(wire.ClientAgentDrop, func(*body) {}) }

// OpenChannel has the session receive what is sent to a channel.
func (c Client) OpenChannel(channel wire.Channel) Message {
	return c.message(wire.ClientAgentOpenChannel, func(b *body) { b.Channel(channel) })
}

// CloseChannel takes back OpenChannel.
func (c Client) CloseChannel(channel wire.Channel) Message {
	return c.message(wire.ClientAgentCloseChannel, func(b *body) { b.Channel(channel) })
}

// Declare lets the client send to an object that it does not see.
func (c Client) Declare(class string, do wire.DoID) Message {
	return c.message(wire.ClientAgentDeclareObject, func(b *body) {
		b.DoID(do)
		b.dclass(class)
	})
}

// AddSessionObject has the object end with the session, and the session with the object.
func (c Client) AddSessionObject(do wire.DoID) Message {
	return c.message(wire.ClientAgentAddSessionObject, func(b *body) { b.DoID(do) })
}

// RemoveSessionObject takes back AddSessionObject.
func (c Client) RemoveSessionObject(do wire.DoID) Message {
	return c.message(wire.ClientAgentRemoveSessionObject, func(b *body) { b.DoID(do) })
}

// AddInterest opens an interest of the client.
func (c Client) AddInterest(id uint16, parent wire.DoID, zones ...wire.Zone) Message {
	return c.message(wire.ClientAgentAddInterestMultiple, func(b *body) {
		b.Uint16(id).DoID(parent).Uint16(uint16(len(zones)))
		for _, z := range zones {
			b.Zone(z)
		}
	})
}

// RemoveInterest closes an interest.
func (c Client) RemoveInterest(id uint16) Message {
	return c.message(wire.ClientAgentRemoveInterest, func(b *body) { b.Uint16(id) })
}

// Update shows the client an update of a field, as coming from an object: an UberDOG answers so.
// For a method with several arguments, value is a list of them.
func (c Client) Update(class string, do wire.DoID, field string, value any) Message {
	return UpdateTo(wire.Channel(c), class, do, field, value)
}
