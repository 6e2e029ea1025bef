package wire

// controlLayouts are the control messages (document 19, section 0). They have no
// sender, so the arguments follow the type of [Datagram.Control].
var controlLayouts = map[MsgType]Layout{
	ControlAddChannel: {
		Source: "19, section 0", From: "participant", To: "its message director",
		Does:  "The participant receives what is sent to this channel from now on.",
		parts: []Part{{"channel", KindChannel, nil}},
	},
	ControlRemoveChannel: {
		Source: "19, section 0", From: "participant", To: "its message director",
		Does:  "It does not any more.",
		parts: []Part{{"channel", KindChannel, nil}},
	},
	ControlAddRange: {
		Source: "19, section 0", From: "participant", To: "its message director",
		Does:  "The same as ADD_CHANNEL for all channels from the first to the last.",
		parts: []Part{{"low_channel", KindChannel, nil}, {"high_channel", KindChannel, nil}},
	},
	ControlRemoveRange: {
		Source: "19, section 0", From: "participant", To: "its message director",
		Does:  "It does not receive what is sent to these channels any more.",
		parts: []Part{{"low_channel", KindChannel, nil}, {"high_channel", KindChannel, nil}},
	},
	ControlAddPostRemove: {
		Source: "19, section 0", From: "participant", To: "its message director",
		Does:  "Leaves a datagram that is sent when the participant's connection ends, in whatever way. The sender is the one that CLEAR_POST_REMOVES names.",
		parts: []Part{{"sender", KindChannel, nil}, {"datagram", KindDatagram, nil}},
	},
	ControlClearPostRemoves: {
		Source: "19, section 0", From: "participant", To: "its message director",
		Does:  "Takes back the post-removes that were added with this sender.",
		parts: []Part{{"sender", KindChannel, nil}},
	},
	ControlSetConName: {
		Source: "19, section 0", From: "participant", To: "its message director",
		Does:  "A name of the connection, for logs and the status page.",
		parts: []Part{{"name", KindString, nil}},
	},
	ControlSetConURL: {
		Source: "19, section 0", From: "participant", To: "its message director",
		Does:  "An address where the participant's own web page is, for the status page.",
		parts: []Part{{"url", KindString, nil}},
	},
	ControlLogMessage: {
		Source: "19, section 0", From: "participant", To: "its message director, for the event logger",
		Does:  "An event for the [event logger](eventlogger.md): a MessagePack map.",
		parts: []Part{{"message", KindBlob, nil}},
	},
}
