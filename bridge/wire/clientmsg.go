package wire

import "strconv"

// ClientMsgType says what a message between a game client and its client agent
// means. Such a message is this type and a payload, with a uint16 length before
// it on the connection; it has no recipients and no sender (document 10,
// section 1). The numbers are a space of their own, apart from [MsgType].
type ClientMsgType uint16

// Client messages (document 10, section 3). ClientObjectLeavingOwner is in no
// document; its number and layout are what the reference sends.
const (
	ClientHello                         ClientMsgType = 1   // CLIENT_HELLO
	ClientHelloResp                     ClientMsgType = 2   // CLIENT_HELLO_RESP
	ClientDisconnect                    ClientMsgType = 3   // CLIENT_DISCONNECT
	ClientEject                         ClientMsgType = 4   // CLIENT_EJECT
	ClientHeartbeat                     ClientMsgType = 5   // CLIENT_HEARTBEAT
	ClientObjectSetField                ClientMsgType = 120 // CLIENT_OBJECT_SET_FIELD
	ClientObjectSetFields               ClientMsgType = 121 // CLIENT_OBJECT_SET_FIELDS
	ClientObjectLeaving                 ClientMsgType = 132 // CLIENT_OBJECT_LEAVING
	ClientObjectLocation                ClientMsgType = 140 // CLIENT_OBJECT_LOCATION
	ClientEnterObjectRequired           ClientMsgType = 142 // CLIENT_ENTER_OBJECT_REQUIRED
	ClientEnterObjectRequiredOther      ClientMsgType = 143 // CLIENT_ENTER_OBJECT_REQUIRED_OTHER
	ClientObjectLeavingOwner            ClientMsgType = 161 // CLIENT_OBJECT_LEAVING_OWNER
	ClientEnterObjectRequiredOwner      ClientMsgType = 172 // CLIENT_ENTER_OBJECT_REQUIRED_OWNER
	ClientEnterObjectRequiredOtherOwner ClientMsgType = 173 // CLIENT_ENTER_OBJECT_REQUIRED_OTHER_OWNER
	ClientAddInterest                   ClientMsgType = 200 // CLIENT_ADD_INTEREST
	ClientAddInterestMultiple           ClientMsgType = 201 // CLIENT_ADD_INTEREST_MULTIPLE
	ClientRemoveInterest                ClientMsgType = 203 // CLIENT_REMOVE_INTEREST
	ClientDoneInterestResp              ClientMsgType = 204 // CLIENT_DONE_INTEREST_RESP
)

// String is the reference's name of t, or its number if it has none.
func (t ClientMsgType) String() string {
	if name := t.name(); name != "" {
		return name
	}
	return strconv.Itoa(int(t))
}

// Known says whether t is a message of the client protocol.
func (t ClientMsgType) Known() bool { return t.name() != "" }

// ClientMsgTypes are all message types of the client protocol, in ascending
// order.
func ClientMsgTypes() []ClientMsgType {
	var all []ClientMsgType
	for t := ClientMsgType(1); t != 0; t++ {
		if t.Known() {
			all = append(all, t)
		}
	}
	return all
}

func (t ClientMsgType) name() string {
	switch t {
	case ClientHello:
		return "CLIENT_HELLO"
	case ClientHelloResp:
		return "CLIENT_HELLO_RESP"
	case ClientDisconnect:
		return "CLIENT_DISCONNECT"
	case ClientEject:
		return "CLIENT_EJECT"
	case ClientHeartbeat:
		return "CLIENT_HEARTBEAT"
	case ClientObjectSetField:
		return "CLIENT_OBJECT_SET_FIELD"
	case ClientObjectSetFields:
		return "CLIENT_OBJECT_SET_FIELDS"
	case ClientObjectLeaving:
		return "CLIENT_OBJECT_LEAVING"
	case ClientObjectLocation:
		return "CLIENT_OBJECT_LOCATION"
	case ClientEnterObjectRequired:
		return "CLIENT_ENTER_OBJECT_REQUIRED"
	case ClientEnterObjectRequiredOther:
		return "CLIENT_ENTER_OBJECT_REQUIRED_OTHER"
	case ClientObjectLeavingOwner:
		return "CLIENT_OBJECT_LEAVING_OWNER"
	case ClientEnterObjectRequiredOwner:
		return "CLIENT_ENTER_OBJECT_REQUIRED_OWNER"
	case ClientEnterObjectRequiredOtherOwner:
		return "CLIENT_ENTER_OBJECT_REQUIRED_OTHER_OWNER"
	case ClientAddInterest:
		return "CLIENT_ADD_INTEREST"
	case ClientAddInterestMultiple:
		return "CLIENT_ADD_INTEREST_MULTIPLE"
	case ClientRemoveInterest:
		return "CLIENT_REMOVE_INTEREST"
	case ClientDoneInterestResp:
		return "CLIENT_DONE_INTEREST_RESP"
	}
	return ""
}
