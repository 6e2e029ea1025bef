package wire

// clientLayouts are the messages between a client and its client agent (document
// 10, section 3). The payload follows the type, which is the whole header.
var clientLayouts = map[ClientMsgType]Layout{
	ClientHello: {
		Source: "10, section 3", From: "client", To: "client agent",
		parts: []Part{{"dc_hash", KindUint32, nil}, {"version", KindString, nil}},
	},
	ClientHelloResp: {
		Source: "10, section 3", From: "client agent", To: "client",
	},
	ClientDisconnect: {
		Source: "10, section 3", From: "client", To: "client agent",
	},
	// The code is an [EjectCode].
	ClientEject: {
		Source: "10, section 3", From: "client agent", To: "client",
		parts: []Part{{"error_code", KindUint16, nil}, {"reason", KindString, nil}},
	},
	ClientHeartbeat: {
		Source: "10, section 3", From: "client", To: "client agent",
	},
	ClientObjectSetField: {
		Source: "10, section 3.1", From: "client or client agent", To: "the other one",
		parts: append([]Part{{"do_id", KindDoID, nil}}, fieldValue()...),
	},
	ClientObjectSetFields: {
		Source: "10, section 3.1", From: "client agent", To: "client",
		parts: []Part{{"do_id", KindDoID, nil}, fieldValues("fields")},
	},
	ClientObjectLeaving: {
		Source: "10, section 3.1", From: "client agent", To: "client",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	// From a client it is a request to move an object that it owns.
	ClientObjectLocation: {
		Source: "10, section 3.1", From: "client or client agent", To: "the other one",
		parts: []Part{{"do_id", KindDoID, nil}, {"location", KindLocation, nil}},
	},
	// The documents write REQUIRED in the four messages of an entering object.
	// What arrives is what the object sent to the client's channel, and that
	// holds only the fields that clients, or the owner, may see.
	ClientEnterObjectRequired: {
		Source: "10, section 3.1", From: "client agent", To: "client",
		parts: object(KindRequiredBroadcast),
	},
	ClientEnterObjectRequiredOther: {
		Source: "10, section 3.1", From: "client agent", To: "client",
		parts: objectOther(KindRequiredBroadcast),
	},
	ClientEnterObjectRequiredOwner: {
		Source: "10, section 3.1", From: "client agent", To: "client that owns the object",
		parts: object(KindRequiredOwner),
	},
	ClientEnterObjectRequiredOtherOwner: {
		Source: "10, section 3.1", From: "client agent", To: "client that owns the object",
		parts: objectOther(KindRequiredOwner),
	},
	ClientObjectLeavingOwner: {
		Source: "the reference's source; in no document", From: "client agent", To: "client that owned the object",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	// From the client agent it tells of an interest that was opened for the
	// client, with a context that the client agent chose.
	ClientAddInterest: {
		Source: "10, section 3.2", From: "client or client agent", To: "the other one",
		parts: context(Part{"interest_id", KindUint16, nil}, Part{"location", KindLocation, nil}),
	},
	ClientAddInterestMultiple: {
		Source: "10, section 3.2", From: "client or client agent", To: "the other one",
		parts: context(Part{"interest_id", KindUint16, nil}, Part{"parent_id", KindDoID, nil}, zones()),
	},
	ClientRemoveInterest: {
		Source: "10, section 3.2", From: "client or client agent", To: "the other one",
		parts: context(Part{"interest_id", KindUint16, nil}),
	},
	ClientDoneInterestResp: {
		Source: "10, section 3.2", From: "client agent", To: "client",
		parts: context(Part{"interest_id", KindUint16, nil}),
	},

	// Clients that come back (docs/resume.md). A client asks for a token when it has been
	// let in.
	// recovers: it can say what it has, if the agent is killed.
	ClientGetResumeToken: {
		Source: "natstron", From: "client", To: "client agent",
		parts: []Part{ifMore(Part{"recovers", KindBool, nil})},
	},
	// An empty token: the client cannot come back. within is how many milliseconds it
	// has; it acknowledges whenever it has received that many bytes.
	ClientResumeToken: {
		Source: "natstron", From: "client agent", To: "client",
		parts: resumeToken(),
	},
	// received is how many messages the client has received since it asked for a token.
	ClientResume: {
		Source: "natstron", From: "client", To: "client agent",
		parts: []Part{{"dc_hash", KindUint32, nil}, {"version", KindString, nil}, {"token", KindBlob, nil}, {"received", KindUint32, nil}},
	},
	// received is how many messages of the client have arrived since it asked for a
	// token.
	ClientResumed: {
		Source: "natstron", From: "client agent", To: "client that has come back",
		parts: append([]Part{{"received", KindUint32, nil}}, resumeToken()...),
	},
	ClientAcknowledge: {
		Source: "natstron", From: "client or client agent", To: "the other one",
		parts: []Part{{"received", KindUint32, nil}},
	},
	// after is in how many milliseconds.
	ClientReconnect: {
		Source: "natstron", From: "client agent", To: "client that has a token",
		parts: []Part{{"after", KindUint32, nil}},
	},
	// The client goes on with a session whose agent was killed: both counts begin again.
	ClientRecovered: {
		Source: "natstron", From: "client agent", To: "client that has come back",
		parts: resumeToken(),
	},
	// What the client has, and what it has asked for and has not been given; several messages,
	// if it is much.
	ClientHave: {
		Source: "natstron", From: "client", To: "client agent",
		parts: []Part{
			{"last", KindBool, nil},
			{"visible", KindList, []Part{{"do_id", KindDoID, nil}}},
			{"owned", KindList, []Part{{"do_id", KindDoID, nil}}},
			{"waiting", KindList, []Part{{"context", KindUint32, nil}, {"interest_id", KindUint16, nil}}},
		},
	},
}

func resumeToken() []Part {
	return []Part{{"within", KindUint32, nil}, {"acknowledge", KindUint32, nil}, {"token", KindBlob, nil}}
}
