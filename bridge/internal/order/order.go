// Package order says which messages are orders: those that change what others see or hear
// (protocol documents 11 and 12).
package order

import "natstron/bridge/wire"

// Kind is how far the effects of a message reach.
type Kind uint8

const (
	None Kind = iota
	// Update: others see something else.
	Update
	// Change: others also hear something else, or objects come, go or move.
	Change
)

// Of says what kind of order a message is. A deletion is a change if children elsewhere
// may end with the object: if several processes have objects.
func Of(t wire.MsgType, several func() bool) Kind {
	switch t {
	case wire.ClientAgentSetState, wire.ClientAgentSetClientID, wire.ClientAgentEject, wire.ClientAgentDrop,
		wire.ClientAgentDeclareObject, wire.ClientAgentUndeclareObject, wire.ClientAgentAddSessionObject,
		wire.ClientAgentRemoveSessionObject, wire.ClientAgentSetFieldsSendable,
		wire.ClientAgentSetObjectRelocatable, wire.ClientAgentSetObjectRelocatableTo,
		wire.ClientAgentOpenChannel, wire.ClientAgentCloseChannel, wire.ClientAgentAddPostRemove,
		wire.ClientAgentClearPostRemoves, wire.ClientAgentAddInterest,
		wire.ClientAgentAddInterestMultiple, wire.ClientAgentRemoveInterest,
		wire.StateServerCreateObjectWithRequired, wire.StateServerCreateObjectWithRequiredOther,
		wire.StateServerGenerateObjectWithRequired, wire.StateServerGenerateObjectWithRequiredOther, wire.StateServerGenerateObjectOfAI,
		wire.StateServerDeleteAIObjects, wire.StateServerObjectSetLocation, wire.StateServerObjectSetAI,
		wire.StateServerObjectSetOwner, wire.StateServerObjectDeleteZone, wire.StateServerObjectDeleteZones,
		wire.StateServerObjectDeleteChildren, wire.DBSSObjectActivateWithDefaults,
		wire.DBSSObjectActivateWithDefaultsOther:
		return Change
	case wire.StateServerObjectDeleteRAM:
		if several() {
			return Change
		}
		return Update
	case wire.StateServerObjectSetField, wire.StateServerObjectSetFields, wire.StateServerObjectDeleteFieldRAM,
		wire.StateServerObjectDeleteFieldsRAM,
		wire.DBSSObjectDeleteFieldDisk, wire.DBSSObjectDeleteFieldsDisk, wire.DBSSObjectDeleteDisk:
		return Update
	}
	return None
}

// AsksOthers reports whether a message makes a session ask the objects of state servers:
// until they have answered, it is not done, and what comes behind it to the same client
// must wait, too.
func AsksOthers(t wire.MsgType) bool { return Family(t) == wire.ClientAgentAddInterest }

// EndsSessions reports whether a message may end a session, and with it its session objects:
// by itself, or because they leave what the client sees.
func EndsSessions(t wire.MsgType) bool {
	return t == wire.ClientAgentEject || t == wire.ClientAgentDrop || t == wire.ClientAgentRemoveInterest
}

// EndsChildren reports whether a message deletes the children that an object has in a zone, or all,
// wherever they are. Sessions that end because of that end their session objects, too; what
// comes behind it to the same object must wait for that.
func EndsChildren(t wire.MsgType) bool {
	switch t {
	case wire.StateServerObjectDeleteZone, wire.StateServerObjectDeleteZones, wire.StateServerObjectDeleteChildren:
		return true
	}
	return false
}

// ReachesChildren reports whether an object that is sent this asks or tells its children, which
// may be on another state server, and have been sent something else before.
func ReachesChildren(t wire.MsgType) bool {
	switch t {
	case wire.StateServerObjectGetZoneObjects, wire.StateServerObjectGetZonesObjects, wire.StateServerObjectGetChildren,
		wire.StateServerObjectSetAI, wire.StateServerObjectDeleteRAM:
		return true
	}
	return EndsChildren(t)
}

// PassesOn reports whether a state server that is told this may have to tell or ask another one.
func PassesOn(t wire.MsgType) bool {
	switch t {
	case wire.StateServerObjectSetField, wire.StateServerObjectSetFields, wire.StateServerObjectSetOwner:
		return false
	}
	return t >= wire.StateServerCreateObjectWithRequired
}

// IsNew reports whether a message makes an object with a doId that nothing has had. All that its state
// server may ask another one is who the AI of the parent is.
func IsNew(t wire.MsgType) bool {
	switch t {
	case wire.StateServerGenerateObjectWithRequired, wire.StateServerGenerateObjectWithRequiredOther, wire.StateServerGenerateObjectOfAI:
		return true
	}
	return false
}

// Family is the same for messages of which several do not have to wait for each other,
// wherever they go: interests, deletions, and what lets clients in, which changes only what
// the client itself may send and what ends with it; 0 for others. Without that, closing a
// thousand objects would take a thousand waits, and letting in clients of twenty agents twenty.
func Family(t wire.MsgType) wire.MsgType {
	switch t {
	case wire.ClientAgentSetState, wire.ClientAgentAddSessionObject:
		return wire.ClientAgentSetState
	case wire.ClientAgentAddInterest, wire.ClientAgentAddInterestMultiple:
		return wire.ClientAgentAddInterest
	case wire.StateServerObjectDeleteRAM:
		return t
	}
	return 0
}

// IsPassedOn reports whether what one role sends to another may make that one change what
// others see or hear: questions and deletions. Answers need not be listed: the role that
// asked is waited for, and it waits for the one that answers.
func IsPassedOn(t wire.MsgType) bool {
	switch t {
	case wire.StateServerDeleteAIObjects, wire.StateServerObjectDeleteRAM,
		wire.StateServerObjectSetLocation, wire.StateServerObjectChangingLocation, wire.StateServerObjectGetLocation,
		wire.StateServerObjectChangingAI, wire.StateServerObjectGetAI, wire.StateServerObjectGetClass, wire.StateServerObjectGetField,
		wire.StateServerObjectGetZoneObjects, wire.StateServerObjectGetZonesObjects, wire.StateServerObjectGetChildren,
		wire.StateServerObjectDeleteZone, wire.StateServerObjectDeleteZones, wire.StateServerObjectDeleteChildren:
		return true
	}
	return false
}
