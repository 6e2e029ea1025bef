package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge/wire"
)

// Questions are what an operator's tool asks all nodes of a cluster, such as to
// drain: <prefix>ctl.ask.<question>. Each node that knows the question answers
// for itself, to the reply subject. Whoever may publish under the control
// subjects may ask.
const kindAsk = "ask"

// Answer makes the node answer a question, a word without dots. answer is called
// in a goroutine of its own for each time that somebody asks; nil is no answer.
// It is to be called once for a question.
func (n *Node) Answer(question string, answer func(request []byte) []byte) {
	t := n.Begin()
	defer t.End()
	if n.answers == nil {
		n.answers = map[string]func([]byte) []byte{}
	}
	n.answers[question] = answer
}

// asked takes a question from NATS. The turn is the caller's.
func (n *Node) asked(question, reply string, request []byte) {
	answer := n.answers[question]
	if answer == nil || reply == "" {
		return
	}
	go func() {
		if a := answer(request); a != nil && len(a) <= wire.MaxLength {
			t := n.Begin()
			defer t.End()
			n.router.outbox.note(reply, "", a)
		}
	}()
}

// ErrPermission says that the NATS server does not permit something to this user.
var ErrPermission = nats.ErrPermissionViolation

// Asker asks the nodes of a cluster. It is no node itself.
type Asker struct {
	nc       *nats.Conn
	subjects Subjects
	refused  chan error // the first thing that the server did not permit
}

// AskerOptions say whom to ask. What is zero takes the default named here.
type AskerOptions struct {
	Server   External
	Subjects Subjects
	Name     string        // what operators see as the connection's name; default "asker"
	Timeout  time.Duration // to connect; default 5 s
}

// Connect returns an asker that is connected to a NATS server. Close must follow.
func Connect(o AskerOptions) (*Asker, error) {
	if err := CheckPrefix(o.Subjects.prefix()); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	o.Timeout = cmp.Or(o.Timeout, 5*time.Second)
	server, err := o.Server.reach(o.Timeout)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	a := &Asker{subjects: o.Subjects, refused: make(chan error, 1)}
	a.nc, err = nats.Connect(server.url(), append(server.options(asItIs),
		nats.Name(cmp.Or(o.Name, "asker")), nats.NoReconnect(), nats.Timeout(o.Timeout), nats.ErrorHandler(a.failed))...)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", redact(o.Server.URLs), err)
	}
	return a, nil
}

// failed is called by the NATS client.
func (a *Asker) failed(_ *nats.Conn, _ *nats.Subscription, err error) {
	select {
	case a.refused <- err:
	default: // one is enough to tell
	}
}

// Ask asks all nodes, and hands each answer to take until that says no, or until
// ctx is done: nobody knows how many will answer. The end of ctx is no error, unless
// the server did not permit the question: then it is an [ErrPermission].
func (a *Asker) Ask(ctx context.Context, question string, request []byte, take func(answer []byte) bool) error {
	sub, err := a.nc.SubscribeSync(nats.NewInbox())
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }() // the connection has ended, else
	if err := a.nc.PublishRequest(a.subjects.Control()+"."+kindAsk+"."+question, sub.Subject, request); err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	for {
		m, err := sub.NextMsgWithContext(ctx)
		switch {
		case ctx.Err() != nil, errors.Is(err, nats.ErrNoResponders):
			select {
			case err := <-a.refused:
				return fmt.Errorf("ask: %w", err)
			default:
				return nil
			}
		case err != nil:
			return fmt.Errorf("ask: %w", err)
		case !take(m.Data):
			return nil
		}
	}
}

// Close ends the connection.
func (a *Asker) Close() { a.nc.Close() }
