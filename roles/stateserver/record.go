package stateserver

import (
	"encoding/binary"
	"errors"
	"fmt"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
)

// A batch is records, one behind the other. Each begins with its kind:
//
//	begin    uint32 hash of the DC files             a snapshot begins
//	end                                              it is complete
//	put      uint32 doId, uint16 dclass, uint32 parent, uint32 zone, uint64 AI,
//	         uint64 owner, uint8 flags, uint32 length, values
//	del      uint32 doId
//	set      uint32 doId, uint16 field, uint16 length, value
//	leave    uint8 length, origin, uint64 seq, uint64 participant, uint64 sender,
//	         uint16 length, datagram                 a post-remove was added
//	clear    uint8 length, origin, uint64 seq        it was sent, or taken back
//	mark     uint32 doId, uint16 field, uint8 marks  of a value
//
// put is the whole of an object, so it can be read again and again. The values are those
// that [Values] holds.
const (
	recordBegin byte = iota + 1
	recordEnd
	recordPut
	recordDel
	recordSet
	recordLeave
	recordClear
	recordMark
)

// Flags of an object.
const (
	putExplicitAI = 1 << iota
	putStatic
	putFamily   // it has children in other processes
	putSnapshot // it has not changed, but is part of a snapshot
)

func appendBegin(b []byte, hash uint32) []byte {
	return binary.LittleEndian.AppendUint32(append(b, recordBegin), hash)
}

func appendPut(b []byte, o *Object, flags byte) []byte {
	id, _ := o.class.ID()
	le := binary.LittleEndian
	b = le.AppendUint32(append(b, recordPut), uint32(o.doID))
	b = le.AppendUint16(b, uint16(id))
	b = le.AppendUint32(b, uint32(o.location.Parent))
	b = le.AppendUint32(b, uint32(o.location.Zone))
	b = le.AppendUint64(b, uint64(o.ai))
	b = le.AppendUint64(b, uint64(o.owner))
	if o.explicitAI {
		flags |= putExplicitAI
	}
	if o.static {
		flags |= putStatic
	}
	if o.far {
		flags |= putFamily
	}
	b = append(b, flags)
	b = le.AppendUint32(b, uint32(len(o.values.b)))
	return append(b, o.values.b...)
}

func appendDel(b []byte, id wire.DoID) []byte {
	return binary.LittleEndian.AppendUint32(append(b, recordDel), uint32(id))
}

func appendSet(b []byte, id wire.DoID, f *dc.Field, packed []byte) []byte {
	b = binary.LittleEndian.AppendUint32(append(b, recordSet), uint32(id))
	b = binary.LittleEndian.AppendUint16(b, f.ID())
	b = binary.LittleEndian.AppendUint16(b, uint16(len(packed)))
	return append(b, packed...)
}

func appendLeave(b []byte, r bridge.Removal) []byte {
	le := binary.LittleEndian
	b = append(append(b, recordLeave, byte(len(r.Origin))), r.Origin...)
	b = le.AppendUint64(b, r.Seq)
	b = le.AppendUint64(b, r.Participant)
	b = le.AppendUint64(b, uint64(r.Sender))
	b = le.AppendUint16(b, uint16(len(r.Datagram)))
	return append(b, r.Datagram...)
}

func appendClear(b []byte, origin string, seq uint64) []byte {
	b = append(append(b, recordClear, byte(len(origin))), origin...)
	return binary.LittleEndian.AppendUint64(b, seq)
}

func appendMark(b []byte, id wire.DoID, f *dc.Field, m Mark) []byte {
	b = binary.LittleEndian.AppendUint32(append(b, recordMark), uint32(id))
	return append(binary.LittleEndian.AppendUint16(b, f.ID()), byte(m))
}

// errRecord says that bytes are not a record.
var errRecord = errors.New("unknown kind of record")

// A putRecord is an object as it was written.
type putRecord struct {
	doID      wire.DoID
	class     wire.DClassID
	location  wire.Location
	ai, owner wire.Channel
	flags     uint8
	values    []byte
}

func readPut(r *wire.Reader) (p putRecord) {
	p.doID, p.class = r.DoID(), r.DClassID()
	p.location = r.Location()
	p.ai, p.owner = r.Channel(), r.Channel()
	p.flags = r.Uint8()
	p.values = r.Bytes(int(r.Uint32()))
	return p
}

// checkRecords finds what is wrong with values that were written as they are in memory.
func (v *Values) checkRecords(class *dc.Class) error {
	last := -1
	for off := 0; off < len(v.b); {
		b := v.b[off:]
		if len(b) < valueHead || len(b)-valueHead < int(binary.LittleEndian.Uint16(b[2:])) {
			return wire.ErrTruncated
		}
		have := v.at(off)
		f, ok := class.Field(uint16(have.id))
		switch {
		case !ok:
			return refuse(UnknownField, "%s has no field %d", class.Name(), have.id)
		case !Kept(f) || int(have.id) <= last || flagsOf(f) != have.flags&^flags(marks):
			return refuse(WrongField, "field %s in an object of %s", f.Name(), class.Name())
		}
		if err := checkValue(f, have.data); err != nil {
			return fmt.Errorf("%s: %w", f.Name(), err)
		}
		last, off = int(have.id), have.end
	}
	if missing := v.Missing(class); len(missing) > 0 {
		return refuse(Truncated, "no value for required field %s", missing[0].Name())
	}
	if !v.fits() {
		return refuse(TooLarge, "its fields do not fit into a datagram")
	}
	return nil
}
