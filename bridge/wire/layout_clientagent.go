package wire

// clientAgentLayouts are the client agent messages (document 11). All but the
// answers go to a client's channel: its own, or one opened for it.
var clientAgentLayouts = map[MsgType]Layout{
	// The states are NEW 0, ANONYMOUS 1 and ESTABLISHED 2 (section 2).
	ClientAgentSetState: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"ca_state", KindUint16, nil}},
	},
	ClientAgentSetClientID: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"channel", KindChannel, nil}},
	},
	ClientAgentSendDatagram: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session, which passes it to the client",
		parts: []Part{{"datagram", KindClientMessage, nil}},
	},
	// The code is an [EjectCode].
	ClientAgentEject: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"disconnect_code", KindUint16, nil}, {"reason", KindString, nil}},
	},
	ClientAgentDrop: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
	},
	ClientAgentGetNetworkAddress: {
		Source: "11, section 3", From: "anyone", To: "client session",
		parts: context(),
	},
	ClientAgentGetNetworkAddressResp: {
		Source: "11, section 3", From: "client session", To: "the asker",
		parts: context(
			Part{"remote_ip", KindString, nil}, Part{"remote_port", KindUint16, nil},
			Part{"local_ip", KindString, nil}, Part{"local_port", KindUint16, nil},
		),
	},
	ClientAgentDeclareObject: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"do_id", KindDoID, nil}, {"dclass_id", KindDClass, nil}},
	},
	ClientAgentUndeclareObject: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	ClientAgentAddSessionObject: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	ClientAgentRemoveSessionObject: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	ClientAgentSetFieldsSendable: {
		Source: "11, section 3", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"do_id", KindDoID, nil}, fieldIDs()},
	},
	ClientAgentGetTLVs: {
		Source: "11, section 3", From: "anyone", To: "client session",
		parts: context(),
	},
	ClientAgentGetTLVsResp: {
		Source: "11, section 3", From: "client session", To: "the asker",
		parts: context(Part{"tlvs", KindBlob, nil}),
	},
	ClientAgentSetObjectRelocatable: {
		Source: "natstron", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"do_id", KindDoID, nil}},
	},
	// Each place is all zones of a parent from the first to the last. No place takes both
	// messages back.
	ClientAgentSetObjectRelocatableTo: {
		Source: "natstron", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"do_id", KindDoID, nil}, {"places", KindList, []Part{
			{"parent_id", KindDoID, nil}, {"first_zone", KindZone, nil}, {"last_zone", KindZone, nil},
		}}},
	},
	ClientAgentClientMessage: {
		Source: "natstron", From: "client session", To: "UberDOG",
		parts: []Part{{"message", KindBlob, nil}},
	},
	ClientAgentOpenChannel: {
		Source: "11, section 3.1", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"channel", KindChannel, nil}},
	},
	ClientAgentCloseChannel: {
		Source: "11, section 3.1", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"channel", KindChannel, nil}},
	},
	ClientAgentAddPostRemove: {
		Source: "11, section 3.1", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"datagram", KindDatagram, nil}},
	},
	ClientAgentClearPostRemoves: {
		Source: "11, section 3.1", From: "AI or UberDOG", To: "client session",
	},
	ClientAgentAddInterest: {
		Source: "11, section 3.2", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"interest_id", KindUint16, nil}, {"location", KindLocation, nil}},
	},
	ClientAgentAddInterestMultiple: {
		Source: "11, section 3.2", From: "AI or UberDOG", To: "client session",
		// With the context, which is natstron's, the client is told that it is open.
		parts: []Part{{"interest_id", KindUint16, nil}, {"parent_id", KindDoID, nil}, zones(), ifMore(Part{"context", KindUint32, nil})},
	},
	ClientAgentRemoveInterest: {
		Source: "11, section 3.2", From: "AI or UberDOG", To: "client session",
		parts: []Part{{"interest_id", KindUint16, nil}},
	},
	ClientAgentDoneInterestResp: {
		Source: "11, section 3.2", From: "client session", To: "the sender that opened or closed the interest",
		parts: []Part{{"client_id", KindChannel, nil}, {"interest_id", KindUint16, nil}},
	},
}
