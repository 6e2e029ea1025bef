package link

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"

	"natstron/bridge/wire"
)

// ErrPermission says that the NATS server does not permit something to this user.
var ErrPermission = nats.ErrPermissionViolation

// nobody is a datagram without recipients: a node that hears it ignores it.
var nobody = wire.Datagram{0}

// checkPermissions tries whether this user may publish and subscribe what a node must: below
// each of the roots, on a subject that nobody uses. NATS tells of what it refuses later, or,
// to the others, never.
func (l *Link) checkPermissions() error {
	if refused, err := l.refuses(func() error {
		for _, root := range l.config.Roots {
			if err := errors.Join(l.trySubscribe(root), l.tryPublish(root)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil || !refused {
		return err
	}
	var may []string
	for _, try := range []struct {
		what string
		do   func(root string) error
	}{{"publish to ", l.tryPublish}, {"subscribe to ", l.trySubscribe}} {
		var not []string
		for _, root := range l.config.Roots {
			refused, err := l.refuses(func() error { return try.do(root) })
			if err != nil {
				return err
			}
			if refused {
				not = append(not, root+".>")
			}
		}
		if len(not) > 0 {
			may = append(may, try.what+strings.Join(not, ", "))
		}
	}
	return fmt.Errorf("%w: this user may not %s", ErrPermission, strings.Join(may, ", and not "))
}

func (l *Link) tryPublish(root string) error {
	return l.nc.Publish(root+".check."+l.origin, nobody)
}

func (l *Link) trySubscribe(root string) error {
	sub, err := l.nc.SubscribeSync(root + ".check." + l.origin)
	if err != nil {
		return err
	}
	return sub.Unsubscribe()
}

// refuses says whether the server refuses something of what do does.
func (l *Link) refuses(do func() error) (bool, error) {
	before := l.nc.LastError()
	if err := do(); err != nil {
		return false, err
	}
	if err := l.nc.FlushTimeout(l.config.ConnectTimeout); err != nil {
		return false, err
	}
	now := l.nc.LastError()
	return now != before && errors.Is(now, ErrPermission), nil
}
