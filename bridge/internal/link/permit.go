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

// nobody is a datagram without recipients: whoever hears it ignores it.
var nobody = wire.Datagram{0}

// checkPermissions tries whether this user may publish and subscribe what a node must: below
// each of the roots, on a subject that nobody uses. NATS tells of what it refuses later, or,
// to the others, never.
func (l *Link) checkPermissions() error {
	var subscribe, publish []string
	for _, root := range l.config.Roots {
		subject := root + ".check." + l.origin
		refused, err := l.refuses(func() error {
			sub, err := l.nc.SubscribeSync(subject)
			if err == nil {
				err = sub.Unsubscribe()
			}
			return err
		})
		if err != nil {
			return err
		}
		if refused {
			subscribe = append(subscribe, root+".>")
		}
		if refused, err = l.refuses(func() error { return l.nc.Publish(subject, nobody) }); err != nil {
			return err
		}
		if refused {
			publish = append(publish, root+".>")
		}
	}
	switch {
	case len(subscribe) > 0 && len(publish) > 0:
		return fmt.Errorf("%w: it may neither publish to %s nor subscribe to %s", ErrPermission, strings.Join(publish, ", "), strings.Join(subscribe, ", "))
	case len(publish) > 0:
		return fmt.Errorf("%w: it may not publish to %s", ErrPermission, strings.Join(publish, ", "))
	case len(subscribe) > 0:
		return fmt.Errorf("%w: it may not subscribe to %s", ErrPermission, strings.Join(subscribe, ", "))
	}
	return nil
}

// refuses says whether the server refuses what do does.
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
