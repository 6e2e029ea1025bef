package main

import (
	"errors"
	"log/slog"
	"strings"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/ask"
	"natstron/roles/clientagent"
)

// As in astrond.yml.
const (
	stateServer wire.Channel = 402000
	firstClient wire.Channel = 1_000_000_000
	firstAvatar wire.DoID    = 200_000_000 // the first client's avatar, and so on
	grass       wire.DoID    = 10_000      // the parent of all avatars
	square      wire.Zone    = 1
)

// park is the class. The agent calls its methods one at a time.
type park struct {
	log            *slog.Logger
	login, setChat *dc.Field
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
	if !ok1 || !ok2 {
		return nil, errors.New("it needs LoginManager and Avatar of park.dc")
	}
	p.login, ok1 = manager.FieldByName("login")
	p.setChat, ok2 = avatar.FieldByName("setChat")
	if !ok1 || !ok2 {
		return nil, errors.New("it needs LoginManager.login and Avatar.setChat of park.dc")
	}
	return p, nil
}

func (p *park) Connected(s *clientagent.Session) { s.Value = new(player) }

// FromClient handles logins, see login.go, and changes or drops chat. Everything else
// passes, and the agent checks it.
func (p *park) FromClient(s *clientagent.Session, message []byte) []byte {
	do, field, value, ok := update(message)
	switch {
	case !ok:
		return message
	case do == loginManager && field == p.login.ID() && s.State() != clientagent.StateNew:
		if s.State() == clientagent.StateAnonymous {
			p.logIn(s, value)
		}
		return nil // no password leaves the process
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

// enter lets a client in and creates its avatar: an object that the client owns, and
// that ends with its session. Who is in with the same account leaves: each client has its
// account's channel open.
func (p *park) enter(s *clientagent.Session, account wire.DoID, name string) {
	me := s.Value.(*player)
	me.name, me.avatar = name, firstAvatar+wire.DoID(s.Channel()-firstClient)
	online := wire.Location{Parent: 1003, Zone: wire.Zone(account)}.Channel()
	p.tell(s, ask.Client(online).Eject(wire.EjectLoggedInElsewhere, "You have logged in again."))
	s.OpenChannel(online)
	s.SetState(clientagent.StateEstablished)
	s.AddInterest(1, grass, square)
	s.AddSessionObject(me.avatar)
	at := wire.Location{Parent: grass, Zone: square}
	p.tell(s, ask.Create(stateServer, "Avatar", me.avatar, at, ask.Values{"setName": name}))
	p.tell(s, ask.SetOwner(me.avatar, s.Channel()))
	p.log.Info("a player is in the park", "client", uint64(s.Channel()), "name", name)
}

// tell sends a message into the cluster, as the client.
func (p *park) tell(s *clientagent.Session, m ask.Message) {
	if err := s.Tell(m); err != nil {
		p.fail(s, err)
	}
}

// badWords are the words that the park does not allow.
var badWords = strings.NewReplacer("darn", "****", "heck", "****")

// said filters chat of a player. Two words are commands.
func (p *park) said(s *clientagent.Session, message, value []byte) []byte {
	v, err := ask.Unpack(p.setChat, value)
	said, _ := v.(string)
	switch {
	case err != nil:
		return message // the agent refuses it
	case said == "/deaf" || said == "/hear":
		s.Value.(*player).deaf = said == "/deaf"
		return nil
	}
	clean := badWords.Replace(said)
	if clean == said {
		return message
	}
	packed, err := ask.Pack(p.setChat, clean)
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
