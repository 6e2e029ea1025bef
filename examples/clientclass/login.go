package main

import (
	"context"
	"errors"
	"time"

	"golang.org/x/crypto/bcrypt"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/ask"
	"natstron/roles/clientagent"
)

// As in astrond.yml.
const (
	loginManager wire.DoID    = 4665
	accounts     ask.Database = 4003
)

// A login waits for the database, and for a password to be hashed in a goroutine. What the client
// sends meanwhile waits, too, so one client logs in once. If it goes, nothing more happens.

// logIn begins with the account of that name. The first player with a name gets it.
func (p *park) logIn(s *clientagent.Session, value []byte) {
	v, err := ask.Unpack(p.login, value)
	name, password := argument(v, "name"), argument(v, "password")
	if err != nil || name == "" || len(name) > 20 || len(password) < 4 || len(password) > 72 {
		s.Eject(wire.EjectBadCredentials, "Say who you are, in at most 20 letters, and a password of 4 to 72.")
		return
	}
	s.Wait(accounts.Find("Account", "setName", name, 0, func(found []wire.DoID, _ bool, err error) {
		switch {
		case err != nil:
			p.fail(s, err)
		case len(found) == 0:
			p.register(s, name, password)
		default:
			p.checkPassword(s, found[0], name, password)
		}
	}))
}

// argument is a text among the arguments of a field; empty if there is none.
func argument(v any, name string) string {
	arguments, _ := v.(dc.Record)
	one, _ := arguments.Get(name)
	text, _ := one.(string)
	return text
}

// register creates an account. The hash has a salt of its own in it.
func (p *park) register(s *clientagent.Session, name, password string) {
	s.Wait(ask.Do(func(context.Context) ([]byte, error) {
		return bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	}, func(hash []byte, err error) {
		if err != nil {
			p.fail(s, err)
			return
		}
		s.Wait(accounts.CreateIfAbsent("Account", ask.Values{"setName": name, "setPassword": hash}, func(account wire.DoID, err error) {
			switch {
			case errors.Is(err, ask.ErrTaken): // just now, by somebody else
				p.checkPassword(s, account, name, password)
			case err != nil:
				p.fail(s, err)
			default:
				p.enter(s, account, name)
			}
		}))
	}))
}

// checkPassword compares a password with that of an account. A wrong one costs a second.
func (p *park) checkPassword(s *clientagent.Session, account wire.DoID, name, password string) {
	s.Wait(accounts.Get("Account", account, []string{"setPassword"}, func(stored ask.Values, err error) {
		if err != nil {
			p.fail(s, err)
			return
		}
		hash, _ := stored["setPassword"].([]byte)
		s.Wait(ask.Do(func(context.Context) (bool, error) {
			return bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil, nil
		}, func(right bool, err error) {
			switch {
			case err != nil:
				p.fail(s, err)
			case right:
				p.enter(s, account, name)
			default:
				s.Wait(ask.After(time.Second, func(error) {
					s.Eject(wire.EjectBadCredentials, "That is not the password of "+name+".")
				}))
			}
		}))
	}))
}

// fail ends a login that failed for a reason that is not the player's.
func (p *park) fail(s *clientagent.Session, err error) {
	p.log.Error("a login failed", "client", uint64(s.Channel()), "error", err)
	s.Eject(wire.EjectGeneric, "The park cannot let you in. Try again later.")
}
