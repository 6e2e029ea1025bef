package main

import (
	"errors"
	"log/slog"
	"strings"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/clientagent"
)

// As in astrond.yml.
const (
	loginManager wire.DoID    = 4665
	stateServer  wire.Channel = 402000
	firstClient  wire.Channel = 1_000_000_000
	firstAvatar  wire.DoID    = 200_000_000 // the first client's avatar, and so on
	world        wire.DoID    = 10_000      // the parent of all avatars
	square       wire.Zone    = 1
)

// park is the class. The agent calls its methods one at a time.
type park struct {
	log            *slog.Logger
	login, setChat *dc.Field
	avatar, grass  wire.DClassID
	open           bool // the world has been created
}

// player is what the park remembers of a client.
type player struct {
	name   string // empty before the login
	avatar wire.DoID
	deaf   bool // wants to see no chat
}

// newPark is called for each client agent whose client.type is park.
func newPark(agent clientagent.Agent) (clientagent.Class, error) {
	p := &park{log: agent.Log}
	manager, ok1 := agent.File.ClassByName("LoginManager")
	avatar, ok2 := agent.File.ClassByName("Avatar")
	grass, ok3 := agent.File.ClassByName("Grass")
	if !ok1 || !ok2 || !ok3 {
		return nil, errors.New("it needs LoginManager, Avatar and Grass of park.dc")
	}
	p.avatar, p.grass = classID(avatar), classID(grass)
	p.login, ok1 = manager.FieldByName("login")
	p.setChat, ok2 = avatar.FieldByName("setChat")
	if !ok1 || !ok2 {
		return nil, errors.New("it needs LoginManager.login and Avatar.setChat of park.dc")
	}
	return p, nil
}

func classID(c *dc.Class) wire.DClassID {
	id, _ := c.ID() // only structs have none
	return wire.DClassID(id)
}

func (p *park) Connected(s *clientagent.Session) { s.Value = new(player) }

// FromClient handles logins, and changes or drops chat. Everything else passes, and
// the agent checks it.
func (p *park) FromClient(s *clientagent.Session, message []byte) []byte {
	do, field, value, ok := update(message)
	switch {
	case !ok:
		return message
	case do == loginManager && field == p.login.ID() && s.State() == clientagent.StateAnonymous:
		p.logIn(s, value)
		return nil
	case do == s.Value.(*player).avatar && field == p.setChat.ID():
		return p.said(s, message, value)
	}
	return message
}

// update reads a CLIENT_OBJECT_SET_FIELD.
func update(message []byte) (do wire.DoID, field uint16, value []byte, ok bool) {
	r := wire.NewReader(message)
	if r.ClientMsgType() != wire.ClientObjectSetField {
		return 0, 0, nil, false
	}
	do, field, value = r.DoID(), uint16(r.FieldID()), r.Rest()
	return do, field, value, r.Err() == nil
}

// text is the only argument of a field, a string. The agent has not checked yet what
// the client sent.
func text(field *dc.Field, value []byte) (string, bool) {
	v, err := field.Unpack(value)
	arguments, _ := v.(dc.Record)
	if err != nil || len(arguments) != 1 {
		return "", false
	}
	t, ok := arguments[0].Value.(string)
	return t, ok
}

// logIn lets a client in and creates its avatar: an object that the client owns, and
// that ends with its session.
func (p *park) logIn(s *clientagent.Session, value []byte) {
	name, ok := text(p.login, value)
	if !ok || name == "" || len(name) > 20 {
		s.Eject(wire.EjectBadCredentials, "Say who you are, in at most 20 letters.")
		return
	}
	me := s.Value.(*player)
	me.name, me.avatar = name, firstAvatar+wire.DoID(s.Channel()-firstClient)
	var w wire.Writer
	if !p.open {
		p.open = true
		send(s, w.Header(s.Channel(), wire.StateServerCreateObjectWithRequired, stateServer).
			DoID(world).Location(wire.Location{}).DClassID(p.grass).Text("the park"))
	}
	s.SetState(clientagent.StateEstablished)
	s.AddInterest(1, world, square)
	s.AddSessionObject(me.avatar)
	w.Reset()
	send(s, w.Header(s.Channel(), wire.StateServerCreateObjectWithRequired, stateServer).
		DoID(me.avatar).DoID(world).Zone(square).DClassID(p.avatar).Text(name))
	w.Reset()
	send(s, w.Header(s.Channel(), wire.StateServerObjectSetOwner, me.avatar.Channel()).Channel(s.Channel()))
	p.log.Info("a player is in the park", "client", uint64(s.Channel()), "name", name)
}

// send sends the written datagram into the cluster, as the client.
func send(s *clientagent.Session, w *wire.Writer) {
	d, err := w.Datagram()
	if err == nil {
		err = s.Send(d)
	}
	if err != nil {
		s.Eject(wire.EjectGeneric, "The park is closed.")
	}
}

// badWords are the words that the park does not allow.
var badWords = strings.NewReplacer("darn", "****", "heck", "****")

// said filters chat of a player. Two words are commands.
func (p *park) said(s *clientagent.Session, message, value []byte) []byte {
	said, ok := text(p.setChat, value)
	switch {
	case !ok:
		return message // the agent refuses it
	case said == "/deaf" || said == "/hear":
		s.Value.(*player).deaf = said == "/deaf"
		return nil
	}
	clean := badWords.Replace(said)
	if clean == said {
		return message
	}
	packed, err := p.setChat.Pack([]any{clean})
	if err != nil {
		return nil
	}
	return append(append([]byte(nil), message[:len(message)-len(value)]...), packed...)
}

// ToClient drops chat for players who want none.
func (p *park) ToClient(s *clientagent.Session, message []byte) []byte {
	if s.Value.(*player).deaf {
		if _, field, _, ok := update(message); ok && field == p.setChat.ID() {
			return nil
		}
	}
	return message
}

func (p *park) Disconnected(s *clientagent.Session) {
	if me := s.Value.(*player); me.name != "" {
		p.log.Info("a player has left the park", "client", uint64(s.Channel()), "name", me.name)
	}
}
