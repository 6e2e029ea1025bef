package wiretest

import (
	"encoding/binary"
	"errors"
	"io"
	"net"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// The operations of the wire protocol.
const (
	opReply = 1
	opQuery = 2004 // drivers begin with it
	opMsg   = 2013
)

const maxMessage = 48 << 20

// message is a command on the wire, with its document sequences put into its body.
type message struct {
	id, op int32
	body   bson.D
}

func readMessage(r io.Reader) (message, error) {
	var header [16]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return message{}, err
	}
	length := int(binary.LittleEndian.Uint32(header[:]))
	if length < len(header) || length > maxMessage {
		return message{}, errors.New("wiretest: a message of no possible length")
	}
	b := make([]byte, length-len(header))
	if _, err := io.ReadFull(r, b); err != nil {
		return message{}, err
	}
	m := message{id: int32(binary.LittleEndian.Uint32(header[4:])), op: int32(binary.LittleEndian.Uint32(header[12:]))}
	switch m.op {
	case opMsg:
		return m, m.readSections(b)
	case opQuery:
		return m, m.readQuery(b)
	}
	return m, errors.New("wiretest: unknown operation")
}

// readQuery reads flags, a collection, two numbers and the document.
func (m *message) readQuery(b []byte) error {
	for i := 4; i < len(b); i++ {
		if b[i] == 0 && len(b) >= i+9 {
			return bson.Unmarshal(b[i+9:], &m.body)
		}
	}
	return io.ErrUnexpectedEOF
}

// readSections reads flags and sections: the body, and sequences of documents.
func (m *message) readSections(b []byte) error {
	if len(b) < 4 {
		return io.ErrUnexpectedEOF
	}
	var sequences bson.D
	for b = b[4:]; len(b) > 5; {
		kind := b[0]
		size := int(binary.LittleEndian.Uint32(b[1:]))
		if size < 5 || size > len(b)-1 {
			return io.ErrUnexpectedEOF
		}
		section := b[1 : 1+size]
		b = b[1+size:]
		if kind == 0 {
			if err := bson.Unmarshal(section, &m.body); err != nil {
				return err
			}
			continue
		}
		one, err := readSequence(section[4:])
		if err != nil {
			return err
		}
		sequences = append(sequences, one)
	}
	m.body = append(m.body, sequences...)
	if len(m.body) == 0 {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func readSequence(b []byte) (bson.E, error) {
	list := bson.A{}
	for i, c := range b {
		if c != 0 {
			continue
		}
		name := string(b[:i])
		for b = b[i+1:]; len(b) >= 4; {
			size := int(binary.LittleEndian.Uint32(b))
			if size < 5 || size > len(b) {
				return bson.E{}, io.ErrUnexpectedEOF
			}
			var d bson.D
			if err := bson.Unmarshal(b[:size], &d); err != nil {
				return bson.E{}, err
			}
			list = append(list, d)
			b = b[size:]
		}
		return bson.E{Key: name, Value: list}, nil
	}
	return bson.E{}, io.ErrUnexpectedEOF
}

// reply answers in the form of the question.
func (m message) reply(c net.Conn, answer bson.D) error {
	raw, err := bson.Marshal(answer)
	if err != nil {
		return err
	}
	op, front := int32(opMsg), make([]byte, 5)
	if m.op == opQuery {
		op, front = opReply, make([]byte, 20)
		binary.LittleEndian.PutUint32(front[16:], 1)
	}
	b := make([]byte, 16, 16+len(front)+len(raw))
	binary.LittleEndian.PutUint32(b, uint32(cap(b)))
	binary.LittleEndian.PutUint32(b[8:], uint32(m.id))
	binary.LittleEndian.PutUint32(b[12:], uint32(op))
	_, err = c.Write(append(append(b, front...), raw...))
	return err
}
