package wire

import (
	"maps"
	"slices"
	"strconv"
)

// ClientMsgType is the type of a message between a game client and its client agent.
// Such a message is this type and a payload, with a uint16 length before it on the
// connection; it has no recipients and no sender (document 10, section 1). The numbers
// are independent of those of [MsgType].
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

// Messages of clients that come back after their connection was lost, which no peer has
// (docs/resume.md). A client agent never sends one to a client that has not sent one.
const (
	ClientGetResumeToken ClientMsgType = 6200 // CLIENT_GET_RESUME_TOKEN
	ClientResumeToken    ClientMsgType = 6201 // CLIENT_RESUME_TOKEN
	ClientResume         ClientMsgType = 6202 // CLIENT_RESUME
	ClientResumed        ClientMsgType = 6203 // CLIENT_RESUMED
	ClientAcknowledge    ClientMsgType = 6204 // CLIENT_ACKNOWLEDGE
	ClientReconnect      ClientMsgType = 6205 // CLIENT_RECONNECT
	ClientRecovered      ClientMsgType = 6206 // CLIENT_RECOVERED
	ClientHave           ClientMsgType = 6207 // CLIENT_HAVE
)

// Resumes reports whether t is one of the messages of clients that come back. They are
// not counted by those who acknowledge.
func (t ClientMsgType) Resumes() bool { return t >= ClientGetResumeToken && t <= ClientHave }

// String is the reference's name of t, or ours, or its number if it has none.
func (t ClientMsgType) String() string {
	if name, ok := clientMsgNames[t]; ok {
		return name
	}
	return strconv.Itoa(int(t))
}

// Known reports whether t is a message of the client protocol.
func (t ClientMsgType) Known() bool { _, ok := clientMsgNames[t]; return ok }

// ClientMsgTypes are all message types of the client protocol, in ascending
// order.
func ClientMsgTypes() []ClientMsgType { return slices.Sorted(maps.Keys(clientMsgNames)) }

var clientMsgNames = map[ClientMsgType]string{
	ClientHello:                         "CLIENT_HELLO",
	ClientHelloResp:                     "CLIENT_HELLO_RESP",
	ClientDisconnect:                    "CLIENT_DISCONNECT",
	ClientEject:                         "CLIENT_EJECT",
	ClientHeartbeat:                     "CLIENT_HEARTBEAT",
	ClientObjectSetField:                "CLIENT_OBJECT_SET_FIELD",
	ClientObjectSetFields:               "CLIENT_OBJECT_SET_FIELDS",
	ClientObjectLeaving:                 "CLIENT_OBJECT_LEAVING",
	ClientObjectLocation:                "CLIENT_OBJECT_LOCATION",
	ClientEnterObjectRequired:           "CLIENT_ENTER_OBJECT_REQUIRED",
	ClientEnterObjectRequiredOther:      "CLIENT_ENTER_OBJECT_REQUIRED_OTHER",
	ClientObjectLeavingOwner:            "CLIENT_OBJECT_LEAVING_OWNER",
	ClientEnterObjectRequiredOwner:      "CLIENT_ENTER_OBJECT_REQUIRED_OWNER",
	ClientEnterObjectRequiredOtherOwner: "CLIENT_ENTER_OBJECT_REQUIRED_OTHER_OWNER",
	ClientAddInterest:                   "CLIENT_ADD_INTEREST",
	ClientAddInterestMultiple:           "CLIENT_ADD_INTEREST_MULTIPLE",
	ClientRemoveInterest:                "CLIENT_REMOVE_INTEREST",
	ClientDoneInterestResp:              "CLIENT_DONE_INTEREST_RESP",
	ClientGetResumeToken:                "CLIENT_GET_RESUME_TOKEN",
	ClientResumeToken:                   "CLIENT_RESUME_TOKEN",
	ClientResume:                        "CLIENT_RESUME",
	ClientResumed:                       "CLIENT_RESUMED",
	ClientAcknowledge:                   "CLIENT_ACKNOWLEDGE",
	ClientReconnect:                     "CLIENT_RECONNECT",
	ClientRecovered:                     "CLIENT_RECOVERED",
	ClientHave:                          "CLIENT_HAVE",
}
