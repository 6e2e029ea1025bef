package wire

// clientLayouts are the messages between a client and its client agent (document
// 10, section 3). The payload follows the type, which is the whole header.
var clientLayouts = map[ClientMsgType]Layout{
	ClientHello: {
		Source: "10, section 3", From: "client", To: "client agent",
		Does:    "The first message of a connection. Version and hash must be the server's.",
		Answers: []string{"CLIENT_HELLO_RESP", "CLIENT_EJECT"},
		parts:   []Part{{"dc_hash", KindUint32, nil}, {"version", KindString, nil}},
	},
	ClientHelloResp: {
		Source: "10, section 3", From: "client agent", To: "client",
		Does: "The client may go on: it may send to anonymous UberDOGs.",
	},
	ClientDisconnect: {
		Source: "10, section 3", From: "client", To: "client agent",
		Does: "The client is about to close the connection.",
	},
	// The code is an [EjectCode].
	ClientEject: {
		Source: "10, section 3", From: "client agent", To: "client",
		Does:  "Why the connection ends: [a code](clientagent.md#what-a-client-may-do), and a reason for people. Nothing follows.",
		parts: []Part{{"error_code", KindUint16, nil}, {"reason", KindString, nil}},
	},
	ClientHeartbeat: {
		Source: "10, section 3", From: "client", To: "client agent",
		Does: "The client lives: see `client.heartbeat_timeout`.",
	},
	ClientObjectSetField: {
		Source: "10, section 3.1", From: "client or client agent", To: "the other one",
		Does:  "An update of a field. From a client, one that it [may send](dcfiles.md#keywords).",
		parts: append([]Part{{"do_id", KindDoID, nil}}, fieldValue()...),
	},
	ClientObjectSetFields: {
		Source: "10, section 3.1", From: "client agent", To: "client",
		Does:  "Updates of several fields.",
		parts: []Part{{"do_id", KindDoID, nil}, fieldValues("fields")},
	},
	ClientObjectLeaving: {
		Source: "10, section 3.1", From: "client agent", To: "client",
		Does:  "The client does not see the object any more.",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	ClientObjectLocation: {
		Source: "10, section 3.1", From: "client or client agent", To: "the other one",
		Does:  "An object that the client sees has moved. From a client it is a request to move one that it owns.",
		parts: []Part{{"do_id", KindDoID, nil}, {"location", KindLocation, nil}},
	},
	ClientEnterObjectRequired: {
		Source: "10, section 3.1", From: "client agent", To: "client",
		Does:  "An object comes into sight. The documents write REQUIRED here, and mean the fields that clients may see.",
		parts: object(KindRequiredBroadcast),
	},
	ClientEnterObjectRequiredOther: {
		Source: "10, section 3.1", From: "client agent", To: "client",
		Does:  "The same, with further fields that have a value.",
		parts: objectOther(KindRequiredBroadcast),
	},
	ClientEnterObjectRequiredOwner: {
		Source: "10, section 3.1", From: "client agent", To: "client that owns the object",
		Does:  "The client owns the object from now on. It has the fields that the owner may see.",
		parts: object(KindRequiredOwner),
	},
	ClientEnterObjectRequiredOtherOwner: {
		Source: "10, section 3.1", From: "client agent", To: "client that owns the object",
		Does:  "The same, with further fields that have a value.",
		parts: objectOther(KindRequiredOwner),
	},
	ClientObjectLeavingOwner: {
		Source: "the reference's source; in no document", From: "client agent", To: "client that owned the object",
		Does:  "The client does not own the object any more.",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	ClientAddInterest: {
		Source: "10, section 3.2", From: "client or client agent", To: "the other one",
		Does:    "Opens an interest in a zone, or changes the one with this number. From the client agent: somebody opened it for the client, under a context that the client agent chose.",
		Answers: []string{"CLIENT_ENTER_OBJECT_REQUIRED", "CLIENT_ENTER_OBJECT_REQUIRED_OTHER", "CLIENT_DONE_INTEREST_RESP"},
		parts:   context(Part{"interest_id", KindUint16, nil}, Part{"location", KindLocation, nil}),
	},
	ClientAddInterestMultiple: {
		Source: "10, section 3.2", From: "client or client agent", To: "the other one",
		Does:    "The same for several zones.",
		Answers: []string{"CLIENT_ENTER_OBJECT_REQUIRED", "CLIENT_ENTER_OBJECT_REQUIRED_OTHER", "CLIENT_DONE_INTEREST_RESP"},
		parts:   context(Part{"interest_id", KindUint16, nil}, Part{"parent_id", KindDoID, nil}, zones()),
	},
	ClientRemoveInterest: {
		Source: "10, section 3.2", From: "client or client agent", To: "the other one",
		Does:    "Closes an interest. From the client agent: somebody closed it.",
		Answers: []string{"CLIENT_OBJECT_LEAVING", "CLIENT_DONE_INTEREST_RESP"},
		parts:   context(Part{"interest_id", KindUint16, nil}),
	},
	ClientDoneInterestResp: {
		Source: "10, section 3.2", From: "client agent", To: "client",
		Does:  "All that is in the interest's zones has been shown, or the interest is closed.",
		parts: context(Part{"interest_id", KindUint16, nil}),
	},

	ClientGetResumeToken: {
		Source: "natstron", From: "client", To: "client agent",
		Does:    "A client that has been let in asks for a token with which it can [come back](resume.md). `recovers` says that it can tell what it has, if the agent is killed.",
		Answers: []string{"CLIENT_RESUME_TOKEN"},
		parts:   []Part{ifMore(Part{"recovers", KindBool, nil})},
	},
	ClientResumeToken: {
		Source: "natstron", From: "client agent", To: "client",
		Does:  "`within` is how many milliseconds the client has; it acknowledges whenever it has received `acknowledge` bytes. With an empty token it cannot come back.",
		parts: resumeToken(),
	},
	ClientResume: {
		Source: "natstron", From: "client", To: "client agent",
		Does:    "The first message of a client that comes back. `received` is how many messages it has received since it asked for a token.",
		Answers: []string{"CLIENT_RESUMED", "CLIENT_RECOVERED", "CLIENT_EJECT"},
		parts:   []Part{{"dc_hash", KindUint32, nil}, {"version", KindString, nil}, {"token", KindBlob, nil}, {"received", KindUint32, nil}},
	},
	ClientResumed: {
		Source: "natstron", From: "client agent", To: "client that has come back",
		Does:  "`received` is how many messages of the client have arrived since it asked for a token.",
		parts: append([]Part{{"received", KindUint32, nil}}, resumeToken()...),
	},
	ClientAcknowledge: {
		Source: "natstron", From: "client or client agent", To: "the other one",
		Does:  "`received` is how many messages have arrived since the client asked for a token.",
		parts: []Part{{"received", KindUint32, nil}},
	},
	ClientReconnect: {
		Source: "natstron", From: "client agent", To: "client that has a token",
		Does:  "The client should connect again, `after` so many milliseconds.",
		parts: []Part{{"after", KindUint32, nil}},
	},
	ClientRecovered: {
		Source: "natstron", From: "client agent", To: "client that has come back",
		Does:  "The client goes on with a session whose agent was killed: both counts begin again.",
		parts: resumeToken(),
	},
	ClientHave: {
		Source: "natstron", From: "client", To: "client agent",
		Does: "What the client has, and which interests it has not been told to be open, after CLIENT_RECOVERED; several messages, if it is much.",
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
