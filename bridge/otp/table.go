package otp

import (
	"slices"
	"strconv"

	"natstron/bridge/wire"
)

// MsgType is the number of a message in the dialect. Most mean something else in
// Astron's protocol.
type MsgType uint16

// String is Disney's name of the message, or its number if it has none here.
func (t MsgType) String() string {
	if m := byOTP.find(uint16(t)); m != nil {
		return m.Name
	}
	return strconv.Itoa(int(t))
}

// Messages that the translation treats in a way of its own.
const (
	setChannel       MsgType = 2001 // the control messages, to [Control]
	removeChannel    MsgType = 2002
	setConName       MsgType = 2004
	setConURL        MsgType = 2005
	addRange         MsgType = 2008
	removeRange      MsgType = 2009
	addPostRemove    MsgType = 2010
	clearPostRemoves MsgType = 2011
	logMessage       MsgType = 2012

	generate            MsgType = 2001
	generateOther       MsgType = 2003
	deleteRAM           MsgType = 2007
	queryZones          MsgType = 2021
	queryField          MsgType = 2024
	leavingAI           MsgType = 2033
	addAI               MsgType = 2045
	zonesDone           MsgType = 2046
	bundle              MsgType = 2086
	generateStored      MsgType = 2050
	generateStoredOther MsgType = 2051
	setInterest         MsgType = 3106
	enterZone           MsgType = 2066
	enterAI             MsgType = 2067
	queryFieldResp      MsgType = 2062
	queryFieldsResp     MsgType = 2081
	queryChildren       MsgType = 2087
	childrenDone        MsgType = 2089
	deleteStored        MsgType = 1008
	openChannels        MsgType = 3104
	openChannel         MsgType = 3100 // as OtpGo numbers it
	closeChannels       MsgType = 3105
)

// A part is a value of fixed size at the front of a payload, or one that only one
// of the two protocols has there.
type part uint8

const (
	doID part = iota
	location
	zone
	class
	context
	field
	flag    // one byte
	id      // two bytes
	channel // which may be a puppet's
	channel2

	// toID is the object asked, which Astron names and the dialect does not: it is the
	// recipient.
	toID
	// fromID is the object that answers, which the dialect names and Astron does not:
	// it is the sender.
	fromID
	// unread is a number in the dialect that nobody reads, 0 here.
	unread
	// again is the context, which the dialect repeats.
	again
	// fields and zones are Astron's count of the numbers of fields, or of zones, that
	// the rest of the message consists of.
	fields
	zones
	// magic is what the dialect ends the deletion of a stored object with.
	magic

	parts = int(magic) + 1
)

// size is how many bytes each part has.
var size = [parts]int{
	doID: 4, location: 8, zone: 4, class: 2, context: 4, field: 2, flag: 1, id: 2, channel: 8, channel2: 8,
	toID: 4, fromID: 4, unread: 4, again: 4, fields: 2, zones: 2, magic: 4,
}

// way says in which directions a message is translated.
type way uint8

const (
	both   way = iota
	toOnly     // to Astron: nothing that Astron sends becomes this
	ofOnly     // of Astron: a participant that sends it is not understood
)

// Message is a row of the table: a message that both protocols have.
type Message struct {
	Type   MsgType
	Name   string
	Astron wire.MsgType
	// Plain is Astron's number of the same message without other fields. The
	// dialect's has them always, if only their count, which is then 0.
	Plain wire.MsgType
	// Text is the dialect's payload, in words.
	Text string

	way way
	// The parts at the front in both protocols; none: the payloads are the same.
	otp, astron []part
}

// The table. Everything that it does not name is passed on as it is.
//
// Comments say who sends what to whom where the names do not.
var table = []Message{
	// To a client: what the client agent does for an AI or an UberDOG.
	{Type: 120, Name: "CLIENT_SET_FIELD_SENDABLE", Astron: wire.ClientAgentSetFieldsSendable,
		Text: "doId, field…", otp: []part{doID}, astron: []part{doID, fields}},
	{Type: 3000, Name: "CLIENT_AGENT_SET_STATE", Astron: wire.ClientAgentSetState, Text: "u16 state"},
	{Type: 3001, Name: "CLIENT_AGENT_SET_CLIENT_ID", Astron: wire.ClientAgentSetClientID,
		Text: "channel", otp: []part{channel}, astron: []part{channel}},
	{Type: 3002, Name: "CLIENT_AGENT_SEND_DATAGRAM", Astron: wire.ClientAgentSendDatagram, Text: "blob"},
	{Type: 3004, Name: "CLIENT_AGENT_EJECT", Astron: wire.ClientAgentEject, Text: "u16 code, string reason"},
	{Type: 3005, Name: "CLIENT_AGENT_DROP", Astron: wire.ClientAgentDrop, Text: ""},
	{Type: 3006, Name: "CLIENT_AGENT_GET_NETWORK_ADDRESS", Astron: wire.ClientAgentGetNetworkAddress, Text: "context"},
	{Type: 3007, Name: "CLIENT_AGENT_GET_NETWORK_ADDRESS_RESP", Astron: wire.ClientAgentGetNetworkAddressResp,
		Text: "context, string address, u16 port, string address, u16 port", way: ofOnly},
	{Type: 3010, Name: "CLIENT_AGENT_DECLARE_OBJECT", Astron: wire.ClientAgentDeclareObject, Text: "doId, class"},
	{Type: 3011, Name: "CLIENT_AGENT_UNDECLARE_OBJECT", Astron: wire.ClientAgentUndeclareObject, Text: "doId"},
	{Type: 3012, Name: "CLIENT_AGENT_ADD_SESSION_OBJECT", Astron: wire.ClientAgentAddSessionObject, Text: "doId"},
	{Type: 3013, Name: "CLIENT_AGENT_REMOVE_SESSION_OBJECT", Astron: wire.ClientAgentRemoveSessionObject, Text: "doId"},
	{Type: 3014, Name: "CLIENT_AGENT_GET_TLVS", Astron: wire.ClientAgentGetTLVs, Text: "context"},
	{Type: 3015, Name: "CLIENT_AGENT_GET_TLVS_RESP", Astron: wire.ClientAgentGetTLVsResp, Text: "context, blob"},
	{Type: openChannels, Name: "CLIENT_AGENT_OPEN_CHANNEL", Astron: wire.ClientAgentOpenChannel,
		Text: "channel…", otp: []part{channel}, astron: []part{channel}},
	{Type: openChannel, Name: "CLIENT_AGENT_OPEN_CHANNEL", Astron: wire.ClientAgentOpenChannel, way: toOnly,
		Text: "channel", otp: []part{channel}, astron: []part{channel}},
	{Type: closeChannels, Name: "CLIENT_AGENT_CLOSE_CHANNEL", Astron: wire.ClientAgentCloseChannel,
		Text: "channel…", otp: []part{channel}, astron: []part{channel}},
	{Type: setInterest, Name: "CLIENT_AGENT_SET_INTEREST", Astron: wire.ClientAgentAddInterestMultiple,
		Text: "u16 interest, context, doId parent, context, zone…",
		otp:  []part{id, context, doID, again}, astron: []part{id, doID, zones}},
	{Type: 3107, Name: "CLIENT_AGENT_REMOVE_INTEREST", Astron: wire.ClientAgentRemoveInterest,
		Text: "u16 interest, context", otp: []part{id, context}, astron: []part{id}},
	{Type: 3110, Name: "CLIENT_AGENT_ADD_POST_REMOVE", Astron: wire.ClientAgentAddPostRemove, Text: "blob"},
	{Type: 3111, Name: "CLIENT_AGENT_CLEAR_POST_REMOVES", Astron: wire.ClientAgentClearPostRemoves, Text: ""},

	// To a state server. It also takes DELETE_RAM and QUERY_OBJECT_ALL.
	{Type: generate, Name: "STATESERVER_OBJECT_GENERATE_WITH_REQUIRED", Astron: wire.StateServerCreateObjectWithRequired,
		Text: "location, class, doId, required", otp: []part{location, class, doID}, astron: []part{doID, location, class}},
	{Type: generateOther, Name: "STATESERVER_OBJECT_GENERATE_WITH_REQUIRED_OTHER", Astron: wire.StateServerCreateObjectWithRequiredOther,
		Text: "location, class, doId, required, other", otp: []part{location, class, doID}, astron: []part{doID, location, class}},
	{Type: 2061, Name: "STATESERVER_SHARD_REST", Astron: wire.StateServerDeleteAIObjects, Text: "channel"},

	// To an object, and from it to those who see it.
	{Type: 2004, Name: "STATESERVER_OBJECT_UPDATE_FIELD", Astron: wire.StateServerObjectSetField, Text: "doId, field, value"},
	{Type: 2005, Name: "STATESERVER_OBJECT_UPDATE_FIELD_MULTIPLE", Astron: wire.StateServerObjectSetFields, Text: "doId, u16 count, (field, value)×"},
	{Type: deleteRAM, Name: "STATESERVER_OBJECT_DELETE_RAM", Astron: wire.StateServerObjectDeleteRAM, Text: "doId"},
	{Type: 2008, Name: "STATESERVER_OBJECT_SET_ZONE", Astron: wire.StateServerObjectSetLocation, Text: "location"},
	{Type: 2009, Name: "STATESERVER_OBJECT_CHANGE_ZONE", Astron: wire.StateServerObjectChangingLocation, Text: "doId, location new, location old"},
	{Type: 2015, Name: "STATESERVER_OBJECT_NOTFOUND", Astron: wire.StateServerObjectNotFound, Text: "doId"},
	{Type: 2020, Name: "STATESERVER_QUERY_OBJECT_ALL", Astron: wire.StateServerObjectGetAll,
		Text: "context", otp: []part{context}, astron: []part{context, toID}},
	{Type: 2030, Name: "STATESERVER_QUERY_OBJECT_ALL_RESP", Astron: wire.StateServerObjectGetAllResp,
		Text: "context, location, class, doId, required, other",
		otp:  []part{context, location, class, doID}, astron: []part{context, doID, location, class}},
	{Type: 2022, Name: "STATESERVER_OBJECT_LOCATE", Astron: wire.StateServerObjectGetLocation, Text: "context"},
	{Type: 2023, Name: "STATESERVER_OBJECT_LOCATE_RESP", Astron: wire.StateServerObjectGetLocationResp, Text: "context, doId, location"},
	{Type: queryField, Name: "STATESERVER_OBJECT_QUERY_FIELD", Astron: wire.StateServerObjectGetField,
		Text: "doId, field, context", otp: []part{doID, field, context}, astron: []part{context, doID, field}},
	{Type: queryFieldResp, Name: "STATESERVER_OBJECT_QUERY_FIELD_RESP", Astron: wire.StateServerObjectGetFieldResp,
		Text: "doId, field, context, bool success, if true value",
		otp:  []part{fromID, field, context, flag}, astron: []part{context, flag, field}},
	{Type: 2080, Name: "STATESERVER_OBJECT_QUERY_FIELDS", Astron: wire.StateServerObjectGetFields,
		Text: "doId, context, field…", otp: []part{doID, context}, astron: []part{context, doID, fields}},
	// The dialect does not say how many fields there are; only the DC files would tell.
	{Type: queryFieldsResp, Name: "STATESERVER_OBJECT_QUERY_FIELDS_RESP", Astron: wire.StateServerObjectGetFieldsResp, way: ofOnly,
		Text: "doId, context, bool success, (field, value)…",
		otp:  []part{fromID, context, flag}, astron: []part{context, flag}},
	{Type: 2031, Name: "STATESERVER_OBJECT_DELETE_FIELD_RAM", Astron: wire.StateServerObjectDeleteFieldRAM, Text: "doId, field"},
	{Type: 2032, Name: "STATESERVER_OBJECT_DELETE_FIELDS_RAM", Astron: wire.StateServerObjectDeleteFieldsRAM, Text: "doId, u16 count, field×"},
	{Type: 2060, Name: "STATESERVER_OBJECT_DELETE_DISK", Astron: wire.DBSSObjectDeleteDisk, Text: "doId"},
	{Type: addAI, Name: "STATESERVER_ADD_AI_RECV", Astron: wire.StateServerObjectSetAI, Text: "channel, or to the state server: doId, u32 channel"},
	{Type: 2070, Name: "STATESERVER_OBJECT_SET_OWNER_RECV", Astron: wire.StateServerObjectSetOwner,
		Text: "channel", otp: []part{channel}, astron: []part{channel}},
	{Type: 2075, Name: "STATESERVER_OBJECT_SET_OWNER_RECV_WITH_ALL", Astron: wire.StateServerObjectSetOwner, way: toOnly,
		Text: "channel", otp: []part{channel}, astron: []part{channel}},

	// From an object to its AI or owner, and to those in its zone.
	{Type: leavingAI, Name: "STATESERVER_OBJECT_LEAVING_AI_INTEREST", Astron: wire.StateServerObjectChangingAI, Text: "doId, channel new, channel old"},
	{Type: enterZone, Name: "STATESERVER_OBJECT_ENTERZONE_WITH_REQUIRED_OTHER",
		Astron: wire.StateServerObjectEnterLocationWithRequiredOther, Plain: wire.StateServerObjectEnterLocationWithRequired,
		Text: "location, class, doId, required, other", otp: []part{location, class, doID}, astron: []part{doID, location, class}},
	{Type: enterAI, Name: "STATESERVER_OBJECT_ENTER_AI_RECV",
		Astron: wire.StateServerObjectEnterAIWithRequiredOther, Plain: wire.StateServerObjectEnterAIWithRequired,
		Text: "u32 0, location, class, doId, required, other",
		otp:  []part{unread, location, class, doID}, astron: []part{doID, location, class}},
	{Type: 2068, Name: "STATESERVER_OBJECT_ENTER_OWNER_RECV",
		Astron: wire.StateServerObjectEnterOwnerWithRequiredOther, Plain: wire.StateServerObjectEnterOwnerWithRequired,
		Text: "doId, location, class, required, other", otp: []part{doID, location, class}, astron: []part{doID, location, class}},
	{Type: 2069, Name: "STATESERVER_OBJECT_CHANGE_OWNER_RECV", Astron: wire.StateServerObjectChangingOwner,
		Text: "doId, channel new, channel old", otp: []part{doID, channel, channel2}, astron: []part{doID, channel, channel2}},
	{Type: 2071, Name: "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED", Astron: wire.StateServerObjectEnterInterestWithRequired,
		Text: "context, doId, location, class, required"},
	{Type: 2072, Name: "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED_OTHER", Astron: wire.StateServerObjectEnterInterestWithRequiredOther,
		Text: "context, doId, location, class, required, other"},

	// To and from a database. Fields go by name, object types by number.
	{Type: 1003, Name: "DBSERVER_CREATE_STORED_OBJECT", Astron: wire.DBServerCreateStoredObject,
		Text: "context, string, u16 object type, u16 count, (string name, blob value)×"},
	{Type: 1004, Name: "DBSERVER_CREATE_STORED_OBJECT_RESP", Astron: wire.DBServerCreateStoredObjectResp, Text: "context, u8 code, doId"},
	{Type: deleteStored, Name: "DBSERVER_DELETE_STORED_OBJECT", Astron: wire.DBServerObjectDelete,
		Text: "doId, u32 0xDEADBEEF", otp: []part{doID, magic}, astron: []part{doID}},
	{Type: 1012, Name: "DBSERVER_GET_STORED_VALUES", Astron: wire.DBServerGetStoredValues, Text: "context, doId, u16 count, string name×"},
	{Type: 1013, Name: "DBSERVER_GET_STORED_VALUES_RESP", Astron: wire.DBServerGetStoredValuesResp,
		Text: "context, doId, u16 count, string name×, u8 code, if 0 (blob value, u8 found)×"},
	{Type: 1014, Name: "DBSERVER_SET_STORED_VALUES", Astron: wire.DBServerSetStoredValues, Text: "doId, u16 count, (string name, blob value)×"},
	{Type: generateStored, Name: "STATESERVER_OBJECT_CREATE_WITH_REQUIRED_CONTEXT", Astron: wire.DBServerGenerateObject,
		Text: "location, channel owner, class, context, required",
		otp:  []part{location, channel, class, context}, astron: []part{context, location, channel, class}},
	{Type: generateStoredOther, Name: "STATESERVER_OBJECT_CREATE_WITH_REQUIR_OTHER_CONTEXT", Astron: wire.DBServerGenerateObjectOther,
		Text: "location, channel owner, class, context, required, other",
		otp:  []part{location, channel, class, context}, astron: []part{context, location, channel, class}},
	{Type: 2052, Name: "STATESERVER_OBJECT_CREATE_WITH_REQUIRED_CONTEXT_RESP", Astron: wire.DBServerGenerateObjectResp, Text: "context, doId"},
}

// controls are the control messages. Their payloads are the same, but for the two
// of post-removes.
var controls = []Message{
	{Type: setChannel, Name: "CONTROL_SET_CHANNEL", Astron: wire.ControlAddChannel, Text: "channel"},
	{Type: removeChannel, Name: "CONTROL_REMOVE_CHANNEL", Astron: wire.ControlRemoveChannel, Text: "channel"},
	{Type: setConName, Name: "CONTROL_SET_CON_NAME", Astron: wire.ControlSetConName, Text: "string"},
	{Type: setConURL, Name: "CONTROL_SET_CON_URL", Astron: wire.ControlSetConURL, Text: "string"},
	{Type: addRange, Name: "CONTROL_ADD_RANGE", Astron: wire.ControlAddRange, Text: "channel low, channel high"},
	{Type: removeRange, Name: "CONTROL_REMOVE_RANGE", Astron: wire.ControlRemoveRange, Text: "channel low, channel high"},
	{Type: addPostRemove, Name: "CONTROL_ADD_POST_REMOVE", Astron: wire.ControlAddPostRemove, Text: "blob datagram"},
	{Type: clearPostRemoves, Name: "CONTROL_CLEAR_POST_REMOVES", Astron: wire.ControlClearPostRemoves, Text: ""},
	{Type: logMessage, Name: "CONTROL_LOG_MESSAGE", Astron: wire.ControlLogMessage, Text: "blob"},
}

// An index finds a row by its number.
type index [4096]*Message

func (x *index) find(number uint16) *Message {
	if int(number) < len(x) {
		return x[number]
	}
	return nil
}

// byOTP finds what a participant sends, byAstron what it gets.
var byOTP, byAstron = indexes()

func indexes() (otp, astron *index) {
	otp, astron = new(index), new(index)
	for i := range table {
		m := &table[i]
		otp[m.Type] = m
		if m.way == toOnly {
			continue
		}
		astron[m.Astron] = m
		if m.Plain != 0 {
			astron[m.Plain] = m
		}
	}
	return otp, astron
}

// Messages are all that is translated, control messages first: a copy.
func Messages() []Message { return slices.Concat(controls, table) }
