package wire

import (
	"encoding/binary"
	"errors"
	"fmt"

	"pgregory.net/rapid"
)

var errNotInTheDC = errors.New("not in the DC files")

// ruleDC stands for DC files: what a field is follows from its number. By the
// remainder after division by 4 it is empty, one byte, four bytes, or a string.
// From 60000 on there are no fields and no classes. Class c requires the c%5
// fields from c on; clients see the even ones, the owner those and every third.
type ruleDC struct{}

func (ruleDC) ValueSize(f FieldID, b []byte) (int, error) {
	size := 0
	switch {
	case f >= 60000:
		return 0, errNotInTheDC
	case f%4 == 1:
		size = 1
	case f%4 == 2:
		size = 4
	case f%4 == 3:
		if len(b) < 2 {
			return 0, ErrTruncated
		}
		size = 2 + int(binary.LittleEndian.Uint16(b))
	}
	if size > len(b) {
		return 0, fmt.Errorf("%w: %d bytes wanted", ErrTruncated, size)
	}
	return size, nil
}

func (ruleDC) RequiredFields(c DClassID, a Audience) ([]FieldID, error) {
	if c >= 60000 {
		return nil, errNotInTheDC
	}
	var fields []FieldID
	for i := range c % 5 {
		f := FieldID(c + i)
		if a == AudienceServers || f%2 == 0 || a == AudienceOwner && f%3 == 0 {
			fields = append(fields, f)
		}
	}
	return fields, nil
}

// drawFieldBytes is a value of field f under ruleDC.
func drawFieldBytes(t *rapid.T, f FieldID) []byte {
	switch f % 4 {
	case 0:
		return []byte{}
	case 3:
		b := rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "text")
		return append(binary.LittleEndian.AppendUint16(nil, uint16(len(b))), b...)
	}
	n := map[FieldID]int{1: 1, 2: 4}[f%4]
	return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "value")
}

// sample is a payload with what Decode must find in it.
type sample struct {
	w    Writer
	args []Arg
	// ends are the lengths at which the payload is complete, besides its own.
	ends map[int]bool
	// opaque is where the first value begins, or -1.
	opaque int

	index int
	flag  bool
	field FieldID
	class DClassID
}

func drawSample(t *rapid.T, l Layout) *sample {
	s := &sample{ends: map[int]bool{}, opaque: -1, index: -1}
	s.parts(t, l.parts)
	return s
}

func (s *sample) add(p Part, a Arg) {
	a.Name, a.Kind, a.Index = p.Name, p.Kind, s.index
	s.args = append(s.args, a)
}

func (s *sample) value(t *rapid.T, p Part, f FieldID) {
	if s.opaque < 0 {
		s.opaque = s.w.Len()
	}
	b := drawFieldBytes(t, f)
	s.w.Raw(b)
	p.Kind = KindValue
	s.add(p, Arg{Bytes: b, Field: f})
}

func (s *sample) required(t *rapid.T, p Part, a Audience) {
	if s.opaque < 0 {
		s.opaque = s.w.Len()
	}
	fields, _ := ruleDC{}.RequiredFields(s.class, a)
	outer := s.index
	for i, f := range fields {
		s.index = i
		s.value(t, p, f)
	}
	s.index = outer
}

func (s *sample) parts(t *rapid.T, parts []Part) {
	for _, p := range parts {
		switch p.Kind {
		case KindBool:
			v := rapid.Uint8Range(0, 2).Draw(t, p.Name)
			s.flag = v != 0
			s.w.Uint8(v)
			s.add(p, Arg{Number: uint64(v)})
		case KindUint16:
			v := rapid.Uint16().Draw(t, p.Name)
			s.w.Uint16(v)
			s.add(p, Arg{Number: uint64(v)})
		case KindField:
			s.field = FieldID(rapid.Uint16Max(59999).Draw(t, p.Name))
			s.w.FieldID(s.field)
			s.add(p, Arg{Number: uint64(s.field)})
		case KindDClass:
			s.class = DClassID(rapid.Uint16Max(59990).Draw(t, p.Name))
			s.w.DClassID(s.class)
			s.add(p, Arg{Number: uint64(s.class)})
		case KindUint32, KindDoID, KindZone:
			v := rapid.Uint32().Draw(t, p.Name)
			s.w.Uint32(v)
			s.add(p, Arg{Number: uint64(v)})
		case KindLocation:
			c := Channel(rapid.Uint64().Draw(t, p.Name))
			s.w.Location(c.Location())
			s.add(p, Arg{Number: uint64(c)})
		case KindChannel:
			v := rapid.Uint64().Draw(t, p.Name)
			s.w.Uint64(v)
			s.add(p, Arg{Number: v})
		case KindString, KindBlob, KindDatagram, KindClientMessage:
			b := rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, p.Name)
			s.w.Blob(b)
			s.add(p, Arg{Bytes: b})
		case KindValue:
			s.value(t, p, s.field)
		case KindRequired:
			s.required(t, p, AudienceServers)
		case KindRequiredBroadcast:
			s.required(t, p, AudienceClients)
		case KindRequiredOwner:
			s.required(t, p, AudienceOwner)
		case KindList:
			n := rapid.IntRange(0, 3).Draw(t, p.Name)
			s.w.Uint16(uint16(n))
			s.add(p, Arg{Number: uint64(n)})
			for s.index = 0; s.index < n; s.index++ {
				s.parts(t, p.parts)
			}
			s.index = -1
		case KindIfTrue:
			if s.flag {
				s.parts(t, p.parts)
			}
		case KindRepeat:
			n := rapid.IntRange(0, 3).Draw(t, "times")
			for s.index = 0; s.index < n; s.index++ {
				s.ends[s.w.Len()] = true
				s.parts(t, p.parts)
			}
			s.ends[s.w.Len()] = true
			s.index = -1
		case KindIfMore:
			before, args := s.w.Len(), len(s.args)
			s.ends[before] = true
			if rapid.Bool().Draw(t, "more") {
				s.parts(t, p.parts)
			}
			if s.w.Len() == before {
				s.args = s.args[:args] // an empty value looks like none
			}
		default:
			t.Fatalf("no sample of kind %s", p.Kind)
		}
	}
}
