package clientagent

import "natstron/bridge/wire"

// scriptClasses are the classes that scripts can name.
var scriptClasses = map[string]func() Class{
	"probe":  func() Class { return probe{} },
	"clings": func() Class { return new(clinging) },
	"orders": func() Class { return ordering{} },
}

// probe is a class that changes messages, keeps some back, and acts by itself.
type probe struct{}

// tell sends a message without arguments to the gate.
func tell(s *Session, t wire.MsgType) {
	var w wire.Writer
	d, _ := w.Header(s.Channel(), t, gate.Channel()).Datagram()
	_ = s.Send(d)
}

func (probe) Connected(s *Session)    { s.Value = "mine"; tell(s, 4001) }
func (probe) Disconnected(s *Session) { tell(s, 4002) }

func (probe) FromClient(s *Session, message []byte) []byte {
	r := wire.NewReader(message)
	switch r.ClientMsgType() {
	case 5001: // let me in
		s.SetState(StateEstablished)
		s.SendClient([]byte{0x89, 0x13})
	case 5002: // an avatar without an UberDOG
		s.Declare(101, wire.DClassID(r.Uint16()))
		s.AddSessionObject(101)
		s.AddInterest(1, pond, 10)
	case 5003:
		if s.RemoteAddr().Port() == 4000 && string(s.TLVs()) == "tlvs" && s.Value == "mine" {
			s.Eject(4321, "as you wish")
		}
	case 5004:
		tell(s, 4004)
	case 5008:
		var w wire.Writer
		d, _ := w.Channel(900_002).Datagram()
		s.Order(wire.ClientAgentOpenChannel, d)
		s.Order(wire.ClientAgentOpenChannel, d[:3])
		s.Order(wire.ClientAgentGetTLVs, []byte{1, 2, 3, 4})
	default:
		return message
	}
	return nil
}

func (probe) ToClient(s *Session, message []byte) []byte {
	r := wire.NewReader(message)
	switch r.ClientMsgType() {
	case 5005:
		return nil // not for clients
	case 5006:
		return []byte{0x8f, 0x13, 1}
	case wire.ClientEject:
		s.Eject(1, "once is enough")
	}
	return message
}

// clinging is a class that opens an interest again while it is being closed, and
// acts on a session that has ended.
type clinging struct{ again bool }

func (*clinging) Connected(*Session) {}

func (*clinging) FromClient(_ *Session, message []byte) []byte { return message }

func (k *clinging) ToClient(s *Session, message []byte) []byte {
	r := wire.NewReader(message)
	if r.ClientMsgType() == wire.ClientObjectLeaving && !k.again {
		k.again = true
		s.SendClient([]byte{0x8d, 0x13})
		s.AddInterest(1, pond, 10)
	}
	return message
}

func (*clinging) Disconnected(s *Session) {
	s.SetState(StateEstablished)
	s.Eject(1, "gone")
	s.AddInterest(2, pond, 11)
	s.AddSessionObject(103)
	tell(s, 4004)
}

// ordering is a class that gives each order when its client says so.
type ordering struct{ probe }

func (ordering) Connected(*Session)    {}
func (ordering) Disconnected(*Session) {}

func (ordering) FromClient(s *Session, message []byte) []byte {
	r := wire.NewReader(message)
	switch r.ClientMsgType() {
	case 5101:
		s.SetChannel(900_005)
	case 5102:
		s.OpenChannel(900_002)
	case 5103:
		s.CloseChannel(900_002)
	case 5104:
		s.Declare(102, wire.DClassID(r.Uint16()))
		s.SetFieldsSendable(102, wire.FieldID(r.Uint16()))
	case 5105:
		s.Undeclare(102)
	case 5106:
		s.AddSessionObject(103)
	case 5107:
		s.RemoveSessionObject(103)
	case 5108, 5109:
		var w wire.Writer
		d, _ := w.Header(s.Channel(), 4005, gate.Channel()).Datagram()
		s.AddPostRemove(d)
		if message[0] == 0xf5 {
			s.ClearPostRemoves()
		}
	case 5110:
		s.AddInterest(7, pond, 10)
	case 5111:
		s.RemoveInterest(7)
	case 5113:
		s.SetRelocatableTo(102, pond, wire.ZoneRange{Min: 10, Max: 19})
	case 5114:
		s.SetRelocatable(102)
	case 5112:
		s.Declare(102, 999)
		s.AddPostRemove(nil)
		s.Drop()
	default:
		return message
	}
	return nil
}
