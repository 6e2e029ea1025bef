package link

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/natsconn"
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
	var all []byte
	for _, root := range l.config.Roots {
		all = l.tryPublish(l.trySubscribe(all, root), root)
	}
	if refused, err := l.refuses(all); err != nil || !refused {
		return err
	}
	var may []string
	for _, try := range []struct {
		what string
		do   func(b []byte, root string) []byte
	}{{"publish to ", l.tryPublish}, {"subscribe to ", l.trySubscribe}} {
		var not []string
		for _, root := range l.config.Roots {
			refused, err := l.refuses(try.do(nil, root))
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

func (l *Link) tryPublish(b []byte, root string) []byte {
	return natsconn.AppendPayload(append(natsconn.AppendPublish(b), root+".check."+l.origin...), nobody)
}

// checkNumber is that of the subscriptions that are tried; those that follow begin with it, too.
const checkNumber = 1

func (l *Link) trySubscribe(b []byte, root string) []byte {
	b = append(natsconn.AppendSubscribe(b), root+".check."+l.origin...)
	return natsconn.AppendUnsubscribe(natsconn.AppendNumber(b, checkNumber), checkNumber)
}

// refuses says whether the server refuses something of what is sent.
func (l *Link) refuses(b []byte) (refused bool, err error) {
	if err := l.conn.Write(natsconn.AppendPing(b)); err != nil {
		return false, err
	}
	err = l.conn.Answered(func(err error) error {
		refused = refused || errors.Is(err, ErrPermission)
		return nil
	})
	return refused, err
}
