package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// ErrPermission says that the NATS server does not permit something to this user.
var ErrPermission = bridge.ErrPermission

// Asker asks the nodes of a cluster. It is not a node itself.
type Asker struct {
	nc       *nats.Conn
	subjects bridge.Subjects
	refused  chan error // the first thing that the server did not permit
}

// AskerOptions say whom to ask. What is zero takes the default named here.
type AskerOptions struct {
	Server   bridge.External
	Subjects bridge.Subjects
	Name     string        // what operators see as the connection's name; default "asker"
	Timeout  time.Duration // to connect; default 5 s
}

// Connect returns an asker that is connected to a NATS server. Close must follow.
func Connect(o AskerOptions) (*Asker, error) {
	o.Timeout = cmp.Or(o.Timeout, 5*time.Second)
	a := &Asker{subjects: o.Subjects, refused: make(chan error, 1)}
	var err error
	a.nc, err = o.Server.Connect(o.Timeout, nats.Name(cmp.Or(o.Name, "asker")), nats.ErrorHandler(a.failed))
	return a, err
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
	if err := a.nc.PublishRequest(a.subjects.Question(question), sub.Subject, request); err != nil {
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

// publishTime is how long the server has to take a datagram.
const publishTime = 5 * time.Second

// Publish sends a datagram of one recipient, as a program that is not a node may. When it
// returns nil, the server has it: whether a participant hears it is another question. The
// error is an [ErrPermission] if the server did not permit it.
func (a *Asker) Publish(ctx context.Context, d wire.Datagram) error {
	if err := d.Check(); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if n := d.RecipientCount(); n != 1 {
		return fmt.Errorf("publish: a datagram of %d recipients", n)
	}
	ctx, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	err := a.nc.Publish(a.subjects.Subject(d.Recipient(0)), d)
	if err == nil {
		err = a.nc.FlushWithContext(ctx)
	}
	if err == nil {
		err = a.nc.LastError()
	}
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// Close ends the connection.
func (a *Asker) Close() { a.nc.Close() }
