package wire

// clientAgentLayouts are the client agent messages (document 11). All but the
// answers go to a client's channel: its own, or one opened for it.
var clientAgentLayouts = map[MsgType]Layout{
	ClientAgentSetState: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		Does:  "What the client may do: NEW 0 and ANONYMOUS 1, send to anonymous UberDOGs; ESTABLISHED 2, all that its interests and objects allow.",
		parts: []Part{{"ca_state", KindUint16, nil}},
	},
	ClientAgentSetClientID: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		Does:  "The client's messages have this channel as their sender from now on, and the session also hears it.",
		parts: []Part{{"channel", KindChannel, nil}},
	},
	ClientAgentSendDatagram: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session, which passes it to the client",
		Does:  "Passes a message to the client as it is.",
		parts: []Part{{"datagram", KindClientMessage, nil}},
	},
	// The code is an [EjectCode].
	ClientAgentEject: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		Does:  "Ends the session. The client gets the code and the reason with CLIENT_EJECT.",
		parts: []Part{{"disconnect_code", KindUint16, nil}, {"reason", KindString, nil}},
	},
	ClientAgentDrop: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		Does: "Ends the session without a word.",
	},
	ClientAgentGetNetworkAddress: {
		Source: "11, section 3", From: "anyone", To: "client session",
		Does:  "Asks for the addresses of both ends of the client's connection.",
		parts: context(),
	},
	ClientAgentGetNetworkAddressResp: {
		Source: "11, section 3", From: "client session", To: "the asker",
		Does: "Through a proxy, the remote address is the one in the PROXY header.",
		parts: context(
			Part{"remote_ip", KindString, nil}, Part{"remote_port", KindUint16, nil},
			Part{"local_ip", KindString, nil}, Part{"local_port", KindUint16, nil},
		),
	},
	ClientAgentDeclareObject: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		Does:  "The client may send to this object, though it does not see it.",
		parts: []Part{{"do_id", KindDoID, nil}, {"dclass_id", KindDClass, nil}},
	},
	ClientAgentUndeclareObject: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		Does:  "Takes DECLARE_OBJECT back.",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	ClientAgentAddSessionObject: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		Does:  "The object is deleted when the session ends, and the session ends when the object does.",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	ClientAgentRemoveSessionObject: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		Does:  "Takes ADD_SESSION_OBJECT back.",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	ClientAgentSetFieldsSendable: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		Does:  "The client may also send these fields of the object, whatever their keywords. They replace those of the message before.",
		parts: []Part{{"do_id", KindDoID, nil}, fieldIDs()},
	},
	ClientAgentGetTLVs: {
		Source: "11, section 3", From: "anyone", To: "client session",
		Does:  "Asks for what the PROXY header says beside the addresses.",
		parts: context(),
	},
	ClientAgentGetTLVsResp: {
		Source: "11, section 3", From: "client session", To: "the asker",
		Does:  "Empty if there was no header.",
		parts: context(Part{"tlvs", KindBlob, nil}),
	},
	ClientAgentSetObjectRelocatable: {
		Source: "natstron", From: "AI or UberDOG", To: "client session",
		Does:  "The client may [move the object](clientagent.md#moving-objects), whether or not it owns it.",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	ClientAgentSetObjectRelocatableTo: {
		Source: "natstron", From: "AI or UberDOG", To: "client session",
		Does: "The client may move the object to these places alone. Each place is all zones of a parent from the first to the last. No place takes both messages back.",
		parts: []Part{{"do_id", KindDoID, nil}, {"places", KindList, []Part{
			{"parent_id", KindDoID, nil}, {"first_zone", KindZone, nil}, {"last_zone", KindZone, nil},
		}}},
	},
	ClientAgentClientMessage: {
		Source: "natstron", From: "client session", To: "UberDOG",
		Does:  "A message of the client that only the UberDOG of `client.uberdog` understands, such as a login of the [OTP dialect](otp.md).",
		parts: []Part{{"message", KindBlob, nil}},
	},
	ClientAgentOpenChannel: {
		Source: "11, section 3.1", From: "AI or UberDOG", To: "client session",
		Does:  "The session also hears what is sent to this channel.",
		parts: []Part{{"channel", KindChannel, nil}},
	},
	ClientAgentCloseChannel: {
		Source: "11, section 3.1", From: "AI or UberDOG", To: "client session",
		Does:  "Takes OPEN_CHANNEL back.",
		parts: []Part{{"channel", KindChannel, nil}},
	},
	ClientAgentAddPostRemove: {
		Source: "11, section 3.1", From: "AI or UberDOG", To: "client session",
		Does:  "Leaves a datagram that is sent when the session ends.",
		parts: []Part{{"datagram", KindDatagram, nil}},
	},
	ClientAgentClearPostRemoves: {
		Source: "11, section 3.1", From: "AI or UberDOG", To: "client session",
		Does: "Takes back all post-removes of the session.",
	},
	ClientAgentAddInterest: {
		Source: "11, section 3.2", From: "AI or UberDOG", To: "client session",
		Does:    "Opens an interest for the client, or changes the one with this number. The client is told.",
		Answers: []string{"CLIENTAGENT_DONE_INTEREST_RESP"},
		parts:   []Part{{"interest_id", KindUint16, nil}, {"location", KindLocation, nil}},
	},
	ClientAgentAddInterestMultiple: {
		Source: "11, section 3.2", From: "AI or UberDOG", To: "client session",
		Does:    "The same for several zones. With the context, which is natstron's, the client is told that it is open under that context.",
		Answers: []string{"CLIENTAGENT_DONE_INTEREST_RESP"},
		// With the context, which is natstron's, the client is told that it is open.
		parts: []Part{{"interest_id", KindUint16, nil}, {"parent_id", KindDoID, nil}, zones(), ifMore(Part{"context", KindUint32, nil})},
	},
	ClientAgentRemoveInterest: {
		Source: "11, section 3.2", From: "AI or UberDOG", To: "client session",
		Does:    "Closes an interest of the client.",
		Answers: []string{"CLIENTAGENT_DONE_INTEREST_RESP"},
		parts:   []Part{{"interest_id", KindUint16, nil}},
	},
	ClientAgentDoneInterestResp: {
		Source: "11, section 3.2", From: "client session", To: "the sender that opened or closed the interest",
		Does:  "All that is in the zones has been shown to the client, or the interest is closed.",
		parts: []Part{{"client_id", KindChannel, nil}, {"interest_id", KindUint16, nil}},
	},
}
