package operate

import (
	"context"
	"errors"
	"fmt"

	"natstron/bridge/watch"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/internal/inspect"
)

// inspector asks all processes of a cluster. It is not a node.
type inspector struct{ *watch.Asker }

// inspectorOf connects to a cluster; Close must follow.
func inspectorOf(at cmdline.Cluster, name string) (inspector, error) {
	a, err := watch.Connect(watch.AskerOptions{Server: at.Server, Subjects: at.Subjects, Name: name})
	if err != nil {
		return inspector{}, fmt.Errorf("%w\n%s", err, cmdline.NoBackboneFix)
	}
	return inspector{a}, nil
}

// ask is an [inspect.Asker].
func (i inspector) ask(ctx context.Context, request []byte, take func([]byte) bool) error {
	err := i.Ask(ctx, inspect.Subject, request, take)
	if errors.Is(err, watch.ErrPermission) {
		return fmt.Errorf("%w\nThis NATS user may not publish, which a question needs: give one that may with --nats or --config", err)
	}
	return err
}

// look asks one question.
func (i inspector) look(ctx context.Context, q inspect.Question) (*inspect.Result, error) {
	r, err := inspect.Ask(ctx, i.ask, q)
	if err == nil && len(r.Answered) == 0 {
		err = errors.New("no process of the cluster answers: is it of an older version?")
	}
	return r, err
}
