package otp

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"natstron/bridge/wire"
)

// ClientMsgType is the number of a message between a game client of the dialect and its
// client agent. Most of them are a game's own: its login, its avatars, its friends.
type ClientMsgType uint16

// String is Disney's name of the message, or its number if it has none here.
func (t ClientMsgType) String() string {
	for i := range clientTable {
		if clientTable[i].Type == t {
			return clientTable[i].Name
		}
	}
	return strconv.Itoa(int(t))
}

// Messages that the games share.
const (
	ClientGoGetLost           ClientMsgType = 4
	ClientObjectUpdateField   ClientMsgType = 24
	ClientObjectDisable       ClientMsgType = 25
	ClientObjectDisableOwner  ClientMsgType = 26
	ClientCreateRequired      ClientMsgType = 34
	ClientCreateRequiredOther ClientMsgType = 35
	ClientCreateOwner         ClientMsgType = 36
	ClientDisconnect          ClientMsgType = 37
	ClientDoneInterest        ClientMsgType = 48
	ClientHeartbeat           ClientMsgType = 52
	ClientAddInterest         ClientMsgType = 97
	ClientRemoveInterest      ClientMsgType = 99
	ClientObjectLocation      ClientMsgType = 102
)

// ClientMessage is a row of the table of client messages.
type ClientMessage struct {
	Type   ClientMsgType
	Name   string
	Astron wire.ClientMsgType
	// Plain is Astron's number of the same message without other fields.
	Plain wire.ClientMsgType

	fromClient  bool // clients send it
	otp, astron []part
}

// clientTable are the messages that the games share. Some go both ways.
var clientTable = []ClientMessage{
	{Type: ClientDisconnect, Name: "CLIENT_DISCONNECT", Astron: wire.ClientDisconnect, fromClient: true},
	{Type: ClientHeartbeat, Name: "CLIENT_HEARTBEAT", Astron: wire.ClientHeartbeat, fromClient: true},
	{Type: ClientObjectUpdateField, Name: "CLIENT_OBJECT_UPDATE_FIELD", Astron: wire.ClientObjectSetField, fromClient: true},
	{Type: ClientObjectLocation, Name: "CLIENT_OBJECT_LOCATION", Astron: wire.ClientObjectLocation, fromClient: true},
	{Type: ClientAddInterest, Name: "CLIENT_ADD_INTEREST", Astron: wire.ClientAddInterestMultiple, fromClient: true,
		otp: []part{id, context, doID}, astron: []part{context, id, doID, zones}},
	{Type: ClientRemoveInterest, Name: "CLIENT_REMOVE_INTEREST", Astron: wire.ClientRemoveInterest, fromClient: true,
		otp: []part{id, context}, astron: []part{context, id}},

	{Type: ClientGoGetLost, Name: "CLIENT_GO_GET_LOST", Astron: wire.ClientEject},
	{Type: ClientObjectDisable, Name: "CLIENT_OBJECT_DISABLE", Astron: wire.ClientObjectLeaving},
	{Type: ClientObjectDisableOwner, Name: "CLIENT_OBJECT_DISABLE_OWNER", Astron: wire.ClientObjectLeavingOwner},
	{Type: ClientCreateRequired, Name: "CLIENT_CREATE_OBJECT_REQUIRED", Astron: wire.ClientEnterObjectRequired,
		otp: []part{location, class, doID}, astron: []part{doID, location, class}},
	{Type: ClientCreateRequiredOther, Name: "CLIENT_CREATE_OBJECT_REQUIRED_OTHER", Astron: wire.ClientEnterObjectRequiredOther,
		otp: []part{location, class, doID}, astron: []part{doID, location, class}},
	{Type: ClientCreateOwner, Name: "CLIENT_CREATE_OBJECT_REQUIRED_OTHER_OWNER",
		Astron: wire.ClientEnterObjectRequiredOtherOwner, Plain: wire.ClientEnterObjectRequiredOwner,
		otp: []part{location, class, doID}, astron: []part{doID, location, class}},
	{Type: ClientDoneInterest, Name: "CLIENT_DONE_INTEREST_RESP", Astron: wire.ClientDoneInterestResp,
		otp: []part{id, context}, astron: []part{context, id}},
}

// ClientMessages are all that is translated between clients and client agents: a copy.
func ClientMessages() []ClientMessage { return append([]ClientMessage(nil), clientTable...) }

// ClientToAstron appends to dst what Astron has for a client's message, type and payload.
// ok is false for a game's own message. An error wraps [wire.ErrTruncated] or
// [wire.ErrExcess].
func ClientToAstron(dst, message []byte) (out []byte, ok bool, err error) {
	r := wire.NewReader(message)
	number := ClientMsgType(r.Uint16())
	payload := r.Rest()
	if err := r.Err(); err != nil {
		return nil, false, fmt.Errorf("client message: %w", err)
	}
	for i := range clientTable {
		m := &clientTable[i]
		if m.Type != number || !m.fromClient {
			continue
		}
		switch {
		case m.Type == ClientHeartbeat:
			payload = nil // some say more
		case m.Type == ClientRemoveInterest && len(payload) == size[id]:
			payload = append(payload[:len(payload):len(payload)], 0, 0, 0, 0) // some say nothing of a context
		}
		row := Message{otp: m.otp, astron: m.astron}
		out = binary.LittleEndian.AppendUint16(dst, uint16(m.Astron))
		if out, err = row.toAstron(out, &incoming{payload: payload}); err != nil {
			return nil, true, fmt.Errorf("%s: %w", m.Name, err)
		}
		return out, true, nil
	}
	return nil, false, nil
}

// ClientFormat is how a game's client wants what is not the same for all.
type ClientFormat struct {
	// ClassFirst: an object that the client owns is told as class, doId, location,
	// instead of location, class, doId.
	ClassFirst bool
	// DC knows the DC files: a message with several fields is taken apart. Required.
	DC wire.ValueReader
}

// FromAstron calls emit with each message of the dialect that comes of one that Astron
// has for a client, appended to dst. Of some nothing comes: clients of the dialect are
// not told of interests that the cluster opens. An error wraps [wire.ErrTruncated] or the
// DC's, or says that there is no such message.
func (f *ClientFormat) FromAstron(dst, message []byte, emit func([]byte)) error {
	r := wire.NewReader(message)
	t := r.ClientMsgType()
	payload := r.Rest()
	if err := r.Err(); err != nil {
		return fmt.Errorf("client message: %w", err)
	}
	switch t {
	case wire.ClientHelloResp, wire.ClientAddInterest, wire.ClientAddInterestMultiple, wire.ClientRemoveInterest:
		return nil
	case wire.ClientObjectSetFields:
		return f.updates(dst, payload, emit)
	}
	for i := range clientTable {
		m := &clientTable[i]
		if t != m.Astron && (m.Plain == 0 || t != m.Plain) {
			continue
		}
		row := Message{otp: m.otp, astron: m.astron}
		if m.Type == ClientCreateOwner && f.ClassFirst {
			row.otp = []part{class, doID, location}
		}
		out, err := row.toOTP(binary.LittleEndian.AppendUint16(dst, uint16(m.Type)), &incoming{payload: payload}, t == m.Plain)
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		emit(out)
		return nil
	}
	return fmt.Errorf("clients of the dialect have no message like %s", t)
}

// updates makes a message of each field.
func (f *ClientFormat) updates(dst, payload []byte, emit func([]byte)) error {
	r := wire.NewReader(payload)
	do, count := r.DoID(), r.Uint16()
	for range count {
		field := r.FieldID()
		rest := r
		n, err := f.DC.ValueSize(field, rest.Rest())
		if err == nil {
			err = r.Err()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", wire.ClientObjectSetFields, err)
		}
		out := binary.LittleEndian.AppendUint16(dst, uint16(ClientObjectUpdateField))
		out = binary.LittleEndian.AppendUint32(out, uint32(do))
		out = binary.LittleEndian.AppendUint16(out, uint16(field))
		emit(append(out, r.Bytes(n)...))
	}
	return r.Done()
}
