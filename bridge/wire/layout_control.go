package wire

// controlLayouts are the control messages (document 19, section 0). They have no
// sender, so the arguments follow the type of [Datagram.Control].
var controlLayouts = map[MsgType]Layout{
	ControlAddChannel: {
		Source: "19, section 0", From: "participant", To: "its message director",
		parts: []Part{{"channel", KindChannel, nil}},
	},
	ControlRemoveChannel: {
		Source: "19, section 0", From: "participant", To: "its message director",
		parts: []Part{{"channel", KindChannel, nil}},
	},
	ControlAddRange: {
		Source: "19, section 0", From: "participant", To: "its message director",
		parts: []Part{{"low_channel", KindChannel, nil}, {"high_channel", KindChannel, nil}},
	},
	ControlRemoveRange: {
		Source: "19, section 0", From: "participant", To: "its message director",
		parts: []Part{{"low_channel", KindChannel, nil}, {"high_channel", KindChannel, nil}},
	},
	ControlAddPostRemove: {
		Source: "19, section 0", From: "participant", To: "its message director",
		parts: []Part{{"sender", KindChannel, nil}, {"datagram", KindDatagram, nil}},
	},
	ControlClearPostRemoves: {
		Source: "19, section 0", From: "participant", To: "its message director",
		parts: []Part{{"sender", KindChannel, nil}},
	},
	ControlSetConName: {
		Source: "19, section 0", From: "participant", To: "its message director",
		parts: []Part{{"name", KindString, nil}},
	},
	ControlSetConURL: {
		Source: "19, section 0", From: "participant", To: "its message director",
		parts: []Part{{"url", KindString, nil}},
	},
	// The blob is a MessagePack map, as the event logger takes it (document 20).
	ControlLogMessage: {
		Source: "19, section 0", From: "participant", To: "its message director, for the event logger",
		parts: []Part{{"message", KindBlob, nil}},
	},
}
