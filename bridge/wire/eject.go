package wire

import "strconv"

// EjectCode says why a client was disconnected. It is the first argument of
// CLIENT_EJECT and of CLIENTAGENT_EJECT (document 10, section 4). A game may
// send its own codes.
type EjectCode uint16

// Codes that a client agent sends by itself (document 10, section 4.1).
const (
	// EjectGeneric: there is no special code, as when no channel is free for a
	// new client, or a client closes an interest that it never opened. It is in the
	// reference's source only.
	EjectGeneric EjectCode = 1
	// EjectOversizedDatagram: bytes were left after a message's last argument,
	// or the message does not fit a cluster datagram with its header.
	EjectOversizedDatagram EjectCode = 106
	// EjectNoHello: the first message was not CLIENT_HELLO.
	EjectNoHello EjectCode = 107
	// EjectInvalidMsgType: the message type is unknown, or not one that a
	// client may send in its present state.
	EjectInvalidMsgType EjectCode = 108
	// EjectTruncatedDatagram: the message ended before its last argument did.
	EjectTruncatedDatagram EjectCode = 109
	// EjectAnonymousViolation: a client that is not yet established sent an
	// update to an object that is not an anonymous UberDOG.
	EjectAnonymousViolation EjectCode = 113
	// EjectForbiddenInterest: the configuration does not let clients open or
	// close the interest, or not under that parent.
	EjectForbiddenInterest EjectCode = 115
	// EjectMissingObject: the client does not know the object, and has not
	// known it lately.
	EjectMissingObject EjectCode = 117
	// EjectForbiddenField: CLIENT_OBJECT_SET_FIELD for a field that the class
	// does not have, or that this client may not send.
	EjectForbiddenField EjectCode = 118
	// EjectForbiddenRelocate: CLIENT_OBJECT_LOCATION for an object that the
	// client does not own, or while relocation is switched off.
	EjectForbiddenRelocate EjectCode = 119
	// EjectBadVersion: CLIENT_HELLO with another version string.
	EjectBadVersion EjectCode = 124
	// EjectBadDCHash: CLIENT_HELLO with the hash of other DC files.
	EjectBadDCHash EjectCode = 125
	// EjectFieldConstraint: a value outside its field's range or size. It is
	// in the reference's source only.
	EjectFieldConstraint EjectCode = 127
	// EjectSessionObjectDeleted: a session object of the client was deleted, or
	// the client no longer sees or owns it.
	EjectSessionObjectDeleted EjectCode = 153
	// EjectNoHeartbeat: no CLIENT_HEARTBEAT came for the configured time.
	EjectNoHeartbeat EjectCode = 345
	// EjectWriteError: the network failed while a message was sent.
	EjectWriteError EjectCode = 347
	// EjectReadError: the network failed while a message was read.
	EjectReadError EjectCode = 348
)

// Codes for clients that come back (docs/resume.md); no peer has them.
const (
	// EjectBadResumeToken: the token is none, or was signed with a key that the agent does
	// not have.
	EjectBadResumeToken EjectCode = 360
	// EjectSessionOver: the token is genuine, but it has been used, or its session has
	// ended.
	EjectSessionOver EjectCode = 361
	// EjectSessionAway: the session is with another client agent that cannot hand it over
	// now. The token stays good: the client may try again.
	EjectSessionAway EjectCode = 362
)

// Codes that are reserved for the game, which sends them with
// CLIENTAGENT_EJECT (document 10, section 4.2).
const (
	// EjectLoggedInElsewhere: another client logged in to the same account.
	EjectLoggedInElsewhere EjectCode = 100
	// EjectBadCredentials: the login was refused.
	EjectBadCredentials EjectCode = 122
	// EjectAdminViolation: an administrator's command from a client that is
	// not authorized for it.
	EjectAdminViolation EjectCode = 126
	// EjectByAdmin: an administrator logged the client out.
	EjectByAdmin EjectCode = 151
	// EjectByModerator: a moderator logged the client out for breaking rules.
	EjectByModerator EjectCode = 152
	// EjectMaintenance: the game goes down for maintenance. A client agent
	// that drains before it stops sends it too.
	EjectMaintenance EjectCode = 154
)

// String is the reason in a few words, or the number if it is a game's own.
func (c EjectCode) String() string {
	if reason, ok := ejectReasons[c]; ok {
		return reason
	}
	return strconv.Itoa(int(c))
}

var ejectReasons = map[EjectCode]string{
	EjectGeneric:              "generic",
	EjectLoggedInElsewhere:    "logged in elsewhere",
	EjectOversizedDatagram:    "oversized datagram",
	EjectNoHello:              "no hello",
	EjectInvalidMsgType:       "invalid message type",
	EjectTruncatedDatagram:    "truncated datagram",
	EjectAnonymousViolation:   "anonymous violation",
	EjectForbiddenInterest:    "forbidden interest",
	EjectMissingObject:        "missing object",
	EjectForbiddenField:       "forbidden field",
	EjectForbiddenRelocate:    "forbidden relocate",
	EjectBadCredentials:       "bad credentials",
	EjectBadVersion:           "bad version",
	EjectBadDCHash:            "bad DC hash",
	EjectAdminViolation:       "administrative access violation",
	EjectFieldConstraint:      "field constraint violated",
	EjectByAdmin:              "logged out by administrator",
	EjectByModerator:          "logged out by moderator",
	EjectSessionObjectDeleted: "session object deleted",
	EjectMaintenance:          "maintenance",
	EjectNoHeartbeat:          "no heartbeat",
	EjectWriteError:           "network write error",
	EjectReadError:            "network read error",
	EjectBadResumeToken:       "bad resume token",
	EjectSessionOver:          "session over",
	EjectSessionAway:          "session away",
}
