package gamerole

import (
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
)

// Types are the types of roles that a program has besides those that are built in, by the
// word that chooses them in astrond.yml.
type Types map[string]Type

// Names are the words, in order.
func (t Types) Names() []string { return slices.Sorted(maps.Keys(t)) }

// A Type is one type of role. [TypeOf] makes it.
type Type struct {
	options reflect.Type
	make    func(*Role, any) (Game, error)
}

// Options is the struct that the role's keys in astrond.yml fill.
func (t Type) Options() reflect.Type { return t.options }

// Options are a role's keys in astrond.yml: a pointer to a struct whose fields have tags, with
// the key, a default, limits, and what it does:
//
//	Database wire.Channel  `key:"database,required" doc:"The control channel of the database."`
//	Greeting string        `key:"greeting" default:"hello" doc:"What new players read."`
//	Patience time.Duration `key:"patience" default:"10s" min:"1s" max:"1m" doc:"How long a login may take."`
//	Slots    int           `key:"slots" default:"6" min:"1" max:"10" doc:"How many avatars an account has."`
//
// Keys may be texts, numbers, truths, durations, channels, doIds, sections (structs), and lists of
// these. docs/configuration.md explains the tags. A struct that knows more of its values has the
// method CheckKeys:
//
//	func (o *options) CheckKeys(given func(key string) bool, report func(problem, fix string, keys ...string))
type Options interface {
	// Channel is the role's own channel, of the doId that it serves, for example: it is
	// subscribed to it, sends its messages as it, and is the only one of the cluster with it.
	Channel() wire.Channel
}

// Game is a role's own code, as the function that is given to [TypeOf] makes it. It may have
// the methods of [Readier], [Drainer] and [Receiver], too.
type Game interface {
	// Start is called in a turn, when the roles that others lean on have started: event
	// loggers, databases, state servers. The role may ask and send from now on. When it can do
	// all of its work, it calls ready, at once or in a later turn, so that it can load what it
	// needs before clients connect; or with why it cannot, which ends the process.
	Start(ready func(error))
	// Stop is called in a turn, when the role ends, also before it is ready. The role's
	// post-removes are sent after that.
	Stop()
}

// A Readier can tell whether it is able to work at the moment.
type Readier interface {
	// Ready returns nil, or in words for an operator what keeps the role from its work. It is
	// called in a turn.
	Ready() error
}

// A Receiver wants the messages, too, that are neither updates of fields with a handler nor
// answers to its questions.
type Receiver interface {
	// Receive gets a message to one of the role's channels. It is valid until Receive returns.
	Receive(m wire.Message)
}

// TypeOf is a type of role. T must be a struct, see [Options]; newGame makes a role of it. It looks up
// classes and fields and names handlers, and must do nothing else: astrond check calls it, too. An
// error is told at the role's place in the configuration.
func TypeOf[T any, P interface {
	*T
	Options
}](newGame func(*Role, P) (Game, error)) Type {
	return Type{reflect.TypeFor[T](), func(r *Role, options any) (Game, error) { return newGame(r, options.(P)) }}
}

// Setup is what astrond gives to a role.
type Setup struct {
	Type string       // the word in astrond.yml
	Node *bridge.Node // nil: the role is only checked, and not started
	File *dc.File     // the DC files; required
	Log  *slog.Logger // default: discard
	// Options are of the type that [Type.Options] says.
	Options any
}

// New returns a role that is not started yet.
func (t Type) New(s Setup) (*Role, error) {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	channel := s.Options.(Options).Channel()
	if channel <= wire.LastReservedChannel {
		return nil, fmt.Errorf("its channel is %d: channels up to %d are reserved", channel, wire.LastReservedChannel)
	}
	r := newRole(s, channel)
	game, err := t.make(r, s.Options)
	if err != nil {
		return nil, err
	}
	r.game = game
	return r, nil
}
