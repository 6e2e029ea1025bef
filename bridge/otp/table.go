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

	// create is Astron's. Panda3D's own code has the numbers and layouts of Astron for
	// the creation of objects and for field updates, whatever the code around it speaks.
	create = MsgType(wire.StateServerCreateObjectWithRequired)

	generate            MsgType = 2001
	generateOther       MsgType = 2003
	deleteRAM           MsgType = 2007
	queryAll            MsgType = 2020
	setZone             MsgType = 2008
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
	success // one byte
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
	doID: 4, location: 8, zone: 4, class: 2, context: 4, field: 2, success: 1, id: 2, channel: 8, channel2: 8,
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
	way   way
	// layout is the dialect's payload, as [wire.ParseLayout] takes it.
	layout string
	// The parts at the front in both protocols; none: the payloads are the same.
	otp, astron []part
}

// The table. Everything that it does not name is passed on as it is.
//
// Comments say who sends what to whom where the names do not.
var table = []Message{
	// To a client: what the client agent does for an AI or an UberDOG.
	{Type: 120, Name: "CLIENT_SET_FIELD_SENDABLE", Astron: wire.ClientAgentSetFieldsSendable,
		layout: "doId do_id, repeated [field field_id]", otp: []part{doID}, astron: []part{doID, fields}},
	{Type: 3000, Name: "CLIENT_AGENT_SET_STATE", Astron: wire.ClientAgentSetState, layout: "uint16 ca_state"},
	{Type: 3001, Name: "CLIENT_AGENT_SET_CLIENT_ID", Astron: wire.ClientAgentSetClientID,
		layout: "channel channel", otp: []part{channel}, astron: []part{channel}},
	{Type: 3002, Name: "CLIENT_AGENT_SEND_DATAGRAM", Astron: wire.ClientAgentSendDatagram, layout: "client message datagram"},
	{Type: 3004, Name: "CLIENT_AGENT_EJECT", Astron: wire.ClientAgentEject, layout: "uint16 disconnect_code, string reason"},
	{Type: 3005, Name: "CLIENT_AGENT_DROP", Astron: wire.ClientAgentDrop, layout: ""},
	{Type: 3006, Name: "CLIENT_AGENT_GET_NETWORK_ADDRESS", Astron: wire.ClientAgentGetNetworkAddress, layout: "uint32 context"},
	{Type: 3007, Name: "CLIENT_AGENT_GET_NETWORK_ADDRESS_RESP", Astron: wire.ClientAgentGetNetworkAddressResp,
		layout: "uint32 context, string remote_ip, uint16 remote_port, string local_ip, uint16 local_port", way: ofOnly},
	{Type: 3010, Name: "CLIENT_AGENT_DECLARE_OBJECT", Astron: wire.ClientAgentDeclareObject, layout: "doId do_id, dclass dclass_id"},
	{Type: 3011, Name: "CLIENT_AGENT_UNDECLARE_OBJECT", Astron: wire.ClientAgentUndeclareObject, layout: "doId do_id"},
	{Type: 3012, Name: "CLIENT_AGENT_ADD_SESSION_OBJECT", Astron: wire.ClientAgentAddSessionObject, layout: "doId do_id"},
	{Type: 3013, Name: "CLIENT_AGENT_REMOVE_SESSION_OBJECT", Astron: wire.ClientAgentRemoveSessionObject, layout: "doId do_id"},
	{Type: 3014, Name: "CLIENT_AGENT_GET_TLVS", Astron: wire.ClientAgentGetTLVs, layout: "uint32 context"},
	{Type: 3015, Name: "CLIENT_AGENT_GET_TLVS_RESP", Astron: wire.ClientAgentGetTLVsResp, layout: "uint32 context, blob tlvs"},
	{Type: openChannels, Name: "CLIENT_AGENT_OPEN_CHANNEL", Astron: wire.ClientAgentOpenChannel,
		layout: "repeated [channel channel]", otp: []part{channel}, astron: []part{channel}},
	{Type: openChannel, Name: "CLIENT_AGENT_OPEN_CHANNEL", Astron: wire.ClientAgentOpenChannel, way: toOnly,
		layout: "channel channel", otp: []part{channel}, astron: []part{channel}},
	{Type: closeChannels, Name: "CLIENT_AGENT_CLOSE_CHANNEL", Astron: wire.ClientAgentCloseChannel,
		layout: "repeated [channel channel]", otp: []part{channel}, astron: []part{channel}},
	{Type: setInterest, Name: "CLIENT_AGENT_SET_INTEREST", Astron: wire.ClientAgentAddInterestMultiple,
		layout: "uint16 interest_id, uint32 context, doId parent_id, uint32 context, repeated [zone zone_id]",
		otp:    []part{id, context, doID, again}, astron: []part{id, doID, zones}},
	{Type: 3107, Name: "CLIENT_AGENT_REMOVE_INTEREST", Astron: wire.ClientAgentRemoveInterest,
		layout: "uint16 interest_id, uint32 context", otp: []part{id, context}, astron: []part{id}},
	{Type: 3110, Name: "CLIENT_AGENT_ADD_POST_REMOVE", Astron: wire.ClientAgentAddPostRemove, layout: "datagram datagram"},
	{Type: 3111, Name: "CLIENT_AGENT_CLEAR_POST_REMOVES", Astron: wire.ClientAgentClearPostRemoves, layout: ""},

	// To a state server. It also takes DELETE_RAM and QUERY_OBJECT_ALL.
	{Type: generate, Name: "STATESERVER_OBJECT_GENERATE_WITH_REQUIRED", Astron: wire.StateServerCreateObjectWithRequired,
		layout: "location location, dclass dclass_id, doId do_id, REQUIRED required", otp: []part{location, class, doID}, astron: []part{doID, location, class}},
	{Type: generateOther, Name: "STATESERVER_OBJECT_GENERATE_WITH_REQUIRED_OTHER", Astron: wire.StateServerCreateObjectWithRequiredOther,
		layout: "location location, dclass dclass_id, doId do_id, REQUIRED required, other×[field field_id, VALUE value]", otp: []part{location, class, doID}, astron: []part{doID, location, class}},
	{Type: 2061, Name: "STATESERVER_SHARD_REST", Astron: wire.StateServerDeleteAIObjects, layout: "channel channel"},

	// To an object, and from it to those who see it.
	{Type: 2004, Name: "STATESERVER_OBJECT_UPDATE_FIELD", Astron: wire.StateServerObjectSetField, layout: "doId do_id, field field_id, VALUE value"},
	{Type: 2005, Name: "STATESERVER_OBJECT_UPDATE_FIELD_MULTIPLE", Astron: wire.StateServerObjectSetFields, layout: "doId do_id, fields×[field field_id, VALUE value]"},
	{Type: deleteRAM, Name: "STATESERVER_OBJECT_DELETE_RAM", Astron: wire.StateServerObjectDeleteRAM, layout: "doId do_id"},
	{Type: setZone, Name: "STATESERVER_OBJECT_SET_ZONE", Astron: wire.StateServerObjectSetLocation, layout: "location location"},
	{Type: 2009, Name: "STATESERVER_OBJECT_CHANGE_ZONE", Astron: wire.StateServerObjectChangingLocation, layout: "doId do_id, location new_location, location old_location"},
	{Type: 2015, Name: "STATESERVER_OBJECT_NOTFOUND", Astron: wire.StateServerObjectNotFound, layout: "doId do_id"},
	{Type: queryAll, Name: "STATESERVER_QUERY_OBJECT_ALL", Astron: wire.StateServerObjectGetAll,
		layout: "uint32 context", otp: []part{context}, astron: []part{context, toID}},
	{Type: 2030, Name: "STATESERVER_QUERY_OBJECT_ALL_RESP", Astron: wire.StateServerObjectGetAllResp,
		layout: "uint32 context, location location, dclass dclass_id, doId do_id, REQUIRED required, other×[field field_id, VALUE value]",
		otp:    []part{context, location, class, doID}, astron: []part{context, doID, location, class}},
	{Type: 2022, Name: "STATESERVER_OBJECT_LOCATE", Astron: wire.StateServerObjectGetLocation, layout: "uint32 context"},
	{Type: 2023, Name: "STATESERVER_OBJECT_LOCATE_RESP", Astron: wire.StateServerObjectGetLocationResp, layout: "uint32 context, doId do_id, location location"},
	{Type: queryField, Name: "STATESERVER_OBJECT_QUERY_FIELD", Astron: wire.StateServerObjectGetField,
		layout: "doId do_id, field field_id, uint32 context", otp: []part{doID, field, context}, astron: []part{context, doID, field}},
	{Type: queryFieldResp, Name: "STATESERVER_OBJECT_QUERY_FIELD_RESP", Astron: wire.StateServerObjectGetFieldResp,
		layout: "doId do_id, field field_id, uint32 context, bool success, if true [VALUE value]",
		otp:    []part{fromID, field, context, success}, astron: []part{context, success, field}},
	{Type: 2080, Name: "STATESERVER_OBJECT_QUERY_FIELDS", Astron: wire.StateServerObjectGetFields,
		layout: "doId do_id, uint32 context, repeated [field field_id]", otp: []part{doID, context}, astron: []part{context, doID, fields}},
	// The dialect does not say how many fields there are; only the DC files would tell.
	{Type: queryFieldsResp, Name: "STATESERVER_OBJECT_QUERY_FIELDS_RESP", Astron: wire.StateServerObjectGetFieldsResp, way: ofOnly,
		layout: "doId do_id, uint32 context, bool success, repeated [field field_id, VALUE value]",
		otp:    []part{fromID, context, success}, astron: []part{context, success}},
	{Type: 2031, Name: "STATESERVER_OBJECT_DELETE_FIELD_RAM", Astron: wire.StateServerObjectDeleteFieldRAM, layout: "doId do_id, field field_id, if more [VALUE value]"},
	{Type: 2032, Name: "STATESERVER_OBJECT_DELETE_FIELDS_RAM", Astron: wire.StateServerObjectDeleteFieldsRAM, layout: "doId do_id, fields×[field field_id]"},
	{Type: 2060, Name: "STATESERVER_OBJECT_DELETE_DISK", Astron: wire.DBSSObjectDeleteDisk, layout: "doId do_id"},
	{Type: addAI, Name: "STATESERVER_ADD_AI_RECV", Astron: wire.StateServerObjectSetAI, layout: "channel ai_channel"},
	{Type: 2070, Name: "STATESERVER_OBJECT_SET_OWNER_RECV", Astron: wire.StateServerObjectSetOwner,
		layout: "channel channel", otp: []part{channel}, astron: []part{channel}},
	{Type: 2075, Name: "STATESERVER_OBJECT_SET_OWNER_RECV_WITH_ALL", Astron: wire.StateServerObjectSetOwner, way: toOnly,
		layout: "channel channel", otp: []part{channel}, astron: []part{channel}},

	// From an object to its AI or owner, and to those in its zone.
	{Type: leavingAI, Name: "STATESERVER_OBJECT_LEAVING_AI_INTEREST", Astron: wire.StateServerObjectChangingAI, layout: "doId do_id, if more [channel new_channel, channel old_channel]"},
	{Type: enterZone, Name: "STATESERVER_OBJECT_ENTERZONE_WITH_REQUIRED_OTHER",
		Astron: wire.StateServerObjectEnterLocationWithRequiredOther, Plain: wire.StateServerObjectEnterLocationWithRequired,
		layout: "location location, dclass dclass_id, doId do_id, REQUIRED_BCAST required, other×[field field_id, VALUE value]", otp: []part{location, class, doID}, astron: []part{doID, location, class}},
	{Type: enterAI, Name: "STATESERVER_OBJECT_ENTER_AI_RECV",
		Astron: wire.StateServerObjectEnterAIWithRequiredOther, Plain: wire.StateServerObjectEnterAIWithRequired,
		layout: "uint32 context, location location, dclass dclass_id, doId do_id, REQUIRED required, other×[field field_id, VALUE value]",
		otp:    []part{unread, location, class, doID}, astron: []part{doID, location, class}},
	{Type: 2068, Name: "STATESERVER_OBJECT_ENTER_OWNER_RECV",
		Astron: wire.StateServerObjectEnterOwnerWithRequiredOther, Plain: wire.StateServerObjectEnterOwnerWithRequired,
		layout: "doId do_id, location location, dclass dclass_id, REQUIRED_BCAST_OR_OWNRECV required, other×[field field_id, VALUE value]", otp: []part{doID, location, class}, astron: []part{doID, location, class}},
	{Type: 2069, Name: "STATESERVER_OBJECT_CHANGE_OWNER_RECV", Astron: wire.StateServerObjectChangingOwner,
		layout: "doId do_id, channel new_channel, channel old_channel", otp: []part{doID, channel, channel2}, astron: []part{doID, channel, channel2}},
	{Type: 2071, Name: "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED", Astron: wire.StateServerObjectEnterInterestWithRequired,
		layout: "uint32 context, doId do_id, location location, dclass dclass_id, REQUIRED_BCAST required"},
	{Type: 2072, Name: "STATESERVER_OBJECT_ENTER_INTEREST_WITH_REQUIRED_OTHER", Astron: wire.StateServerObjectEnterInterestWithRequiredOther,
		layout: "uint32 context, doId do_id, location location, dclass dclass_id, REQUIRED_BCAST required, other×[field field_id, VALUE value]"},

	// To and from a database. Fields go by name, object types by number.
	{Type: 1003, Name: "DBSERVER_CREATE_STORED_OBJECT", Astron: wire.DBServerCreateStoredObject,
		layout: "uint32 context, string unused, uint16 object_type, values×[string name, blob value]"},
	{Type: 1004, Name: "DBSERVER_CREATE_STORED_OBJECT_RESP", Astron: wire.DBServerCreateStoredObjectResp, layout: "uint32 context, bool failed, doId do_id"},
	{Type: deleteStored, Name: "DBSERVER_DELETE_STORED_OBJECT", Astron: wire.DBServerObjectDelete,
		layout: "doId do_id, uint32 0xDEADBEEF", otp: []part{doID, magic}, astron: []part{doID}},
	{Type: 1012, Name: "DBSERVER_GET_STORED_VALUES", Astron: wire.DBServerGetStoredValues, layout: "uint32 context, doId do_id, names×[string name]"},
	{Type: 1013, Name: "DBSERVER_GET_STORED_VALUES_RESP", Astron: wire.DBServerGetStoredValuesResp,
		layout: "uint32 context, doId do_id, names×[string name], bool failed, repeated [blob value, bool found]"},
	{Type: 1014, Name: "DBSERVER_SET_STORED_VALUES", Astron: wire.DBServerSetStoredValues, layout: "doId do_id, values×[string name, blob value]"},
	{Type: generateStored, Name: "STATESERVER_OBJECT_CREATE_WITH_REQUIRED_CONTEXT", Astron: wire.DBServerGenerateObject,
		layout: "location location, channel owner, dclass dclass_id, uint32 context, REQUIRED required",
		otp:    []part{location, channel, class, context}, astron: []part{context, location, channel, class}},
	{Type: generateStoredOther, Name: "STATESERVER_OBJECT_CREATE_WITH_REQUIR_OTHER_CONTEXT", Astron: wire.DBServerGenerateObjectOther,
		layout: "location location, channel owner, dclass dclass_id, uint32 context, REQUIRED required, other×[field field_id, VALUE value]",
		otp:    []part{location, channel, class, context}, astron: []part{context, location, channel, class}},
	{Type: 2052, Name: "STATESERVER_OBJECT_CREATE_WITH_REQUIRED_CONTEXT_RESP", Astron: wire.DBServerGenerateObjectResp, layout: "uint32 context, doId do_id"},
}

// controls are the control messages. Their payloads are the same, but for the two
// of post-removes.
var controls = []Message{
	{Type: setChannel, Name: "CONTROL_SET_CHANNEL", Astron: wire.ControlAddChannel, layout: "channel channel"},
	{Type: removeChannel, Name: "CONTROL_REMOVE_CHANNEL", Astron: wire.ControlRemoveChannel, layout: "channel channel"},
	{Type: setConName, Name: "CONTROL_SET_CON_NAME", Astron: wire.ControlSetConName, layout: "string name"},
	{Type: setConURL, Name: "CONTROL_SET_CON_URL", Astron: wire.ControlSetConURL, layout: "string url"},
	{Type: addRange, Name: "CONTROL_ADD_RANGE", Astron: wire.ControlAddRange, layout: "channel low_channel, channel high_channel"},
	{Type: removeRange, Name: "CONTROL_REMOVE_RANGE", Astron: wire.ControlRemoveRange, layout: "channel low_channel, channel high_channel"},
	{Type: addPostRemove, Name: "CONTROL_ADD_POST_REMOVE", Astron: wire.ControlAddPostRemove, layout: "datagram datagram"},
	{Type: clearPostRemoves, Name: "CONTROL_CLEAR_POST_REMOVES", Astron: wire.ControlClearPostRemoves, layout: ""},
	{Type: logMessage, Name: "CONTROL_LOG_MESSAGE", Astron: wire.ControlLogMessage, layout: "blob message"},
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

// Layout describes the payload of the message in the dialect.
func (m *Message) Layout() wire.Layout {
	l, err := wire.ParseLayout(m.Name + "(" + m.layout + ")")
	if err != nil {
		panic(err) // a test reads them all
	}
	return l
}

// LayoutOf returns the layout of a message in the dialect; false for one that the table
// does not name.
func LayoutOf(t MsgType) (wire.Layout, bool) {
	m := byOTP.find(uint16(t))
	if m == nil {
		return wire.Layout{}, false
	}
	return m.Layout(), true
}
