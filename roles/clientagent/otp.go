package clientagent

import (
	"log/slog"
	"time"

	"natstron/bridge/otp"
	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// OTP is the client.type of an agent whose clients speak the dialect of Disney's servers
// (package natstron/bridge/otp), as far as the games have it in common. See [OTPClients].
const OTP = "otp"

// OTPOptions are those of agents whose clients speak that dialect.
type OTPOptions struct {
	// Uberdog gets each message that is a game's own, in a CLIENTAGENT_CLIENT_MESSAGE
	// from the client's channel. 0: such a message ends the session.
	Uberdog wire.Channel `key:"client.uberdog,ours" unset:"none" doc:"With the type otp: the channel that gets what is the game's own in what clients send, logins first of all, each message in a CLIENTAGENT_CLIENT_MESSAGE. Left out, such messages end the session."`
	// ClassFirst is that of [otp.ClientFormat].
	ClassFirst bool `key:"client.owner_entry,ours" choices:"location class" doc:"With the type otp: what comes first where a client is told of an object that it owns, the location or, as Pixie Hollow and World of Cars have it, class and doId."`
}

// A Game is what clients of the OTP dialect have that is one game's own: its login, its
// avatars, its friends. The rules for a [Class] hold.
type Game interface {
	// Connected is called when a client has connected. Its state is StateAnonymous:
	// there is no hello that all games have.
	Connected(s *Session)
	// Message is called with each message, type and payload, that is the game's own.
	// [Session.SendClient] answers it.
	Message(s *Session, message []byte)
	// Disconnected is called when the session has ended.
	Disconnected(s *Session)
}

// OTPClients is a client class for the dialect of Disney's servers, for [Classes]. What
// is a game's own goes to the game; without one, to the UberDOG that the configuration
// names.
func OTPClients(newGame func(Agent) (Game, error)) func(Agent) (Class, error) {
	return func(a Agent) (Class, error) {
		c := &otpClass{format: otp.ClientFormat{ClassFirst: a.OTP.ClassFirst, DC: msgtext.Values{File: a.File}}, log: a.Log}
		var err error
		if newGame == nil {
			c.game = uberdogGame{a.OTP.Uberdog}
		} else {
			c.game, err = newGame(a)
		}
		return c, err
	}
}

// otpClass is the [Class] of such clients.
type otpClass struct {
	format otp.ClientFormat
	game   Game
	log    *slog.Logger
	in     []byte
}

func (c *otpClass) Connected(s *Session) {
	s.SetState(StateAnonymous)
	c.game.Connected(s)
}

func (c *otpClass) Disconnected(s *Session) { c.game.Disconnected(s) }

func (c *otpClass) FromClient(s *Session, message []byte) []byte {
	s.s.limits.heartbeat = time.Now() // whatever it is
	out, ok, err := otp.ClientToAstron(c.in[:0], message)
	switch {
	case err != nil:
		s.eject(wrongSize(err))
	case !ok:
		c.game.Message(s, message)
	default:
		c.in = out
		return out
	}
	return nil
}

func (c *otpClass) ToClient(s *Session, message []byte) []byte {
	var last []byte
	err := c.format.FromAstron(nil, message, func(m []byte) {
		if last != nil {
			s.SendClient(last)
		}
		last = m
	})
	if err != nil {
		c.log.Error("a client was not told something", "client", uint64(s.Channel()), "error", err)
	}
	return last
}

// FromCluster lets what the cluster has for a client pass as it is: it is the game's own.
func (c *otpClass) FromCluster(_ *Session, message []byte) []byte { return message }

// uberdogGame passes everything to an UberDOG.
type uberdogGame struct{ channel wire.Channel }

func (uberdogGame) Connected(*Session)    {}
func (uberdogGame) Disconnected(*Session) {}

func (g uberdogGame) Message(s *Session, message []byte) {
	var w wire.Writer
	d, err := w.Header(s.Channel(), wire.ClientAgentClientMessage, g.channel).Blob(message).Datagram()
	if g.channel == wire.InvalidChannel || err != nil {
		s.Eject(wire.EjectInvalidMsgType, "The server has nobody for such a message.")
		return
	}
	if s.Send(d) != nil {
		s.Eject(wire.EjectGeneric, "The server cannot be reached.")
	}
}
