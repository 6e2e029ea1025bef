package operate

import (
	"context"
	"errors"
	"math/rand/v2"

	"natstron/bridge/watch"
	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/roles/inspect"
)

// inspector asks all processes of a cluster. It is not a node.
type inspector struct{ *watch.Asker }

// inspectorOf connects to a cluster; Close must follow.
func inspectorOf(at cmdline.Cluster, name string) (inspector, error) {
	a, err := watch.Connect(watch.AskerOptions{Server: at.Server, Subjects: at.Subjects, Name: name})
	if err != nil {
		return inspector{}, cmdline.NoBackbone(err, "publish and subscribe on the control subjects")
	}
	return inspector{a}, nil
}

// ask is an [inspect.Asker].
func (i inspector) ask(ctx context.Context, request []byte, take func([]byte) bool) error {
	return cmdline.Refused(i.Ask(ctx, inspect.Subject, request, take), "publish")
}

// publish sends a datagram.
func (i inspector) publish(ctx context.Context, w *wire.Writer) error {
	d, err := w.Datagram()
	if err != nil {
		return err
	}
	return cmdline.Refused(i.Publish(ctx, d), "publish")
}

// ownChannel is a channel for this command, far above those of games.
func ownChannel() wire.Channel { return wire.Channel(1<<63 | rand.Uint64()>>1) }

// askCluster asks one question.
func (i inspector) askCluster(ctx context.Context, q inspect.Question) (*inspect.Result, error) {
	r, err := inspect.Ask(ctx, i.ask, q)
	if err == nil && len(r.Answered) == 0 {
		err = errors.New("no process of the cluster answers: is it of an older version?")
	}
	return r, err
}
