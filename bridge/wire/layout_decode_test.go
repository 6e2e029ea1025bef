package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// decode returns all arguments and the error.
func decode(l Layout, payload []byte, dc ValueReader) ([]Arg, error) {
	r := NewReader(slices.Clip(payload))
	var args []Arg
	err := l.Decode(&r, dc, func(a Arg) { args = append(args, a) })
	return args, err
}

// laidOut is the bytes that an argument was read from.
func laidOut(a Arg) []byte {
	var w Writer
	switch a.Kind {
	case KindBool:
		w.Uint8(uint8(a.Number))
	case KindUint16, KindField, KindDClass, KindList:
		w.Uint16(uint16(a.Number))
	case KindUint32, KindDoID, KindZone:
		w.Uint32(uint32(a.Number))
	case KindLocation:
		w.Location(Channel(a.Number).Location())
	case KindChannel:
		w.Uint64(a.Number)
	case KindString, KindBlob, KindDatagram, KindClientMessage:
		return append(binary.LittleEndian.AppendUint16(nil, uint16(len(a.Bytes))), a.Bytes...)
	case KindValue, KindRaw:
		return a.Bytes
	default:
		panic("no argument is of kind " + a.Kind.String())
	}
	return w.buf
}

func allLaidOut(args []Arg) []byte {
	var all []byte
	for _, a := range args {
		all = append(all, laidOut(a)...)
	}
	return all
}

// Each message, whole, cut at every byte, and with a byte too many.
func TestDecodeEveryMessage(t *testing.T) {
	for _, l := range allLayouts(t) {
		t.Run(l.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := drawSample(t, l.Layout)
				payload, err := s.w.Datagram()
				must(t, err)
				got, err := decode(l.Layout, payload, ruleDC{})
				must(t, err)
				if !slices.EqualFunc(s.args, got, sameArg) {
					t.Fatal(cmp.Diff(s.args, got))
				}
				for n := range payload {
					cut, err := decode(l.Layout, payload[:n], ruleDC{})
					if s.ends[n] && err != nil || !s.ends[n] && !errors.Is(err, ErrTruncated) {
						t.Fatalf("after %d of %d bytes: %v", n, len(payload), err)
					}
					if !bytes.Equal(allLaidOut(cut), payload[:n]) {
						t.Fatalf("after %d of %d bytes not all were visited: %v", n, len(payload), cut)
					}
				}
				if s.ends[len(payload)] {
					return // a byte more would begin what may follow
				}
				excess, err := decode(l.Layout, append(slices.Clip(payload), 0xee), ruleDC{})
				last := excess[len(excess)-1]
				if !errors.Is(err, ErrExcess) || last.String() != "excess=ee" || last.Kind != KindRaw {
					t.Fatalf("a byte too many: %v, %v", last, err)
				}
			})
		})
	}
}

func sameArg(a, b Arg) bool {
	return a.Name == b.Name && a.Kind == b.Kind && a.Index == b.Index && a.Number == b.Number &&
		bytes.Equal(a.Bytes, b.Bytes) && a.Field == b.Field
}

// Without the DC files all before the first value is read, the rest is not.
func TestDecodeWithoutDC(t *testing.T) {
	for _, l := range allLayouts(t) {
		t.Run(l.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := drawSample(t, l.Layout)
				payload, err := s.w.Datagram()
				must(t, err)
				got, err := decode(l.Layout, payload, nil)
				must(t, err)
				if !bytes.Equal(allLaidOut(got), payload) {
					t.Fatalf("not all was visited: %v of %x", got, []byte(payload))
				}
				for i, a := range got {
					isRest := a.Kind == KindRaw
					if isRest && (i != len(got)-1 || a.Name != "rest" || len(a.Bytes) != len(payload)-s.opaque) {
						t.Fatalf("%v is argument %d of %v", a, i, got)
					}
					if !isRest && !sameArg(a, s.args[i]) {
						t.Fatalf("got %v, want %v", a, s.args[i])
					}
				}
			})
		})
	}
}

// exampleDC is the class of document 00, section 1: a required name, field 0,
// and the uint64 fields x, y and z.
type exampleDC struct{}

func (exampleDC) ValueSize(f FieldID, b []byte) (int, error) {
	r := NewReader(b)
	switch {
	case f == 0:
		r.Blob()
	case f <= 3:
		r.Uint64()
	default:
		return 0, errNotInTheDC
	}
	return r.Offset(), r.Err()
}

func (exampleDC) RequiredFields(c DClassID, a Audience) ([]FieldID, error) {
	switch {
	case c != 0:
		return nil, errNotInTheDC
	case a == AudienceServers:
		return []FieldID{0}, nil
	}
	return nil, nil // the name is not for clients
}

// Bytes written out by hand from the documents, and what they mean.
func TestDecodeByHand(t *testing.T) {
	const throgdar = "0800 5468726f67646172 0200 0100 0500000000000000 0300 0000000000000000"
	for _, c := range []struct {
		layout  Layout
		payload string
		want    string
	}{
		{layoutOf(t, StateServerCreateObjectWithRequiredOther), "0a000000 0a120000 d0070000 0000" + throgdar,
			`do_id=10 location=4618:2000 dclass_id=0 required[0]=080054 68726f67646172 other×2 field_id=1 value[1]=0500000000000000 field_id=3 value[3]=0000000000000000`},
		{layoutOf(t, StateServerObjectEnterLocationWithRequiredOther), "0a000000 0a120000 d0070000 0000 0100 0100 0500000000000000", // the name is missing
			"do_id=10 location=4618:2000 dclass_id=0 other×1 field_id=1 value[1]=0500000000000000"},
		{layoutOf(t, StateServerObjectGetAllResp), "07000000 0a000000 00000000 00000000 0000" + throgdar,
			`context=7 do_id=10 location=0:0 dclass_id=0 required[0]=08005468726f67646172 other×2 field_id=1 value[1]=0500000000000000 field_id=3 value[3]=0000000000000000`},
		{layoutOf(t, StateServerObjectSetField), "0a000000 0200 ffffffffffffffff", "do_id=10 field_id=2 value[2]=ffffffffffffffff"},
		{layoutOf(t, StateServerObjectChangingLocation), "0a000000 01000000 02000000 03000000 04000000",
			"do_id=10 new_location=1:2 old_location=3:4"},
		{layoutOf(t, StateServerObjectGetFieldsResp), "01000000 00", "context=1 success=false"},
		{layoutOf(t, StateServerObjectDeleteFieldRAM), "0a000000 0200", "do_id=10 field_id=2"},
		{layoutOf(t, StateServerObjectDeleteFieldRAM), "0a000000 0200 0100000000000000", // as document 12 has it
			"do_id=10 field_id=2 value[2]=0100000000000000"},
		{layoutOf(t, StateServerObjectGetZonesObjects), "02000000 0a120000 0200 d0070000 d1070000",
			"context=2 parent_id=4618 zones×2 zone_id=2000 zone_id=2001"},
		{layoutOf(t, DBServerObjectSetFieldsIfEquals), "03000000 0a000000 0100 0000 0100 61 0100 62",
			"context=3 do_id=10 fields×1 field_id=0 old[0]=010061 new[0]=010062"},
		{layoutOf(t, DBServerFindObjects), "03000000 0000 0000 0100 61 e8030000 0a00", "context=3 dclass_id=0 field_id=0 value[0]=010061 above=1000 limit=10"},
		{layoutOf(t, DBServerFindObjectsResp), "03000000 0000 01 0200 e9030000 ea030000", "context=3 code=0 more=true do_ids×2 do_id=1001 do_id=1002"},
		{layoutOf(t, DBServerFindObjectsResp), "03000000 0200", "context=3 code=2"},
		{layoutOf(t, DBServerCreateObjectIfAbsent), "03000000 0000 0100 0000 0100 61", "context=3 dclass_id=0 fields×1 field_id=0 value[0]=010061"},
		{layoutOf(t, DBServerCreateObjectIfAbsentResp), "03000000 0000 e9030000", "context=3 code=0 do_id=1001"},
		{layoutOf(t, DBServerCreateObjectIfAbsentResp), "03000000 0100 e9030000 0000", "context=3 code=1 do_id=1001 field_id=0"},
		{layoutOf(t, DBServerObjectSetFieldsIfEqualsResp), "03000000 00", "context=3 success=false"}, // refused without the count
		{layoutOf(t, DBServerObjectSetFieldIfEqualsResp), "03000000 00 0000 0100 63", // mismatch
			"context=3 success=false field_id=0 value[0]=010063"},
		{layoutOf(t, DBServerObjectGetAllResp), "04000000 01 0000 0100 0000 0000",
			"context=4 success=true dclass_id=0 fields×1 field_id=0 value[0]=0000"},
		{layoutOf(t, ClientAgentEject), "9a00 0400 62796521", `disconnect_code=154 reason="bye!"`},
		{layoutOf(t, ClientAgentSendDatagram), "0200 0200", "datagram=0200"},
		{layoutOf(t, ClientAgentGetNetworkAddressResp), "05000000 0800 31302e302e302e31 901f 0300 3a3a31 1e1c",
			`context=5 remote_ip="10.0.0.1" remote_port=8080 local_ip="::1" local_port=7198`},
		{layoutOf(t, ControlAddPostRemove), "e110000000000000 0300 000102", "sender=4321 datagram=000102"},
		{clientLayoutOf(t, ClientHello), "efbeadde 0300 646576", `dc_hash=3735928559 version="dev"`},
		{clientLayoutOf(t, ClientHello), "00000000 0400 0a1b5b22", `dc_hash=0 version="\n\x1b[\""`}, // text of a stranger
		{clientLayoutOf(t, ClientAddInterestMultiple), "01000000 0200 0a120000 0100 d0070000",
			"context=1 interest_id=2 parent_id=4618 zones×1 zone_id=2000"},
		{clientLayoutOf(t, ClientEnterObjectRequiredOwner), "0a000000 0a120000 d0070000 0000", "do_id=10 location=4618:2000 dclass_id=0"},
	} {
		args, err := decode(c.layout, unhex(t, c.payload), exampleDC{})
		if err != nil {
			t.Errorf("%s: %v", c.layout.Name, err)
		}
		checkArgs(t, c.layout, args, c.want)
	}
}

func checkArgs(t *testing.T, l Layout, args []Arg, want string) {
	t.Helper()
	var got []string
	for _, a := range args {
		got = append(got, a.String())
	}
	blanks := func(s string) string { return strings.Join(strings.Fields(s), "") }
	if blanks(strings.Join(got, "")) != blanks(want) {
		t.Errorf("%s: got %q, want %s", l.Name, got, want)
	}
}

func layoutOf(t testing.TB, m MsgType) Layout {
	l, ok := LayoutOf(m)
	if !ok {
		t.Fatalf("%s has no layout", m)
	}
	return l
}

func clientLayoutOf(t testing.TB, m ClientMsgType) Layout {
	l, ok := ClientLayoutOf(m)
	if !ok {
		t.Fatalf("%s has no layout", m)
	}
	return l
}

// A message that does not fit the DC files is shown as far as it can be read.
func TestDecodeFaults(t *testing.T) {
	for _, c := range []struct {
		name    string
		layout  Layout
		payload string
		want    string
		err     error
		says    string
	}{
		{
			"unknown field", layoutOf(t, StateServerObjectSetFields), "0a000000 0200 0100 0500000000000000 0900 aabb",
			"do_id=10 fields×2 field_id=1 value[1]=0500000000000000 field_id=9 rest=aabb", errNotInTheDC, "STATESERVER_OBJECT_SET_FIELDS: value: field 9: not in the DC files",
		},
		{
			"unknown dclass", layoutOf(t, StateServerCreateObjectWithRequired), "0a000000 01000000 02000000 0700 aabb",
			"do_id=10 location=1:2 dclass_id=7 rest=aabb", errNotInTheDC, "STATESERVER_CREATE_OBJECT_WITH_REQUIRED: required: dclass 7: not in the DC files",
		},
		{
			"short value", layoutOf(t, StateServerObjectSetField), "0a000000 0100 0500",
			"do_id=10 field_id=1 rest=0500", ErrTruncated, "STATESERVER_OBJECT_SET_FIELD: value: field 1: truncated",
		},
		{
			"short string", layoutOf(t, ControlSetConName), "0500 4149",
			"rest=05004149", ErrTruncated, "CONTROL_SET_CON_NAME: name: truncated: 5 bytes wanted at offset 2, 2 left",
		},
		{
			"short list", layoutOf(t, DBServerObjectDeleteFields), "0a000000 ffff 0100",
			"do_id=10 fields×65535 field_id=1", ErrTruncated, "DBSERVER_OBJECT_DELETE_FIELDS: field_id: truncated",
		},
		{
			"excess", layoutOf(t, StateServerObjectDeleteRAM), "0a000000 0b000000",
			"do_id=10 excess=0b000000", ErrExcess, "STATESERVER_OBJECT_DELETE_RAM: excess data: 4 bytes from offset 4",
		},
	} {
		args, err := decode(c.layout, unhex(t, c.payload), exampleDC{})
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want: %s", c.name, err, c.says)
		}
		checkArgs(t, c.layout, args, c.want)
	}
}

// liar is a ValueReader that has lost its mind.
type liar int

func (n liar) ValueSize(FieldID, []byte) (int, error)               { return int(n), nil }
func (n liar) RequiredFields(DClassID, Audience) ([]FieldID, error) { return nil, nil }

func TestDecodeDoesNotTrustSizes(t *testing.T) {
	for _, n := range []liar{-1, 3, 1 << 40} {
		args, err := decode(layoutOf(t, StateServerObjectSetField), unhex(t, "0a000000 0100 0500"), n)
		if !errors.Is(err, ErrTruncated) {
			t.Errorf("a value of %d bytes where 2 are left: %v, want ErrTruncated", n, err)
		}
		checkArgs(t, Layout{Name: "liar"}, args, "do_id=10 field_id=1 rest=0500")
	}
}

// Both descriptions of a control message, the layout and the codec, agree.
func TestControlLayoutsAgreeWithTheCodec(t *testing.T) {
	for _, e := range controlExamples {
		m, r := Datagram(unhex(t, e.bytes)).Control()
		var args []Arg
		must(t, layoutOf(t, m).Decode(&r, nil, func(a Arg) { args = append(args, a) }))
		got := Control{Type: m}
		for i, a := range args {
			switch {
			case a.Kind != KindChannel:
				got.Data = a.Bytes
			case i == 0:
				got.Channel = Channel(a.Number)
			default:
				got.High = Channel(a.Number)
			}
		}
		if diff := cmp.Diff(e.control, got); diff != "" {
			t.Errorf("%s: %s", m, diff)
		}
	}
}

func FuzzLayout(f *testing.F) {
	f.Add(uint16(StateServerObjectSetFields), false, unhex(f, "0a000000 0200 0100 05 0300 0100 41"))
	f.Add(uint16(StateServerCreateObjectWithRequiredOther), false, unhex(f, "0a000000 01000000 02000000 0600 00 0000"))
	f.Add(uint16(DBServerObjectSetFieldsIfEquals), false, unhex(f, "00000000 0a000000 ffff 0000 0000"))
	f.Add(uint16(ClientEnterObjectRequiredOtherOwner), true, unhex(f, "0a000000 01000000 02000000 60ea"))
	f.Add(uint16(ClientHello), true, unhex(f, "efbeadde 0300 646576"))
	f.Fuzz(func(t *testing.T, number uint16, client bool, payload []byte) {
		l, ok := LayoutOf(MsgType(number))
		if client {
			l, ok = ClientLayoutOf(ClientMsgType(number))
		}
		if !ok {
			return
		}
		for _, dc := range []ValueReader{nil, ruleDC{}} {
			args, err := decode(l, payload, dc)
			if err != nil && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrExcess) && !errors.Is(err, errNotInTheDC) {
				t.Fatalf("unexpected error: %v", err)
			}
			if !bytes.Equal(allLaidOut(args), payload) {
				t.Fatalf("not all was visited: %v of %x", args, payload)
			}
			for _, a := range args {
				if a.String() == "" {
					t.Fatal("an argument without a text")
				}
			}
		}
	})
}

func BenchmarkLayoutDecode(b *testing.B) {
	payload := unhex(b, `0a000000 0a120000 d0070000 0000 0800 5468726f67646172
		0200 0100 0500000000000000 0300 0000000000000000`)
	l := layoutOf(b, StateServerCreateObjectWithRequiredOther)
	b.ReportAllocs()
	for b.Loop() {
		count := 0
		r := NewReader(payload)
		if err := l.Decode(&r, exampleDC{}, func(Arg) { count++ }); err != nil || count != 9 {
			b.Fatal(count, err)
		}
	}
}
